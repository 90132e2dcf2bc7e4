"""One Excel workbook: a sheet a table, with a page to begin with and the codebook."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from donbas_recognition import _package
from scripts.artefacts import tables

# The widest column, in characters; texts that are longer and have more than one word are wrapped.
WIDEST = 50
READ_ME = 100
# Height of a line of text, in points, and of the highest row that Excel has.
LINE, HIGHEST = 13.5, 409
# Excel counts days from here, and is a day off before it.
FIRST_DAY = date(1900, 3, 1)
# Above it Excel rounds whole numbers.
MOST = 10**15


def height(texts: Iterable[str], width: int) -> float:
    """Height of a row that shows the longest of some wrapped texts, in points.

    Excel would find it by itself on opening, LibreOffice does not.
    """
    characters = 1.1 * width  # in a type smaller than the one that columns are measured in
    lines = [sum(1 + int(len(line) / characters) for line in t.split("\n")) for t in texts]
    return min(LINE * max(lines, default=1), HIGHEST)


class Book:
    """A workbook that is written sheet by sheet, with one look."""

    def __init__(self, path: Path, package: dict[str, Any]) -> None:
        self.book = xlsxwriter.Workbook(
            path, {"strings_to_formulas": False, "strings_to_urls": False}
        )
        self.book.set_properties(
            {
                "title": f"{package['title']} (version {package['version']})",
                "author": "; ".join(c["title"] for c in package["contributors"]),
                "created": datetime.fromisoformat(package["created"]).replace(tzinfo=None),
            }
        )
        look = {"valign": "top", "font_name": "Calibri", "font_size": 10}
        self.heading = self.format(look, bold=True, font_size=14)
        self.header = self.format(look, bold=True, bg_color="#E7E6E6", bottom=1)
        self.label = self.format(look, bold=True)
        self.link = self.format(look, font_color="#0563C1", underline=1)
        self.plain = self.format(look)
        self.wrapped = self.format(look, text_wrap=True)
        self.number = self.format(look, num_format="0", align="right", indent=1)
        # LibreOffice shows a truth value by its format, as a number if it has none.
        self.truth = self.format(look, num_format='"TRUE";"TRUE";"FALSE"', align="left")
        self.date = self.format(look, num_format="yyyy-mm-dd", align="left")

    def format(self, look: dict[str, Any], **more: Any) -> Format:
        """A format of cells."""
        return self.book.add_format(look | more)

    def sheet(self, name: str) -> Worksheet:
        """A new sheet, which prints on paper as wide as it is."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{name}&R&P / &N")
        return sheet

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, text: Format) -> None:
        """Write one cell by its type; an empty one is left out.

        Raises
        ------
        ValueError
            If Excel cannot hold the value.
        """
        failed = 0
        match value:
            case None:
                return
            case bool():
                failed = sheet.write_boolean(row, column, value, self.truth)
            case date():
                failed = value < FIRST_DAY or sheet.write_datetime(row, column, value, self.date)
            case int():
                failed = abs(value) > MOST or sheet.write_number(row, column, value, self.number)
            case float():
                failed = sheet.write_number(row, column, value, self.plain)
            case _:
                failed = sheet.write_string(row, column, value, text)
        if failed:
            raise ValueError(
                f"sheet {sheet.name}, row {row + 1}, column {column + 1}: Excel cannot hold "
                f"{value!r:.60}; it holds 1,048,576 rows, 32,767 characters a cell, whole numbers "
                f"up to {MOST:,} and days from {FIRST_DAY} on"
            )

    def table(self, name: str, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
        """Write a sheet with one table: frozen header and first column, filters."""
        sheet = self.sheet(name)
        wrapped: list[str] = []
        for place, column in enumerate(columns):
            cells = [str(row[column]) for row in rows if row[column] is not None]
            longest = max(map(len, cells), default=0)
            words = longest > WIDEST and any(" " in cell for cell in cells)
            text = self.wrapped if words else self.plain
            wrapped += [column] * words
            # The header has a button beside it.
            sheet.set_column(place, place, max(len(column) + 3, min(longest + 1, WIDEST)), text)
            sheet.write_string(0, place, column, self.header)
            for number, row in enumerate(rows, 1):
                self.write(sheet, number, place, row[column], text)
        for number, row in enumerate(rows, 1):
            sheet.set_row(number, height((row[c] or "" for c in wrapped), WIDEST))
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
        sheet.repeat_rows(0)
        # Codes such as "016" are meant to be text.
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def read_me(self, about: dict[str, str], sheets: list[tuple[str, str, int]]) -> None:
        """Write the first sheet: what this is, how to cite it, and which sheets there are."""
        sheet = self.sheet("read me")
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, READ_ME)
        sheet.set_column(2, 2, 10)
        title, *others = about.items()
        sheet.write_string(0, 0, title[1], self.heading)
        for row, (label, text) in enumerate(others, 2):
            sheet.write_string(row, 0, label, self.label)
            sheet.write_string(row, 1, text, self.wrapped)
            sheet.set_row(row, height([text], READ_ME))
        first = len(others) + 3
        for column, label in enumerate(("sheet", "what a row is", "rows")):
            sheet.write_string(first, column, label, self.header)
        for row, (name, meaning, rows) in enumerate(sheets, first + 1):
            sheet.write_url(row, 0, f"internal:'{name}'!A1", self.link, name)
            sheet.write_string(row, 1, meaning, self.wrapped)
            sheet.set_row(row, height([meaning], READ_ME))
            sheet.write_number(row, 2, rows, self.number)


def make(root: Path, target: Path) -> None:
    """Write the workbook of a checkout into a folder.

    Dates are dates, numbers numbers, truth values truth values; all else is text, and nothing is a
    formula.

    Raises
    ------
    ValueError
        If a cell holds what Excel cannot.
    """
    package = _package.descriptor()
    contents = {
        "codebook": ("What each column means", tables.codebook()),
        "vocabularies": ("What each value of a column means", tables.vocabularies()),
    }
    for name in _package.NAMES:
        meaning = _package.schema(name)["description"]
        contents[name] = (meaning, tables.read(root, name).to_pylist())
    book = Book(target / f"{package['name']}-{package['version']}.xlsx", package)
    with book.book:
        book.read_me(
            tables.about(root),
            [(name, meaning, len(rows)) for name, (meaning, rows) in contents.items()],
        )
        for name, (_, rows) in contents.items():
            columns = (
                [f["name"] for f in _package.schema(name)["fields"]]
                if name in _package.NAMES
                else list(rows[0])
            )
            book.table(name, columns, rows)
