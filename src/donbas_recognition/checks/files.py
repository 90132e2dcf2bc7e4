"""Read the files of a package: bytes to text tables, with every defect of the file reported."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from donbas_recognition._csv import canonical, records
from donbas_recognition.checks.findings import Finding, nearest

ROW = "_row"
MAX_COLUMNS = 1_000
MAX_CELL = 100_000
# How a file of an encoding with more than one byte a letter begins: with its byte order mark, or
# with Latin letters, whose other bytes are empty.
_WIDE = {
    "UTF-32-LE": re.compile(rb"\xff\xfe\0\0|(?:[^\0]\0{3}){4}"),
    "UTF-32-BE": re.compile(rb"\0\0\xfe\xff|(?:\0{3}[^\0]){4}"),
    "UTF-16-LE": re.compile(rb"\xff\xfe|(?:[^\0]\0){4}"),
    "UTF-16-BE": re.compile(rb"\xfe\xff|(?:\0[^\0]){4}"),
}
_FORMAT = "Run `python -m scripts format`."


@dataclass
class TextTable:
    """One table as text.

    Attributes
    ----------
    name, file : str
        Name of the table and path of its file inside the package.
    frame : polars.DataFrame
        ``_row`` (position, from 0) and the schema's columns as strings; empty cells are null.
    findings : list of Finding
        Defects of the file.
    ragged : set of int
        Positions of rows with too few or too many cells, padded or cut in `frame`.
    absent : list of str
        Columns that the file lacks; all null in `frame`.
    """

    name: str
    file: str
    frame: pl.DataFrame
    findings: list[Finding] = field(default_factory=list)
    ragged: set[int] = field(default_factory=set)
    absent: list[str] = field(default_factory=list)
    _lines: list[int] | None = None

    @cached_property
    def lines(self) -> Sequence[int]:
        """Physical line on which each row begins."""
        if self._lines is not None:
            return self._lines
        breaks = self.frame.select(
            pl.sum_horizontal(pl.exclude(ROW).str.count_matches("\n", literal=True))
        ).to_series()
        if not breaks.sum():
            return range(2, self.frame.height + 2)
        return (breaks.cum_sum().shift(1, fill_value=0) + self.frame[ROW] + 2).to_list()


def unsorted_row(frame: pl.DataFrame, keys: list[str]) -> int | None:
    """Position of the first row that is not after its predecessor in the order of the keys."""
    rising = pl.col(keys[0]) > pl.col(keys[0]).shift(fill_value="")
    if frame.select(rising.fill_null(False).all()).item():
        return None
    before: pl.Expr = pl.lit(False)
    for key in reversed(keys):
        last, this = pl.col(key).shift(1).fill_null(""), pl.col(key).fill_null("")
        before = (this < last) | ((this == last) & before)
    rows = frame.select(pl.arg_where(before & (pl.col(ROW) > 0))).to_series()
    return rows[0] if rows.len() else None


def read_table(name: str, file: str, data: bytes, schema: dict[str, Any]) -> TextTable:
    """Read one CSV file strictly.

    Parameters
    ----------
    name, file : str
        Name of the table, path to report.
    data : bytes
        Content of the file.
    schema : dict
        Its Table Schema.

    Returns
    -------
    TextTable
        Whatever could be read, with the defects among its ``findings``.
    """
    columns = [f["name"] for f in schema["fields"]]
    findings: list[Finding] = []

    def found(
        rule: str,
        message: str,
        remedy: str,
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        findings.append(
            Finding(f"file-{rule}", "error", file, line, column, None, value, message, remedy)
        )

    def empty() -> TextTable:
        frame = pl.DataFrame(schema={ROW: pl.UInt32, **dict.fromkeys(columns, pl.String)})
        return TextTable(name, file, frame, findings, absent=columns)

    if not data or data.isspace():
        found("empty", "the file is empty", f"Give it the header {','.join(columns)}.")
        return empty()
    frame = _fast(data, columns)
    if frame is not None:
        return _as_read(TextTable(name, file, frame, findings), schema, found)
    text = _decode(data, found)
    if not text.strip():
        found("empty", "the file holds no text", f"Give it the header {','.join(columns)}.")
        return empty()
    try:
        header = next(record for _, record in records(text))
    except csv.Error as error:
        found("quoting", f"the header cannot be read ({error})", "Close the quotation mark.", 1)
        return empty()
    if len(header) > MAX_COLUMNS:
        found("header", f"the header has {len(header)} columns", "Is this the right file?", 1)
        return empty()
    _check_header(header, columns, found)
    if header == columns and findings:  # now without what was told, it may be canonical
        data = text.encode("utf-8")
        frame = _fast(data, columns)
        if frame is not None:
            return _as_read(TextTable(name, file, frame, findings), schema, found)
    return _careful(name, file, text, header, schema, findings, found)


def _decode(data: bytes, found: Any) -> str:
    """Text of the file without what must not be in it, each defect reported."""
    wide = next((encoding for encoding, start in _WIDE.items() if start.match(data)), None)
    if wide:
        found("encoding", f"the file is {wide}, not UTF-8", "Save it as UTF-8 without BOM.", 1)
        text = data.decode(wide, errors="replace").removeprefix("\ufeff").replace("\x00", "")
        return text.replace("\r\n", "\n").replace("\r", "\n")
    if data.startswith(b"\xef\xbb\xbf"):
        found("bom", "the file begins with a byte order mark", _FORMAT, 1)
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        found(
            "encoding",
            "the file is not UTF-8",
            "Save it as UTF-8; in a spreadsheet choose «CSV UTF-8».",
            data.count(b"\n", 0, error.start) + 1,
            value=repr(data[error.start : error.end]),
        )
        text = data.decode("utf-8", errors="replace")
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        found("nul", "the file holds a NUL byte", "Delete the NUL byte.", line, value="\\x00")
        text = text.replace("\x00", "")
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        found("line-ending", "lines do not all end in LF alone", _FORMAT, line, value="\\r")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def _check_header(header: list[str], columns: list[str], found: Any) -> None:
    seen: set[str] = set()
    for cell in header:
        if cell in seen:
            found("header", f"column {cell!r} stands twice", "Delete one.", 1, cell, cell)
        elif cell not in columns:
            remedy = f"{nearest(cell, columns)}Delete or rename it."
            found("header", f"column {cell!r} is not in the schema", remedy, 1, cell, cell)
        seen.add(cell)
    for column in columns:
        if column not in seen:
            found("header", f"column {column!r} is missing", f"Add the column {column}.", 1, column)
    if [c for c in columns if c in seen] != list(dict.fromkeys(c for c in header if c in columns)):
        found("header", "the columns are not in the order of the schema", _FORMAT, 1)


def _fast(data: bytes, columns: list[str]) -> pl.DataFrame | None:
    """Frame of a file in canonical form, or None.

    The parser is lenient (it pads short rows, repairs quotes), so its result counts only if writing
    it gives the very bytes that were read.
    """
    if b"\r" in data or b"\x00" in data or data.startswith(b"\xef\xbb\xbf"):
        return None
    try:
        frame = pl.read_csv(data, schema=dict.fromkeys(columns, pl.String))
    except pl.exceptions.PolarsError:
        return None
    sizes = pl.all().str.len_bytes()
    longest, shortest = frame.select(
        longest=pl.max_horizontal(sizes.max()), shortest=pl.min_horizontal(sizes.min())
    ).row(0)
    # A cell of no length, which is not null, is a pair of quotation marks.
    if (longest or 0) > MAX_CELL or shortest == 0 or not _writes(frame, data):
        return None  # the careful way says where
    return frame.with_row_index(ROW)


class _Comparison(io.BytesIO):
    """A file that keeps nothing of what is written, but whether it is so far as expected."""

    def __init__(self, expected: bytes) -> None:
        super().__init__()
        self.expected = expected
        self.place = 0
        self.same = True

    def write(self, piece: Any) -> int:
        """Compare the next bytes; their number."""
        self.same = self.same and self.expected.startswith(piece, self.place)
        self.place += len(piece)
        return len(piece)


def _writes(frame: pl.DataFrame, data: bytes) -> bool:
    """Whether writing a frame gives these very bytes."""
    written = _Comparison(data)
    frame.write_csv(written)
    return written.same and written.place == len(data)


def _as_read(table: TextTable, schema: dict[str, Any], found: Any) -> TextTable:
    """A table that was read on the fast path, the order of its rows checked."""
    row = unsorted_row(table.frame, schema["primaryKey"])
    if row is not None and not table.findings:
        found("order", "the rows are not sorted by primary key", _FORMAT, table.lines[row])
    return table


def _careful(
    name: str,
    file: str,
    text: str,
    header: list[str],
    schema: dict[str, Any],
    findings: list[Finding],
    found: Any,
) -> TextTable:
    """Read record by record, so that each defect has its line."""
    columns = [f["name"] for f in schema["fields"]]
    places = {cell: i for i, cell in reversed(list(enumerate(header)))}
    rows: list[list[str | None]] = []
    lines: list[int] = []
    ragged: set[int] = set()
    whole: list[list[str]] = [header]
    line = 1
    try:
        for line, record in records(text):
            if line == 1 and record == header and not rows:
                continue
            if not record:
                found("blank-line", "the line is blank", "Delete the line.", line)
                continue
            if len(record) != len(header):
                found(
                    "ragged",
                    f"the row has {len(record)} cells, the header has {len(header)}",
                    "Is a comma or a quotation mark missing or too many?",
                    line,
                )
                ragged.add(len(rows))
            for column, cell in zip(header, record, strict=False):
                if len(cell) > MAX_CELL:
                    found(
                        "cell",
                        f"the cell has {len(cell):,} characters, at most {MAX_CELL:,} are read",
                        "Is a quotation mark not closed?",
                        line,
                        column,
                        cell[:40] + "…",
                    )
            cells = record + [""] * (len(header) - len(record))
            rows.append(
                [(cells[places[c]][:MAX_CELL] or None) if c in places else None for c in columns]
            )
            lines.append(line)
            whole.append(record)
    except csv.Error as error:
        start = line + 1 if rows else 2
        found("quoting", f"the quoting is broken ({error})", "Close the quotation mark.", start)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    table = TextTable(
        name,
        file,
        frame.with_row_index(ROW),
        findings,
        ragged,
        [c for c in columns if c not in places],
        _lines=lines,
    )
    if not findings:
        if canonical(whole) != text.encode("utf-8"):
            found("format", "the file is not in canonical form", _FORMAT, _first_odd(whole, text))
        else:
            row = unsorted_row(table.frame, schema["primaryKey"])
            if row is not None:
                found("order", "the rows are not sorted by primary key", _FORMAT, lines[row])
    return table


def _first_odd(rows: list[list[str]], text: str) -> int:
    """First physical line that differs from the canonical form."""
    wanted = canonical(rows).decode("utf-8").split("\n")
    for number, (ours, theirs) in enumerate(zip(wanted, text.split("\n"), strict=False), 1):
        if ours != theirs:
            return number
    return min(len(wanted), text.count("\n") + 1)
