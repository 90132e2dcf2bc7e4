"""The one way in: read a package, check files, schemas, references and rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from donbas_recognition import _package
from donbas_recognition.checks.files import TextTable, read_table
from donbas_recognition.checks.findings import COLUMNS, Finding
from donbas_recognition.checks.package import Package
from donbas_recognition.checks.relations import check_references
from donbas_recognition.checks.rules import Rule, Tables, rules
from donbas_recognition.checks.tableschema import to_pandera, typed, validate

if TYPE_CHECKING:
    import pandas as pd


THREADS = 3  # on two cores: while one waits for Python or for another, two are at work


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
    schemas = {name: _package.schema(name) for name in _package.NAMES}
    tables: dict[str, TextTable] = {}
    frames: dict[str, pl.DataFrame] = {}

    def read(name: str) -> tuple[TextTable, pl.DataFrame, list[Finding]]:
        data = package.files.pop(name, None)  # let go of what is read, to save memory
        table = read_table(name, package.names[name], data or b"", schemas[name])
        return table, *typed(table, schemas[name])

    # Reading, typing and most of the rules' work leave Python free, so that one table or rule is at
    # work while another waits.
    with ThreadPoolExecutor(THREADS) as pool:
        pool.submit(import_module, "pandera.polars")  # takes its time, which reading can use
        package = Package.open(source)
        findings = list(package.findings)
        given = {name for name, data in package.files.items() if data is not None}
        if package.in_memory:
            for name, data in Package.open().files.items():
                package.files.setdefault(name, data)
        sizes = {name: len(package.files.get(name) or b"") for name in schemas}
        order = sorted(schemas, key=lambda name: -sizes[name])
        for name, job in {name: pool.submit(read, name) for name in order}.items():
            tables[name], frames[name], lost = job.result()
            if name in given:
                told = tables[name].findings
                if package.in_memory:
                    told = [f for f in told if f.rule != "file-order"]
                findings += told + lost
                findings += validate(
                    tables[name], frames[name], schemas[name], to_pandera(schemas[name])
                )
        state = Tables(frames, schemas, dict(texts or {}))
        # From the last: those that read texts take longest, and can do without the references.
        broken = pool.map(lambda one: _broken(one, state, tables), reversed(rules()))
        findings += check_references(tables, state)
        findings += chain.from_iterable(broken)
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
    keys = {
        file: table.frame.select(schemas[table.name]["primaryKey"])
        for file, table in by_file.items()
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
                row_id = " ".join(part or "?" for part in keys[finding.file].row(row))
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
