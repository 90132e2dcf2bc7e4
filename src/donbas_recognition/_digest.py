"""One number that identifies the content of the tables, whatever they are packed in."""

import hashlib
from pathlib import Path

from donbas_recognition import _content
from donbas_recognition._csv import canonical
from donbas_recognition._versions import located


def data_digest(source: str | Path | None = None) -> str:
    """SHA-256 that identifies the content of the tables.

    It is the same for a checkout, the zip of a release, the wheel and the installed data, and
    another as soon as a cell, a column or a row differs. Schemas, descriptor and papers do not
    enter. Where the files are as the project writes them, this computes it too::

        sha256sum data/*.csv | sha256sum

    Files in another form (line ends, quoting, order of rows and columns) are first put into the
    canonical one.

    Parameters
    ----------
    source : str, Path or None
        A version, a folder or a zip of the data package, or a wheel; by default the installed data.

    Returns
    -------
    str
        64 hexadecimal digits: the SHA-256 of one line ``<sha256>  data/<table>.csv`` for each
        table, in the order of their names.

    Raises
    ------
    FileNotFoundError
        If there is no such folder or zip.
    ValueError
        If it is neither, or a file of it cannot be read.
    ConnectionError, ImportError
        If a version cannot be fetched, see `package_path`.
    """
    content = _content.read(located(source))
    lines = []
    for name, rows in sorted(content.tables.items()):
        file = _canonical(rows, content.schemas[name]["primaryKey"], _columns(content, name))
        lines.append(f"{hashlib.sha256(file).hexdigest()}  data/{name}.csv\n")
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def _columns(content: _content.Content, name: str) -> list[str]:
    """Columns that a file has, first those of the schema in its order."""
    schema = [field["name"] for field in content.schemas[name]["fields"]]
    header = content.tables[name][0]
    return [c for c in schema if c in header] + [c for c in header if c not in schema]


def _canonical(rows: list[list[str]], key: list[str], columns: list[str]) -> bytes:
    header = rows[0]
    order = [header.index(column) for column in columns]
    places = [columns.index(part) for part in key if part in columns]
    body = [[row[i] for i in order] for row in rows[1:]]
    body.sort(key=lambda row: ([row[place] for place in places], row))
    return canonical([columns, *body])
