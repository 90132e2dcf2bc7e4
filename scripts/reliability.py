"""The command `reliability`."""

import csv
import json
from pathlib import Path
from typing import Any

import click
import krippendorff
import numpy as np

from donbas_recognition import _package
from scripts.errors import reported

# What a coder writes who could not code a variable of a unit, for want of the page.
MISSING = "?"
# Columns that say which unit was coded; all others are variables.
UNIT = ("unit", "statement_id", "source_id", "figure_id", "demand_id")


def codings(
    first: Path, second: Path
) -> tuple[list[str], list[dict[str, str]], list[dict[str, str]]]:
    """Variables and the rows of two codings of the same units.

    Raises
    ------
    ValueError
        If the files have not the same columns and units in the same order.
    """
    read = []
    for path in (first, second):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            read.append((list(reader.fieldnames or ()), list(reader)))
    (columns, one), (other_columns, other) = read
    if columns != other_columns or [r["unit"] for r in one] != [r["unit"] for r in other]:
        raise ValueError(f"{first} and {second} have not the same columns and units")
    return [c for c in columns if c not in UNIT], one, other


def agreement(one: list[str], other: list[str]) -> dict[str, Any]:
    """Agreement of two codings of one variable.

    An empty cell is a code of its own: the coder says that there is none. A unit that one of them
    could not code (``?``) is left out.

    Parameters
    ----------
    one, other : list of str
        The codes, unit by unit.

    Returns
    -------
    dict
        ``units`` that both coded, ``agreement`` (share of equal codes; None without units) and
        ``alpha`` (Krippendorff's, nominal; None where fewer than two codes occur, since nothing
        could then disagree).
    """
    pairs = [pair for pair in zip(one, other, strict=True) if MISSING not in pair]
    codes = {code: i for i, code in enumerate(sorted({code for pair in pairs for code in pair}))}
    table = np.array([[codes[code] for code in pair] for pair in pairs]).T
    alpha = (
        float(krippendorff.alpha(table, level_of_measurement="nominal")) if len(codes) > 1 else None
    )
    equal = sum(a == b for a, b in pairs)
    agreement = equal / len(pairs) if pairs else None
    return {"units": len(pairs), "agreement": agreement, "alpha": alpha}


def reliability(folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Agreement by variable for every pair of codings in a folder.

    Parameters
    ----------
    folder : Path
        Holds ``<name>-first.csv`` and ``<name>-second.csv``.

    Returns
    -------
    dict
        Per name, per variable, what `agreement` returns.
    """
    result = {}
    for first in sorted(folder.glob("*-first.csv")):
        name = first.name.removesuffix("-first.csv")
        variables, one, other = codings(first, folder / f"{name}-second.csv")
        result[name] = {
            v: agreement([row[v] for row in one], [row[v] for row in other]) for v in variables
        }
    return result


@click.command("reliability")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@reported
def command(as_json: bool) -> None:
    """Compare the first and the blind second coding in docs/reliability/.

    Prints, by variable, the share of equal codes and Krippendorff's alpha (nominal).
    """
    found = reliability(_package.package_path() / "docs" / "reliability")
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for name, variables in found.items():
        click.echo(f"\n| {name} | units | agreement | alpha |\n| --- | --- | --- | --- |")
        for variable, a in variables.items():
            numbers = ("–" if n is None else f"{n:.2f}" for n in (a["agreement"], a["alpha"]))
            click.echo(f"| {variable} | {a['units']} | {' | '.join(numbers)} |")
