"""The tables with their types, and what a file that travels alone must say of itself."""

from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from donbas_recognition import _package, cite
from donbas_recognition.checks.relations import references
from donbas_recognition.checks.tableschema import required

TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}


def read(root: Path, name: str) -> pa.Table:
    """One table of a checkout, with the types of its schema.

    Parameters
    ----------
    root : Path
        The checkout.
    name : str
        Name of the table.

    Returns
    -------
    pyarrow.Table
        Text, int64, float64, bool and date32 (days); columns with a vocabulary are text. An empty
        cell is null; a required column is not nullable.

    Raises
    ------
    ValueError
        If a cell has not the type of its column, or a required one is empty.
    """
    table_schema = _package.schema(name)
    fields = [
        pa.field(f["name"], TYPES[f["type"]], nullable=not required(table_schema, f))
        for f in table_schema["fields"]
    ]
    path = root / "data" / f"{name}.csv"
    try:
        table = csv.read_csv(
            path,
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=pa.schema(fields),
                null_values=[""],
                strings_can_be_null=True,
                true_values=["true"],
                false_values=["false"],
            ),
        ).cast(pa.schema(fields))
    except ValueError as error:
        raise ValueError(f"{path}: {error}; run `python -m scripts check`") from error
    return table


def about(root: Path) -> dict[str, str]:
    """Title, version, citation and licence of the release, as labels and texts."""
    package = _package.descriptor()
    _, *paragraphs = (root / "LICENSE-DATA").read_text(encoding="utf-8").split("\n\n")
    return {
        "title": package["title"],
        "version": package["version"],
        "date": package["created"][:10],
        "what it is": package["description"],
        "how to cite": cite(),
        "licence": "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs),
        "address": package["homepage"],
    }


def codebook() -> list[dict[str, Any]]:
    """One row a column of any table: what it means and what it may hold."""
    rows = []
    for name in _package.NAMES:
        schema = _package.schema(name)
        refers = {column: f"{table}.{key}" for column, table, key in references(schema)}
        for f in schema["fields"]:
            example = str(f.get("example", ""))
            rows.append(
                {
                    "table": name,
                    "column": f["name"],
                    "title": f["title"],
                    "type": f["type"],
                    "required": required(schema, f),
                    "meaning": f["description"],
                    "values": ", ".join(c["value"] for c in f.get("categories", [])) or None,
                    "form": f.get("constraints", {}).get("pattern"),
                    "refers_to": refers.get(f["name"]),
                    "example": (example.lower() if f["type"] == "boolean" else example) or None,
                }
            )
    return rows


def vocabularies() -> list[dict[str, Any]]:
    """One row a member of the vocabulary of a column, in the vocabulary's order."""
    return [
        {
            "table": name,
            "column": f["name"],
            "value": category["value"],
            "label": category["label"],
            "meaning": category["description"],
        }
        for name in _package.NAMES
        for f in _package.schema(name)["fields"]
        for category in f.get("categories", [])
    ]
