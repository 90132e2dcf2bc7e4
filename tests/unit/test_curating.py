"""What helps a curator judge sources and codings."""

import pytest

from scripts.copies import shared_runs
from scripts.reliability import agreement, codings, reliability
from tests.conftest import ROOT

WIRE = "the ministry said on monday that all units had returned to their barracks after the drill"


def test_copies_share_their_runs():
    texts = {
        "src-0001": WIRE,
        "src-0002": f"Moscow. {WIRE.title()}, the agency reports.",
        "src-0003": "the ministry said on tuesday that no unit has left its barracks so far",
    }
    shared = shared_runs(texts)
    assert shared["src-0001", "src-0002"] == 1
    assert ("src-0001", "src-0003") not in shared


def test_text_shorter_than_a_run_is_a_copy_of_nothing():
    assert shared_runs({"src-0001": "too short", "src-0002": "too short"}) == {}


def test_alpha_of_equal_random_and_opposite_codings():
    assert agreement(["a", "b", "c", ""], ["a", "b", "c", ""])["alpha"] == 1
    assert agreement(["a", "b"] * 10, ["b", "a"] * 10)["alpha"] < 0
    assert agreement(["a"] * 4, ["a"] * 4) == {"units": 4, "agreement": 1, "alpha": None}


def test_alpha_agrees_with_krippendorffs_own_example():
    # Two observers, ten items: Krippendorff, "Computing Krippendorff's Alpha-Reliability", A.
    one = ["0", "1", "0", "0", "0", "0", "0", "0", "1", "0"]
    other = ["1", "1", "1", "0", "0", "1", "0", "0", "0", "0"]
    assert agreement(one, other)["alpha"] == pytest.approx(0.095, abs=0.001)


def test_codings_of_other_units_are_refused(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("unit,act\nu1,claim\n", encoding="utf-8")
    second.write_text("unit,act\nu2,claim\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not the same columns and units"):
        codings(first, second)


def test_reliability_document_gives_the_computed_numbers():
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    for variables in reliability(ROOT / "docs" / "reliability").values():
        for name, a in variables.items():
            alpha = "–" if a["alpha"] is None else f"{a['alpha']:.2f}"
            assert f"| {name} | {a['units']} | {a['agreement']:.2f} | {alpha} |" in text


def test_what_could_not_be_coded_is_left_out():
    assert agreement(["a", "a", "b", "?"], ["a", "b", "b", "b"]) == agreement(
        ["a", "a", "b"], ["a", "b", "b"]
    )
    assert agreement(["?"], ["a"]) == {"units": 0, "agreement": None, "alpha": None}
