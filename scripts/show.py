"""The command `show`."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import click

import donbas_recognition as dr
from donbas_recognition import _package
from donbas_recognition.checks.relations import references
from scripts.errors import reported
from scripts.files import read_rows


def record(id: str) -> dict[str, Any]:
    """One row with all that hangs on it; of a retired id, the row that stands for it.

    Parameters
    ----------
    id : str
        An id, or the address of a source.

    Returns
    -------
    dict
        ``table``, ``id``, ``row``, and ``used_by``: rows of other tables that refer to it, by
        ``table.column``.

    Raises
    ------
    ValueError
        If no table has the id (the message has the nearest, or its tombstone), or no source the
        address.
    """
    id = _source(id) if "//" in id else dr.resolve(id)
    keys = {name: _package.schema(name)["primaryKey"] for name in _package.NAMES}
    table, row = next(
        (name, row)
        for name, key in keys.items()
        if len(key) == 1
        for row in read_rows(name)
        if row[key[0]] == id
    )
    return {"table": table, "id": id, "row": row, "used_by": _users(table, id)}


def _source(address: str) -> str:
    """Source of an address, whose scheme, www, fragment and last slash do not matter."""
    for row in read_rows("sources"):
        if row["url"] and _plain(row["url"]) == _plain(address):
            return row["source_id"]
    raise ValueError(f"no source has the address {address}")


def _plain(address: str) -> str:
    parts = urlsplit(unquote(address.strip()))
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def _users(table: str, id: str) -> dict[str, list[dict[str, str]]]:
    users: dict[str, list[dict[str, str]]] = {}
    for child in _package.NAMES:
        for column, parent, _ in references(_package.schema(child)):
            if parent == table:
                rows = [row for row in read_rows(child) if row[column] == id]
                if rows:
                    users[f"{child}.{column}"] = rows
    return users


def _lines(row: dict[str, str], indent: str) -> list[str]:
    filled = {column: cell for column, cell in row.items() if cell}
    width = max(map(len, filled), default=0)
    return [f"{indent}{column:<{width}}  {cell}" for column, cell in filled.items()]


@click.command("show")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--most", type=click.IntRange(1), default=20, show_default=True, help="Rows a group at most."
)
@reported
def command(id: str, as_json: bool, most: int) -> None:
    """Show the row with ID, or the source of that address, and every row that refers to it.

    An id that was retired leads to the row that replaced it.

    \b
    Example:
      python -m scripts show st-0001
      python -m scripts show https://www.dailysabah.com/world/europe/…
    """
    found = record(id)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if found["id"] != id and "//" not in id:
        click.echo(f"{id} was retired, {found['id']} stands for it", err=True)
    click.echo(click.style(f"{found['table']} {found['id']}", bold=True))
    click.echo("\n".join(_lines(found["row"], "  ")))
    for place, rows in found["used_by"].items():
        table, column = place.split(".")
        click.echo(click.style(f"\n{table} ({column}), {len(rows)}", bold=True))
        for row in rows[:most]:
            click.echo("\n".join(_lines({k: v for k, v in row.items() if k != column}, "  ")))
            click.echo("  –")
        if len(rows) > most:
            click.echo(f"  … {len(rows) - most} more (--most)")
