"""The command `add`."""

import json
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import click

from donbas_recognition import _package
from donbas_recognition.checks import find
from donbas_recognition.checks.relations import references
from donbas_recognition.passages import fingerprint
from scripts import report, texts
from scripts.errors import reported
from scripts.files import read_rows, rows_bytes, table_file, write_atomically

Row = dict[str, str]
# Tables whose ids are numbers that this command gives; slugs are chosen by the curator.
NUMBERED = {
    "sources": "src-{:04d}",
    "statements": "st-{:04d}",
    "mentions": "mn-{:05d}",
    "military_figures": "mf-{:04d}",
    "demands": "dm-{:04d}",
}


def next_number(table: str, rows: list[Row], retired: list[Row]) -> int:
    """Number of the next free id of a table; retired ids are never free."""
    key = _package.schema(table)["primaryKey"][0]
    used = [row[key] for row in rows] + [row["id"] for row in retired if row["table"] == table]
    return max((int(id.rpartition("-")[2]) for id in used), default=0) + 1


def read_worksheet(path: Path) -> list[tuple[str, Row]]:
    """Records of a worksheet, as (table, row); ``passage`` stands for the fingerprint.

    Raises
    ------
    ValueError
        If the file is not UTF-8, or a line is no JSON object, names no table, has a column that the
        table lacks or a value that is no cell.
    """
    records = []
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 ({error.reason}); save it as UTF-8") from error
    # Not splitlines(): a JSON string may hold other separators of lines.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            record: dict[str, Any] = json.loads(line)
            table = record.pop("t")
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
            raise ValueError(
                f'{place}: a line is a JSON object with "t", its table ({error})'
            ) from error
        if table not in _package.NAMES:
            raise ValueError(f"{place}: no table {table!r}; there are {', '.join(_package.NAMES)}")
        if table == "mentions":
            try:
                mark = fingerprint(_cell(record.pop("passage", "")))
            except ValueError as error:
                raise ValueError(f"{place}: passage: {error}") from error
            record |= {"passage_words": str(mark.words), "passage_sha256": mark.sha256}
        columns = {f["name"] for f in _package.schema(table)["fields"]}
        unknown = record.keys() - columns
        if unknown:
            raise ValueError(f"{place}: {table} has no column {min(unknown)!r}")
        try:
            records.append((table, {column: _cell(value) for column, value in record.items()}))
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from error
    return records


def _cell(value: Any) -> str:
    """Text of a JSON value."""
    if isinstance(value, (dict, list)):
        raise ValueError(f"a cell holds a text, a number or a truth value, not {value!r:.60}")
    cell = value if isinstance(value, str) else json.dumps(value) if value is not None else ""
    cell.encode("utf-8")  # a lone surrogate cannot be written
    return cell


def merged(sheets: list[tuple[str, Row]]) -> tuple[dict[str, list[Row]], dict[str, dict[str, str]]]:
    """The tables with the rows of worksheets added, and the ids given to local keys.

    Parameters
    ----------
    sheets : list of (table, row)
        Rows whose ids may be local keys of the curator's choice. A key that is an id of the table
        already means that row; a source with an address that the table has is that source; an
        actor, occasion or name that the table has is left as it is.

    Returns
    -------
    tuple
        Rows by table, and per numbered table the map from local keys to ids.
    """
    rows = {table: read_rows(table) for table in _package.NAMES}
    given: dict[str, dict[str, str]] = defaultdict(dict)
    new: list[tuple[str, Row]] = []
    addresses = {row["url"]: row["source_id"] for row in rows["sources"] if row["url"]}
    numbers = {table: next_number(table, rows[table], rows["retired_ids"]) for table in NUMBERED}
    keys = {
        t: {tuple(r[k] for k in _package.schema(t)["primaryKey"]) for r in rows[t]} for t in rows
    }
    for table, row in sheets:
        key = _package.schema(table)["primaryKey"][0]
        if table in NUMBERED:
            local = row.get(key, "")
            if (local,) in keys[table] or (local and local in given[table]):
                continue
            if table == "sources" and row.get("url") in addresses:
                given[table][local] = addresses[row["url"]]
                continue
            id = NUMBERED[table].format(numbers[table])
            numbers[table] += 1
            if local:
                given[table][local] = id
            if table == "sources" and row.get("url"):
                addresses[row["url"]] = id
            new.append((table, row | {key: id}))
        else:
            new.append((table, row))
    for table, row in new:
        schema = _package.schema(table)
        for column, parent, _ in references(schema):
            if row.get(column) in given.get(parent, {}):
                row[column] = given[parent][row[column]]
        key_values = tuple(row.get(k, "") for k in schema["primaryKey"])
        if key_values not in keys[table]:
            keys[table].add(key_values)
            rows[table].append(row)
    return rows, given


@click.command("add")
@click.argument(
    "worksheets",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@texts.option
@reported
def command(worksheets: tuple[Path, ...], folder: Path | None) -> None:
    """Add the rows of WORKSHEETS to the tables, all or nothing.

    A worksheet has one JSON object a line: the table as "t", then its columns; empty ones may be
    left out. Ids of sources, statements, mentions, figures and demands may be keys of your own,
    which the other lines refer to; the next free ids are given to them. A mention has its
    "passage", which becomes the fingerprint and is not kept. With --texts, texts named <key>.txt
    are copied to <source_id>.txt.

    \b
    {"t": "sources", "source_id": "a", "publisher_id": "tass", "title": "…", …}
    {"t": "statements", "statement_id": "s1", "speaker_id": "vladimir-putin", …}
    {"t": "mentions", "statement_id": "s1", "source_id": "a", "passage": "…", …}

    Exit code: 0 added, 1 the rows break rules and nothing was written, 2 a worksheet cannot be
    read.
    """
    sheets = [record for path in worksheets for record in read_worksheet(path)]
    rows, given = merged(sheets)
    root = _package.package_path()
    files = {table: rows_bytes(table, rows[table]) for table in rows}
    with tempfile.TemporaryDirectory() as scratch:
        trial = Path(scratch)
        (trial / "data").mkdir()
        for table, data in files.items():
            (trial / "data" / f"{table}.csv").write_bytes(data)
        at_hand = texts.read(folder)
        for local, id in given["sources"].items():
            path = folder / f"{local}.txt" if folder else None
            if path and path.exists():
                at_hand[id] = path.read_text(encoding="utf-8")
        findings = find(trial, texts=at_hand)
    locals_ = {id: local for ids in given.values() for local, id in ids.items()}
    errors = [f for f in findings if f.severity == "error"]
    if errors:
        click.echo(report.as_text(errors))
        named = {f.row_id: locals_[f.row_id] for f in errors if f.row_id in locals_}
        for id, local in named.items():
            click.echo(f"{id} is {local!r} of the worksheet")
        click.echo(report.summary(errors, "worksheets") + "; nothing was written", err=True)
        raise SystemExit(1)
    before = {table: len(read_rows(table)) for table in rows}
    for table, data in files.items():
        if table_file(table).read_bytes() != data:
            write_atomically(table_file(table), data)
    if folder:
        for local, id in given["sources"].items():
            if (folder / f"{local}.txt").exists() and local != id:
                shutil.copyfile(folder / f"{local}.txt", folder / f"{id}.txt")
    for table, now in rows.items():
        if len(now) > before[table]:
            click.echo(f"{len(now) - before[table]:>6} {table}")
    click.echo(f"added to {root.name}/data", err=True)
