"""Every format, read back by somebody else's reader, holds what the CSV files hold."""

import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow.parquet
import pytest

import donbas_recognition as dr
from donbas_recognition import _package
from scripts.artefacts import archive, parquet, sqlite, xlsx
from tests.conftest import ROOT

# name of the table -> names of its columns and rows of typed cells; a day is a `date`.
Tables = dict[str, tuple[list[str], list[list[Any]]]]

VERSION = json.loads((ROOT / "datapackage.json").read_bytes())["version"]
STEM = f"donbas-recognition-{VERSION}"
OPINIONS = ROOT / ".opinions" / "bin"
READERS = ROOT / "tests" / "readers"
CONVERT = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
}
POLARS = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
}
DUCKDB = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
}


def needed(thing: str | Path, remedy: str) -> str:
    """A program or file that a test cannot do without."""
    found = shutil.which(thing)
    if found is None and Path(thing).exists():
        found = str(thing)
    if found is None:
        reason = f"{thing} is missing: {remedy}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return found


def run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env=os.environ | {"TZ": "America/St_Johns"}, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fields(name: str) -> list[dict[str, Any]]:
    return _package.schema(name)["fields"]


def from_csv(root: Path) -> Tables:
    """What the other readers must find, by the standard library and the schemas."""
    tables = {}
    for name in _package.NAMES:
        kinds = [CONVERT[f["type"]] for f in fields(name)]
        with (root / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file, strict=True)
        typed = [
            [convert(c) if c else None for convert, c in zip(kinds, r, strict=True)] for r in rows
        ]
        tables[name] = (header, typed)
    return tables


def with_days(found: dict[str, Any]) -> Any:
    """Undo how the scripts below write a day."""
    return date.fromisoformat(found["day"]) if found.keys() == {"day"} else found


def differences(wanted: Tables, found: Tables) -> list[str]:
    """Every cell that is not the same, in value and type."""
    odd = [f"no table {name}" for name in wanted.keys() - found.keys()]
    for name in wanted.keys() & found.keys():
        (header, rows), (other_header, others) = wanted[name], found[name]
        if header != other_header or len(rows) != len(others):
            odd.append(f"{name}: {header}, {len(rows)} rows; {other_header}, {len(others)} rows")
            continue
        odd += [
            f"{name} {row[0]} {column}: {one!r}, {two!r}"
            for row, other in zip(rows, others, strict=True)
            for column, one, two in zip(header, row, other, strict=True)
            if type(one) is not type(two) or one != two
        ]
    return odd


# The readers: each takes the folder with the artefacts.


def by_polars(folder: Path) -> Tables:
    tables = {}
    for name in _package.NAMES:
        frame = pl.read_parquet(folder / f"{name}.parquet")
        assert dict(frame.schema) == {f["name"]: POLARS[f["type"]] for f in fields(name)}
        tables[name] = (frame.columns, [list(row) for row in frame.rows()])
    return tables


def by_duckdb(folder: Path) -> Tables:
    code = (
        "import datetime, duckdb, json, pathlib, sys\n"
        "tables = {}\n"
        "for path in pathlib.Path(sys.argv[1]).glob('*.parquet'):\n"
        "    found = duckdb.read_parquet(str(path))\n"
        "    tables[path.stem] = found.columns, list(map(str, found.types)), found.fetchall()\n"
        "print(json.dumps(tables, default=lambda day: {'day': day.isoformat()}))"
    )
    python = needed(OPINIONS / "python", "make .opinions/done")
    read = json.loads(run(python, "-c", code, folder), object_hook=with_days)
    for name, (_, types, _) in read.items():
        assert types == [DUCKDB[f["type"]] for f in fields(name)], name
    return {name: (columns, rows) for name, (columns, _, rows) in read.items()}


def by_sqlite(folder: Path) -> Tables:
    tables = {}
    with sqlite3.connect(f"file:{folder / STEM}.sqlite?mode=ro", uri=True) as connection:
        for name in _package.NAMES:
            found = connection.execute(f"SELECT * FROM {name}")
            columns = [column[0] for column in found.description]
            tables[name] = (columns, [list(row) for row in found])
    return tables


def as_sqlite_holds(tables: Tables) -> Tables:
    """SQLite has neither days nor truth values."""

    def stored(cell: Any) -> Any:
        if isinstance(cell, date):
            return cell.isoformat()
        return int(cell) if isinstance(cell, bool) else cell

    return {
        name: (header, [list(map(stored, row)) for row in rows])
        for name, (header, rows) in tables.items()
    }


