"""Where the data package is, and what its descriptor and schemas say."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

PACKAGE_NAME = "donbas-recognition"
DESCRIPTOR = "datapackage.json"

TableName = Literal[
    "sources",
    "actors",
    "actor_names",
    "occasions",
    "statements",
    "mentions",
    "military_figures",
    "demands",
    "positions",
    "statement_links",
    "retired_ids",
]

NAMES: tuple[str, ...] = get_args(TableName)


def read_json(path: Path) -> dict[str, Any]:
    """Read one JSON object from a file."""
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


@cache
def _installed() -> Path:
    here = Path(__file__).resolve().parent
    # The checkout comes first: in an editable install the copy beside the code would be stale.
    for folder in (here.parents[1], here / "_package"):
        path = folder / DESCRIPTOR
        if path.is_file() and read_json(path).get("name") == PACKAGE_NAME:
            return folder
    raise FileNotFoundError(
        f"no data package beside {here}: the installation is incomplete, "
        "reinstall it with `pip install --force-reinstall donbas-recognition`"
    )


def package_path(version: str | None = None) -> Path:
    """Folder that holds ``datapackage.json``, ``data/`` and ``schemas/``.

    Hand it to any Frictionless reader, to DuckDB or to R.

    Parameters
    ----------
    version : str, optional
        A released version, as ``"0.1.0"``: it is fetched once, checked against the SHA-256 that
        this package knows, and kept (extra ``archive``). By default the installed data.

    Returns
    -------
    pathlib.Path
        The checkout for an editable install, else the package data that the wheel carries; for
        another version the folder in the cache.

    Raises
    ------
    FileNotFoundError
        If the installation is broken and holds no data package.
    ValueError
        If the version is not known, or what was fetched is not that release.
    ConnectionError
        If the version could not be fetched; the message has the addresses and what to do.
    ImportError
        If pooch is wanted and not installed.
    """
    if version is None:
        return _installed()
    from donbas_recognition._versions import release_path

    return release_path(version)


@cache
def descriptor(version: str | None = None) -> dict[str, Any]:
    """Content of ``datapackage.json``."""
    return read_json(package_path(version) / DESCRIPTOR)


@cache
def schema(name: str, version: str | None = None) -> dict[str, Any]:
    """Table Schema of one table, as written in ``schemas/``."""
    return read_json(package_path(version) / "schemas" / f"{name}.json")


def tables() -> tuple[TableName, ...]:
    """Names of the tables, in the order of the data package.

    Returns
    -------
    tuple of str
    """
    return get_args(TableName)


__version__: str = descriptor()["version"]
