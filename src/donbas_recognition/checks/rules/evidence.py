"""Mentions, quotes and fingerprints (R15–R20)."""

from collections.abc import Iterator

import polars as pl

from donbas_recognition.checks.files import ROW
from donbas_recognition.checks.rules.registry import (
    Hits,
    Tables,
    hits,
    rule,
    unreferenced,
)
from donbas_recognition.passages import tokens

QUOTES = ["direct_quote", "partial_quote"]
MAX_QUOTE_WORDS = 25
# Characters that are their own normal form NFKC: of words, and between words.
IN_WORDS = r"0-9A-Za-zÀ-ÖØ-öø-ÿЀ-ҁҊ-ԯ"
BETWEEN_WORDS = r"\x00-/:-@\[-`{-\x7F«»‒-―‘-‟"
FEW_WORDS = rf"^[{BETWEEN_WORDS}]*(?:[{IN_WORDS}]+(?:[{BETWEEN_WORDS}]+|$)){{1,{MAX_QUOTE_WORDS}}}$"
MAX_QUOTED_SHARE = 0.2
# A quote as a whole in marks. Double marks must not close before the end («"a" or "b"»); single
# ones are apostrophes too.
OUTER_MARKS = r"""^(?:"[^"]*"|[“”„][^“”]*[“”]|«[^»]*»|»[^«]*«|'.*'|[‘’‚].*[‘’]|‹[^›]*›|›[^‹]*‹)$"""


def word_count(column: str) -> pl.Expr:
    """Number of words of a text column, counted as for fingerprints."""
    return pl.col(column).str.normalize("NFKC").str.count_matches(r"[\p{L}\p{N}]+")


@rule(
    "R15",
    "Every statement has at least one mention, every mention a fingerprint of at least 8 words.",
    hint="Add the mention with `python -m scripts fingerprint`; without evidence there is no row.",
)
def evidence(t: Tables) -> Iterator[Hits]:
    bare = unreferenced(t["statements"].select(ROW), t.rows("mentions", "statement_id"))
    yield hits(bare, "statements", "statement_id", "no mention supports the statement")
    for column in ("passage_words", "passage_sha256"):
        yield t.hits("mentions", column, pl.col(column).is_null(), "the fingerprint is incomplete")


@rule(
    "R16",
    "A direct or partial quote has its words, their language and a value for translated; other "
    "modes have none of them.",
    hint="Fill or empty quote, quote_language and translated, or change the mode.",
)
def quote_columns(t: Tables) -> Iterator[Hits]:
    quoted = pl.col("mode").is_in(QUOTES)
    for column in ("quote", "quote_language", "translated"):
        given = pl.col(column).is_not_null()
        yield t.hits(
            "mentions", column, quoted & ~given, pl.format("the mode {} needs this", "mode")
        )
        yield t.hits("mentions", column, ~quoted & given, pl.format("the mode {} has none", "mode"))


@rule(
    "R17",
    "A quote has at most 25 words, occurs in its passage, has no outer quotation marks, and the "
    "quotes from one source stay under 20 % of the words of its text where that is at hand (or "
    "within 25 words, where it is a short excerpt).",
    hint="Shorten the quote to the speaker's telling words, as printed.",
)
def quotes(t: Tables) -> Iterator[Hits]:
    quoted = t["mentions"].select(ROW, "quote", "passage_words").drop_nulls("quote")
    # Of most one look tells that the words are few enough; only those of the others are counted.
    fine = pl.col("quote").str.contains(FEW_WORDS) & (pl.col("passage_words") >= MAX_QUOTE_WORDS)
    odd = quoted.filter(~fine).with_columns(word_count("quote").alias("words"))
    words = pl.col("words")
    long = words > MAX_QUOTE_WORDS
    yield hits(odd.filter(long), "mentions", "quote", pl.format("the quote has {} words", words))
    yield hits(
        odd.filter(~long & (words > pl.col("passage_words"))),
        "mentions",
        "quote",
        pl.format("the quote has {} words, its passage {}", words, "passage_words"),
    )
    yield hits(odd.filter(words == 0), "mentions", "quote", "the quote has no words")
    outer = quoted.filter(pl.col("quote").str.contains(OUTER_MARKS))
    yield hits(outer, "mentions", "quote", "the quote stands in quotation marks")
    if t.texts:
        yield _outside_passage(t)
        yield _too_much(t)


def _outside_passage(t: Tables) -> Hits:
    quoted = t.passages.drop_nulls(["quote", "passage"])
    lost = [
        row
        for row, quote, passage in quoted.select(ROW, "quote", "passage").iter_rows()
        if f" {' '.join(tokens(quote))} " not in f" {passage} "
    ]
    broken = quoted.filter(pl.col(ROW).is_in(lost))
    return hits(broken, "mentions", "quote", "the quote is not in the passage")


