"""What several tests need."""

import csv
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from donbas_recognition import _package
from donbas_recognition._csv import canonical
from donbas_recognition.checks import Finding, find
from scripts.artefacts.archive import PAPERS

ROOT = Path(__file__).resolve().parents[1]
ARTICLE = ROOT.parent / "shared" / "founding-article" / "article.txt"

Rows = list[dict[str, str]]


class Case:
    """A small valid package to break: rows by table, written to a folder on demand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, Rows] = {}
        for name in _package.NAMES:
            text = (ROOT / "tests" / "example" / "data" / f"{name}.csv").read_text("utf-8")
            self.rows[name] = list(csv.DictReader(io.StringIO(text)))

    def row(self, table: str, key: str) -> dict[str, str]:
        """Row with that first key."""
        column = _package.schema(table)["primaryKey"][0]
        return next(row for row in self.rows[table] if row[column] == key)

    def add(self, table: str, like: str | None = None, **cells: str) -> dict[str, str]:
        """Add a row, like another one but for some cells."""
        row = dict(self.row(table, like)) if like else {}
        row |= cells
        self.rows[table].append(row)
        return row

    def write(self) -> Path:
        """Write the package in canonical form."""
        (self.folder / "data").mkdir(exist_ok=True)
        for name, rows in self.rows.items():
            schema = _package.schema(name)
            columns = [f["name"] for f in schema["fields"]]
            ordered = sorted(rows, key=lambda r: [r.get(k, "") for k in schema["primaryKey"]])
            data = canonical([columns, *([r.get(c, "") for c in columns] for r in ordered)])
            (self.folder / "data" / f"{name}.csv").write_bytes(data)
        return self.folder

    def find(self, texts: dict[str, str] | None = None) -> list[Finding]:
        """Findings of the package."""
        return find(self.write(), texts=texts)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    folder = tmp_path / "package"
    folder.mkdir()
    return Case(folder)


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    """A checkout with the example's data, which the commands take for theirs."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    Case(folder).write()
    for name in (*PAPERS, "datapackage.json", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("schemas", "docs", "src"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(_package, "package_path", lambda version=None: folder)
    monkeypatch.delenv("DONBAS_TEXTS", raising=False)
    return folder


@pytest.fixture(scope="session")
def article() -> str:
    """Text of the founding article, which is never in the repository."""
    if not ARTICLE.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{ARTICLE} is missing; CI must have it")
        pytest.skip("the text of the founding article is not at hand beside the project")
    return ARTICLE.read_text(encoding="utf-8")


@pytest.fixture
def damaged(case: Case) -> Callable[[str, bytes], list[Finding]]:
    """Findings after one file has been replaced."""

    def replace(table: str, data: bytes) -> list[Finding]:
        (case.write() / "data" / f"{table}.csv").write_bytes(data)
        return find(case.folder)

    return replace
