"""Acts, links, demands and positions (R21–R26)."""

from collections.abc import Iterator

import polars as pl

from donbas_recognition.checks.files import ROW
from donbas_recognition.checks.rules.registry import Hits, Tables, hits, rule, unreferenced

DENIABLE = ["claim", "accusation", "warning"]
ANSWERS = ["denies", "responds_to", "contradicts", "corrects", "repeats"]
POSITION_ACTS = {
    "raises": ["request", "demand", "proposal"],
    "repeats": ["request", "demand", "proposal"],
    "supports": ["support", "claim", "request", "demand"],
    "considers": ["consideration"],
    "accepts": ["acceptance", "commitment", "declaration"],
    "partly_accepts": ["acceptance", "commitment", "declaration"],
    "rejects": ["rejection", "denial", "condemnation"],
    "fulfils": ["declaration"],
}
RAISING = ["raises", "repeats"]


def linked(t: Tables) -> pl.DataFrame:
    """The links, with the columns of both statements as ``from_…`` and ``to_…``."""
    columns = ("speaker_id", "on_behalf_of_id", "act", "date_earliest", "date_latest")
    frame = t["statement_links"]
    for end in ("from", "to"):
        frame = frame.filter(
            t.rows("statement_links", f"{end}_id").gather(frame[ROW]).is_not_null()
        )
        wanted = {f"{end}_{column}": column for column in columns}
        frame = t.follow(frame, "statement_links", f"{end}_id", **wanted)
    return frame


@rule(
    "R21",
    "A denial denies a claim, accusation or warning of another speaker (a `denies` link), or is "
    "ambiguous and has a note; only a denial denies.",
    hint="Link what is denied; if no source carries it, set confidence to ambiguous and say so; "
    "what is no denial contradicts or responds.",
)
def denials(t: Tables) -> Iterator[Hits]:
    links = linked(t).filter(pl.col("relation") == "denies")
    wrong = ~pl.col("to_act").is_in(DENIABLE)
    yield hits(
        links.filter(wrong),
        "statement_links",
        "to_id",
        pl.format("a {} cannot be denied, only a claim, accusation or warning", "to_act"),
    )
    other = pl.col("from_act") != "denial"
    message = pl.format("a {} does not deny", "from_act")
    yield hits(links.filter(other), "statement_links", "relation", message)
    own = pl.col("from_speaker_id") == pl.col("to_speaker_id")
    yield hits(links.filter(own), "statement_links", "to_id", "the speaker's own statement")
    excused = (pl.col("confidence") == "ambiguous") & pl.col("note").is_not_null()
    bare = (
        t["statements"]
        .select(ROW, "statement_id", "act", "confidence", "note")
        .filter((pl.col("act") == "denial") & ~excused)
        .join(links, left_on="statement_id", right_on="from_id", how="anti")
    )
    yield hits(bare, "statements", "act", "the denial is not linked to what it denies")


@rule(
    "R22",
    "No statement is linked to itself; an answer is not earlier than what it answers; "
    "`contradicts` joins different speakers or sources, `repeats` the same speaker or side.",
    hint="Turn the link round, or take another relation.",
)
def links(t: Tables) -> Iterator[Hits]:
    own = pl.col("from_id") == pl.col("to_id")
    yield t.hits("statement_links", "to_id", own, "the statement is linked to itself")
    ends = linked(t).filter(~own)
    early = ends.filter(
        pl.col("relation").is_in(ANSWERS)
        & (pl.col("from_date_latest") < pl.col("to_date_earliest"))
    )
    yield hits(
        early,
        "statement_links",
        "from_id",
        pl.format("it is of {}, what it answers of {}", "from_date_latest", "to_date_earliest"),
    )
    yield _same_evidence(t, ends)
    sides = ends.filter(pl.col("relation") == "repeats")
    for end in ("from", "to"):
        sides = sides.with_columns(t.affiliation(sides[f"{end}_speaker_id"], f"{end}_affiliation"))
    shared = pl.lit(False)
    for one in ("speaker_id", "on_behalf_of_id", "affiliation"):
        for other in ("speaker_id", "on_behalf_of_id", "affiliation"):
            same = pl.col(f"from_{one}") == pl.col(f"to_{other}")
            shared = shared | same.fill_null(False)
    yield hits(sides.filter(~shared), "statement_links", "relation", "the sides are not the same")


def _same_evidence(t: Tables, ends: pl.DataFrame) -> Hits:
    """Contradictions of one speaker that rest on the same sources."""
    alike = ends.filter(
        (pl.col("relation") == "contradicts")
        & (pl.col("from_speaker_id") == pl.col("to_speaker_id"))
    )
    if alike.height:
        sources = t["mentions"].group_by("statement_id").agg(pl.col("source_id").unique().sort())
        for end in ("from", "to"):
            alike = alike.join(
                sources.rename({"source_id": f"{end}_sources"}),
                left_on=f"{end}_id",
                right_on="statement_id",
                maintain_order="left",
            )
        alike = alike.filter(pl.col("from_sources") == pl.col("to_sources"))
    return hits(alike, "statement_links", "relation", "both are of one speaker and source")


