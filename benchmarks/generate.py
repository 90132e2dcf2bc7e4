"""Make valid synthetic data of the project's schemas, of any size.

    python -m benchmarks.generate FOLDER --statements 100000

The folder becomes a data package: descriptor, schemas and ``data/``, in canonical form and with all
rules green. The same seed gives the same bytes. The content is made up and says nothing.
"""

import argparse
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from donbas_recognition import _package
from donbas_recognition.checks.rules.who import ADDRESSED, POINTED, POINTING

DAYS = 116  # from 2021-11-01 to 2022-02-24
FIRST_DAY = np.datetime64("2021-11-01")
CYCLE = 20  # every run of 20 statements has the same acts
ACTS = [
    "claim",
    "request",  # raises the demand of the run
    "claim",
    "accusation",
    "claim",  # gives a figure
    "warning",
    "support",
    "denial",  # of the accusation
    "threat",
    "claim",  # responds to the threat
    "claim",
    "claim",  # repeats the claim before the last, by the same speaker
    "condemnation",
    "claim",  # contradicts the claim before
    "claim",  # gives a figure
    "demand",  # repeats the demand of the run
    "acceptance",  # of it
    "rejection",  # of it
    "consideration",
    "declaration",
]
RAISING, ACCUSATION, DENIAL, RESPONSE, REPEAT, CONTRADICTION, FIGURE = 1, 3, 7, 9, 11, 13, 4
LINKS = {
    DENIAL: ("denies", DENIAL - ACCUSATION),
    RESPONSE: ("responds_to", 1),
    CONTRADICTION: ("contradicts", 1),
}
POSITIONS = {RAISING: "raises", 15: "repeats", 16: "accepts", 17: "rejects"}
CAMEO = {
    "accusation": ["112", "1121", "1122"],
    "claim": ["010"],
    "condemnation": ["111"],
    "consideration": ["014"],
    "demand": ["10", "101", "102"],
    "denial": ["016"],
    "request": ["02", "022", "0212"],
    "support": ["051"],
    "threat": ["13", "130", "138"],
    "warning": ["012"],
}
KINDS = ["person"] * 5 + ["state_body"] * 2 + ["organisation", "international_organisation"]
SUBJECTS = [
    "The council on the border question",
    "The minister in charge of talks",
    "The delegation from the capital",
    "The office for the contact group",
    "The envoy to the four countries",
    "The commission of the upper chamber",
    "The speaker of the lower chamber",
    "The observers in the east",
]
VERBS = [
    "asks for a new round of talks on",
    "says that nothing has changed about",
    "holds the other side to its word on",
    "sees no ground for a decision on",
    "expects an answer within days on",
    "repeats what was said in December on",
    "speaks of a turn for the worse in",
    "names the conditions for a step on",
]
OBJECTS = [
    "the line of contact",
    "the supply of water, gas and power",
    "the second package of measures",
    "the movement of units near Rostov",
    "the crossing point at Stanytsia Luhanska",
    "the 2014 protocol, its annex and the map",
    "the passage of aid",
    "what the press calls the «red lines»",
]
PLACES = ["Kyiv", "Moscow", "Donetsk", "Luhansk", "Mariupol", "Minsk", "Geneva", "Brussels"]
QUOTED = [
    "we shall not be the first to fire",
    "there is no other way out of this",
    "nobody asked us, and nobody will",
    "the agreements stand as they are",
    "this is a matter of days",
    "our people have the right to choose",
]
WRAPPED = 'as "the only way", in the words of the note'