ODS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
TABLE, TEXT, OFFICE = (ODS % part for part in ("table", "text", "office"))


def sheets(workbook: Path) -> dict[str, list[list[Any]]]:
    """Typed cells of every sheet, by LibreOffice, without the empty rows at the end."""
    soffice = needed("soffice", "install LibreOffice Calc")
    out = workbook.parent / "libreoffice"
    run(
        soffice, "--headless", f"-env:UserInstallation={(out / 'profile').as_uri()}",
        "--convert-to", "fods", "--outdir", out, workbook,
    )  # fmt: skip
    found: dict[str, list[list[Any]]] = {}
    for sheet in ET.parse(out / f"{workbook.stem}.fods").iter(f"{TABLE}table"):
        rows = found[sheet.get(f"{TABLE}name", "")] = []
        for row in sheet.iter(f"{TABLE}table-row"):
            cells: list[Any] = []
            for cell in row.iter(f"{TABLE}table-cell"):
                times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
                cells += [ods_value(cell)] * min(times, 100)
            if any(value is not None for value in cells):
                rows += [cells] * int(row.get(f"{TABLE}number-rows-repeated", "1"))
    return found


def ods_value(cell: ET.Element) -> Any:
    match cell.get(f"{OFFICE}value-type"):
        case None:
            return None
        case "string":
            return "\n".join(map(ods_text, cell.iter(f"{TEXT}p")))
        case "date":
            return date.fromisoformat(cell.get(f"{OFFICE}date-value", ""))
        case "boolean":
            return cell.get(f"{OFFICE}boolean-value") == "true"
        case _:
            value = float(cell.get(f"{OFFICE}value", ""))
            return int(value) if value.is_integer() else value


def ods_text(paragraph: ET.Element) -> str:
    text = paragraph.text or ""
    for part in paragraph:
        spaces = " " * int(part.get(f"{TEXT}c", "1")) if part.tag == f"{TEXT}s" else ods_text(part)
        text += spaces + (part.tail or "")
    return text


def by_libreoffice(folder: Path) -> Tables:
    tables = {}
    for name, (header, *rows) in sheets(folder / f"{STEM}.xlsx").items():
        width = len([cell for cell in header if cell is not None])
        padded = [(row + [None] * width)[:width] for row in rows]
        tables[name] = (header[:width], padded)
    return tables


def by_npm(folder: Path) -> Tables:
    node = needed("node", "install Node.js")
    needed(READERS / "node_modules", "npm ci --prefix tests/readers")
    with zipfile.ZipFile(folder / f"{STEM}.zip") as package:
        package.extractall(folder / "package")
    read = run(node, READERS / "datapackage.mjs", folder / "package")
    return json.loads(read, object_hook=with_days)


def unchanged(tables: Tables) -> Tables:
    return tables


BY: dict[str, tuple[Callable[[Path], Tables], Callable[[Tables], Tables]]] = {
    "polars": (by_polars, unchanged),
    "DuckDB": (by_duckdb, unchanged),
    "sqlite3": (by_sqlite, as_sqlite_holds),
    "LibreOffice": (by_libreoffice, unchanged),
    "npm datapackage": (by_npm, unchanged),
}