def raised(t: Tables) -> pl.DataFrame:
    """The positions that raise a demand, with speaker, principal and date of the statement."""
    return t.follow(
        t["positions"].filter(pl.col("position") == "raises"),
        "positions",
        "statement_id",
        speaker_id="speaker_id",
        on_behalf_of_id="on_behalf_of_id",
        date_earliest="date_earliest",
    )


@rule(
    "R23",
    "A request or demand raises or repeats at least one demand; every demand is raised by exactly "
    "one statement, whose speaker or principal is the demander.",
    hint="Add the position, or the demand; the first raising in the window raises, others repeat.",
)
def raising(t: Tables) -> Iterator[Hits]:
    placed = t["positions"].filter(pl.col("position").is_in(RAISING))
    asking = t["statements"].select(ROW, "act").filter(pl.col("act").is_in(["request", "demand"]))
    bare = unreferenced(asking, t.rows("positions", "statement_id").gather(placed[ROW]))
    yield hits(bare, "statements", "act", pl.format("the {} raises or repeats no demand", "act"))
    first = raised(t)
    never = t["demands"].join(first, on="demand_id", how="anti")
    yield hits(never, "demands", "demand_id", "no statement raises the demand")
    often = t["demands"].join(
        first.group_by("demand_id").len().filter(pl.col("len") > 1), on="demand_id"
    )
    yield hits(often, "demands", "demand_id", pl.format("{} statements raise the demand", "len"))
    demander = pl.col("demander_id")
    other = (
        t["demands"]
        .join(first.unique("demand_id", keep="none"), on="demand_id")
        .filter(
            (demander != pl.col("speaker_id"))
            & (demander != pl.col("on_behalf_of_id")).fill_null(True)
        )
    )
    yield hits(other, "demands", "demander_id", pl.format("{} raised it", "speaker_id"))


@rule(
    "R24",
    "The act fits the position: see the table of positions in the coding manual; a demand is "
    "withdrawn by its demander's side alone.",
    hint="Re-read what the speaker does; change the act or the position.",
)
def fitting(t: Tables) -> Iterator[Hits]:
    taken = t.follow(
        t["positions"],
        "positions",
        "statement_id",
        speaker_id="speaker_id",
        on_behalf_of_id="on_behalf_of_id",
        act="act",
    )
    misfit = pl.lit(False)
    for position, acts in POSITION_ACTS.items():
        misfit = misfit | ((pl.col("position") == position) & ~pl.col("act").is_in(acts))
    yield hits(
        taken.filter(misfit),
        "positions",
        "position",
        pl.format("a {} cannot be a statement that {}", "act", "position"),
    )
    withdrawn = t.follow(
        taken.filter(pl.col("position") == "withdraws"),
        "positions",
        "demand_id",
        demander_id="demander_id",
    )
    withdrawn = withdrawn.with_columns(
        t.affiliation(withdrawn["speaker_id"], "affiliation_id"),
        t.affiliation(withdrawn["demander_id"], "demander_affiliation_id"),
    )
    side = pl.any_horizontal(
        (pl.col(demander) == pl.col(own)).fill_null(False)
        for demander in ("demander_id", "demander_affiliation_id")
        for own in ("speaker_id", "on_behalf_of_id", "affiliation_id")
    )
    yield hits(
        withdrawn.filter(~side), "positions", "position", pl.format("{} raised it", "demander_id")
    )


@rule(
    "R25",
    "A position is not earlier than the first raising of its demand.",
    hint="The earlier statement raises the demand, or it is another demand.",
)
def after_raising(t: Tables) -> Iterator[Hits]:
    first = raised(t).select("demand_id", pl.col("date_earliest").alias("raised_on"))
    others = t["positions"].filter(pl.col("position") != "raises")
    early = (
        t.follow(others, "positions", "statement_id", date_latest="date_latest")
        .join(first, on="demand_id")
        .filter(pl.col("date_latest") < pl.col("raised_on"))
    )
    message = pl.format("it is of {}, the demand was raised on {}", "date_latest", "raised_on")
    yield hits(early, "positions", "statement_id", message)


@rule(
    "R26",
    "An ultimatum has a deadline or a linked threat.",
    hint="Give the deadline, link the threat, or take the form demand.",
)
def ultimatums(t: Tables) -> Iterator[Hits]:
    bare = t["demands"].filter((pl.col("form") == "ultimatum") & pl.col("deadline").is_null())
    if bare.height:
        ends = linked(t)
        threatening = pl.concat(
            [
                ends.filter(pl.col("to_act") == "threat").select(statement_id="from_id"),
                ends.filter(pl.col("from_act") == "threat").select(statement_id="to_id"),
            ]
        )
        backed = (
            t["positions"]
            .filter(pl.col("position").is_in(RAISING))
            .join(threatening, on="statement_id", how="semi")
        )
        bare = bare.join(backed, on="demand_id", how="anti")
    yield hits(bare, "demands", "form", "the ultimatum has neither deadline nor threat")
