"""The command `stats`."""

import json
from pathlib import Path
from typing import Any

import click
import polars as pl

from donbas_recognition import _package
from donbas_recognition.checks.rules.evidence import independent_sources
from scripts import texts
from scripts.errors import reported
from scripts.files import read_rows

WIDTH = 40


def _frame(table: str) -> pl.DataFrame:
    columns = [f["name"] for f in _package.schema(table)["fields"]]
    rows = [[row[c] or None for c in columns] for row in read_rows(table)]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def statistics(at_hand: set[str]) -> dict[str, Any]:
    """Counts over the tables of the checkout.

    Parameters
    ----------
    at_hand : set of str
        Sources whose text is at hand.

    Returns
    -------
    dict
        ``rows`` by table, ``independent_sources`` (statements by number of independent sources, and
        their median), ``mentions`` with ``unchecked`` ones, ``languages`` of the sources,
        ``statements_by_day`` (by latest date) and ``statements_by_topic``.
    """
    frames = {table: _frame(table) for table in _package.NAMES}
    statements, mentions, sources = (frames[t] for t in ("statements", "mentions", "sources"))
    independent = independent_sources(statements, mentions, sources)["independent"]
    unchecked = mentions.filter(~pl.col("source_id").is_in(list(at_hand))).height

    def counts(column: pl.Series) -> dict[str, int]:
        return {str(k): v for k, v in sorted(column.value_counts().iter_rows())}

    by_topic = counts(statements["topic"])
    return {
        "rows": {table: frame.height for table, frame in frames.items()},
        "speakers": statements["speaker_id"].n_unique(),
        "independent_sources": {
            "statements": {str(n): c for n, c in sorted(independent.value_counts().iter_rows())},
            "median": independent.median(),
        },
        "mentions": {"all": mentions.height, "unchecked": unchecked},
        "statements_with_variants": mentions.drop_nulls("variant")["statement_id"].n_unique(),
        "languages": counts(sources["language"]),
        "statements_by_day": counts(statements["date_latest"]),
        "statements_by_topic": dict(sorted(by_topic.items(), key=lambda pair: (-pair[1], pair[0]))),
    }


def _chart(title: str, counts: dict[str, int]) -> None:
    click.echo(click.style(f"\n{title}", bold=True))
    longest = max([1, *counts.values()])
    width = max(map(len, counts), default=0)
    for name, count in counts.items():
        bar = "█" * max(count > 0, round(WIDTH * count / longest))
        click.echo(f"  {name:<{width}} {count:>6,} {bar}".rstrip())


@click.command("stats")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@texts.option
@reported
def command(as_json: bool, folder: Path | None) -> None:
    """Count rows, independent sources, unchecked mentions, and statements by day and topic.

    A mention is unchecked where the text of its source is not at hand (--texts).
    """
    found = statistics(set(texts.read(folder)))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    _chart("Rows by table", found["rows"])
    _chart(
        "Statements by number of independent sources", found["independent_sources"]["statements"]
    )
    click.echo(f"  median {found['independent_sources']['median'] or 0:g}")
    _chart("Sources by language", found["languages"])
    _chart("Statements by day", found["statements_by_day"])
    _chart("Statements by topic", found["statements_by_topic"])
    mentions = found["mentions"]
    click.echo(
        f"\n{found['speakers']:,} speakers; {mentions['all']:,} mentions, "
        f"{mentions['unchecked']:,} unchecked; "
        f"{found['statements_with_variants']:,} statements with a variant"
    )
