"""The command `format`."""

from pathlib import Path

import click

from donbas_recognition import _package
from donbas_recognition._csv import canonical
from donbas_recognition.checks.files import read_table
from scripts.errors import reported
from scripts.files import table_file, write_atomically

# What formatting may mend; everything else needs a person.
MENDABLE = {"file-bom", "file-line-ending", "file-format", "file-order", "file-blank-line"}
MENDABLE_HEADER = "the columns are not in the order of the schema"


def formatted(table: str, data: bytes) -> bytes:
    """Canonical form of a table's file.

    Parameters
    ----------
    table : str
        Name of the table.
    data : bytes
        Its file.

    Returns
    -------
    bytes
        UTF-8 without BOM, LF, minimal quoting, columns in the schema's order, rows sorted by
        primary key. Every cell is kept as it is.

    Raises
    ------
    ValueError
        If the file has a defect that formatting could only hide.
    """
    schema = _package.schema(table)
    text = read_table(table, f"data/{table}.csv", data, schema)
    for finding in text.findings:
        if finding.rule not in MENDABLE and finding.message != MENDABLE_HEADER:
            raise ValueError(f"{finding.place}: {finding.message}; {finding.remedy}")
    columns = [f["name"] for f in schema["fields"]]
    rows = [[cell or "" for cell in row] for row in text.frame.select(columns).iter_rows()]
    places = [columns.index(key) for key in schema["primaryKey"]]
    # The sort is stable and takes the whole row last, so that the result does not depend on the
    # order even where a key stands twice.
    rows.sort(key=lambda row: ([row[place] for place in places], row))
    return canonical([columns, *rows])


@click.command("format")
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit 1 if a file would change."
)
@reported
def command(only_check: bool) -> None:
    """Put the CSV files in data/ into their canonical form.

    Sorts rows by primary key and columns as in the schema, with minimal quoting, LF and no byte
    order mark. No cell is changed or lost; if a file has a defect that a person must mend, nothing
    is written.
    """
    changes: dict[Path, bytes] = {}
    for table in _package.NAMES:
        path = table_file(table)
        before = path.read_bytes()
        after = formatted(table, before)
        if after != before:
            changes[path] = after
    for path, data in changes.items():
        if not only_check:
            write_atomically(path, data)
        click.echo(f"{'would format' if only_check else 'formatted'} data/{path.name}")
    if not changes:
        click.echo("all files are in canonical form", err=True)
    if changes and only_check:
        raise SystemExit(1)