class Maker:
    """Draws columns at random, from a seed.

    Parameters
    ----------
    seed : int
        The same seed gives the same columns.
    """

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def below(self, limit: int | np.ndarray, size: int) -> np.ndarray:
        """Whole numbers from 0 to below a limit."""
        return self.random.integers(0, limit, size)

    def pick(self, words: Sequence[str], size: int) -> pl.Series:
        """Words, each as likely."""
        return take(pl.Series(words), self.below(len(words), size))

    def sometimes(self, column: pl.Series, share: float) -> pl.Series:
        """The column, empty but for a share of its rows."""
        return keep(column, self.random.random(len(column)) < share)

    def prose(self, size: int) -> pl.Series:
        """Sentences of a subject, a verb and an object, one in eight with quotation marks."""
        ends = [*OBJECTS[:7], f"{OBJECTS[7]}, {WRAPPED}"]
        parts = {"a": SUBJECTS, "b": VERBS, "c": ends, "d": PLACES}
        frame = pl.DataFrame({name: self.pick(words, size) for name, words in parts.items()})
        return frame.select(pl.format("{} {} {} in {}", *parts)).to_series()

    def hashes(self, size: int) -> pl.Series:
        """Made-up SHA-256 sums."""
        digits = self.random.bytes(32 * size).hex()
        return pl.Series([digits[i : i + 64] for i in range(0, len(digits), 64)], dtype=pl.String)


def take(column: pl.Series, rows: np.ndarray) -> pl.Series:
    """Cells of a column at the given rows."""
    return column.gather(pl.Series(rows.astype(np.int64)))


def keep(column: pl.Series, where: np.ndarray) -> pl.Series:
    """The column, empty where not wanted."""
    return pl.select(pl.when(pl.Series(where)).then(column)).to_series()


def ids(prefix: str, numbers: np.ndarray, last: int, least: int = 4) -> pl.Series:
    """Ids such as ``st-0001``, so wide that their order is that of the numbers."""
    width = max(least, len(str(last)))
    text = pl.Series(numbers.astype(np.int64)).cast(pl.String).str.zfill(width)
    return pl.select(pl.lit(f"{prefix}-") + text).to_series()


def days(offsets: np.ndarray) -> pl.Series:
    """Dates so many days after the first day of the window."""
    return pl.Series(FIRST_DAY + offsets.astype("timedelta64[D]")).cast(pl.Date)


def nothing(size: int) -> pl.Series:
    """An empty column."""
    return pl.Series([None], dtype=pl.String).new_from_index(0, size)


def same(value: str, size: int) -> pl.Series:
    """A column of one value."""
    return pl.Series([value]).new_from_index(0, size)


def actors(make: Maker, size: int) -> pl.DataFrame:
    """Actors: ten states, then persons and bodies; the last quarter are outlets."""
    number = np.arange(size)
    outlet = number >= size - size // 4
    kind = make.pick(KINDS, size)
    kind = pl.select(
        pl.when(pl.Series(number < 10)).then(pl.lit("state"))
        .when(pl.Series(outlet)).then(pl.lit("media_outlet"))
        .otherwise(kind)
    ).to_series()  # fmt: skip
    state = number < 10
    person = (kind == "person").to_numpy()
    actor = ids("actor", number, size, 6)
    return pl.DataFrame(
        {
            "actor_id": actor,
            "name": pl.select(pl.format("Actor No {}", pl.Series(number))).to_series(),
            "kind": kind,
            "affiliation_id": keep(take(actor, number % 10), person),
            "role": keep(make.pick(["Head of office", "Deputy, foreign affairs"], size), person),
            "claimed_by_id": nothing(size),
            "iso3": keep(take(pl.Series([f"A{c}{c}" for c in "BCDEFGHIJK"]), number % 10), state),
            "gw_code": keep(pl.Series(number + 1), state),
            "ucdp_actor_id": make.sometimes(pl.Series(number + 1), 0.1),
            "wikidata_qid": make.sometimes(
                pl.select(pl.format("Q{}", pl.Series(number + 1))).to_series(), 0.5
            ),
            "cameo_code": nothing(size),
            "note": make.sometimes(make.prose(size), 0.1),
        }
    )