@pytest.fixture(scope="module")
def twice(tmp_path_factory) -> tuple[Path, Path]:
    """The artefacts, made under circumstances that differ in all that may."""
    code = (
        "import sys; from pathlib import Path\n"
        "from scripts.artefacts import parquet, sqlite, xlsx\n"
        "for format in parquet, sqlite, xlsx:\n"
        "    format.make(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    jobs, folders = [], []
    for umask, environment in [
        (0o022, {"TZ": "UTC", "LANG": "C.UTF-8", "PYTHONHASHSEED": "1"}),
        (0o077, {"TZ": "Asia/Kathmandu", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8",
                 "PYTHONHASHSEED": "2", "SOURCE_DATE_EPOCH": "1"}),
    ]:  # fmt: skip
        folder = tmp_path_factory.mktemp("made")
        job = subprocess.Popen(
            [sys.executable, "-c", code, str(ROOT), str(folder)],
            cwd=ROOT, umask=umask, env=os.environ | environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        folders.append(folder)
        jobs.append(job)
    for job in jobs:
        output, _ = job.communicate(timeout=80)
        assert job.returncode == 0, output
    return folders[0], folders[1]


@pytest.fixture(scope="module")
def made(twice) -> Path:
    return twice[0]


@pytest.fixture(scope="module")
def read(made) -> Callable[[str], Tables]:
    """What a reader finds in the artefacts, read once."""
    archive.write_zip(made / f"{STEM}.zip", archive.package_files(ROOT))
    known: dict[str, Tables] = {}

    def by(reader: str) -> Tables:
        if reader not in known:
            known[reader] = BY[reader][0](made)
        return known[reader]

    return by


@pytest.fixture(scope="module")
def facts() -> Tables:
    return from_csv(ROOT)


@pytest.fixture
def database(made, tmp_path):
    """A copy of the database that may be written to, under the eye of its foreign keys."""
    shutil.copy(made / f"{STEM}.sqlite", tmp_path)
    connection = sqlite3.connect(tmp_path / f"{STEM}.sqlite", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    yield connection
    connection.close()


def test_two_makings_are_identical(twice):
    one, two = twice
    names = {path.name for path in two.iterdir()}
    assert names == {f"{n}.parquet" for n in _package.NAMES} | {f"{STEM}.sqlite", f"{STEM}.xlsx"}
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_no_path_of_the_builder_is_inside(made):
    for path in made.glob("*.*"):
        contents = [path.read_bytes()]
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as file:
                contents += [file.read(name) for name in file.namelist()]
        for place in (str(ROOT), str(made)):
            assert not any(place.encode() in content for content in contents), path.name


@pytest.mark.parametrize("reader", BY)
def test_every_cell_is_that_of_the_csv_files(reader, read, facts):
    assert sum(len(header) * len(rows) for header, rows in facts.values()) > 100_000
    assert differences(BY[reader][1](facts), read(reader)) == []


# table, column, what one cell of the example becomes in the artefacts
DECOYS = [
    ("statements", "cameo", lambda cell: cell.removeprefix("0")),  # no longer the code that it was
    ("actor_names", "name", lambda cell: cell.replace("h", "һ")),  # a Cyrillic letter
    ("mentions", "passage_words", lambda cell: str(int(cell) + 1)),
    ("sources", "published_on", lambda _: "2022-02-20"),
    ("actor_names", "shared", {"true": "false", "false": "true"}.get),
    ("demands", "parent_id", lambda _: "dm-0001"),  # where there was nothing
]


@pytest.mark.parametrize("reader", BY)
def test_a_changed_cell_is_seen(reader, checkout, tmp_path):
    """The comparison above would notice: decoys of every type."""
    truth = BY[reader][1](from_csv(checkout))
    expected = []
    for table, column, change in DECOYS:
        path = checkout / "data" / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        place = header.index(column)
        row = next(r for r in rows if change(r[place]) != r[place])
        row[place] = change(row[place])
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
        expected.append(f"{table} {row[0]} {column}: ")
    made = tmp_path / "made"
    made.mkdir()
    for format in (parquet, sqlite, xlsx):
        format.make(checkout, made)
    archive.write_zip(made / f"{STEM}.zip", archive.package_files(checkout))
    odd = differences(truth, BY[reader][0](made))
    assert len(odd) == len(DECOYS), odd
    for start in expected:
        assert any(line.startswith(start) for line in odd), start


# Parquet


def test_parquet_carries_the_codebook_and_nothing_of_pandas(made):
    for name in _package.NAMES:
        schema = pyarrow.parquet.read_schema(made / f"{name}.parquet")
        for f in fields(name):
            column = schema.field(f["name"])
            assert column.metadata == {
                b"title": f["title"].encode(), b"description": f["description"].encode()
            }  # fmt: skip
            empty_allowed = not f.get("constraints", {}).get("required", False)
            assert column.nullable == empty_allowed, (name, f["name"])
        assert b"pandas" not in schema.metadata
        assert json.loads(schema.metadata[b"table_schema"]) == _package.schema(name)
        assert schema.metadata[b"version"].decode() == VERSION


# SQLite


def columns_with(constraint: str) -> list[tuple[str, str, Any]]:
    return [
        (name, f["name"], f["constraints"][constraint])
        for name in _package.NAMES
        for f in fields(name)
        if constraint in f.get("constraints", {})
    ]


def columns_of(kind: str) -> list[tuple[str, str]]:
    return [(n, f["name"]) for n in _package.NAMES for f in fields(n) if f["type"] == kind]


def references() -> list[tuple[str, str, str]]:
    return [
        (name, key["fields"][0], key["reference"]["resource"] or name)
        for name in _package.NAMES
        for key in _package.schema(name).get("foreignKeys", [])
    ]


# table, column, a value that it must refuse, what SQLite then says
REFUSED = [
    *((t, c, None, "NOT NULL constraint") for t, c, must in columns_with("required") if must),
    *((t, c, "no-such-value", "CHECK constraint") for t, c, _ in columns_with("enum")),
    *((t, c, least - 1, "CHECK constraint") for t, c, least in columns_with("minimum")),
    *((t, c, most + 1, "CHECK constraint") for t, c, most in columns_with("maximum")),
    *((t, c, "x" * (most + 1), "CHECK constraint") for t, c, most in columns_with("maxLength")),
    *((t, c, "2022-02-30", "CHECK constraint") for t, c in columns_of("date")),
    *((t, c, "20220221", "CHECK constraint") for t, c in columns_of("date")),
    *((t, c, 2, "CHECK constraint") for t, c in columns_of("boolean")),
    *((t, c, "many", "cannot store TEXT") for t, c in columns_of("integer")),
    *((t, c, "nobody-of-that-name", "FOREIGN KEY constraint") for t, c, _ in references()),
]


def test_sqlite_refuses_what_the_schemas_forbid(database):
    """A row is good until one of its cells is made bad."""
    tombstone = "INSERT INTO retired_ids VALUES ('demands', 'dm-0009', '0.2.0', NULL, 'Merged')"
    database.execute(tombstone)
    assert len(REFUSED) > 100
    for table, column, value, message in REFUSED:
        said = "nothing"
        try:
            database.execute(
                f'UPDATE {table} SET "{column}" = ? WHERE rowid = (SELECT max(rowid) FROM {table})',
                [value],
            )
        except sqlite3.IntegrityError as error:
            said = str(error)
        assert message in said, f"{table}.{column} and {value!r}"
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE constraint"):
        database.execute(tombstone)


def test_sqlite_keeps_keys_unique_and_parents_alive(database):
    unique = [(t, [c]) for t, c, _ in columns_with("unique")]
    for name in _package.NAMES:
        schema = _package.schema(name)
        unique += [(name, key) for key in (schema["primaryKey"], *schema.get("uniqueKeys", []))]
    database.execute("PRAGMA foreign_keys = OFF")  # else a key in use is kept by its children
    for table, key in unique:
        if table == "retired_ids":
            continue
        same = (f'"{c}" = (SELECT coalesce(min("{c}"), 1) FROM {table})' for c in key)
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE constraint"):
            database.execute(f"UPDATE {table} SET {', '.join(same)}")
    database.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY constraint"):
        database.execute("DELETE FROM actors WHERE actor_id = 'vladimir-putin'")


def test_sqlite_is_sound_and_declares_what_the_schemas_say(database):
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    tables = database.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'")
    strict = {name: bool(on) for name, on in tables if not name.startswith("sqlite_")}
    described = {"about", "codebook", "vocabularies"}
    assert strict == dict.fromkeys({*_package.NAMES, *described}, True)
    declared = set()
    for name in _package.NAMES:
        found = database.execute(f"PRAGMA foreign_key_list({name})")
        declared |= {(name, column, parent) for _, _, parent, column, *_ in found}
        key = database.execute(f"SELECT name FROM pragma_table_info('{name}') WHERE pk ORDER BY pk")
        assert [column for (column,) in key] == _package.schema(name)["primaryKey"]
    assert declared == set(references())
    # Every column that refers to a table is at the head of an index.
    heads = {
        (name, index_column)
        for name in _package.NAMES
        for (index,) in database.execute(f"SELECT name FROM pragma_index_list('{name}')")
        for (index_column,) in database.execute(
            f"SELECT name FROM pragma_index_info('{index}') WHERE seqno = 0"
        )
    }
    assert {(name, column) for name, column, _ in references()} <= heads


def test_sqlite_has_the_codebook(database):
    codebook = database.execute('SELECT "table", "column", type, meaning FROM codebook').fetchall()
    assert codebook == [
        (name, f["name"], f["type"], f["description"])
        for name in _package.NAMES for f in fields(name)
    ]  # fmt: skip
    acts = database.execute(
        "SELECT value, meaning FROM vocabularies WHERE \"table\" = 'statements' "
        "AND \"column\" = 'act' ORDER BY rowid"
    ).fetchall()
    assert dict(acts) == dr.describe("statements").set_index("column").loc["act", "values"]
    about = dict(database.execute("SELECT * FROM about"))
    assert about["version"] == VERSION
    assert about["how to cite"] == dr.cite()
    assert "not that it is true" in about["what it is"]
    assert "CC BY 4.0" in about["licence"]
    assert "mentions.quote" in about["licence"]


# The views, by pandas.


def frame(name: str) -> pd.DataFrame:
    """A table as SQLite holds it."""
    loaded = dr.load(name)
    for f in fields(name):
        if f["type"] == "date":
            loaded[f["name"]] = loaded[f["name"]].dt.strftime("%Y-%m-%d")
    return loaded.astype(object).where(loaded.notna(), None)


def view(database: sqlite3.Connection, name: str, order: list[str]) -> list[dict[str, Any]]:
    found = database.execute(f"SELECT * FROM {name}")
    columns = [column[0] for column in found.description]
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    return sorted(rows, key=lambda row: [row[column] for column in order])


@pytest.fixture(scope="module")
def names() -> dict[str, str]:
    return frame("actors").set_index("actor_id")["name"].to_dict()


def test_the_view_evidence(database, names):
    merged = (
        frame("mentions").merge(frame("statements"), on="statement_id")
        .merge(frame("sources"), on="source_id").sort_values("mention_id")
    )  # fmt: skip
    who = {
        "speaker": "speaker_id", "on_behalf_of": "on_behalf_of_id", "addressee": "addressee_id",
        "target": "target_id", "relay": "relay_id", "outlet": "publisher_id",
    }  # fmt: skip
    rows = view(database, "evidence", ["mention_id"])
    wanted = []
    for row in merged.to_dict("records"):
        full = row | {column: names.get(row[id]) for column, id in who.items()}
        wanted.append({column: full[column] for column in rows[0]})
    assert rows == wanted
    assert {"act", "summary", "date_latest", "quote", "url"} <= rows[0].keys()


def test_the_view_figures_never_takes_a_plan_for_the_present(database, names):
    merged = frame("military_figures").merge(
        frame("statements").drop(columns="note"), on="statement_id"
    )
    who = {"speaker": "speaker_id", "measured": "measured_id", "estimator": "estimator_id"}
    rows = view(database, "figures", ["figure_id"])
    wanted = []
    for row in merged.sort_values("figure_id").to_dict("records"):
        full = row | {column: names[row[id]] for column, id in who.items()}
        full["is_current"] = int(row["time_ref"] == "current")
        wanted.append({column: full[column] for column in rows[0]})
    assert rows == wanted
    assert {"planned", "projected"} <= {row["time_ref"] for row in rows}
    assert {row["time_ref"] for row in rows if row["is_current"]} == {"current"}


def test_the_view_demand_status(database, names):
    stands = frame("positions").merge(frame("statements"), on="statement_id")
    rows = view(database, "demand_status", ["demand_id"])
    assert [row["demand_id"] for row in rows] == sorted(frame("demands")["demand_id"])
    demands = frame("demands").set_index("demand_id")
    kinds = next(f["constraints"]["enum"] for f in fields("positions") if f["name"] == "position")
    for row in rows:
        of = stands[stands["demand_id"] == row["demand_id"]]
        demand = demands.loc[row["demand_id"]]
        for column in ("demander", "addressee", "performer"):
            assert row[column] == names[demand[f"{column}_id"]]
        for column in ("action", "action_class", "direction", "form", "deadline"):
            assert row[column] == demand[column]
        assert {k: row[k] for k in kinds} == {k: (of["position"] == k).sum() for k in kinds}
        (first,) = of[of["position"] == "raises"].to_dict("records")
        assert row["first_raised_earliest"] == first["date_earliest"]
        assert row["first_raised_latest"] == first["date_latest"]
        last = of[of["date_latest"] == max(of["date_latest"])]
        said = {f"{r['position']} ({names[r['speaker_id']]})" for r in last.to_dict("records")}
        assert row["last_date"] == max(of["date_latest"])
        assert row["last_positions"] == "; ".join(sorted(said))


def test_the_view_exchanges(database, names):
    statements = frame("statements").set_index("statement_id")
    rows = view(database, "exchanges", ["from_id", "relation", "to_id"])
    links = frame("statement_links").sort_values(["from_id", "relation", "to_id"])
    assert len(rows) == len(links)
    for row, link in zip(rows, links.to_dict("records"), strict=True):
        assert link.items() <= row.items()
        for prefix, id in (("", "from_id"), ("other_", "to_id")):
            said = statements.loc[row[id]]
            assert row[f"{prefix}speaker"] == names[said["speaker_id"]]
            for column in ("act", "summary", "date_latest"):
                assert row[prefix + column] == said[column]


def test_datasette_opens_it(made):
    datasette = needed(OPINIONS / "datasette", "make .opinions/done")
    path = made / f"{STEM}.sqlite"
    address = "/" + STEM.replace(".", "~2E")
    found = json.loads(run(datasette, path, "--get", f"{address}.json"))
    tables = {table["name"]: table["count"] for table in found["tables"]}
    assert tables["statements"] == len(dr.load("statements"))
    assert {v["name"] for v in found["views"]} == set(sqlite.VIEWS)
    page = f"{address}/evidence.json?mention_id=mn-00001&_shape=array"
    (row,) = json.loads(run(datasette, path, "--get", page))
    assert row["speaker"] == "Leonid Pasechnik"


# XLSX


def test_the_workbook_has_no_formulas_and_is_easy_on_the_reader(made):
    with zipfile.ZipFile(made / f"{STEM}.xlsx") as file:
        assert not [n for n in file.namelist() if "calcChain" in n or "externalLink" in n]
        book = file.read("xl/workbook.xml").decode()
        pages = [
            file.read(f"xl/worksheets/sheet{i}.xml").decode()
            for i in range(1, book.count("<sheet ") + 1)
        ]
    names = re.findall(r'<sheet name="([^"]+)"', book)
    assert names == ["read me", "codebook", "vocabularies", *_package.NAMES]
    for name, page in zip(names, pages, strict=True):
        assert "<f>" not in page
        assert "<f " not in page
        if name != "read me":
            assert 'state="frozen"' in page, name
            assert "<autoFilter " in page, name


def test_the_workbook_explains_itself(read):
    book = read("LibreOffice")
    header, rows = book["codebook"]
    column = {name: [row[place] for row in rows] for place, name in enumerate(header)}
    assert list(zip(column["table"], column["column"], column["meaning"], strict=True)) == [
        (name, f["name"], f["description"]) for name in _package.NAMES for f in fields(name)
    ]
    assert {row[header.index("required")] for row in rows} == {True, False}
    (title,), rows = book["read me"]
    text = "\n".join(str(row[0]) for row in rows)
    assert title == _package.descriptor()["title"]
    assert "statements" in text
    assert "how to cite" in text


@pytest.mark.parametrize(
    "value", ["x" * 32_768, date(1899, 12, 31), 10**15 + 1], ids=["text", "day", "number"]
)
def test_what_excel_cannot_hold_is_refused(value, tmp_path):
    book = xlsx.Book(tmp_path / "book.xlsx", _package.descriptor())
    with book.book, pytest.raises(ValueError, match="sheet statements, row 3, column 1: Excel"):
        book.table("statements", ["note"], [{"note": "short"}, {"note": value}])


def test_no_text_becomes_something_else_in_a_workbook(tmp_path):
    texts = ["=1+1", "016", "https://example.org/", "@SUM(A1)", "1E5", "2022-02-21", "a\nb", "TRUE"]
    book = xlsx.Book(tmp_path / "book.xlsx", _package.descriptor())
    with book.book:
        book.table("texts", ["text"], [{"text": text} for text in texts])
    assert [row[0] for row in sheets(tmp_path / "book.xlsx")["texts"][1:]] == texts


# The documents


def test_what_the_document_says_works(made):
    """The Python and SQL of docs/formats.md, beside the artefacts."""
    text = (ROOT / "docs" / "formats.md").read_text("utf-8").replace("VERSION", VERSION)
    python = needed(OPINIONS / "python", "make .opinions/done")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) > 2
    run(python, "-c", "\n".join(blocks), cwd=made)
    queries = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    assert queries
    with sqlite3.connect(made / f"{STEM}.sqlite") as connection:
        for query in queries:
            assert connection.execute(query).fetchall(), query
