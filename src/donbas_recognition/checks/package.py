"""Open a data package that may come from anywhere: a folder, a zip, or frames in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from donbas_recognition import _package
from donbas_recognition._csv import canonical
from donbas_recognition._package import DESCRIPTOR
from donbas_recognition._storage import (
    MAX_DESCRIPTOR,
    MAX_FILE,
    Folder,
    UnreadableError,
    Zip,
    open_storage,
    unsafe,
)
from donbas_recognition.checks.files import MAX_COLUMNS
from donbas_recognition.checks.findings import Finding, Severity

# So many odd names or resources are told, that a made-up package cannot fill the report.
MAX_ODD = 100
# How the missing values of Python, numpy, polars and pandas are written.
_MISSING = {"None", "nan", "NaN", "NaT", "<NA>"}


class Package:
    """The files of a data package: a folder, a zip, or frames in memory.

    Attributes
    ----------
    files : dict of str to bytes
        Content of each table's file, by table name; None where it cannot be read.
    names : dict of str to str
        Path of each table's file, to report.
    findings : list of Finding
        What is wrong with the package itself.
    in_memory : bool
        Whether it was made from frames.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes | None] = {}
        self.names: dict[str, str] = {name: f"data/{name}.csv" for name in _package.NAMES}
        self.findings: list[Finding] = []
        self.in_memory = False

    def _found(
        self,
        rule: str,
        file: str,
        message: str,
        remedy: str,
        *,
        line: int | None = None,
        severity: Severity = "error",
    ) -> None:
        self.findings.append(
            Finding(f"package-{rule}", severity, file, line, None, None, None, message, remedy)
        )

    @classmethod
    def open(cls, source: str | Path | Mapping[str, Any] | None = None) -> Package:
        """Open a package.

        Parameters
        ----------
        source : path, mapping or None
            A folder that holds ``data/<table>.csv`` (or the CSV files themselves), a zip of one, or
            a mapping from table names to pandas or polars frames; by default the installed data.

        Raises
        ------
        FileNotFoundError
            If there is no such folder or zip.
        ValueError
            If the path is neither a folder nor a zip, or a table is unknown or no frame.
        """
        if isinstance(source, Mapping):
            return cls._frames(source)
        path = _package.package_path() if source is None else Path(source)
        with open_storage(path) as storage:
            return cls._stored(storage)

    @classmethod
    def _stored(cls, storage: Folder | Zip) -> Package:
        package = cls()
        for file, message in islice(storage.odd.items(), MAX_ODD):
            package._found("unsafe", file, message, "Zip it anew.")
        top, data = storage.layout()
        package.names = {name: f"{top}{data}{name}.csv" for name in _package.NAMES}

        def read(file: str, limit: int = MAX_FILE) -> bytes | None:
            try:
                return storage.read(file, limit)
            except UnreadableError as error:
                package._found(error.kind, file, error.message, error.remedy)
                return None

        if top + DESCRIPTOR in storage:
            content = read(top + DESCRIPTOR, MAX_DESCRIPTOR)
            if content is not None:
                package._descriptor(top + DESCRIPTOR, content)
        for name, file in package.names.items():
            package.files[name] = read(file)
        return package

    @classmethod
    def _frames(cls, frames: Mapping[str, Any]) -> Package:
        package = cls()
        package.in_memory = True
        for name, frame in frames.items():
            if name not in _package.NAMES:
                raise ValueError(f"no table {name!r}; the tables are: {', '.join(_package.NAMES)}")
            package.names[name] = name
            package.files[name] = _csv(name, frame)
        return package

    def _descriptor(self, file: str, data: bytes) -> None:
        """Check that a descriptor that came along describes the tables that are checked.

        It tells other programs where the tables are. Here they are read from their fixed places,
        so a descriptor that points elsewhere would give others something that nobody checked.
        """
        resources: Any = None
        try:
            content = json.loads(data.decode("utf-8"))
            resources = content.get("resources") if isinstance(content, dict) else None
            message = f"the descriptor is no object with a list of at most {MAX_ODD} resources"
            line = None
        except json.JSONDecodeError as error:
            message, line = f"the descriptor is no JSON ({error.msg})", error.lineno
        except UnicodeDecodeError as error:
            message, line = "the descriptor is not UTF-8", data.count(b"\n", 0, error.start) + 1
        except (RecursionError, ValueError):  # nested too deep, a number of too many digits
            message, line = "the descriptor is no JSON that can be read", None
        plain = isinstance(resources, list) and all(isinstance(r, dict) for r in resources)
        if plain and len(resources) <= MAX_ODD:
            self._resources(file, resources)
        else:
            remedy = "Correct it, or take the dataset's own."
            self._found("descriptor", file, message, remedy, line=line)

    def _resources(self, file: str, resources: list[dict[str, Any]]) -> None:
        """Check that the resources of a descriptor are the tables, each in its place."""
        paths: dict[str, Any] = {}
        for resource in resources:
            name, path, schema = (resource.get(key) for key in ("name", "path", "schema"))
            for one in [*path, schema] if isinstance(path, list) else [path, schema]:
                if isinstance(one, str) and unsafe(one):
                    message = f"the path {_short(one)} leads out of the package"
                    self._found("descriptor", file, message, "Give a path inside the package.")
            if isinstance(name, str) and name in _package.NAMES:
                paths[name] = path
            else:
                message = f"the resource {_short(name)} is no table of this dataset, not checked"
                remedy = f"The tables are: {', '.join(_package.NAMES)}."
                self._found("descriptor", file, message, remedy, severity="warning")
        for table in _package.NAMES:
            wanted = self.names[table].removeprefix(file.removesuffix(DESCRIPTOR))
            if table not in paths:
                message = f"the table {table} is not among the resources"
                self._found("descriptor", file, message, f"Add it, with the path {wanted}.")
            elif paths[table] != wanted:
                message = f"the path of {table} is {_short(paths[table])}, which is not checked"
                self._found("descriptor", file, message, f"Its path is {wanted}.")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _csv(name: str, frame: Any) -> bytes:
    """CSV of a frame of pandas or polars, each value as the dataset writes it."""
    if not isinstance(getattr(frame, "shape", None), tuple) or not hasattr(frame, "columns"):
        raise ValueError(f"{name}: {type(frame).__name__} is no frame of pandas or polars")
    header = [str(column) for column in frame.columns]
    if len(header) > MAX_COLUMNS:
        columns = []  # the header alone says that it is no such table
    elif hasattr(frame, "iloc"):
        # By position: a name may stand twice.
        columns = [frame.iloc[:, i].astype(object).tolist() for i in range(len(header))]
    else:
        columns = [column.to_list() for column in frame.get_columns()]
    fields = {f["name"]: f["type"] for f in _package.schema(name)["fields"]}
    kinds = [fields.get(column, "") for column in header]
    cells = [[_cell(value, kind) for value in c] for c, kind in zip(columns, kinds, strict=False)]
    # A lone surrogate becomes bytes that are not UTF-8, which the reading of the file reports.
    return canonical([header, *map(list, zip(*cells, strict=True))], "surrogatepass")


def _cell(value: Any, kind: str) -> str:
    """Text of one value."""
    if isinstance(value, str):
        return value
    text = str(value)
    if text in _MISSING:
        return ""
    if isinstance(value, datetime):
        if value.tzinfo is None and value.time() == time():
            return value.date().isoformat()
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if text in ("True", "False"):
        return text.lower()
    # Whole numbers beside missing ones are floats in many a frame.
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text
