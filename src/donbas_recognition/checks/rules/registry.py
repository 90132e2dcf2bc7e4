"""The coding rules: one small function each, registered with its sentence and its hint."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple

import polars as pl

from donbas_recognition.checks.files import ROW
from donbas_recognition.checks.findings import Severity
from donbas_recognition.checks.relations import references
from donbas_recognition.passages import Fingerprint, find, tokens


class Hits(NamedTuple):
    """Rows that break a rule.

    Attributes
    ----------
    table, column : str
        Where the rows are, and the column to mend.
    frame : polars.DataFrame
        ``_row`` (position in the table) and ``_message`` (what is wrong).
    """

    table: str
    column: str
    frame: pl.DataFrame


@dataclass
class Tables:
    """The typed tables of a package, as the rules see them.

    Attributes
    ----------
    frames : dict of str to polars.DataFrame
        Every table of the package, with ``_row``; empty if its file could not be read.
    schemas : dict of str to dict
        Their Table Schemas.
    texts : dict of str to str
        Texts of sources that are at hand, by ``source_id``.
    """

    frames: dict[str, pl.DataFrame]
    schemas: dict[str, Any]
    texts: dict[str, str] = field(default_factory=dict)
    _rows: dict[tuple[str, str], pl.Series] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.frames[name]

    def hits(self, table: str, column: str, broken: pl.Expr, message: str | pl.Expr) -> Hits:
        """Rows of a table for which an expression is true."""
        return hits(self[table].filter(broken), table, column, message)

    def rows(self, table: str, column: str) -> pl.Series:
        """Rows of the other table that a foreign key points at, null where at none.

        Each key is looked up once; to follow it again costs little.
        """
        with self._lock:
            if (table, column) not in self._rows:
                self._look_up(self.parent(table, column))
        return self._rows[table, column]

    def parent(self, table: str, column: str) -> str:
        """Table that a foreign key points at."""
        return next(parent for c, parent, _ in references(self.schemas[table]) if c == column)

    def _look_up(self, parent: str) -> None:
        """Look up all foreign keys that point at a table; together, for its ids are hashed once."""
        keys = [
            (child, column)
            for child, schema in self.schemas.items()
            for column, table, _ in references(schema)
            if table == parent
        ]
        key = self.schemas[parent]["primaryKey"][0]
        known = self[parent].select(ROW, pl.col(key).alias("id")).drop_nulls()
        ids = pl.concat([self[child].select(pl.col(column).alias("id")) for child, column in keys])
        found = ids.join(known, on="id", how="left", maintain_order="left")
        if found.height > ids.height:  # an id that stands twice: the first counts
            known = known.unique("id", keep="first", maintain_order=True)
            found = ids.join(known, on="id", how="left", maintain_order="left")
        start = 0
        for child, column in keys:
            height = self[child].height
            self._rows[child, column] = found[ROW].slice(start, height)
            start += height

    def follow(self, frame: pl.DataFrame, table: str, column: str, **wanted: str) -> pl.DataFrame:
        """Add columns of the rows that a foreign key points at, null where at none.

        Parameters
        ----------
        frame : polars.DataFrame
            Rows of a table, with ``_row``.
        table, column : str
            The table, and the column that is its foreign key.
        **wanted : str
            New column and the column of the other table that it is taken from.
        """
        rows = self.rows(table, column).gather(frame[ROW])
        other = self[self.parent(table, column)]
        return frame.with_columns(
            other[source].gather(rows).alias(n) for n, source in wanted.items()
        )

    def affiliation(self, actors: pl.Series, name: str) -> pl.Series:
        """Affiliations of actors, by their ids, as a column of that name."""
        known = self["actors"].unique("actor_id", keep="first")
        ids = actors.alias("actor_id").to_frame()
        found = ids.join(known, on="actor_id", how="left", maintain_order="left")
        return found["affiliation_id"].alias(name)

    @cached_property
    def words(self) -> dict[str, list[str]]:
        """Words of the texts that are at hand."""
        return {source: tokens(text) for source, text in self.texts.items()}

    @cached_property
    def passages(self) -> pl.DataFrame:
        """Mentions whose source's text is at hand, with the ``passage`` found (null if not)."""
        mentions = self["mentions"].filter(
            pl.col("source_id").is_in(list(self.texts)), pl.col("passage_words") > 0
        )
        found = [
            find(self.words[source], Fingerprint(words, sha256 or ""))
            for source, words, sha256 in mentions.select(
                "source_id", "passage_words", "passage_sha256"
            ).iter_rows()
        ]
        return mentions.with_columns(
            pl.Series("passage", [" ".join(p) if p else None for p in found], dtype=pl.String)
        )

    def published(self, statements: pl.Series) -> pl.DataFrame:
        """Per statement of these rows, the first day on which a source of it appeared.

        Parameters
        ----------
        statements : polars.Series
            Positions of statements.

        Returns
        -------
        polars.DataFrame
            ``statement_id``, ``published_on``.
        """
        statement, source = (
            self.rows("mentions", f"{name}_id") for name in ("statement", "source")
        )
        wanted = statement.is_in(statements.drop_nulls().implode()).fill_null(False)
        told = pl.DataFrame(
            {
                "row": statement.filter(wanted),
                "published_on": self["sources"]["published_on"].gather(source.filter(wanted)),
            }
        )
        first = told.group_by("row", maintain_order=True).agg(pl.col("published_on").min())
        ids = self["statements"]["statement_id"].gather(first["row"])
        return first.select(ids, "published_on")


def hits(frame: pl.DataFrame, table: str, column: str, message: str | pl.Expr) -> Hits:
    """`Hits` from a frame that holds ``_row`` of the table."""
    if not frame.height:
        return Hits(table, column, pl.DataFrame(schema={ROW: pl.UInt32, "_message": pl.String}))
    text = pl.lit(message) if isinstance(message, str) else message
    # Some expressions of polars 2.1 panic on the several chunks that a filter leaves.
    return Hits(table, column, frame.rechunk().select(ROW, text.alias("_message")))


def unreferenced(frame: pl.DataFrame, *keys: pl.Series) -> pl.DataFrame:
    """Rows of a frame with ``_row`` at which none of these keys (see `Tables.rows`) points."""
    used = pl.concat(keys).drop_nulls().unique()
    return frame.filter(~pl.col(ROW).is_in(used.implode()))


Check = Callable[[Tables], Iterator[Hits]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A coding rule.

    Attributes
    ----------
    id : str
        ``R01`` …
    sentence : str
        The rule in one sentence; also its line in the coding manual.
    hint : str
        How to mend a row that breaks it.
    severity : {"error", "warning"}
        An error stops a release.
    check : callable
        Yields the rows that break the rule.
    """

    id: str
    sentence: str
    hint: str
    severity: Severity
    check: Check


RULES: dict[str, Rule] = {}


def rule(
    id: str, sentence: str, *, hint: str, severity: Severity = "error"
) -> Callable[[Check], Check]:
    """Register a function as the coding rule of that id."""

    def register(check: Check) -> Check:
        if id in RULES:
            raise ValueError(f"rule {id} is registered twice")
        RULES[id] = Rule(id, sentence, hint, severity, check)
        return check

    return register
