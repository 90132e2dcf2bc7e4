"""Each coding rule against rows that break exactly it and near misses that break nothing."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from donbas_recognition import fingerprint
from donbas_recognition.checks import rules
from donbas_recognition.checks.rules.figures import numbers
from tests.conftest import Case

Texts = dict[str, str]
Edit = Callable[[Case], Texts | None]


class Broken(NamedTuple):
    """An edit after which exactly one rule is broken, at one column of these rows."""

    rule: str
    table: str
    column: str
    rows: str | set[str]
    edit: Edit


class Near(NamedTuple):
    """An edit that comes close to breaking a rule and breaks none."""

    rule: str
    edit: Edit


# The edits. Each is a function of the case; texts that it returns are at hand for the check.


def do(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(case: Case) -> Texts | None:
        texts: Texts = {}
        for one in edits:
            texts |= one(case) or {}
        return texts

    return edit


def put(table: str, key: str, **cells: str) -> Edit:
    """Change cells of the row with that (first) key."""
    return lambda case: case.row(table, key).update(cells)


def add(table: str, like: str | None = None, **cells: str) -> Edit:
    """Add a row, like another one but for some cells."""

    def edit(case: Case) -> None:
        case.add(table, like, **cells)

    return edit


def drop(table: str, **cells: str) -> Edit:
    """Delete the rows that have these cells."""

    def edit(case: Case) -> None:
        rows = case.rows[table]
        left = [row for row in rows if not cells.items() <= row.items()]
        assert len(left) < len(rows)
        case.rows[table] = left

    return edit


def link(from_id: str, relation: str, to_id: str) -> Edit:
    return add(
        "statement_links", from_id=from_id, relation=relation, to_id=to_id, confidence="certain"
    )


def take(statement_id: str, demand_id: str, position: str) -> Edit:
    return add("positions", statement_id=statement_id, demand_id=demand_id, position=position)


def new(like: str, **cells: str) -> Edit:
    """Statement st-0020, like another one, with a mention in src-0001."""
    cells = {"statement_id": "st-0020", "note": "", "cameo": ""} | cells
    return do(add("statements", like, **cells), heard("st-0020", "src-0001"))


def heard(statement_id: str, source_id: str, **cells: str) -> Edit:
    """One more mention."""

    def edit(case: Case) -> None:
        number = f"mn-{len(case.rows['mentions']) + 1:05}"
        keys = {"mention_id": number, "statement_id": statement_id, "source_id": source_id}
        case.add("mentions", "mn-00002", **(keys | cells))

    return edit


def source(number: int, published_on: str = "2022-02-21", derived_from: str = "") -> Edit:
    return add(
        "sources",
        "src-0001",
        source_id=f"src-{number:04}",
        publisher_id="ria-novosti",
        url=f"https://example.org/{number}",
        published_on=published_on,
        derived_from=derived_from,
    )


def copied(published_on: str) -> Edit:
    """A source that derives from src-0001, and a statement that it alone has."""
    return do(
        source(2, published_on, "src-0001"),
        add("statements", "st-0012", statement_id="st-0020", date_latest="2022-02-20"),
        heard("st-0020", "src-0002"),
    )


PASSAGE = "The head of the mission said that the talks would go on for three more days"
WORDS = " ".join(f"word{number}" for number in range(84))
TEXT = f"«{PASSAGE}».\n\n{WORDS}."


def at_hand(passage: str = PASSAGE, text: str = TEXT, **cells: str) -> Edit:
    """A second source whose text is at hand, with a mention of st-0012 in it."""

    def edit(case: Case) -> Texts:
        words, sha256 = fingerprint(passage)
        marks = {"passage_words": str(words), "passage_sha256": sha256}
        do(source(2), heard("st-0012", "src-0002", **(marks | cells)))(case)
        return {"src-0002": text}

    return edit


def quoted(quote: str) -> dict[str, str]:
    return {"mode": "partial_quote", "quote": quote, "quote_language": "en", "translated": "no"}


def quote(text: str) -> Edit:
    return put("mentions", "mn-00001", quote=text)


def figure(value_text: str = "an estimated 150,000", qualifier: str = "", **cells: str) -> Edit:
    cells["value_text"] = value_text
    if qualifier:
        cells = {"qualifier": qualifier, "low": "", "best": "", "high": ""} | cells
    return put("military_figures", "mf-0001", **cells)


def printed(*figures: tuple[str, list[int]]) -> Edit:
    """Figures mf-1001 … printed so, with one value or a range."""

    def edit(case: Case) -> None:
        for number, (text, values) in enumerate(figures, 1001):
            columns = ["best"] if len(values) == 1 else ["low", "high"]
            cells = {"best": ""} | dict(zip(columns, map(str, values), strict=True))
            cells["qualifier"] = "exact" if len(values) == 1 else "range"
            key = f"mf-{number}"
            case.add("military_figures", "mf-0001", figure_id=key, value_text=text, **cells)

    return edit


def each(column: str, *texts: str) -> Edit:
    """Each text in a row of its own: the summary of a statement or the quote of a mention."""

    def edit(case: Case) -> None:
        table = {"summary": "statements", "quote": "mentions"}[column]
        for row, text in zip(case.rows[table], texts, strict=False):
            row.update({"summary": text} if column == "summary" else quoted(text))

    assert len(texts) <= 19
    return edit


def ids(form: str, count: int, start: int = 1) -> set[str]:
    return {form.format(number) for number in range(start, start + count)}


def counted(estimator_id: str, basis: str, note: str = "", **cells: str) -> Edit:
    """Figure of st-0009, of Putin on behalf of Russia."""
    return add(
        "military_figures",
        "mf-0001",
        figure_id="mf-0002",
        statement_id="st-0009",
        estimator_id=estimator_id,
        estimator_basis=basis,
        note=note,
        **cells,
    )


def retired(table: str, id: str, replaced_by: str = "", reason: str = "Doubled") -> Edit:
    row = {"table": table, "id": id, "retired_in": "0.1.0"}
    row |= {"replaced_by": replaced_by, "reason": reason}
    return lambda case: case.rows["retired_ids"].append(row)


ACTOR = {"actor_id": "tass", "name": "TASS", "kind": "media_outlet"}
OCCASION = {
    "occasion_id": "vote-2022-02-15",
    "name": "Vote",
    "kind": "vote",
    "date_earliest": "2022-02-15",
    "date_latest": "2022-02-15",
}
SESSION = "russian-security-council-2022-02-21"


def dated(key: str, first: str, last: str, **cells: str) -> Edit:
    return put("statements", key, date_earliest=first, date_latest=last, **cells)


def named(actor_id: str, name: str, shared: str, language: str = "en") -> Edit:
    return add(
        "actor_names", actor_id=actor_id, name=name, language=language, kind="name", shared=shared
    )


IN_MARKS = [
    "“I ask”", '"I ask"', "'I ask'", "‘I ask’", "«I ask»", "»I ask«", "„I ask“", "‚I ask‘",
    "‹I ask›", "”I ask”", "“I ask.”", "'I ask the people's will'",
]  # fmt: skip
PRINTED = [
    ("150000", [150_000]), ("some 150,000 troops", [150_000]), ("120k", [120_000]),
    ("130K-plus", [130_000]), ("1.5 thousand", [1_500]), ("up to 190,000", [190_000]),
    ("150,000 to 190,000", [150_000, 190_000]), ("150-190 thousand", [150_000, 190_000]),
    ("between 150 and 190 thousand", [150_000, 190_000]), ("150k–190k", [150_000, 190_000]),
    ("one hundred thousand", [100_000]), ("a hundred", [100]), ("two hundred", [200]),
    ("two groups of 5 thousand", [2]), ("three", [3]), ("Twelve", [12]), ("zero", [0]),
    ("п’ять", [5]), ("190 тысяч", [190_000]), ("1,5 тыс.", [1_500]), ("190 000", [190_000]),
    ("190.000", [190_000]), ("1.125 million", [1_125_000]), ("T-72: 40 tanks", [40]),
]  # fmt: skip
MISPRINTED = [
    ("an estimated 150,000", [15_000]), ("120k", [120]), ("1.5 thousand", [15_000]),
    ("150,000 to 190,000", [150_000, 180_000]), ("150-190 thousand", [150, 190]),
    ("150-190 thousand", [190, 150_000]), ("one hundred thousand", [1]), ("two hundred", [2]),
    ("two groups of 5 thousand", [2_000]), ("three", [30]), ("thousands", [1_000]), ("12,5", [125]),
    ("twenty-five", [5]),
]  # fmt: skip
SPACES = [
    " Says it", "Says it ", "Says  it", "\u00a0Says it", "Says it\u2003", "Says\tit", "Says\nit",
    "Says\x7fit", "Says\u200bit", "Sa\u00adys it", "Says\u202eit", "Says\u2028it",
    "\ufeffSays it", "Says it at a cafe\u0301", "=SUM(A1)", "+1", "-1", "@it",
]  # fmt: skip
# Look-alikes of another script.
LETTERS = ["S\u0430ys it", "Гово\u0070ит", "З\u0061", "κατ\u0061", "κ\u0430τ", "\u0430\u0301b"]
UNMIXED = [
    "Says it of the Су-25", "Says that Су-25s came", "Т-90М и F-16", "Café (1 = 2) – a@b",
    "M777 и «Град»", "П’ять — п'ять", "Τα νέα", "Ми\u0301нск", "Says 150\u00a0000", "–1",
]  # fmt: skip
LOADED = [
    "rebels", "the Rebel", "a proxy", "proxies", "terrorists", "the occupied town", "the regime",
    "the self-proclaimed DPR", "the so-called DPR", "the DNR", "Kiev", "a pro-separatist unit",
    "the Ukraine",
]  # fmt: skip

BROKEN = [
    Broken("R01", "statements", "statement_id", "st-0019", retired("statements", "st-0019")),
    Broken("R01", "actors", "actor_id", "west", retired("actors", "west", "nato")),
    Broken(
        "R01",
        "retired_ids",
        "replaced_by",
        "statements st-0100",
        retired("statements", "st-0100", "st-0999"),
    ),
    Broken("R01", "retired_ids", "id", "statements src-0100", retired("statements", "src-0100")),
    Broken("R02", "actors", "actor_id", "tass", add("actors", **ACTOR)),
    Broken(
        "R02",
        "actors",
        "actor_id",
        "tass",
        do(add("actors", **ACTOR), named("tass", "TASS", "false")),
    ),
    Broken("R02", "sources", "source_id", "src-0002", source(2)),
    Broken("R02", "occasions", "occasion_id", "vote-2022-02-15", add("occasions", **OCCASION)),
    Broken(
        "R03",
        "actor_names",
        "shared",
        {"russia Kyiv en", "ukraine Kyiv en"},
        named("russia", "Kyiv", "false"),
    ),
    Broken("R03", "actor_names", "shared", "ukraine Kyiv en", named("russia", "Kyiv", "true")),
    Broken("R03", "actor_names", "shared", "nato OTAN fr", named("nato", "OTAN", "true", "fr")),
    Broken("R04", "statements", "cameo", "st-0008", put("statements", "st-0008", cameo="0199")),
    Broken("R04", "statements", "cameo", "st-0001", put("statements", "st-0001", cameo="112")),
    Broken("R04", "statements", "cameo", "st-0014", put("statements", "st-0014", cameo="010")),
    Broken("R04", "actors", "iso3", "russia", put("actors", "russia", iso3="")),
    Broken("R04", "actors", "gw_code", "russia", put("actors", "russia", gw_code="")),
    Broken("R04", "actors", "iso3", "dpr", put("actors", "dpr", iso3="DPR")),
    Broken("R04", "actors", "gw_code", "dpr", put("actors", "dpr", gw_code="368")),
    Broken("R04", "actors", "claimed_by_id", "dpr", put("actors", "dpr", claimed_by_id="")),
    Broken("R04", "actors", "claimed_by_id", "west", put("actors", "west", claimed_by_id="nato")),
    Broken(
        "R05",
        "statements",
        "speaker_id",
        "st-0006",
        put("statements", "st-0006", speaker_id="people-of-donbas"),
    ),
    Broken(
        "R05",
        "statements",
        "speaker_id",
        "st-0012",
        put("statements", "st-0012", speaker_id="unattributed"),
    ),
    Broken("R06", "actors", "role", "vladimir-putin", put("actors", "vladimir-putin", role="")),
    Broken(
        "R06",
        "actors",
        "affiliation_id",
        "denis-pushilin",
        put("actors", "denis-pushilin", affiliation_id=""),
    ),
    Broken(
        "R07",
        "statements",
        "addressee_id",
        "st-0002",
        put("statements", "st-0002", addressee_id="denis-pushilin"),
    ),
    Broken(  # a claim has no addressee
        "R07",
        "statements",
        "addressee_id",
        "st-0008",
        put("statements", "st-0008", addressee_id="vladimir-putin"),
    ),
    Broken(
        "R07",
        "statements",
        "target_id",
        "st-0006",
        put("statements", "st-0006", target_id="denis-pushilin"),
    ),
    Broken(  # a claim has no target
        "R07",
        "statements",
        "target_id",
        "st-0008",
        put("statements", "st-0008", target_id="ukraine"),
    ),
    *(
        Broken(
            "R07",
            "statements",
            "target_id",
            "st-0012",
            put("statements", "st-0012", act=act, cameo="", target_id=""),
        )
        for act in ("accusation", "condemnation", "threat")
    ),
    Broken("R08", "mentions", "relay_id", "mn-00005", put("mentions", "mn-00005", relay_id="west")),
    Broken(
        "R08",
        "mentions",
        "relay_id",
        "mn-00013",
        put("mentions", "mn-00013", relay_id="daily-sabah", relay_basis="stated"),
    ),
    Broken(
        "R08",
        "mentions",
        "relay_basis",
        "mn-00005",
        put("mentions", "mn-00005", relay_basis="none"),
    ),
    Broken("R08", "mentions", "relay_basis", "mn-00005", put("mentions", "mn-00005", relay_id="")),
    Broken(
        "R09",
        "actors",
        "affiliation_id",
        {"dpr", "lpr"},
        do(put("actors", "dpr", affiliation_id="lpr"), put("actors", "lpr", affiliation_id="dpr")),
    ),
    Broken("R09", "actors", "affiliation_id", "nato", put("actors", "nato", affiliation_id="nato")),
    Broken(
        "R09",
        "actors",
        "claimed_by_id",
        {"dpr", "lpr"},
        do(put("actors", "dpr", claimed_by_id="lpr"), put("actors", "lpr", claimed_by_id="dpr")),
    ),
    # dm-0004 leads into the ring and is no part of it.
    Broken(
        "R09",
        "demands",
        "parent_id",
        {"dm-0001", "dm-0002", "dm-0003"},
        do(
            put("demands", "dm-0001", parent_id="dm-0002"),
            put("demands", "dm-0002", parent_id="dm-0003"),
            put("demands", "dm-0003", parent_id="dm-0001"),
            put("demands", "dm-0004", parent_id="dm-0001"),
        ),
    ),
    Broken(
        "R09",
        "sources",
        "derived_from",
        {"src-0001", "src-0002"},
        do(
            put("sources", "src-0001", derived_from="src-0002"),
            source(2, derived_from="src-0001"),
            add("statements", "st-0012", statement_id="st-0020"),
            heard("st-0020", "src-0002"),
        ),
    ),
    Broken(
        "R10", "statements", "date_latest", "st-0001", dated("st-0001", "2022-02-21", "2022-02-20")
    ),
    Broken(
        "R10",
        "military_figures",
        "as_of_latest",
        "mf-0001",
        figure(as_of_earliest="2022-02-21", as_of_latest="2022-02-20"),
    ),
    Broken(
        "R10",
        "statements",
        "date_latest",
        "st-0008",
        dated("st-0008", "2021-10-31", "2021-11-01", note=""),
    ),
    Broken(
        "R10", "statements", "date_latest", "st-0008", dated("st-0008", "", "2021-10-31", note="")
    ),
    Broken(
        "R10",
        "statements",
        "date_latest",
        "st-0001",
        do(
            put("sources", "src-0001", published_on="2022-03-01"),
            dated("st-0001", "2022-02-21", "2022-02-25"),
        ),
    ),
    Broken(
        "R11", "statements", "date_latest", "st-0001", dated("st-0001", "2022-02-21", "2022-02-22")
    ),
    Broken("R11", "statements", "date_latest", "st-0001", dated("st-0001", "", "2022-02-22")),
    Broken(
        "R11",
        "statements",
        "date_earliest",
        "st-0008",
        dated("st-0008", "2022-02-22", "2022-02-22"),
    ),
    Broken(
        "R11",
        "statements",
        "date_earliest",
        "st-0001",
        do(source(2, "2022-02-20"), heard("st-0001", "src-0002")),
    ),
    Broken("R12", "sources", "published_on", "src-0002", copied("2022-02-20")),
    Broken("R13", "military_figures", "as_of_latest", "mf-0001", figure(as_of_latest="2022-02-22")),
    Broken(
        "R13",
        "military_figures",
        "as_of_latest",
        "mf-0001",
        figure(time_ref="past", as_of_latest="2022-02-22"),
    ),
    Broken(
        "R13",
        "military_figures",
        "as_of_earliest",
        "mf-0001",
        figure(as_of_earliest="2022-02-22", as_of_latest=""),
    ),
    Broken(
        "R14",
        "statements",
        "occasion_id",
        "st-0008",
        dated("st-0008", "2022-02-20", "2022-02-20", occasion_id=SESSION),
    ),
    Broken(
        "R14",
        "statements",
        "occasion_id",
        "st-0008",
        dated("st-0008", "", "2022-02-20", occasion_id=SESSION),
    ),
    Broken(
        "R14",
        "statements",
        "occasion_id",
        "st-0008",
        dated("st-0008", "2022-02-20", "2022-02-21", occasion_id=SESSION),
    ),
    Broken(
        "R14",
        "statements",
        "occasion_id",
        "st-0010",
        put("occasions", SESSION, date_earliest="2022-02-20", date_latest="2022-02-20"),
    ),
    # The fingerprint's 8 words are a constraint of the schema.
    Broken(
        "R15",
        "statements",
        "statement_id",
        "st-0020",
        add("statements", "st-0008", statement_id="st-0020"),
    ),
    *(
        Broken("R16", "mentions", column, "mn-00001", put("mentions", "mn-00001", **{column: ""}))
        for column in ("quote", "quote_language", "translated")
    ),
    *(
        Broken(
            "R16", "mentions", column, "mn-00005", put("mentions", "mn-00005", **{column: value})
        )
        for column, value in quoted("settle the conflict by force").items()
        if column != "mode"
    ),
    Broken("R17", "mentions", "quote", "mn-00001", quote("word " * 25 + "word")),
    Broken(
        "R17",
        "mentions",
        "quote",
        "mn-00008",
        put("mentions", "mn-00008", quote="word " * 19 + "word"),
    ),
    Broken("R17", "mentions", "quote", "mn-00001", quote("…")),
    Broken("R17", "mentions", "quote", ids("mn-{:05}", len(IN_MARKS)), each("quote", *IN_MARKS)),
    Broken("R17", "mentions", "quote", "mn-00020", at_hand(**quoted("talks would stop"))),
    Broken("R17", "mentions", "quote", "mn-00020", at_hand(**quoted("he said that"))),
    # In the text, but not in its passage.
    Broken("R17", "mentions", "quote", "mn-00020", at_hand(**quoted("word1 word2"))),
    Broken(
        "R17",
        "sources",
        "source_id",
        "src-0002",
        do(
            at_hand(WORDS, **quoted(WORDS[: WORDS.index(" word10")])),
            heard(
                "st-0005",
                "src-0002",
                passage_words="84",
                passage_sha256=fingerprint(WORDS).sha256,
                **quoted(WORDS[WORDS.index("word10") : WORDS.index(" word20")]),
            ),
        ),
    ),
    Broken(
        "R18",
        "mentions",
        "mode",
        "mn-00020",
        do(
            add("statements", "st-0013", statement_id="st-0020"),
            heard("st-0020", "src-0001", mode="outlet_voice"),
        ),
    ),
    Broken(
        "R18",
        "mentions",
        "mode",
        "mn-00012",
        do(
            put("mentions", "mn-00012", mode="outlet_voice"),
            add("military_figures", "mf-0001", figure_id="mf-0002", statement_id="st-0012"),
        ),
    ),
    Broken(
        "R19", "mentions", "passage_sha256", "mn-00020", at_hand(PASSAGE.replace("days", "weeks"))
    ),
    Broken("R19", "mentions", "passage_sha256", "mn-00020", at_hand(passage_words="15")),
    Broken("R19", "mentions", "passage_sha256", "mn-00020", at_hand(text="")),
    Broken(
        "R20",
        "statements",
        "statement_id",
        "st-0008",
        do(source(2, derived_from="src-0001"), heard("st-0008", "src-0002")),
    ),
    # Siblings and a grandchild of a source that does not mention it itself.
    Broken(
        "R20",
        "statements",
        "statement_id",
        "st-0020",
        do(
            source(2, derived_from="src-0001"),
            source(3, derived_from="src-0001"),
            source(4, derived_from="src-0003"),
            add("statements", "st-0012", statement_id="st-0020"),
            heard("st-0020", "src-0002"),
            heard("st-0020", "src-0004"),
        ),
    ),
    Broken(
        "R21",
        "statements",
        "act",
        "st-0014",
        do(
            drop("statement_links", from_id="st-0014"),
            put("statements", "st-0014", confidence="certain"),
        ),
    ),
    Broken(
        "R21",
        "statements",
        "act",
        "st-0014",
        do(drop("statement_links", from_id="st-0014"), put("statements", "st-0014", note="")),
    ),
    # Another relation is not enough, and being denied is not denying.
    Broken(
        "R21",
        "statements",
        "act",
        "st-0014",
        do(
            drop("statement_links", from_id="st-0014"),
            link("st-0014", "responds_to", "st-0011"),
            put("statements", "st-0014", confidence="certain"),
        ),
    ),
    Broken(
        "R21",
        "statement_links",
        "relation",
        "st-0009 denies st-0012",
        link("st-0009", "denies", "st-0012"),
    ),
    Broken(
        "R21",
        "statement_links",
        "to_id",
        "st-0014 denies st-0001",
        link("st-0014", "denies", "st-0001"),
    ),
    Broken(
        "R21",
        "statement_links",
        "to_id",
        "st-0014 denies st-0020",
        do(
            new("st-0012", speaker_id="russia", target_id="ukraine"),
            link("st-0014", "denies", "st-0020"),
        ),
    ),
    Broken(
        "R22",
        "statement_links",
        "to_id",
        "st-0008 responds_to st-0008",
        link("st-0008", "responds_to", "st-0008"),
    ),
    *(
        Broken(
            "R22",
            "statement_links",
            "from_id",
            f"st-0008 {relation} st-0007",
            do(dated("st-0008", "2022-02-19", "2022-02-20"), link("st-0008", relation, "st-0007")),
        )
        for relation in ("responds_to", "corrects", "repeats")
    ),
    Broken(
        "R22",
        "statement_links",
        "relation",
        "st-0005 contradicts st-0007",
        link("st-0005", "contradicts", "st-0007"),
    ),
    Broken(
        "R22",
        "statement_links",
        "relation",
        "st-0005 repeats st-0012",
        link("st-0005", "repeats", "st-0012"),
    ),
    Broken("R23", "statements", "act", "st-0020", new("st-0001")),
    Broken(
        "R23",
        "statements",
        "act",
        "st-0020",
        do(new("st-0016"), take("st-0020", "dm-0005", "supports")),
    ),
    Broken(
        "R23", "demands", "demand_id", "dm-0001", put("positions", "st-0001", position="repeats")
    ),
    Broken(
        "R23",
        "demands",
        "demand_id",
        "dm-0001",
        do(new("st-0001"), take("st-0020", "dm-0001", "raises")),
    ),
    Broken(
        "R23",
        "demands",
        "demander_id",
        "dm-0001",
        put("demands", "dm-0001", demander_id="denis-pushilin"),
    ),
    Broken(
        "R23", "demands", "demander_id", "dm-0005", put("demands", "dm-0005", demander_id="ukraine")
    ),
    *(
        Broken(
            "R24",
            "positions",
            "position",
            f"{statement_id} dm-0003",
            take(statement_id, "dm-0003", position),
        )
        for statement_id, position in [
            ("st-0009", "repeats"),
            ("st-0009", "supports"),
            ("st-0008", "considers"),
            ("st-0018", "accepts"),
            ("st-0016", "partly_accepts"),
            ("st-0006", "rejects"),
            ("st-0009", "fulfils"),
            ("st-0009", "withdraws"),
            ("st-0002", "withdraws"),
        ]
    ),
    Broken(
        "R24",
        "positions",
        "position",
        "st-0008 dm-0007",
        do(
            drop("positions", demand_id="dm-0007"),
            put("statements", "st-0017", act="claim", cameo="", addressee_id=""),
            put("demands", "dm-0007", demander_id="denis-pushilin"),
            take("st-0008", "dm-0007", "raises"),
        ),
    ),
    Broken(
        "R25",
        "positions",
        "statement_id",
        {"st-0018 dm-0006", "st-0018 dm-0007"},
        do(
            dated("st-0016", "2022-02-21", "2022-02-21"),
            dated("st-0017", "2022-02-21", "2022-02-21"),
            drop("statement_links", from_id="st-0018"),
            dated("st-0018", "", "2022-02-20"),
        ),
    ),
    Broken(
        "R25",
        "positions",
        "statement_id",
        "st-0020 dm-0001",
        do(
            new("st-0001", date_earliest="2022-02-20", date_latest="2022-02-20"),
            take("st-0020", "dm-0001", "repeats"),
        ),
    ),
    Broken("R26", "demands", "form", "dm-0006", put("demands", "dm-0006", form="ultimatum")),
    # A threat that is linked to another demand.
    Broken(
        "R26",
        "demands",
        "form",
        "dm-0006",
        do(
            put("demands", "dm-0006", form="ultimatum"),
            new("st-0014", act="threat", target_id="nato"),
            link("st-0020", "repeats", "st-0017"),
        ),
    ),
    *(
        Broken("R27", "military_figures", column, "mf-0001", figure("150,000", qualifier, **cells))
        for column, qualifier, cells in [
            ("best", "exact", {}),
            ("best", "approx", {}),
            ("low", "estimated", {"best": "150000", "low": "150000"}),
            ("high", "nearly", {"best": "150000", "high": "150000"}),
            ("best", "at_least", {"low": "150000", "best": "150000"}),
            ("high", "more_than", {"low": "150000", "high": "150000"}),
            ("low", "up_to", {"high": "150000", "low": "150000"}),
            ("low", "range", {"high": "150000"}),
            ("high", "range", {"low": "150000"}),
        ]
    ),
    Broken(
        "R27",
        "military_figures",
        "high",
        "mf-0001",
        figure("150,000 to 190,000", "range", low="190000", high="150000"),
    ),
    Broken(
        "R27",
        "military_figures",
        "best",
        "mf-0001",
        figure("150,000 to 190,000", "range", low="150000", best="150000", high="190000"),
    ),
    Broken(
        "R28",
        "military_figures",
        "value_text",
        ids("mf-{}", len(MISPRINTED), 1001),
        printed(*MISPRINTED),
    ),
    Broken(
        "R29", "military_figures", "estimator_basis", "mf-0001", figure(estimator_basis="named")
    ),
    Broken(
        "R29", "military_figures", "estimator_basis", "mf-0001", figure(estimator_basis="generic")
    ),
    Broken(
        "R29",
        "military_figures",
        "estimator_basis",
        "mf-0001",
        do(counted("unattributed", "unattributed"), figure(estimator_id="daily-sabah")),
    ),
    Broken("R29", "military_figures", "estimator_id", "mf-0002", counted("ukraine", "named")),
    Broken("R29", "military_figures", "estimator_id", "mf-0002", counted("west", "generic")),
    Broken(
        "R30",
        "military_figures",
        "as_of_latest",
        "mf-0001",
        figure(time_ref="planned", as_of_latest="2022-02-20"),
    ),
    Broken(
        "R30",
        "military_figures",
        "as_of_latest",
        "mf-0001",
        figure(time_ref="projected", as_of_latest="2022-02-20"),
    ),
    Broken("R31", "statements", "summary", ids("st-{:04}", len(SPACES)), each("summary", *SPACES)),
    Broken(
        "R31", "statements", "summary", ids("st-{:04}", len(LETTERS)), each("summary", *LETTERS)
    ),
    Broken(
        "R31", "actor_names", "name", "nato НА\u0054О ru", named("nato", "НА\u0054О", "false", "ru")
    ),
    Broken(
        "R31", "sources", "title", "src-0001", put("sources", "src-0001", title="=HYPERLINK(1)")
    ),
    Broken(
        "R31", "sources", "url", "src-0001", put("sources", "src-0001", url="https://a.org/\u200b")
    ),
    Broken("R31", "mentions", "cue", "mn-00005", put("mentions", "mn-00005", cue="noted ")),
    Broken("R31", "mentions", "quote", "mn-00001", quote("I ask you to recognise the cafe\u0301")),
    Broken(
        "R31",
        "retired_ids",
        "reason",
        "statements st-0100",
        retired("statements", "st-0100", reason="-"),
    ),
    Broken(
        "R32",
        "statements",
        "summary",
        ids("st-{:04}", len(LOADED)),
        each("summary", *(f"Says that {text} came" for text in LOADED)),
    ),
    Broken("R32", "actors", "name", "dpr", put("actors", "dpr", name="so-called DPR")),
    Broken(
        "R32",
        "actors",
        "role",
        "denis-pushilin",
        put("actors", "denis-pushilin", role="Head of the self-proclaimed DPR"),
    ),
    Broken(
        "R32", "demands", "action", "dm-0001", put("demands", "dm-0001", action="Recognise Donbass")
    ),
    Broken("R32", "military_figures", "location", "mf-0001", figure(location="near Kharkov")),
    Broken("R34", "actors", "name", "ukraine", put("actors", "ukraine", name="The «russia»")),
    Broken(
        "R33", "statements", "summary", "st-0005", put("statements", "st-0005", summary="Says it.")
    ),
    Broken(
        "R33",
        "statements",
        "summary",
        "st-0012",
        do(
            at_hand(),
            put(
                "statements",
                "st-0012",
                summary="Says: of the mission said that the TALKS would go, on",
            ),
        ),
    ),
]

NEAR = [
    Near("R01", retired("statements", "st-0100", "st-0001")),
    Near("R01", do(retired("statements", "st-0100", "st-0101"), retired("statements", "st-0101"))),
    # The same words are an id of another table.
    Near("R01", retired("actors", SESSION)),
    Near("R02", do(add("actors", **ACTOR), put("occasions", SESSION, convened_by_id="tass"))),
    Near(
        "R02",
        do(
            add("occasions", **OCCASION),
            dated("st-0008", "2022-02-15", "2022-02-15", occasion_id="vote-2022-02-15"),
        ),
    ),
    Near(
        "R03",
        do(
            named("russia", "Kremlin", "true"), named("russian-security-council", "Kremlin", "true")
        ),
    ),
    Near("R03", named("nato", "NATO", "false", "de")),
    Near("R04", put("statements", "st-0001", cameo="")),
    Near("R04", put("statements", "st-0001", cameo="02")),
    Near("R04", put("statements", "st-0006", cameo="052")),
    Near("R04", put("statements", "st-0019", cameo="1244")),
    Near("R05", put("statements", "st-0012", speaker_id="west")),
    Near("R05", put("statements", "st-0012", speaker_id="ria-novosti")),
    Near("R05", put("statements", "st-0012", speaker_id="dpr")),
    Near("R05", put("statements", "st-0012", on_behalf_of_id="people-of-donbas")),
    Near("R06", put("actors", "russian-security-council", affiliation_id="", role="")),
    Near("R07", put("statements", "st-0006", target_id="dpr")),
    Near("R07", put("statements", "st-0006", target_id="")),
    Near("R08", put("mentions", "mn-00005", relay_id="russian-security-council")),
    Near("R08", put("mentions", "mn-00013", relay_id="ria-novosti", relay_basis="inferred")),
    Near(
        "R09",
        do(
            put("demands", "dm-0003", parent_id="dm-0002"),
            put("demands", "dm-0002", parent_id="dm-0001"),
        ),
    ),
    # A ring through two columns is none.
    Near("R09", put("actors", "ukraine", affiliation_id="dpr")),
    Near("R10", dated("st-0008", "2021-11-01", "2021-11-01", note="")),
    Near("R10", dated("st-0008", "2021-10-31", "2021-10-31")),
    Near(
        "R10",
        do(
            put("sources", "src-0001", published_on="2022-03-01"),
            dated("st-0001", "2022-02-21", "2022-02-24"),
        ),
    ),
    Near("R10", figure(as_of_earliest="2022-02-21")),
    Near("R11", dated("st-0008", "2022-02-21", "2022-02-22")),
    Near("R11", dated("st-0008", "", "2022-02-22")),
    Near("R11", do(source(2, "2022-03-01"), heard("st-0001", "src-0002"))),
    Near("R12", copied("2022-02-21")),
    Near("R13", figure(time_ref="projected", as_of_latest="2022-03-01")),
    Near("R13", figure(as_of_earliest="2022-02-21", as_of_latest="2022-02-21")),
    Near("R13", figure(as_of_latest="")),
    Near("R14", dated("st-0008", "", "2022-02-21", occasion_id=SESSION)),
    Near("R14", put("occasions", SESSION, date_earliest="2022-02-20", date_latest="2022-02-22")),
    Near(
        "R15",
        do(
            add("statements", "st-0008", statement_id="st-0020"),
            heard("st-0020", "src-0001", passage_words="8"),
        ),
    ),
    Near("R16", put("mentions", "mn-00001", mode="partial_quote", translated="yes")),
    Near(
        "R16",
        put("mentions", "mn-00001", mode="indirect", quote="", quote_language="", translated=""),
    ),
    Near("R17", quote("word " * 24 + "word")),
    Near("R17", put("mentions", "mn-00008", quote="word " * 18 + "word")),
    Near(
        "R17",
        each(
            "quote",
            "I ask “you” to recognise the “republic”",
            "“Minsk” means “peace”",
            '"Minsk" means "peace"',
            "'Tis the people’s wish",
        ),
    ),
    Near("R17", at_hand(**quoted("the TALKS, would go on"))),
    # 19 of 100 words.
    Near(
        "R17",
        do(
            at_hand(WORDS, **quoted(WORDS[: WORDS.index(" word10")])),
            heard(
                "st-0005",
                "src-0002",
                passage_words="84",
                passage_sha256=fingerprint(WORDS).sha256,
                **quoted(WORDS[WORDS.index("word10") : WORDS.index(" word19")]),
            ),
        ),
    ),
    Near(
        "R18",
        do(
            add("statements", "st-0013", statement_id="st-0020"),
            heard("st-0020", "src-0001", mode="outlet_voice"),
            add("military_figures", "mf-0001", figure_id="mf-0002", statement_id="st-0020"),
        ),
    ),
    Near("R19", at_hand()),
    Near("R19", at_hand(text=TEXT.replace(" ", " –\n «").upper())),
    # Another source's text is at hand, this one's is not.
    Near(
        "R19",
        do(
            at_hand(PASSAGE.replace("days", "weeks")),
            source(3),
            heard("st-0005", "src-0003"),
            put("sources", "src-0002", source_id="src-0004"),
            put("mentions", "mn-00020", source_id="src-0004"),
        ),
    ),
    Near(
        "R20",
        do(
            source(2, derived_from="src-0001"),
            heard("st-0008", "src-0002"),
            source(3),
            heard("st-0008", "src-0003"),
        ),
    ),
    Near(
        "R20",
        do(
            source(2),
            source(3, derived_from="src-0002"),
            source(4, derived_from="src-0001"),
            add("statements", "st-0012", statement_id="st-0020"),
            heard("st-0020", "src-0003"),
            heard("st-0020", "src-0004"),
            heard("st-0012", "src-0002"),
        ),
    ),
    Near("R21", drop("statement_links", from_id="st-0014")),
    Near(
        "R21",
        do(
            put("statements", "st-0014", confidence="certain", note=""),
            put("statement_links", "st-0014", to_id="st-0012"),
        ),
    ),
    Near("R22", link("st-0008", "responds_to", "st-0007")),
    Near(
        "R22",
        do(dated("st-0008", "2022-02-19", "2022-02-21"), link("st-0008", "corrects", "st-0007")),
    ),
    Near(
        "R22",
        do(
            dated("st-0007", "", "2022-02-21"),
            dated("st-0008", "2022-02-19", "2022-02-20"),
            link("st-0008", "responds_to", "st-0007"),
        ),
    ),
    Near("R22", link("st-0005", "contradicts", "st-0012")),
    Near(
        "R22",
        do(source(2), heard("st-0007", "src-0002"), link("st-0005", "contradicts", "st-0007")),
    ),
    # Putin for Russia and Russia; one bloc; two of one state.
    Near("R22", link("st-0009", "repeats", "st-0014")),
    Near(
        "R22",
        do(
            new("st-0008", speaker_id="dpr", on_behalf_of_id=""),
            link("st-0020", "repeats", "st-0008"),
        ),
    ),
    Near(
        "R22",
        do(
            new("st-0009", speaker_id="russian-security-council", on_behalf_of_id=""),
            link("st-0020", "repeats", "st-0009"),
        ),
    ),
    Near("R23", do(new("st-0001"), take("st-0020", "dm-0001", "repeats"))),
    Near("R23", put("demands", "dm-0001", demander_id="lpr")),
    Near(
        "R23",
        do(
            new("st-0016"),
            take("st-0020", "dm-0005", "supports"),
            take("st-0020", "dm-0006", "repeats"),
        ),
    ),
    *(
        Near("R24", do(new(like, act=act), take("st-0020", "dm-0003", position)))
        for like, act, position in [
            ("st-0008", "proposal", "repeats"),
            ("st-0008", "claim", "supports"),
            ("st-0012", "support", "supports"),
            ("st-0009", "consideration", "considers"),
            ("st-0009", "commitment", "accepts"),
            ("st-0009", "acceptance", "partly_accepts"),
            ("st-0012", "condemnation", "rejects"),
            ("st-0009", "declaration", "fulfils"),
        ]
    ),
    # The demander, the principal, the demander's own side.
    Near(
        "R24",
        do(new("st-0003", act="claim", addressee_id=""), take("st-0020", "dm-0003", "withdraws")),
    ),
    Near(
        "R24",
        do(
            new("st-0003", act="rejection", speaker_id="lpr", on_behalf_of_id=""),
            take("st-0020", "dm-0003", "withdraws"),
        ),
    ),
    Near("R24", take("st-0009", "dm-0005", "withdraws")),
    Near("R25", dated("st-0018", "2022-02-21", "2022-02-21")),
    Near("R25", dated("st-0018", "", "2022-02-20")),
    Near("R26", put("demands", "dm-0006", form="ultimatum", deadline="2022-02-24")),
    *(
        Near(
            "R26",
            do(
                put("demands", "dm-0006", form="ultimatum"),
                new("st-0014", act="threat", target_id="nato"),
                link(*ends),
            ),
        )
        for ends in [("st-0020", "repeats", "st-0016"), ("st-0016", "repeats", "st-0020")]
    ),
    *(
        Near("R27", figure("150,000", qualifier, **{column: "150000"}))
        for qualifier, column in [
            ("exact", "best"),
            ("estimated", "best"),
            ("approx", "best"),
            ("nearly", "best"),
            ("at_least", "low"),
            ("more_than", "low"),
            ("up_to", "high"),
        ]
    ),
    Near("R27", figure("150,000 to 150,000", "range", low="150000", high="150000")),
    Near("R27", printed(("0", [0]))),
    Near("R28", printed(*PRINTED)),
    Near("R29", counted("vladimir-putin", "named")),
    Near("R29", counted("russia", "generic")),
    Near("R29", counted("ukraine", "named", note="He cites Kyiv")),
    Near("R29", do(put("mentions", "mn-00009", cue="said, citing"), counted("ukraine", "named"))),
    Near("R29", counted("unattributed", "unattributed")),
    Near("R30", figure(time_ref="planned", as_of_latest="2022-02-21")),
    Near("R30", figure(time_ref="past", as_of_latest="2022-02-20")),
    Near(
        "R30",
        do(
            dated("st-0013", "", "2022-02-21"),
            figure(time_ref="planned", as_of_latest="2022-02-20"),
        ),
    ),
    Near("R31", each("summary", *UNMIXED)),
    Near("R31", named("russia", "МИД", "false", "ru")),
    Near("R31", put("sources", "src-0001", url="https://a.org/=+@Минск")),
    Near("R32", quote("The rebels of the self-proclaimed republics in Donbass")),
    Near("R32", put("sources", "src-0001", title="Kiev rebels of the so-called regime")),
    Near("R32", figure("150,000 militants")),
    Near(
        "R32",
        each(
            "summary",
            "Says that those who rebelled came",
            "Says it of a regimen",
            "Gives an approximation",
            "Speaks of Kievan art",
            "Speaks of Donbas",
        ),
    ),
    Near("R34", put("actors", "dpr", name="Russia")),
    Near("R34", put("actors", "ukraine", name="Russia (Ukraine)")),
    Near("R33", put("statements", "st-0005", summary="x" * 200)),
    Near("R33", put("statements", "st-0005", summary="Says it...!")),
    # 8 words are shared; 9 with the text of a source that does not mention it.
    Near(
        "R33",
        do(
            at_hand(),
            put("statements", "st-0012", summary="Says of the mission said that the talks would"),
        ),
    ),
    Near(
        "R33",
        do(
            at_hand(),
            put(
                "statements", "st-0005", summary="Says of the mission said that the talks would go"
            ),
        ),
    ),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.rule)
def test_a_row_that_breaks_exactly_one_rule(case, broken):
    texts = broken.edit(case)
    found = case.find(texts)
    assert {f.rule for f in found} == {broken.rule}, found
    assert {(f.file, f.column) for f in found} == {(f"data/{broken.table}.csv", broken.column)}
    rows = broken.rows if isinstance(broken.rows, set) else {broken.rows}
    assert {f.row_id for f in found} == rows
    (rule,) = [r for r in rules() if r.id == broken.rule]
    for f in found:
        assert f.severity == rule.severity
        assert f.remedy == rule.hint
        assert f.message
        line = (case.folder / f.file).read_text("utf-8").split("\n")[f.line - 1]
        assert line.startswith(f.row_id.split()[0])


@pytest.mark.parametrize("near", NEAR, ids=lambda near: near.rule)
def test_a_near_miss_breaks_nothing(case, near):
    texts = near.edit(case)
    assert case.find(texts) == []


def test_every_rule_has_a_breaking_row_and_a_near_miss():
    known = [r.id for r in rules()]
    assert known == [f"R{number:02}" for number in range(1, len(known) + 1)]
    assert {broken.rule for broken in BROKEN} == set(known)
    assert {near.rule for near in NEAR} == set(known)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("from 6 to 7 of the 120 tanks", {6, 7, 120}),
        ("120,000, up from 90,000", {120_000, 90_000}),
        ("12.5", set()),
        ("someone", set()),
        ("от 150 до 190 тысяч", {150_000, 190_000}),
        ("a few", set()),
        ("half a million", {500_000}),
        ("twenty-five", set()),
        ("5 or 6 hundred thousand", {500_000, 600_000}),
        ("three, then 150 thousand", {3, 150_000}),
    ],
)
def test_numbers_of_a_printed_value(text, values):
    assert numbers(text) == values
