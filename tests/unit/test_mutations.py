"""Every mutant of valid data is killed: by our check always, by frictionless where it can be."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from donbas_recognition.checks import engine, rules
from tests import mutation
from tests.mutation import Batch
from tests.mutation.batch import Mutant, valid
from tests.mutation.coding_rules import RULE_WAYS
from tests.mutation.constraints import errors_of, sites, ways

WAYS = ways()
SETTINGS = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mutants")


def test_what_is_mutated_is_valid(folder):
    batch = Batch(valid())
    assert batch.survivors(folder)[1] == []
    batch.mutants = [
        Mutant("", table, one["name"], (row,))
        for _, table, one in sites()
        for row in batch.rows[table]
    ]
    everything = set().union(*(errors_of(kind) for kind, _ in WAYS))
    assert batch.frictionless_survivors(folder, everything) == batch.mutants


def test_every_stated_constraint_and_every_rule_is_mutated():
    for kind, table, one in sites():
        assert kind in {kind for kind, _ in WAYS}, (kind, table, one["name"])
    assert list(RULE_WAYS) == [rule.id for rule in rules()]
    assert set(WAYS) >= mutation.SPARED.keys()


def test_a_check_without_the_rule_lets_its_mutants_live(folder, monkeypatch):
    batch = mutation.made("R14", "off the occasion", Random(1))
    assert batch.survivors(folder)[0] == []
    left = [rule for rule in rules() if rule.id != "R14"]
    monkeypatch.setattr(engine, "rules", lambda: left)
    assert batch.survivors(folder)[0] == batch.mutants


@pytest.mark.parametrize("kind", dict.fromkeys(kind for kind, _ in WAYS))
def test_ours_kills_mutants_of_a_constraint(kind, folder):
    @SETTINGS
    @given(st.sampled_from([way for one, way in WAYS if one == kind]), st.randoms())
    def killed(way, rng):
        batch = mutation.made(kind, way, rng)
        assert batch.survivors(folder)[0] == []

    killed()


@pytest.mark.parametrize(
    ("rule", "way"), [(rule, way) for rule, named in RULE_WAYS.items() for way in named]
)
def test_ours_kills_mutants_of_a_rule(rule, way, folder):
    @settings(SETTINGS, max_examples=2)
    @given(st.randoms())
    def killed(rng):
        batch = mutation.made(rule, way, rng)
        alive, found = batch.survivors(folder)
        assert alive == []
        # It is the rule that kills, not the schema.
        assert [f for f in found if not f.rule.startswith("R")] == []

    killed()


@pytest.mark.parametrize(("kind", "way"), WAYS)
def test_both_engines_kill_each_way_but_for_those_listed(kind, way, folder):
    batch = mutation.made(kind, way, Random(f"{kind} {way}"))
    assert batch.mutants
    assert batch.survivors(folder)[0] == []
    alive = batch.frictionless_survivors(folder, errors_of(kind))
    assert alive == (batch.mutants if (kind, way) in mutation.SPARED else [])
