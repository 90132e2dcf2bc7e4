"""Mutation of valid data: every constraint of every schema and every rule, broken in varied ways.

``python -m tests.mutation`` prints the score. One mutant is one cell (or key, or column) that
breaks one constraint or rule. The mutants of different columns that break the same kind of
constraint share a package; each is killed only by a finding of that kind at its own row and column.
"""

import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.mutation.batch import Batch, valid
from tests.mutation.coding_rules import RULE_WAYS, mutate_by_rule
from tests.mutation.constraints import errors_of, mutate_by_constraint, ways

# Where frictionless lets mutants of ours through, all of them. True: the Table Schema expresses the
# constraint and the tool is lenient; False: the specification allows the value, only we do not.
SPARED: dict[tuple[str, str], tuple[bool, str]] = {
    ("type integer", "underscore"): (True, "Python's int takes underscores"),
    ("type integer", "Arabic digits"): (True, "Python's int takes the digits of any script"),
    ("type integer", "padded"): (False, "the specification does not forbid it; int strips"),
    ("type integer", "plus sign"): (False, "a usual form of an integer"),
    ("type integer", "leading zero"): (False, "a usual form of an integer"),
    ("type integer", "beyond 64 bits"): (False, "integers have no bound there"),
    ("type boolean", "capitals"): (False, "among the default trueValues and falseValues"),
    ("type boolean", "digit"): (False, "among the default trueValues and falseValues"),
    ("type date", "no zeros"): (True, "Python's strptime takes them, ISO 8601 does not"),
    ("pattern", "line break after"): (True, "the pattern is ended with $, which lets it pass"),
    ("uniqueKeys", "in two rows"): (True, "frictionless 5 ignores the uniqueKeys of version 2"),
    ("uniqueKeys", "in three rows"): (True, "frictionless 5 ignores the uniqueKeys of version 2"),
}


def made(kind: str, way: str, rng: Random) -> Batch:
    """Mutants of one way: of a rule one, of a kind of constraint one for each place that states it.

    Parameters
    ----------
    kind : str
        A kind of constraint, or the id of a rule.
    way : str
        One of its ways.
    rng : random.Random
        Draws the rows and the bad values.
    """
    batch = Batch(valid())
    if kind in RULE_WAYS:
        mutate_by_rule(batch, kind, way, rng)
    else:
        mutate_by_constraint(batch, kind, way, rng)
    return batch


@dataclass
class Score:
    """Counts of mutants of one constraint or rule."""

    made: int = 0
    killed: int = 0
    expressible: int = 0
    killed_by_frictionless: int = 0


def score(rounds: int) -> dict[str, Score]:
    """Make the mutants of every way, each with some seeds, and count who is killed by whom."""
    scores: dict[str, Score] = defaultdict(Score)
    rules = [(rule, way) for rule, named in RULE_WAYS.items() for way in named]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, way in [*ways(), *rules]:
            one = scores[kind]
            for seed in range(rounds):
                batch = made(kind, way, Random(f"{kind} {way} {seed}"))
                count = len(batch.mutants)
                one.made += count
                one.killed += count - len(batch.survivors(folder)[0])
                if kind not in RULE_WAYS:
                    alive = batch.frictionless_survivors(folder, errors_of(kind))
                    one.expressible += count * SPARED.get((kind, way), (True, ""))[0]
                    one.killed_by_frictionless += count - len(alive)
    return scores


def table(scores: dict[str, Score]) -> str:
    """The score as a Markdown table."""
    total = Score()
    lines = [
        "| constraint or rule | mutants | killed by ours | expressible | killed by frictionless |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for kind, one in [*scores.items(), ("**all**", total)]:
        if one is not total:
            for name, count in vars(one).items():
                setattr(total, name, getattr(total, name) + count)
        lines.append(f"| {kind} | " + " | ".join(map(str, vars(one).values())) + " |")
    return "\n".join(lines)


def disagreements() -> str:
    """The mutants that frictionless lets through, as a Markdown table."""
    lines = ["| constraint | way | expressible | why frictionless lets it pass |"]
    lines.append("| --- | --- | --- | --- |")
    for (kind, way), (expressible, why) in SPARED.items():
        lines.append(f"| {kind} | {way} | {'yes' if expressible else 'no'} | {why} |")
    return "\n".join(lines)
