"""What a check found, and where."""

from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import Any, Literal

LONGEST = 200  # beyond it a text is no misspelt id
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    rule : str
        ``R01`` … for a coding rule, ``schema-…`` for a constraint of a Table Schema, ``file-…``
        for the file itself, ``package-…`` for the descriptor.
    severity : {"error", "warning"}
        An error stops a release.
    file : str
        Path inside the package.
    line : int or None
        Physical line in the file, counted from 1 (the header); None if the file as a whole is
        meant.
    column : str or None
        Name of the column.
    row_id : str or None
        Primary key of the row, its parts joined by a space.
    value : str or None
        The offending value as in the file.
    message : str
        What is wrong.
    remedy : str
        How to mend it.
    """

    rule: str
    severity: Severity
    file: str
    line: int | None
    column: str | None
    row_id: str | None
    value: str | None
    message: str
    remedy: str

    def as_dict(self) -> dict[str, Any]:
        """The finding as a JSON-ready mapping."""
        return asdict(self)

    @property
    def place(self) -> str:
        """``file:line:column``, as far as known."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


COLUMNS = [field.name for field in fields(Finding)]


def nearest(value: str, known: list[str]) -> str:
    """A sentence that offers the nearest known value, or nothing."""
    if len(value) > LONGEST:
        return ""
    near = get_close_matches(value, known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}? " if near else ""