def actor_names(table: pl.DataFrame) -> pl.DataFrame:
    """Two names an actor."""
    actor = table["actor_id"]
    both = [
        pl.DataFrame({"actor_id": actor, "name": table["name"], "kind": same("name", len(actor))}),
        pl.DataFrame(
            {
                "actor_id": actor,
                "name": table["name"].str.replace("Actor No", "Актор №", literal=True),
                "kind": same("alias", len(actor)),
            }
        ),
    ]
    language = pl.when(pl.col("kind") == "name").then(pl.lit("en")).otherwise(pl.lit("uk"))
    return (
        pl.concat(both)
        .select("actor_id", "name", language=language, kind="kind", shared=pl.lit(False))
        .sort("actor_id", "name", "language")
    )


def sources(make: Maker, size: int, outlets: pl.Series, number: np.ndarray) -> pl.DataFrame:
    """Sources in the order of their days; one odd one in five derives from the one before."""
    source = ids("src", number + 1, size)
    copied = number % 10 == 1
    return pl.DataFrame(
        {
            "source_id": source,
            "publisher_id": take(outlets, number % len(outlets)),
            "title": make.prose(size),
            "url": pl.select(
                pl.format("https://example.org/news/{}/story.html", source)
            ).to_series(),
            "published_on": days(source_day(number, size)),
            "published_basis": make.pick(["stated", "metadata"], size),
            "language": make.pick(["en", "ru", "uk"], size),
            "kind": make.pick(["news", "wire", "transcript"], size),
            "derived_from": keep(take(source, np.maximum(number - 1, 0)), copied),
            "extent": same("full_text", size),
            "note": make.sometimes(make.prose(size), 0.1),
        }
    )


def source_day(number: np.ndarray, size: int) -> np.ndarray:
    """Day of each source, in its order."""
    return number * DAYS // size


