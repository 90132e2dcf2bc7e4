"""The one way in: read a package, check files, schemas, references and rules."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import polars as pl

from donbas_recognition import _package
from donbas_recognition.checks.files import TextTable, read_table
from donbas_recognition.checks.findings import COLUMNS, Finding
from donbas_recognition.checks.relations import check_references
from donbas_recognition.checks.rules import Rule, Tables, rules
from donbas_recognition.checks.tableschema import to_pandera, typed, validate

if TYPE_CHECKING:
    import pandas as pd

MAX_FILE = 4 * 2**30
_NOT_FILE = {"file-order", "file-format", "file-line-ending", "file-bom"}


class Package:
    """The files of a data package: a folder, a zip, or frames in memory.

    Attributes
    ----------
    files : dict of str to bytes
        Content of each table's file, by table name; None where it is missing.
    names : dict of str to str
        Path of each table's file, to report.
    findings : list of Finding
        What is wrong with the package itself.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self.files: dict[str, bytes | None] = {}
        self.names: dict[str, str] = {name: f"data/{name}.csv" for name in _package.NAMES}
        self.findings: list[Finding] = []
        self.in_memory = False

    def _missing(self, name: str) -> None:
        self.files[name] = None
        self.findings.append(
            Finding(
                "package-file",
                "error",
                self.names[name],
                None,
                None,
                None,
                None,
                "the file is missing",
                "Restore it; an empty table still has its header.",
            )
        )

    def _refuse(self, file: str, message: str, remedy: str) -> None:
        self.findings.append(
            Finding("package-unsafe", "error", file, None, None, None, None, message, remedy)
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
            If the path is neither a folder nor a zip, or a frame has an unknown table name.
        """
        if source is None:
            return cls._folder(_package.package_path())
        if isinstance(source, Mapping):
            return cls._frames(source)
        path = Path(source)
        if path.is_dir():
            return cls._folder(path)
        if not path.exists():
            raise FileNotFoundError(f"{path}: there is no such folder or zip")
        if not zipfile.is_zipfile(path):
            raise ValueError(f"{path}: neither a folder nor a zip of a data package")
        return cls._zip(path)

    @classmethod
    def _folder(cls, folder: Path) -> Package:
        package = cls(str(folder))
        if not (folder / "data").is_dir() and any(folder.glob("*.csv")):
            package.names = {name: f"{name}.csv" for name in _package.NAMES}
        root = folder.resolve()
        for name, file in package.names.items():
            path = folder / file
            if not path.is_file():
                package._missing(name)
            elif not path.resolve().is_relative_to(root):
                package._missing(name)
                package._refuse(file, "the file is a link out of the package", "Put the file here.")
            elif path.stat().st_size > MAX_FILE:
                package._missing(name)
                package._refuse(file, "the file is larger than 4 GiB", "Split the data.")
            else:
                package.files[name] = path.read_bytes()
        return package

    @classmethod
    def _zip(cls, path: Path) -> Package:
        package = cls(str(path))
        with zipfile.ZipFile(path) as archive:
            members: dict[str, zipfile.ZipInfo] = {}
            for info in archive.infolist():
                parts = PurePosixPath(info.filename.replace("\\", "/"))
                if parts.is_absolute() or ".." in parts.parts:
                    package._refuse(info.filename, "the path leaves the archive", "Zip it anew.")
                elif info.filename in members:
                    package._refuse(info.filename, "the name stands twice", "Zip it anew.")
                else:
                    members[info.filename] = info
            # A package may lie flat, or under one folder as archives of repositories do.
            tops = {
                m.removesuffix("datapackage.json")
                for m in members
                if m.endswith("datapackage.json")
            }
            top = min(tops, key=len, default="")
            flat = f"{top}data/statements.csv" not in members
            package.names = {
                name: f"{top}{'' if flat else 'data/'}{name}.csv" for name in _package.NAMES
            }
            for name, file in package.names.items():
                member = members.get(file)
                if member is None:
                    package._missing(name)
                elif member.file_size > MAX_FILE or member.file_size > 1_000 * max(
                    member.compress_size, 1_000
                ):
                    package._missing(name)
                    package._refuse(
                        file, f"it unpacks to {member.file_size:,} bytes", "Zip it anew."
                    )
                elif (member.external_attr >> 16) & 0o170000 == 0o120000:
                    package._missing(name)
                    package._refuse(file, "the member is a link", "Zip the file itself.")
                else:
                    try:
                        package.files[name] = archive.read(member)
                    except (
                        zipfile.BadZipFile,
                        RuntimeError,
                        NotImplementedError,
                        OSError,
                    ) as error:
                        package._missing(name)
                        package._refuse(file, f"it cannot be unpacked ({error})", "Zip it anew.")
        return package

    @classmethod
    def _frames(cls, frames: Mapping[str, Any]) -> Package:
        unknown = frames.keys() - set(_package.NAMES)
        if unknown:
            raise ValueError(
                f"no table {min(unknown)!r}; the tables are: {', '.join(_package.NAMES)}"
            )
        package = cls("frames")
        package.in_memory = True
        package.names = {name: name for name in frames}
        for name, frame in frames.items():
            if isinstance(frame, pl.DataFrame):
                package.files[name] = frame.write_csv().encode("utf-8")
            else:
                text = io.StringIO(newline="")
                frame.to_csv(text, index=False, lineterminator="\n", date_format="%Y-%m-%d")
                data = text.getvalue()
                for field in _package.schema(name)["fields"]:
                    if field["type"] == "boolean" and field["name"] in frame:
                        text = io.StringIO(newline="")
                        words = frame[field["name"]].astype("string").str.lower()
                        frame.assign(**{field["name"]: words}).to_csv(
                            text, index=False, lineterminator="\n", date_format="%Y-%m-%d"
                        )
                        data = text.getvalue()
                package.files[name] = data.encode("utf-8")
        return package


def find(
    source: str | Path | Mapping[str, Any] | None = None,
    *,
    texts: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Everything that is wrong with a package.

    Parameters
    ----------
    source : path, mapping or None
        See `Package.open`. Of frames in memory only those given are checked; a reference to a table
        that is not given is looked up in the installed data.
    texts : mapping of str to str, optional
        Texts of sources that are at hand, by ``source_id``; fingerprints and quotes are looked up
        in them.

    Returns
    -------
    list of Finding
        Sorted by file, line, column and rule; empty if nothing is wrong.

    Raises
    ------
    FileNotFoundError, ValueError
        As `Package.open`.
    """
    package = Package.open(source)
    schemas = {name: _package.schema(name) for name in _package.NAMES}
    findings = list(package.findings)
    tables: dict[str, TextTable] = {}
    frames: dict[str, pl.DataFrame] = {}
    background = Package.open() if package.in_memory else package
    given = {name for name, data in package.files.items() if data is not None}
    for name, schema in schemas.items():
        data = package.files.get(name)
        if data is None and package.in_memory:
            data = background.files[name]
        table = read_table(name, package.names.get(name, name), data or b"", schema)
        frame, lost = typed(table, schema)
        tables[name], frames[name] = table, frame
        if name in given:
            told = [f for f in table.findings if not (package.in_memory and f.rule == "file-order")]
            findings += told + lost + validate(table, frame, schema, to_pandera(schema))
    findings += check_references(tables, schemas)
    state = Tables(frames, schemas, dict(texts or {}))
    for one in rules():
        findings += _broken(one, state, tables)
    return _finish(findings, tables, given, schemas)


def _broken(one: Rule, state: Tables, tables: dict[str, TextTable]) -> list[Finding]:
    findings = []
    for hits in one.check(state):
        table = tables[hits.table]
        if hits.column in table.absent:
            continue
        for row, message in hits.frame.iter_rows():
            findings.append(
                Finding(
                    one.id,
                    one.severity,
                    table.file,
                    table.lines[row],
                    hits.column,
                    None,
                    table.frame[hits.column][row],
                    message,
                    one.hint,
                )
            )
    return findings


def _finish(
    findings: list[Finding],
    tables: dict[str, TextTable],
    given: set[str],
    schemas: dict[str, Any],
) -> list[Finding]:
    """Findings with their row ids, in order, without those that follow from a ragged row."""
    by_file = {table.file: table for table in tables.values()}
    rows = {
        file: {line: row for row, line in enumerate(table.lines)}
        for file, table in by_file.items()
        if any(f.file == file and f.line for f in findings)
    }
    result = set()
    for finding in findings:
        table = by_file.get(finding.file)
        if table is not None and finding.line is not None:
            if table.name not in given:
                continue
            row = rows[finding.file].get(finding.line)
            if row is not None:
                if row in table.ragged and not finding.rule.startswith("file-"):
                    continue
                keys = schemas[table.name]["primaryKey"]
                parts = table.frame.select(keys).row(row)
                row_id = " ".join(part or "?" for part in parts)
                result.add(dataclasses.replace(finding, row_id=row_id))
                continue
        result.add(finding)
    return sorted(result, key=lambda f: (f.file, f.line or 0, f.column or "", f.rule, f.message))


def check(
    source: str | Path | Mapping[str, Any] | None = None,
    *,
    texts: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Findings of `find` as a frame.

    Parameters
    ----------
    source, texts
        As for `find`.

    Returns
    -------
    pandas.DataFrame
        One row a finding, with the columns of `Finding`: ``rule``, ``severity``, ``file``,
        ``line`` (Int64), ``column``, ``row_id``, ``value``, ``message``, ``remedy``.

    Raises
    ------
    FileNotFoundError, ValueError
        As `Package.open`.

    Examples
    --------
    >>> import donbas_recognition as dr
    >>> from donbas_recognition import checks
    >>> actors = dr.load("actors")
    >>> checks.check({"actors": actors.head()}).empty
    True
    """
    import pandas as pd

    found = find(source, texts=texts)
    frame = pd.DataFrame([f.as_dict() for f in found], columns=COLUMNS)
    return frame.astype({c: "Int64" if c == "line" else "string" for c in COLUMNS})
