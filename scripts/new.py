"""The command `new`."""

import click

from donbas_recognition import _package
from scripts.add import NUMBERED, next_number
from scripts.errors import reported
from scripts.files import read_rows, rows_bytes, table_file, write_atomically


@click.command("new")
@click.argument("table", type=click.Choice(list(NUMBERED)))
@click.option(
    "--count", type=click.IntRange(1, 1000), default=1, show_default=True, help="How many."
)
@click.option("--write", is_flag=True, help="Put the skeleton rows into the file.")
@reported
def command(table: str, count: int, write: bool) -> None:
    """Print the next free ids of TABLE, or add skeleton rows with --write.

    A skeleton row has its id alone; `check` then says which cells are wanted. Retired ids are never
    given again.
    """
    rows, retired = read_rows(table), read_rows("retired_ids")
    first = next_number(table, rows, retired)
    ids = [NUMBERED[table].format(first + i) for i in range(count)]
    if write:
        key = _package.schema(table)["primaryKey"][0]
        write_atomically(table_file(table), rows_bytes(table, rows + [{key: id} for id in ids]))
    for id in ids:
        click.echo(id)
