"""Write files so that nothing is lost or half written, and read and write the tables' rows."""

import contextlib
import csv
import os
import tempfile
from pathlib import Path

from donbas_recognition import _package
from donbas_recognition._csv import canonical, records


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the file, then rename over it.

    Raises
    ------
    OSError
        If the folder cannot be written; the old file is then untouched.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def table_file(table: str) -> Path:
    """CSV file of a table in the checkout."""
    return _package.package_path() / "data" / f"{table}.csv"


def read_rows(table: str) -> list[dict[str, str]]:
    """Records of a table, as text.

    Raises
    ------
    ValueError
        If the file cannot be read as the table's CSV; `check` says where.
    """
    path = table_file(table)
    columns = [f["name"] for f in _package.schema(table)["fields"]]
    try:
        header, *rows = (record for _, record in records(path.read_text(encoding="utf-8")))
    except (csv.Error, ValueError) as error:
        raise ValueError(f"{path}: {error}; run `python -m scripts check`") from error
    if header != columns or any(len(row) != len(columns) for row in rows):
        raise ValueError(f"{path}: not the table's columns; run `python -m scripts check`")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def rows_bytes(table: str, rows: list[dict[str, str]]) -> bytes:
    """Canonical CSV of a table: sorted by primary key, columns in the schema's order."""
    schema = _package.schema(table)
    columns = [f["name"] for f in schema["fields"]]
    ordered = sorted(rows, key=lambda row: [row.get(key, "") for key in schema["primaryKey"]])
    return canonical([columns, *([row.get(c, "") for c in columns] for row in ordered)])
