"""Dates (R10–R14)."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from donbas_recognition.checks.files import ROW
from donbas_recognition.checks.rules.registry import Hits, Tables, hits, rule

WINDOW = (date(2021, 11, 1), date(2022, 2, 24))


@rule(
    "R10",
    f"Earliest is not after latest; statements lie between {WINDOW[0]} and {WINDOW[1]}, or a note "
    "says why they stand as background.",
    hint="Correct the date, or explain the background in the note.",
)
def order(t: Tables) -> Iterator[Hits]:
    for name, schema in t.schemas.items():
        columns = [f["name"] for f in schema["fields"]]
        for first in columns:
            last = first.replace("earliest", "latest")
            if first != last and last in columns:
                broken = pl.col(first) > pl.col(last)
                yield t.hits(name, last, broken, f"{first} is later")
    outside = (pl.coalesce("date_earliest", "date_latest") < WINDOW[0]) | (
        pl.col("date_latest") > WINDOW[1]
    )
    yield t.hits(
        "statements",
        "date_latest",
        outside & pl.col("note").is_null(),
        f"outside the window from {WINDOW[0]} to {WINDOW[1]}",
    )


@rule(
    "R11",
    "A statement is not later than the publication of any source that mentions it; its latest date "
    "may pass the earliest publication only where a note says why.",
    hint="Compare the dates with published_on of its sources; mind time zones around midnight.",
)
def published(t: Tables) -> Iterator[Hits]:
    dates = t["statements"].select(ROW, "statement_id", "date_earliest", "date_latest", "note")
    statements, sources = (t.rows("mentions", f"{name}_id") for name in ("statement", "source"))
    last = dates.select(pl.max_horizontal("date_earliest", "date_latest")).to_series()
    before = t["sources"]["published_on"].gather(sources) < last.gather(statements)
    suspects = statements.filter(before).unique()
    told = dates[suspects].join(t.published(suspects), on="statement_id")
    early = told.filter(pl.col("date_earliest") > pl.col("published_on"))
    message = pl.format("a source mentions it already on {}", "published_on")
    yield hits(early, "statements", "date_earliest", message)
    late = told.filter(
        (pl.col("date_latest") > pl.col("published_on"))
        & pl.col("note").is_null()
        & ~(pl.col("date_earliest") > pl.col("published_on")).fill_null(False)
    )
    yield hits(late, "statements", "date_latest", message)


@rule(
    "R12",
    "A source is not published before the one that it derives from.",
    hint="Correct a date, or turn derived_from round.",
)
def derived(t: Tables) -> Iterator[Hits]:
    copies = t["sources"].drop_nulls("derived_from")
    copies = t.follow(copies, "sources", "derived_from", original="published_on")
    early = copies.filter(pl.col("published_on") < pl.col("original"))
    yield hits(early, "sources", "published_on", pl.format("its original is of {}", "original"))


@rule(
    "R13",
    "A figure's as-of date is not after the publication of its sources, unless it is planned or "
    "projected.",
    hint="Correct the as-of date, or set time_ref.",
)
def as_of(t: Tables) -> Iterator[Hits]:
    figures = t["military_figures"].filter(~pl.col("time_ref").is_in(["planned", "projected"]))
    told = figures.join(t.published(t.rows("military_figures", "statement_id")), on="statement_id")
    message = pl.format("a source mentions it already on {}", "published_on")
    late = pl.col("as_of_latest") > pl.col("published_on")
    yield hits(told.filter(late), "military_figures", "as_of_latest", message)
    open_ended = pl.col("as_of_latest").is_null() & (
        pl.col("as_of_earliest") > pl.col("published_on")
    )
    yield hits(told.filter(open_ended), "military_figures", "as_of_earliest", message)


@rule(
    "R14",
    "A statement of an occasion falls within the occasion's dates.",
    hint="Correct the dates of the one or the other, or take the occasion away.",
)
def occasions(t: Tables) -> Iterator[Hits]:
    told = t["statements"].drop_nulls("occasion_id")
    told = t.follow(told, "statements", "occasion_id", begin="date_earliest", end="date_latest")
    outside = (pl.col("date_earliest") < pl.col("begin")) | (pl.col("date_latest") > pl.col("end"))
    yield hits(
        told.filter(outside | (pl.col("date_latest") < pl.col("begin"))),
        "statements",
        "occasion_id",
        pl.format("the occasion was from {} to {}", "begin", "end"),
    )
