"""A package with mutants, and who lets them through."""

import logging
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from donbas_recognition import _package
from donbas_recognition._csv import canonical
from donbas_recognition.checks import Finding, find
from tests.conftest import ROOT, Case, Rows

Row = dict[str, str]


@dataclass(frozen=True)
class Mutant:
    """A finding of that rule is due in that column, at each of these rows (none: the header)."""

    rule: str
    table: str
    column: str | None
    rows: tuple[Row, ...] = ()


@dataclass
class Batch:
    """A package with its mutants."""

    rows: dict[str, Rows]
    mutants: list[Mutant] = field(default_factory=list)
    # Label and column of each cell of a row, where a header is mutated.
    headers: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    # Table and column of a rule's mutant, where they are drawn.
    place: tuple[str, str] | None = None
    # Texts of sources at hand.
    texts: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> dict[tuple[str, int], tuple[int, int]]:
        """Write the package; the physical line and the record number of each row, by identity."""
        shutil.rmtree(folder / "data", ignore_errors=True)
        (folder / "data").mkdir()
        places = {}
        for name, rows in self.rows.items():
            schema = _package.schema(name)
            header = self.headers.get(name) or [(f["name"], f["name"]) for f in schema["fields"]]
            out = canonical([[label for label, _ in header]])
            ordered = sorted(rows, key=lambda row: [row.get(k, "") for k in schema["primaryKey"]])
            for number, row in enumerate(ordered, 2):
                places[name, id(row)] = out.count(b"\n") + 1, number
                out += canonical([[row.get(column, "") for _, column in header]])
            (folder / "data" / f"{name}.csv").write_bytes(out)
        return places

    def survivors(self, folder: Path) -> tuple[list[Mutant], list[Finding]]:
        """Mutants that our check lets through, and all that it found."""
        places = self.write(folder)
        found = find(folder, texts=self.texts)
        told = {(f.rule, f.file, f.column, f.line) for f in found}
        alive = []
        for m in self.mutants:
            lines = [places[m.table, id(row)][0] for row in m.rows] or [1]
            due = {(m.rule, f"data/{m.table}.csv", m.column, line) for line in lines}
            if not due <= told:
                alive.append(m)
        return alive, found

    def frictionless_survivors(self, folder: Path, errors: set[str]) -> list[Mutant]:
        """Mutants that frictionless lets through, whatever else it says of their rows.

        Of rows with the same key it tells one only, and for the header no column.
        """
        import frictionless

        logging.disable(logging.WARNING)
        places = self.write(folder)
        if not (folder / "schemas").exists():
            shutil.copytree(ROOT / "schemas", folder / "schemas")
            shutil.copy(ROOT / "datapackage.json", folder)
        report = frictionless.validate(str(folder / "datapackage.json"), type="package")
        assert len(report.tasks) == len(_package.NAMES)
        told: dict[tuple[str, int | None], set[str | None]] = defaultdict(set)
        for task in report.tasks:
            assert not task.warnings, task.warnings
            for error in task.errors:
                if error.type in errors:
                    place = task.name, getattr(error, "row_number", None)
                    told[place].add(getattr(error, "field_name", None))
        alive = []
        for m in self.mutants:
            due = [(m.table, places[m.table, id(row)][1]) for row in m.rows]
            if not due:
                killed = (m.table, None) in told
            else:
                killed = any({m.column, None} & told[place] for place in due if place in told)
            if not killed:
                alive.append(m)
        return alive


def valid() -> dict[str, Rows]:
    """The example package, with more of the optional columns in use."""
    case = Case(ROOT)
    case.row("demands", "dm-0002")["parent_id"] = "dm-0001"
    case.row("demands", "dm-0006")["deadline"] = "2022-02-24"
    case.row("mentions", "mn-00005")["variant"] = "Another source has an earlier day"
    case.add(
        "sources",
        "src-0001",
        source_id="src-0002",
        publisher_id="ria-novosti",
        url="https://example.org/2",
        kind="wire",
        derived_from="src-0001",
    )
    case.add(
        "occasions",
        occasion_id="briefing-2022-02-21",
        name="Briefing in Kyiv",
        kind="briefing",
        date_earliest="2022-02-20",
        date_latest="2022-02-21",
        place="Kyiv",
        convened_by_id="ukraine",
    )
    for number, act in enumerate(("support", "declaration", "threat"), 20):
        case.add(
            "statements",
            "st-0012",
            statement_id=f"st-{number:04}",
            act=act,
            cameo="",
            date_earliest="2022-02-20",
            date_latest="2022-02-21",
            occasion_id="briefing-2022-02-21",
        )
        case.add(
            "mentions",
            "mn-00012",
            mention_id=f"mn-{number:05}",
            statement_id=f"st-{number:04}",
            source_id="src-0002",
        )
    figures = {
        "range": {"value_text": "150-190 thousand", "low": "150000", "high": "190000"},
        "up_to": {"value_text": "up to 190,000", "high": "190000"},
        "more_than": {"value_text": "more than 60", "low": "60"},
        "exact": {"value_text": "twelve", "best": "12"},
    }
    for number, (qualifier, cells) in enumerate(figures.items(), 2):
        case.add(
            "military_figures",
            "mf-0001",
            **(
                {"figure_id": f"mf-{number:04}", "statement_id": "st-0020", "best": ""}
                | {"components": "ground|air", "radius_km": "100", "as_of_earliest": "2022-02-20"}
                | {"qualifier": qualifier, "estimator_id": "ukraine", "estimator_basis": "named"}
                | {"note": ""}
                | cells
            ),
        )
    for table, key, heir in [("statements", "st-0100", "st-0001"), ("actors", "east", "west")]:
        case.rows["retired_ids"].append(
            {"table": table, "id": key, "retired_in": "0.1.0", "replaced_by": heir}
            | {"reason": "It stood twice"}
        )
    return case.rows
