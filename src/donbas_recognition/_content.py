"""Tables and schemas of any data package as text, however it is packed."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from donbas_recognition import _package
from donbas_recognition._csv import records
from donbas_recognition._package import DESCRIPTOR
from donbas_recognition._storage import MAX_DESCRIPTOR, Folder, Zip, open_storage, unsafe

Rows = list[list[str]]


@dataclass(frozen=True)
class Content:
    """What a data package holds.

    Attributes
    ----------
    version : str or None
        Of its descriptor; None if it has none.
    schemas : dict of str to dict
        Table Schema of each table, in the order of the descriptor.
    tables : dict of str to list of list of str
        The header and the records of each table, as text.
    """

    version: str | None
    schemas: dict[str, dict[str, Any]]
    tables: dict[str, Rows]


def read(path: Path) -> Content:
    """Read a data package by its own descriptor and schemas.

    A package without a descriptor is read by those of the installed data.

    Parameters
    ----------
    path : Path
        A folder or a zip (a release, an archive of the repository, a wheel).

    Raises
    ------
    FileNotFoundError
        If there is no such folder or zip.
    ValueError
        If it is neither, or a file of it cannot be read; the message names file and line.
    """
    with open_storage(path) as storage:
        top, data = storage.layout()
        if top + DESCRIPTOR not in storage:
            schemas = {name: _package.schema(name) for name in _package.NAMES}
            files = {name: f"{top}{data}{name}.csv" for name in schemas}
            return Content(None, schemas, _tables(storage, path, files))
        package = _json(storage, path, top + DESCRIPTOR)
        schemas, files = {}, {}
        try:
            for resource in package["resources"]:
                name, file, schema = (resource[key] for key in ("name", "path", "schema"))
                if isinstance(schema, str):
                    schema = _json(storage, path, top + _safe(path, schema))
                if not isinstance(name, str) or not _well_formed(schema):
                    raise ValueError(f"{path}: the schema of {name!r:.80} contradicts itself")
                files[name], schemas[name] = top + _safe(path, file), schema
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{path}: {DESCRIPTOR} is not one of this dataset ({error!r}); every resource has "
                "a name, a path and a schema with fields and primaryKey"
            ) from error
        version = package.get("version")
        tables = _tables(storage, path, files)
        return Content(version if isinstance(version, str) else None, schemas, tables)


def _well_formed(schema: dict[str, Any]) -> bool:
    """Whether a schema has the shape of a Table Schema, as far as it is used here."""
    fields, key = schema["fields"], schema["primaryKey"]
    names = [field["name"] for field in fields]
    values = [member["value"] for field in fields for member in field.get("categories", [])]
    lists = [fields, key, schema.get("uniqueKeys", []), schema.get("foreignKeys", [])]
    return (
        all(isinstance(text, str) for text in [*names, *values])
        and all(isinstance(field.get("constraints", {}), dict) for field in fields)
        and all(isinstance(entry, list) for entry in lists)
        and len({*names}) == len(names)
        and {*key} <= {*names}
    )


def _safe(path: Path, file: Any) -> str:
    if not isinstance(file, str) or unsafe(file):
        raise ValueError(f"{path}: the path {file!r:.80} leads out of the package")
    return file


def _json(storage: Folder | Zip, path: Path, file: str) -> dict[str, Any]:
    try:
        content = json.loads(storage.read(file, MAX_DESCRIPTOR).decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{path}: {file} is no JSON that can be read ({error})") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path}: {file} is no JSON object")
    return content


def _tables(storage: Folder | Zip, path: Path, files: dict[str, str]) -> dict[str, Rows]:
    return {name: _rows(f"{path}: {file}", storage.read(file)) for name, file in files.items()}


def _rows(place: str, data: bytes) -> Rows:
    """Header and records of a CSV file."""
    try:
        read = [(line, row) for line, row in records(data.decode("utf-8-sig")) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{place}: it is no CSV in UTF-8 ({error}); mend it first") from error
    if not read:
        raise ValueError(f"{place}: it is empty; an empty table still has its header")
    header = read[0][1]
    if len({*header}) < len(header):
        raise ValueError(f"{place}:1: a column stands twice; delete one")
    for line, row in read:
        if len(row) != len(header):
            raise ValueError(f"{place}:{line}: {len(row)} cells, the header has {len(header)}")
    return [row for _, row in read]


def claimed_version(storage: Folder | Zip) -> str | None:
    """Version in the descriptor of a package; None where there is none that can be read."""
    file = storage.layout()[0] + DESCRIPTOR
    try:
        version = _json(storage, storage.path, file).get("version")
    except ValueError:
        return None
    return version if isinstance(version, str) else None