def _too_much(t: Tables) -> Hits:
    lengths = pl.DataFrame(
        {"source_id": list(t.words), "text_words": [len(words) for words in t.words.values()]},
        schema={"source_id": pl.String, "text_words": pl.Int64},
    )
    quoted = (
        t["mentions"]
        .filter(pl.col("quote").is_not_null())
        .unique(["source_id", "quote"], maintain_order=True)
        .group_by("source_id")
        .agg(word_count("quote").sum().alias("quoted"))
        .join(lengths, on="source_id")
    )
    limit = MAX_QUOTED_SHARE * pl.col("text_words")
    # Of an excerpt the whole is longer than what is at hand: one quote of full length may stand.
    allowed = (
        pl.when(pl.col("extent") == "excerpt")
        .then(pl.max_horizontal(limit, MAX_QUOTE_WORDS + 1))
        .otherwise(limit)
    )
    much = t["sources"].join(quoted, on="source_id").filter(pl.col("quoted") >= allowed)
    message = pl.format("{} of its {} words are quoted", "quoted", "text_words")
    return hits(much, "sources", "source_id", message)


@rule(
    "R18",
    "The mode outlet_voice is only for statements that carry a figure and are spoken by the "
    "source's publisher.",
    hint="An outlet's own voice or inference is not a statement, except where it gives a figure.",
)
def outlet_voice(t: Tables) -> Iterator[Hits]:
    mentions = t["mentions"].select(ROW, "statement_id", "mode")
    voiced = mentions.filter(pl.col("mode") == "outlet_voice")
    voiced = t.follow(voiced, "mentions", "statement_id", speaker_id="speaker_id")
    figures = t["military_figures"].select("statement_id")
    bare = voiced.join(figures, on="statement_id", how="anti")
    yield hits(bare, "mentions", "mode", "the statement carries no figure")
    other = t.follow(voiced, "mentions", "source_id", publisher_id="publisher_id").filter(
        pl.col("publisher_id") != pl.col("speaker_id")
    )
    yield hits(other, "mentions", "mode", pl.format("the speaker is not {}", "publisher_id"))


@rule(
    "R19",
    "Where the text of a source is at hand, every fingerprint is found in it; where it is not, the "
    "mention counts as unchecked.",
    hint="Take the passage from the text again with `python -m scripts fingerprint`.",
)
def fingerprints(t: Tables) -> Iterator[Hits]:
    if t.texts:
        lost = t.passages.filter(pl.col("passage").is_null())
        yield hits(lost, "mentions", "passage_sha256", "the passage is not in the text at hand")


@rule(
    "R20",
    "Sources that all derive from one source count as one independent source.",
    hint="Look for the utterance in an outlet that has it from elsewhere.",
    severity="warning",
)
def independence(t: Tables) -> Iterator[Hits]:
    statements, sources = (t.rows("mentions", f"{name}_id") for name in ("statement", "source"))
    copy = t["sources"]["derived_from"].is_not_null().gather(sources).fill_null(False)
    copied = statements.is_in(statements.filter(copy).unique().implode())
    mentions = t["mentions"].select("statement_id", "source_id").filter(copied)
    counts = independent_sources(t["statements"], mentions, t["sources"])
    alone = (
        t["statements"]
        .select(ROW, "statement_id")
        .join(
            counts.filter((pl.col("sources") > 1) & (pl.col("independent") == 1)), on="statement_id"
        )
    )
    message = pl.format("its {} sources derive from one", "sources")
    yield hits(alone, "statements", "statement_id", message)


def independent_sources(
    statements: pl.DataFrame, mentions: pl.DataFrame, sources: pl.DataFrame
) -> pl.DataFrame:
    """Number of sources and of independent sources of each statement.

    Two sources are one independent source if both derive, directly or not, from the same source.

    Parameters
    ----------
    statements, mentions, sources : polars.DataFrame
        The tables of these names.

    Returns
    -------
    polars.DataFrame
        ``statement_id``, ``sources``, ``independent``; one row a statement that has a mention.
    """
    edges = sources.drop_nulls("derived_from").select("source_id", "derived_from")
    up: dict[str, str] = dict(edges.iter_rows())
    origin: dict[str, str] = {}
    for start in up:
        path: dict[str, None] = {}
        source = start
        while source in up and source not in origin and source not in path:
            path[source] = None
            source = up[source]
        root = origin.get(source, source)
        origin.update((passed, root) for passed in path)
    origins = pl.DataFrame(
        {"source_id": list(origin), "origin": list(origin.values())},
        schema={"source_id": pl.String, "origin": pl.String},
    )
    told = mentions.join(statements.select("statement_id"), on="statement_id", how="semi")
    return (
        told.join(origins, on="source_id", how="left")
        .group_by("statement_id", maintain_order=True)
        .agg(
            pl.col("source_id").n_unique().alias("sources"),
            pl.coalesce("origin", "source_id").n_unique().alias("independent"),
        )
    )
