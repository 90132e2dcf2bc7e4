"""From a Table Schema to a pandera schema, and from pandera's report to findings."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from donbas_recognition.checks.files import ROW, TextTable
from donbas_recognition.checks.findings import Finding, nearest

if TYPE_CHECKING:
    import pandera.polars as pa

DTYPES: dict[str, Any] = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
}
# How a value of each type is written. Stricter than the converters: no padding, no separators.
LEXICAL = {
    "integer": r"(?:0|-?[1-9][0-9]{0,17})",
    "number": r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?",
    "boolean": r"(?:true|false)",
    "date": r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}",
}
LOOKS = {
    "integer": "a whole number, as 42",
    "number": "a number, as 4.2",
    "boolean": "true or false",
    "date": "a date of the calendar, as 2022-02-21",
}


def _checks(field: dict[str, Any]) -> list[pa.Check]:
    """Pandera checks of a field's constraints; the constraint's name is what pandera reports."""
    import pandera.polars as pa

    convert = date.fromisoformat if field["type"] == "date" else lambda value: value
    checks = []
    for name, value in field.get("constraints", {}).items():
        match name:
            case "required" | "unique":
                continue
            case "enum":
                check = pa.Check.isin(value, error=name)
            case "pattern":
                check = pa.Check.str_matches(f"^(?:{value})$", error=name)
            case "minimum":
                check = pa.Check.ge(convert(value), error=name)
            case "maximum":
                check = pa.Check.le(convert(value), error=name)
            case "minLength":
                check = pa.Check.str_length(min_value=value, error=name)
            case "maxLength":
                check = pa.Check.str_length(max_value=value, error=name)
            case _:
                raise ValueError(
                    f"column {field['name']}: the constraint {name!r} is not supported"
                )
        checks.append(check)
    return checks


def required(schema: dict[str, Any], field: dict[str, Any]) -> bool:
    """Whether the Table Schema allows no empty cell in a column."""
    return field["name"] in schema["primaryKey"] or field.get("constraints", {}).get(
        "required", False
    )


def to_pandera(schema: dict[str, Any]) -> pa.DataFrameSchema:
    """Pandera schema (polars) of a Table Schema.

    Parameters
    ----------
    schema : dict
        A Table Schema. Supported are the types string, integer, number, boolean and date, the
        constraints required, unique, enum, pattern, minimum, maximum, minLength and maxLength,
        ``primaryKey`` and ``uniqueKeys``.

    Returns
    -------
    pandera.polars.DataFrameSchema
        For frames with the schema's columns in typed form. It never coerces.

    Raises
    ------
    ValueError
        If a type or a constraint is not supported.
    """
    import pandera.polars as pa

    columns = {}
    for field in schema["fields"]:
        if field["type"] not in DTYPES:
            raise ValueError(f"column {field['name']}: the type {field['type']!r} is not supported")
        columns[field["name"]] = pa.Column(
            DTYPES[field["type"]],
            _checks(field),
            nullable=not required(schema, field),
            title=field["title"],
            description=field["description"],
        )
    return pa.DataFrameSchema(
        columns,
        checks=[_unique(keys) for keys in unique_keys(schema)],
        name=schema["name"],
        title=schema["title"],
        description=schema["description"],
    )


def unique_keys(schema: dict[str, Any]) -> list[list[str]]:
    """Columns, or groups of columns, that a Table Schema wants unique."""
    alone = [[f["name"]] for f in schema["fields"] if f.get("constraints", {}).get("unique", False)]
    keys = [schema["primaryKey"], *schema.get("uniqueKeys", []), *alone]
    return [key for i, key in enumerate(keys) if key not in keys[:i]]


def _unique(keys: list[str]) -> pa.Check:
    import pandera.polars as pa

    # pandera's own check of uniqueness takes two empty cells for the same value.
    def unique(data: pa.PolarsData) -> pl.LazyFrame:
        frame = data.lazyframe.select(keys)
        given = frame.drop_nulls()
        # Values in rising order differ, and so do those whose hashes do; else there is more to do.
        rising = pl.col(keys[0]) > pl.col(keys[0]).shift()
        hashes = pl.struct(keys).hash()
        for differ in (rising.all(), hashes.n_unique() == pl.len()):
            if given.select(differ).collect().item():
                return frame.select(unique=pl.repeat(True, pl.len()))
        empty = pl.any_horizontal(pl.col(keys).is_null())
        return frame.select(unique=empty | ~pl.struct(keys).is_duplicated())

    return pa.Check(unique, error="unique " + ",".join(keys))


def typed(table: TextTable, schema: dict[str, Any]) -> tuple[pl.DataFrame, list[Finding]]:
    """Frame with the types of the schema; what does not convert is reported and becomes null."""
    findings: list[Finding] = []
    conversions = []
    for field in schema["fields"]:
        name, kind = field["name"], field["type"]
        if kind == "string":
            continue
        text = pl.col(name)
        if kind == "boolean":
            value = text.replace_strict(["true", "false"], [True, False], default=None)
        elif kind == "date":
            value = text.str.to_date("%Y-%m-%d", strict=False)
        else:
            value = text.cast(DTYPES[kind], strict=False)
        fits = text.str.contains(f"^(?:{LEXICAL[kind]})$")
        conversions.append(pl.when(fits).then(value).alias(name))
    frame = table.frame.with_columns(conversions)
    for field in schema["fields"]:
        name = field["name"]
        if field["type"] == "string" or frame[name].null_count() == table.frame[name].null_count():
            continue
        lost = table.frame.filter(frame[name].is_null() & pl.col(name).is_not_null())
        for row, value in lost.select(ROW, name).iter_rows():
            findings.append(
                Finding(
                    "schema-type",
                    "error",
                    table.file,
                    table.lines[row],
                    name,
                    None,
                    value,
                    f"{value!r} is not {LOOKS[field['type']]}",
                    f"Write {LOOKS[field['type']]}, or leave the cell empty if it is not known.",
                )
            )
    return frame, findings


def validate(
    table: TextTable, frame: pl.DataFrame, schema: dict[str, Any], pandera: pa.DataFrameSchema
) -> list[Finding]:
    """Findings of the schema's constraints on a typed frame."""
    from pandera.errors import SchemaErrors

    if not frame.height:
        return []
    try:
        pandera.validate(frame, lazy=True)
    except SchemaErrors as errors:
        failures = errors.failure_cases
    else:
        return []
    fields = {field["name"]: field for field in schema["fields"]}
    findings = []
    for failure in failures.unique(["column", "check", "index"], maintain_order=True).iter_rows(
        named=True
    ):
        column, check, row = failure["column"], failure["check"], failure["index"]
        keys: list[str] = []
        if failure["schema_context"] == "DataFrameSchema":
            check, _, names = check.partition(" ")
            keys = names.split(",")
            column = keys[-1]
        cells = [table.frame[key][row] for key in keys or [column]]
        value = None if None in cells else " ".join(cells)
        if check == "not_nullable":
            if value is not None or column in table.absent:
                continue  # told already: it did not convert, or the column is missing
            check = "required"
        message, remedy = _explain(check, value, fields[column], keys)
        findings.append(
            Finding(
                f"schema-{check}",
                "error",
                table.file,
                table.lines[row],
                column,
                None,
                value,
                message,
                remedy,
            )
        )
    return findings


def _explain(
    check: str, value: str | None, field: dict[str, Any], keys: list[str]
) -> tuple[str, str]:
    """Message and remedy for a broken constraint."""
    limits = field.get("constraints", {})
    limit = limits.get(check)
    example = f" as {field['example']}" if "example" in field else ""
    match check:
        case "required":
            return "the cell is empty", f"Give {field['title'].lower()}{example}."
        case "unique":
            return f"{value!r} stands in more than one row", f"{' + '.join(keys)} must be unique."
        case "enum":
            return (
                f"{value!r} is not in the vocabulary",
                f"{nearest(value or '', limit)}It has: {', '.join(limit)}.",
            )
        case "pattern":
            return f"{value!r} has not the form {limit}", f"Write it{example}."
        case "minimum":
            return f"{value} is less than {limit}", f"At least {limit}."
        case "maximum":
            return f"{value} is more than {limit}", f"At most {limit}."
        case "minLength" | "maxLength":
            bound = "at least" if check == "minLength" else "at most"
            return f"the text has {len(value or '')} characters", f"Make it {bound} {limit} long."
    return f"{value!r} fails {check}", "See the codebook."
