"""CSV as the project writes it, and how it is read back record by record."""

import csv
import io
from collections.abc import Iterator
from types import SimpleNamespace


def records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Records of a CSV text, each with the physical line on which it begins.

    Raises
    ------
    csv.Error
        If the quoting is broken.
    """
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for record in reader:
        yield line, record
        line = reader.line_num + 1


def canonical(rows: list[list[str]], errors: str = "strict") -> bytes:
    """CSV as the project writes it: UTF-8, LF, comma, minimal quoting.

    Parameters
    ----------
    rows : list of list of str
        The header and the records.
    errors : str
        What to do about text that UTF-8 cannot hold, as for `str.encode`.
    """
    lines: list[str] = []
    # Before Python 3.13 a carriage return is quoted only if it is part of the line's end.
    out = SimpleNamespace(write=lambda line: lines.append(line[:-2] + "\n"))
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return "".join(lines).encode("utf-8", errors)
