"""All coding rules, in the order of their ids."""

from donbas_recognition.checks.rules import acts, evidence, figures, ids, text, when, who
from donbas_recognition.checks.rules.registry import RULES, Hits, Rule, Tables

__all__ = ["Hits", "Rule", "Tables", "rules"]

_MODULES = (acts, evidence, figures, ids, text, when, who)


def rules() -> list[Rule]:
    """All coding rules, sorted by id."""
    return [RULES[id] for id in sorted(RULES)]