def occasions(make: Maker, size: int, actor: pl.Series) -> pl.DataFrame:
    """Occasions, one a day in turn."""
    number = np.arange(size)
    on = days(number * DAYS // size)
    return pl.DataFrame(
        {
            "occasion_id": ids("occasion", number, size, 6),
            "name": make.prose(size),
            "kind": make.pick(["meeting", "call", "briefing"], size),
            "date_earliest": on,
            "date_latest": on,
            "place": make.pick(PLACES, size),
            "convened_by_id": make.sometimes(take(actor, make.below(len(actor), size)), 0.5),
        }
    )


def statements(
    make: Maker, size: int, actor: pl.Series, table: pl.DataFrame, held: pl.DataFrame
) -> pl.DataFrame:
    """Statements, three to a source; their speakers follow one another in turn."""
    number = np.arange(size)
    place = number % CYCLE
    spoken = np.where(place == REPEAT, number - 2, number)
    other = (spoken + 1 + make.below(8, size)) % len(actor)
    act = take(pl.Series(ACTS), place)
    pointed = np.isin(place, [i for i, a in enumerate(ACTS) if a in POINTED])
    pointing = np.isin(place, [i for i, a in enumerate(ACTS) if a in POINTING])
    latest = table["published_on"].to_numpy()[number // 3].astype("datetime64[D]")
    # One in a hundred belongs to an occasion, which is held on the day of the statement.
    days_held = held["date_latest"].to_numpy().astype("datetime64[D]")
    at = np.minimum(np.searchsorted(days_held, latest), held.height - 1)
    at = np.where(number % 100 == 0, np.minimum(number // 100, held.height - 1), at)
    meets = (number % 10 == 0) & (days_held[at] == latest)
    before = np.where(meets | (place != 0), 0, make.below(3, size)).astype("timedelta64[D]")
    return pl.DataFrame(
        {
            "statement_id": ids("st", number + 1, size),
            "speaker_id": take(actor, spoken % len(actor)),
            "on_behalf_of_id": make.sometimes(take(actor, number % 10), 0.2),
            "addressee_id": keep(take(actor, other), act.is_in(ADDRESSED).to_numpy()),
            "target_id": keep(
                take(actor, other), pointed | (pointing & (make.below(2, size) == 0))
            ),
            "act": act,
            "summary": make.prose(size),
            "topic": make.pick(["recognition", "shelling", "diplomacy", "sanctions"], size),
            "certainty": make.pick(["certain", "probable", "unstated"], size),
            "date_earliest": pl.Series(np.maximum(latest - before, FIRST_DAY)).cast(pl.Date),
            "date_latest": pl.Series(latest).cast(pl.Date),
            "channel": make.pick(["speech", "interview", "briefing", "call", "unknown"], size),
            "occasion_id": keep(take(held["occasion_id"], at), meets),
            "cameo": _cameo(make, act),
            "confidence": make.pick(["certain", "inferred"], size),
            "note": make.sometimes(make.prose(size), 0.1),
        }
    )


def _cameo(make: Maker, act: pl.Series) -> pl.Series:
    """A code that agrees with the act, for most rows."""
    draw = make.below(6, len(act))
    codes = {a: pl.Series([c[i % len(c)] for i in range(6)]) for a, c in CAMEO.items()}
    result = nothing(len(act))
    for name, column in codes.items():
        result = pl.select(
            pl.when(act == name).then(take(column, draw)).otherwise(result)
        ).to_series()
    return make.sometimes(result, 0.8)


def mentions(
    make: Maker, told: pl.DataFrame, table: pl.DataFrame, outlets: pl.Series, voiced: np.ndarray
) -> pl.DataFrame:
    """One mention in the statement's own source, for half of them one in a later source."""
    first = np.arange(told.height)
    own = first // 3
    # The later source derives from none, so that the statement has two independent sources.
    later = (own + 2 + make.below(max(table.height // 50, 2), told.height)) // 10 * 10 + 10
    again = (first % 2 == 0) & (later < table.height) & ~voiced
    order = np.argsort(np.concatenate([first, first[again]]), kind="stable")
    statement = np.concatenate([first, first[again]])[order]
    source = np.concatenate([own, later[again]])[order]
    size = len(order)
    voice = voiced[statement]
    mode = make.pick(["direct_quote", "partial_quote", "indirect", "indirect", "act_report"], size)
    mode = pl.select(
        pl.when(pl.Series(voice)).then(pl.lit("outlet_voice")).otherwise(mode)
    ).to_series()
    quoted = mode.is_in(["direct_quote", "partial_quote"]).to_numpy()
    relayed = (make.below(5, size) == 0) & ~voice
    quote = pl.DataFrame({"a": make.pick(QUOTED, size), "b": make.pick(OBJECTS, size)})
    return pl.DataFrame(
        {
            "mention_id": ids("mn", np.arange(1, size + 1), size, 5),
            "statement_id": take(told["statement_id"], statement),
            "source_id": take(table["source_id"], source),
            "mode": mode,
            "quote": keep(quote.select(pl.format("{}, in {}", "a", "b")).to_series(), quoted),
            "quote_language": keep(same("en", size), quoted),
            "translated": keep(make.pick(["yes", "no", "unknown"], size), quoted),
            "cue": make.pick(["said", "warned", "told reporters", "was quoted as saying"], size),
            "relay_id": keep(take(outlets, make.below(len(outlets), size)), relayed),
            "relay_basis": take(pl.Series(["none", "stated"]), relayed),
            "passage_words": pl.Series(25 + make.below(30, size)),
            "passage_sha256": make.hashes(size),
            "variant": make.sometimes(make.prose(size), 0.05),
        }
    )


def figures(
    make: Maker, told: pl.DataFrame, given: np.ndarray, voiced: np.ndarray, nobody: str
) -> pl.DataFrame:
    """Figures of the statements that give one, printed in several ways."""
    size = len(given)
    low = (1 + make.below(900, size)) * 100
    high = low + (1 + make.below(900, size)) * 100
    kinds = ["exact", "estimated", "approx", "at_least", "more_than", "up_to", "range", "nearly"]
    kind = make.below(len(kinds), size)
    commas = _grouped(low)
    patterns = ["{}", "an estimated {}", "about {}", "at least {}", "more than {}", "up to {}"]
    printed = pl.select(pl.format("between {} and {}", commas, _grouped(high))).to_series()
    for number, pattern in enumerate([*patterns, "", "nearly {}"]):
        if pattern:
            text = pl.format(pattern, commas)
            printed = pl.select(
                pl.when(pl.Series(kind == number)).then(text).otherwise(printed)
            ).to_series()
    from_nobody = voiced[given]
    speaker = take(told["speaker_id"], given)
    on = take(told["date_latest"], given)
    return pl.DataFrame(
        {
            "figure_id": ids("mf", np.arange(1, size + 1), size),
            "statement_id": take(told["statement_id"], given),
            "measured_id": take(told["speaker_id"], make.below(10, size)),
            "unit": make.pick(["troops", "tanks", "ships", "evacuees"], size),
            "components": make.sometimes(make.pick(["ground", "ground|air"], size), 0.2),
            "location": make.sometimes(make.pick(OBJECTS, size), 0.5),
            "radius_km": make.sometimes(pl.Series(make.below(40, size) * 10), 0.1),
            "time_ref": make.pick(["past", "current", "current", "planned"], size),
            "value_text": printed,
            "qualifier": take(pl.Series(kinds), kind),
            "low": keep(pl.Series(low), np.isin(kind, [3, 4, 6])),
            "best": keep(pl.Series(low), np.isin(kind, [0, 1, 2, 7])),
            "high": pl.select(
                pl.when(pl.Series(kind == 5)).then(pl.Series(low))
                .when(pl.Series(kind == 6)).then(pl.Series(high))
            ).to_series(),
            "as_of_earliest": nothing(size),
            "as_of_latest": on,
            "estimator_id": pl.select(
                pl.when(pl.Series(from_nobody)).then(pl.lit(nobody)).otherwise(speaker)
            ).to_series(),
            "estimator_basis": take(pl.Series(["named", "unattributed"]), from_nobody),
            "note": make.sometimes(make.prose(size), 0.1),
        }
    )  # fmt: skip


def _grouped(numbers: np.ndarray) -> pl.Series:
    """Numbers below a million with a comma before the last three digits."""
    text = pl.Series(numbers).cast(pl.String)
    return text.str.replace(r"^(\d+)(\d{3})$", "${1},${2}")


def demands(make: Maker, told: pl.DataFrame, actor: pl.Series) -> pl.DataFrame:
    """One demand in each run of statements, raised by its second one."""
    raised = np.arange(RAISING, told.height, CYCLE)
    size = len(raised)
    number = np.arange(size)
    demand = ids("dm", number + 1, size)
    form = make.pick(["request", "demand", "ultimatum"], size)
    return pl.DataFrame(
        {
            "demand_id": demand,
            "demander_id": take(told["speaker_id"], raised),
            "addressee_id": take(actor, make.below(len(actor), size)),
            "performer_id": take(actor, make.below(len(actor), size)),
            "action": make.prose(size),
            "action_class": make.pick(["recognition", "talks", "sanctions", "ceasefire"], size),
            "direction": make.pick(["do", "refrain"], size),
            "form": form,
            "instrument": make.sometimes(make.pick(["letter", "draft treaty"], size), 0.3),
            "article": make.sometimes(make.pick(["1", "2", "4"], size), 0.1),
            "deadline": keep(
                pl.Series([date(2022, 2, 24)]).new_from_index(0, size),
                (form == "ultimatum").to_numpy(),
            ),
            "parent_id": make.sometimes(keep(take(demand, number - 1), number > 0), 0.2),
            "note": make.sometimes(make.prose(size), 0.1),
        }
    )


def positions(told: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Positions of the statements of a run on its demand."""
    number = np.arange(told.height)
    taken = number[np.isin(number % CYCLE, list(POSITIONS))]
    place = pl.Series(taken % CYCLE)
    return pl.DataFrame(
        {
            "statement_id": take(told["statement_id"], taken),
            "demand_id": take(asked["demand_id"], taken // CYCLE),
            "position": place.replace_strict(POSITIONS, return_dtype=pl.String),
        }
    )


def statement_links(make: Maker, told: pl.DataFrame) -> pl.DataFrame:
    """The links of a run, from a statement to one before it."""
    number = np.arange(told.height)
    links = {**LINKS, REPEAT: ("repeats", 2)}
    linking = number[np.isin(number % CYCLE, list(links))]
    place = pl.Series(linking % CYCLE)
    back = place.replace_strict({p: step for p, (_, step) in links.items()}).to_numpy()
    relations = {p: relation for p, (relation, _) in links.items()}
    return pl.DataFrame(
        {
            "from_id": take(told["statement_id"], linking),
            "relation": place.replace_strict(relations, return_dtype=pl.String),
            "to_id": take(told["statement_id"], linking - back),
            "confidence": make.pick(["certain", "inferred"], len(linking)),
        }
    )


def tables(size: int, seed: int) -> dict[str, pl.DataFrame]:
    """All tables, at so many statements.

    Parameters
    ----------
    size : int
        Number of statements, at least 100.
    seed : int
        The same seed gives the same tables.
    """
    make = Maker(seed)
    who = actors(make, max(40, size // 50))
    outlets = who.filter(pl.col("kind") == "media_outlet")["actor_id"]
    speakers = who.filter(pl.col("kind") != "media_outlet")["actor_id"]
    nobody = pl.DataFrame({"actor_id": ["unattributed"], "name": "Nobody named"})
    read = sources(make, -(-size // 3), outlets, np.arange(-(-size // 3)))
    held = occasions(make, max(size // 100, 1), speakers)
    told = statements(make, size, speakers, read, held)
    number = np.arange(size)
    given = number[number % (CYCLE // 2) == FIGURE]
    # Of every fourth figure the source itself is the speaker.
    voiced = np.isin(number, given[::4])
    publisher = take(read["publisher_id"], number // 3)
    speaker = pl.when(pl.Series(voiced)).then(publisher).otherwise(pl.col("speaker_id"))
    told = told.with_columns(speaker.alias("speaker_id"))
    asked = demands(make, told, speakers)
    made = {
        "sources": read,
        "actors": pl.concat(
            [who, nobody.with_columns(kind=pl.lit("unattributed"))], how="diagonal"
        ),
        "actor_names": actor_names(who),
        "occasions": held,
        "statements": told,
        "mentions": mentions(make, told, read, outlets, voiced),
        "military_figures": figures(make, told, given, voiced, "unattributed"),
        "demands": asked,
        "positions": positions(told, asked),
        "statement_links": statement_links(make, told),
    }
    columns = [field["name"] for field in _package.schema("retired_ids")["fields"]]
    made["retired_ids"] = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    return made


def generate(folder: Path, size: int, seed: int = 1) -> None:
    """Write a data package of synthetic data.

    Parameters
    ----------
    folder : pathlib.Path
        Where to put ``datapackage.json``, ``schemas/`` and ``data/``.
    size : int
        Number of statements, at least 100.
    seed : int
        The same seed gives the same bytes.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    shutil.copytree(_package.package_path() / "schemas", folder / "schemas", dirs_exist_ok=True)
    shutil.copy(_package.package_path() / "datapackage.json", folder)
    for name, table in tables(size, seed).items():
        table.write_csv(folder / "data" / f"{name}.csv")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--statements", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generate(options.folder, options.statements, options.seed)


if __name__ == "__main__":
    main()
