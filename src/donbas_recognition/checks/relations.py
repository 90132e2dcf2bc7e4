"""Foreign keys across tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from donbas_recognition.checks.files import ROW, TextTable
from donbas_recognition.checks.findings import Finding, nearest

if TYPE_CHECKING:
    from donbas_recognition.checks.rules import Tables

# So many pairs of ids are compared for one column, to offer the nearest.
COMPARISONS = 1_000_000


def references(schema: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Foreign keys of a Table Schema as (column, table, column of that table)."""
    return [
        (
            key["fields"][0],
            key["reference"]["resource"] or schema["name"],
            key["reference"]["fields"][0],
        )
        for key in schema.get("foreignKeys", [])
    ]


def check_references(tables: dict[str, TextTable], state: Tables) -> list[Finding]:
    """Findings for every cell that points at no row."""
    findings = []
    for name, table in tables.items():
        for column, parent, key in references(state.schemas[name]):
            if parent not in tables or column in table.absent:
                continue
            lost = table.frame.select(ROW, column).filter(
                pl.col(column).is_not_null() & state.rows(name, column).is_null()
            )
            lost = lost.filter(~pl.col(ROW).is_in(list(table.ragged)))
            if lost.is_empty():
                continue
            ids = tables[parent].frame[key].drop_nulls().to_list()
            # To compare every id with every lost one could take for ever.
            most = 1 + COMPARISONS // (len(ids) + 1)
            strays = lost[column].unique(maintain_order=True)[:most]
            offers = {value: nearest(value, ids) for value in strays}
            for row, value in lost.iter_rows():
                findings.append(
                    Finding(
                        "schema-reference",
                        "error",
                        table.file,
                        table.lines[row],
                        column,
                        None,
                        value,
                        f"{value!r} is not in {parent}",
                        f"{offers.get(value, '')}Correct it, or add the row to data/{parent}.csv.",
                    )
                )
    return findings
