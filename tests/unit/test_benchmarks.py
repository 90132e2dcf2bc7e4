"""The synthetic data of the benchmarks: valid, and the same from the same seed."""

import pytest

from benchmarks.generate import generate
from donbas_recognition.checks import find


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted((folder / "data").iterdir())}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    generate(folder, 300, seed=7)
    return folder


def test_no_errors(package):
    assert [f for f in find(package) if f.severity == "error"] == []


def test_same_seed_same_bytes(package, tmp_path):
    generate(tmp_path, 300, seed=7)
    assert contents(tmp_path) == contents(package)


def test_other_seed_other_bytes(package, tmp_path):
    generate(tmp_path, 300, seed=8)
    assert contents(tmp_path) != contents(package)
