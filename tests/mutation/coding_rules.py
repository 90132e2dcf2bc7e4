"""Ways to break a coding rule: each changes the package and returns the rows at fault."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from donbas_recognition import _package, fingerprint
from donbas_recognition.checks.rules.acts import POSITION_ACTS
from donbas_recognition.checks.rules.ids import CAMEO_ROOTS, cameo_codes
from tests.mutation.batch import Batch, Mutant, Row
from tests.mutation.constraints import number, sites

RuleWay = Callable[[Batch, Random], "Row | tuple[Row, ...]"]
RULE_WAYS: dict[str, dict[str, tuple[str, str, RuleWay]]] = defaultdict(dict)

DAY = "2022-02-21"  # on which the sources were published
SINGLE = [name for name in _package.NAMES if len(_package.schema(name)["primaryKey"]) == 1]
RELATIONS = ["denies", "responds_to", "contradicts", "corrects", "repeats"]
PASSAGE = "the head of the mission said that the talks would go on for three more days"


def breaks(rule: str, table: str = "", column: str = "") -> Callable[[RuleWay], RuleWay]:
    """Register a way to break a rule; one that draws table and column sets ``batch.place``."""

    def register(way: RuleWay) -> RuleWay:
        RULE_WAYS[rule][way.__name__.replace("_", " ")] = table, column, way
        return way

    return register


def mutate_by_rule(batch: Batch, rule: str, way: str, rng: Random) -> None:
    """Add the one mutant of a rule."""
    *place, edit = RULE_WAYS[rule][way]
    rows = edit(batch, rng)
    table, column = batch.place or place
    batch.mutants.append(Mutant(rule, table, column, rows if isinstance(rows, tuple) else (rows,)))


def pick(batch: Batch, rng: Random, table: str, *known: Callable[[Row], Any], **cells: str) -> Row:
    """Draw a row with these cells for which the functions hold."""
    rows = [r for r in batch.rows[table] if cells.items() <= r.items() and all(k(r) for k in known)]
    return rng.choice(rows)


def row_of(batch: Batch, table: str, key: str) -> Row:
    return next(r for r in batch.rows[table] if next(iter(r.values())) == key)


def shifted(text: str, days: int) -> str:
    return str(date.fromisoformat(text) + timedelta(days))


def by_kind(batch: Batch, *kinds: str) -> list[str]:
    return [row["actor_id"] for row in batch.rows["actors"] if row["kind"] in kinds]


def retire(batch: Batch, table: str, key: str, heir: str = "") -> Row:
    row = {"table": table, "id": key, "retired_in": "0.1.0", "replaced_by": heir, "reason": "Gone"}
    batch.rows["retired_ids"].append(row)
    return row


@breaks("R01")
def a_retired_id_in_use(batch: Batch, rng: Random) -> Row:
    table = rng.choice(SINGLE)
    (key,) = _package.schema(table)["primaryKey"]
    batch.place = table, key
    row = rng.choice(batch.rows[table])
    retire(batch, table, row[key])
    return row


@breaks("R01", "retired_ids", "replaced_by")
def an_unknown_heir(batch: Batch, rng: Random) -> Row:
    return retire(batch, "statements", "st-0999", f"st-{rng.randint(5000, 9999)}")


@breaks("R01", "retired_ids", "id")
def the_form_of_another_table(batch: Batch, rng: Random) -> Row:
    return retire(batch, "statements", rng.choice(["mn-00999", "dm-0999", "st-99", "st999"]))


@breaks("R02")
def what_nobody_uses(batch: Batch, rng: Random) -> Row:
    table = rng.choice(["actors", "sources", "occasions"])
    (key,) = _package.schema(table)["primaryKey"]
    batch.place = table, key
    row = dict(rng.choice(batch.rows[table]))
    row[key] = f"src-{rng.randint(100, 9999):04}" if table == "sources" else f"x{number(rng)}"
    row |= {c: "" for c in ("iso3", "gw_code", "ucdp_actor_id", "wikidata_qid", "url") if c in row}
    batch.rows[table].append(row)
    return row


@breaks("R03", "actor_names", "shared")
def a_second_owner(batch: Batch, rng: Random) -> tuple[Row, ...]:
    row = rng.choice(batch.rows["actor_names"])
    owner = pick(batch, rng, "actors", lambda a: a["actor_id"] != row["actor_id"])["actor_id"]
    other = row | {"actor_id": owner, "kind": "alias"}
    batch.rows["actor_names"].append(other)
    return row, other


@breaks("R03", "actor_names", "shared")
def shared_with_nobody(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["actor_names"])
    row["shared"] = "true"
    return row


@breaks("R04", "statements", "cameo")
def a_code_not_in_cameo(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["statements"])
    known = set(cameo_codes())
    row["cameo"] = rng.choice([f"{n:03}" for n in range(1000) if f"{n:03}" not in known])
    return row


@breaks("R04", "statements", "cameo")
def a_code_of_another_act(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["statements"])
    roots = tuple(CAMEO_ROOTS[row["act"]])
    row["cameo"] = rng.choice([code for code in cameo_codes() if not code.startswith(roots)])
    return row


@breaks("R04")
def codes_of_a_state(batch: Batch, rng: Random) -> Row:
    column = rng.choice(["iso3", "gw_code"])
    batch.place = "actors", column
    row = pick(batch, rng, "actors", lambda r: r["kind"] in ("state", "de_facto_entity"))
    row[column] = "" if row["kind"] == "state" else {"iso3": "XDO", "gw_code": "998"}[column]
    return row


@breaks("R04", "actors", "claimed_by_id")
def claimants(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["actors"])
    row["claimed_by_id"] = "" if row["kind"] == "de_facto_entity" else "ukraine"
    return row


@breaks("R05", "statements", "speaker_id")
def the_silent_speak(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["statements"])
    row["speaker_id"] = rng.choice(by_kind(batch, "population", "unattributed"))
    return row


@breaks("R06")
def a_person_without(batch: Batch, rng: Random) -> Row:
    column = rng.choice(["affiliation_id", "role"])
    batch.place = "actors", column
    row = pick(batch, rng, "actors", kind="person")
    row[column] = ""
    return row


@breaks("R07")
def speaking_to_oneself(batch: Batch, rng: Random) -> Row:
    column = rng.choice(["addressee_id", "target_id"])
    batch.place = "statements", column
    row = rng.choice(batch.rows["statements"])
    row[column] = row["speaker_id"]
    return row


@breaks("R07", "statements", "target_id")
def accusing_nobody(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["statements"])
    row |= {"act": rng.choice(["accusation", "condemnation", "threat"]), "target_id": ""}
    return row


@breaks("R07", "statements", "target_id")
def a_target_of_an_act_without(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["statements"])
    row |= {"act": rng.choice(["claim", "request", "rejection", "proposal"]), "cameo": ""}
    row["target_id"] = rng.choice(["nato", "people-of-donbas"])
    return row


@breaks("R08", "mentions", "relay_id")
def what_is_no_relay(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["mentions"])
    kinds = "person", "state", "international_organisation", "informal_bloc", "population"
    row |= {"relay_id": rng.choice(by_kind(batch, *kinds)), "relay_basis": "stated"}
    return row


@breaks("R08", "mentions", "relay_id")
def the_speaker_as_relay(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["mentions"])
    outlet = rng.choice(by_kind(batch, "media_outlet", "state_body"))
    row_of(batch, "statements", row["statement_id"])["speaker_id"] = outlet
    row |= {"relay_id": outlet, "relay_basis": "inferred"}
    return row


@breaks("R08", "mentions", "relay_basis")
def the_basis_of_a_relay(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["mentions"])
    row["relay_basis"] = "none" if row["relay_id"] else rng.choice(["stated", "inferred"])
    return row


@breaks("R09")
def a_ring(batch: Batch, rng: Random) -> tuple[Row, ...]:
    columns = {
        "affiliation_id": "actors",
        "claimed_by_id": "actors",
        "parent_id": "demands",
        "derived_from": "sources",
    }
    column, table = rng.choice(list(columns.items()))
    batch.place = table, column
    rows = rng.sample(batch.rows[table], rng.randint(1, min(5, len(batch.rows[table]))))
    (key,) = _package.schema(table)["primaryKey"]
    for row, following in zip(rows, rows[1:] + rows[:1], strict=True):
        row[column] = following[key]
    return tuple(rows)


@breaks("R10")
def the_latest_first(batch: Batch, rng: Random) -> Row:
    table = rng.choice(["statements", "occasions", "military_figures"])
    stem = "as_of" if table == "military_figures" else "date"
    batch.place = table, f"{stem}_latest"
    row = rng.choice(batch.rows[table])
    row[f"{stem}_earliest"] = shifted(row[f"{stem}_latest"], rng.randint(1, 60))
    return row


@breaks("R10", "statements", "date_latest")
def outside_the_window(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["statements"])
    days = rng.randint(1, 100)
    last = rng.choice([shifted("2021-11-01", -days), shifted("2022-02-24", days)])
    row |= {"date_earliest": rng.choice(["", last]), "date_latest": last, "note": ""}
    return row


@breaks("R11", "statements", "date_earliest")
def said_after_publication(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["statements"])
    later = shifted(DAY, rng.randint(1, 90))
    row |= {"date_earliest": later, "date_latest": later}
    return row


@breaks("R11", "statements", "date_latest")
def perhaps_after_publication(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["statements"])
    row |= {"date_latest": shifted(DAY, rng.randint(1, 90)), "note": ""}
    row["date_earliest"] = rng.choice(["", DAY])
    return row


@breaks("R12", "sources", "published_on")
def before_the_original(batch: Batch, rng: Random) -> Row:
    row = pick(batch, rng, "sources", lambda r: r["derived_from"])
    row["published_on"] = shifted(DAY, -rng.randint(1, 90))
    return row


@breaks("R13")
def counted_after_publication(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["military_figures"])
    column = rng.choice(["as_of_earliest", "as_of_latest"])
    batch.place = "military_figures", column
    row |= {"as_of_earliest": "", "as_of_latest": "", "time_ref": rng.choice(["past", "current"])}
    row[column] = shifted(DAY, rng.randint(1, 90))
    return row


@breaks("R14", "statements", "occasion_id")
def off_the_occasion(batch: Batch, rng: Random) -> Row:
    row = pick(batch, rng, "statements", lambda r: r["occasion_id"])
    held = row_of(batch, "occasions", row["occasion_id"])
    if rng.random() < 0.5:
        row["date_earliest"] = shifted(held["date_earliest"], -rng.randint(1, 60))
    else:
        row["date_latest"] = shifted(held["date_latest"], rng.randint(1, 60))
    return row


@breaks("R15", "statements", "statement_id")
def no_mention(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["statements"])
    key = row["statement_id"]
    batch.rows["mentions"] = [m for m in batch.rows["mentions"] if m["statement_id"] != key]
    return row


@breaks("R16")
def the_cells_of_a_quote(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["mentions"])
    cells = {"quote": "It is so", "quote_language": "ru", "translated": "yes"}
    column = rng.choice(list(cells))
    batch.place = "mentions", column
    row[column] = "" if row["mode"] in ("direct_quote", "partial_quote") else cells[column]
    return row


def quote(batch: Batch, rng: Random, text: str) -> Row:
    row = rng.choice(batch.rows["mentions"])
    row |= {"mode": "partial_quote", "quote": text, "quote_language": "en", "translated": "no"}
    return row


@breaks("R17", "mentions", "quote")
def a_long_quote(batch: Batch, rng: Random) -> Row:
    words = [rng.choice(["мир", "peace", "20,000", "l'été"]) for _ in range(rng.randint(26, 60))]
    row = quote(batch, rng, " — ".join(words))
    row["passage_words"] = rng.choice(["8", "200"])
    return row


@breaks("R17", "mentions", "quote")
def a_quote_longer_than_its_passage(batch: Batch, rng: Random) -> Row:
    row = quote(batch, rng, "мир and " * rng.randint(4, 10) + "peace")
    row["passage_words"] = "8"
    return row


@breaks("R17", "mentions", "quote")
def a_quote_in_marks(batch: Batch, rng: Random) -> Row:
    pair = rng.choice(["“”", '""', "''", "‘’", "«»", "»«", "„“", "‚‘", "‹›"])
    return quote(batch, rng, f"{pair[0]}{rng.choice(['Yes', 'It is so.', 'мир'])}{pair[1]}")


@breaks("R18", "mentions", "mode")
def an_outlet_without_a_figure(batch: Batch, rng: Random) -> Row:
    counted = {row["statement_id"] for row in batch.rows["military_figures"]}
    row = pick(batch, rng, "mentions", lambda r: r["statement_id"] not in counted)
    row["mode"] = "outlet_voice"
    return row


@breaks("R18", "mentions", "mode")
def an_outlet_for_another(batch: Batch, rng: Random) -> Row:
    row = pick(batch, rng, "mentions", statement_id="st-0020")
    row["mode"] = "outlet_voice"
    speaker = rng.choice(["daily-sabah", "ukraine", "nato"])
    row_of(batch, "statements", "st-0020")["speaker_id"] = speaker
    return row


def at_hand(batch: Batch, rng: Random, **cells: str) -> Row:
    """A mention of the source whose text is at hand; its others are found there."""
    row = pick(batch, rng, "mentions", source_id="src-0002")
    words, sha256 = fingerprint(PASSAGE)
    for other in batch.rows["mentions"]:
        if other["source_id"] == "src-0002":
            other |= {"passage_words": str(words), "passage_sha256": sha256}
    row |= cells
    batch.texts = {"src-0002": f"<p>«{PASSAGE}»</p>"}
    return row


@breaks("R19", "mentions", "passage_sha256")
def a_passage_not_in_the_text(batch: Batch, rng: Random) -> Row:
    words = PASSAGE.split()
    words[rng.randrange(1, 15)] = rng.choice(["never", "миссия", "4"])
    count, sha256 = fingerprint(" ".join(words[: rng.randint(15, 16)]))
    return at_hand(batch, rng, passage_words=str(count), passage_sha256=sha256)


@breaks("R19", "mentions", "passage_sha256")
def a_wrong_count(batch: Batch, rng: Random) -> Row:
    return at_hand(batch, rng, passage_words=rng.choice(["8", "15", "17", "999"]))


@breaks("R20", "statements", "statement_id")
def a_copy_beside_the_original(batch: Batch, rng: Random) -> Row:
    mention = rng.choice(batch.rows["mentions"])
    source = {"src-0001": "src-0002", "src-0002": "src-0001"}[mention["source_id"]]
    batch.rows["mentions"].append(mention | {"mention_id": "mn-09999", "source_id": source})
    return row_of(batch, "statements", mention["statement_id"])


def link(batch: Batch, one: Row, relation: str, other: Row) -> Row:
    row = {"from_id": one["statement_id"], "relation": relation, "to_id": other["statement_id"]}
    links = batch.rows["statement_links"]
    links[:] = [old for old in links if not row.items() <= old.items()]
    links.append(row | {"confidence": "certain"})
    return links[-1]


@breaks("R21", "statements", "act")
def a_denial_of_nothing(batch: Batch, rng: Random) -> Row:
    links = batch.rows["statement_links"]
    denying = {old["from_id"] for old in links if old["relation"] == "denies"}
    row = pick(batch, rng, "statements", lambda r: r["statement_id"] not in denying)
    row |= {"act": "denial", "cameo": ""}
    row |= rng.choice([{"confidence": "certain"}, {"confidence": "ambiguous", "note": ""}])
    return row


@breaks("R21", "statement_links", "to_id")
def denying_the_undeniable(batch: Batch, rng: Random) -> Row:
    one, other = rng.sample(batch.rows["statements"], 2)
    other["act"] = rng.choice(["request", "demand", "support", "denial", "consideration"])
    return link(batch, one, "denies", other)


@breaks("R21", "statement_links", "relation")
def denying_without_a_denial(batch: Batch, rng: Random) -> Row:
    one, other = rng.sample(batch.rows["statements"], 2)
    one["act"] = rng.choice(["claim", "accusation", "rejection", "commitment"])
    return link(batch, one, "denies", other)


@breaks("R21", "statement_links", "to_id")
def denying_oneself(batch: Batch, rng: Random) -> Row:
    one, other = rng.sample(batch.rows["statements"], 2)
    other["speaker_id"] = one["speaker_id"]
    return link(batch, one, "denies", other)


@breaks("R22", "statement_links", "to_id")
def a_link_to_itself(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["statements"])
    return link(batch, row, rng.choice(RELATIONS), row)


@breaks("R22", "statement_links", "from_id")
def an_answer_before(batch: Batch, rng: Random) -> Row:
    one, other = rng.sample(batch.rows["statements"], 2)
    one |= {"date_earliest": "", "date_latest": shifted(DAY, -rng.randint(1, 60))}
    other |= {"date_earliest": DAY, "date_latest": DAY}
    return link(batch, one, rng.choice(["responds_to", "corrects", "repeats"]), other)


@breaks("R22", "statement_links", "relation")
def a_contradiction_in_one_source(batch: Batch, rng: Random) -> Row:
    old = [row for row in batch.rows["statements"] if row["statement_id"] < "st-0020"]
    one, other = rng.sample(old, 2)
    other["speaker_id"] = one["speaker_id"]
    return link(batch, one, "contradicts", other)


@breaks("R22", "statement_links", "relation")
def repeating_the_other_side(batch: Batch, rng: Random) -> Row:
    one, other = rng.sample(batch.rows["statements"], 2)
    one |= {"speaker_id": rng.choice(["dpr", "denis-pushilin"]), "on_behalf_of_id": "dpr"}
    other |= {"speaker_id": rng.choice(["ukraine", "west", "vladimir-putin"])}
    other |= {"on_behalf_of_id": rng.choice(["", "ukraine", "russia"])}
    ends = [one, other]
    rng.shuffle(ends)
    return link(batch, ends[0], "repeats", ends[1])


@breaks("R23", "statements", "act")
def asking_without_a_demand(batch: Batch, rng: Random) -> Row:
    raising = {r["statement_id"] for r in batch.rows["positions"] if r["position"] == "raises"}
    row = pick(batch, rng, "statements", lambda r: r["statement_id"] not in raising)
    row |= {"act": rng.choice(["request", "demand"]), "cameo": ""}
    return row


@breaks("R23", "demands", "demand_id")
def a_demand_never_raised(batch: Batch, rng: Random) -> Row:
    row = pick(batch, rng, "positions", position="raises")
    row["position"] = rng.choice(["repeats", "supports"])
    return row_of(batch, "demands", row["demand_id"])


@breaks("R23", "demands", "demand_id")
def a_demand_raised_twice(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["demands"])
    key = row["demand_id"]
    taken = {r["statement_id"] for r in batch.rows["positions"] if r["demand_id"] == key}
    other = pick(batch, rng, "statements", lambda r: r["statement_id"] not in taken)
    position = {"statement_id": other["statement_id"], "demand_id": key, "position": "raises"}
    batch.rows["positions"].append(position)
    return row


@breaks("R23", "demands", "demander_id")
def another_demander(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["demands"])
    row["demander_id"] = rng.choice(["ukraine", "nato", "ria-novosti"])
    return row


@breaks("R24", "positions", "position")
def an_act_that_does_not_fit(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["positions"])
    act = row_of(batch, "statements", row["statement_id"])["act"]
    row["position"] = rng.choice([p for p, acts in POSITION_ACTS.items() if act not in acts])
    return row


@breaks("R24", "positions", "position")
def withdrawn_by_another(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["positions"])
    speaker = rng.choice(["ukraine", "nato", "ria-novosti"])
    row_of(batch, "statements", row["statement_id"]).update(speaker_id=speaker, on_behalf_of_id="")
    row["position"] = "withdraws"
    return row


@breaks("R25", "positions", "statement_id")
def a_stand_before_the_raising(batch: Batch, rng: Random) -> Row:
    row = pick(batch, rng, "positions", lambda r: r["position"] != "raises")
    raised = pick(batch, rng, "positions", demand_id=row["demand_id"], position="raises")
    row_of(batch, "statements", raised["statement_id"]).update(date_earliest=DAY, date_latest=DAY)
    before = shifted(DAY, -rng.randint(1, 60))
    row_of(batch, "statements", row["statement_id"]).update(date_earliest="", date_latest=before)
    return row


@breaks("R26", "demands", "form")
def an_empty_ultimatum(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["demands"])
    row |= {"form": "ultimatum", "deadline": ""}
    return row


@breaks("R27")
def the_cells_of_a_qualifier(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["military_figures"])
    column = rng.choice(["low", "best", "high"])
    batch.place = "military_figures", column
    row[column] = "" if row[column] else str(number(rng))
    return row


@breaks("R27", "military_figures", "high")
def a_range_backwards(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["military_figures"])
    low = number(rng)
    row |= {"qualifier": "range", "low": str(low), "high": str(rng.randrange(low)), "best": ""}
    return row


@breaks("R28", "military_figures", "value_text")
def another_number(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["military_figures"])
    column = rng.choice([c for c in ("low", "best", "high") if row[c]])
    value = int(row[column])
    row[column] = str(rng.choice([value * 10, value + 1, value - 1, value // 10, value * 1_000]))
    return row


@breaks("R29", "military_figures", "estimator_basis")
def the_basis_of_an_estimate(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["military_figures"])
    nobody = row["estimator_id"] == "unattributed"
    row["estimator_basis"] = rng.choice(["named", "generic"]) if nobody else "unattributed"
    return row


@breaks("R29", "military_figures", "estimator_id")
def another_estimator(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["military_figures"])
    row |= {"estimator_id": rng.choice(["nato", "west", "dpr"]), "note": ""}
    row["estimator_basis"] = rng.choice(["named", "generic"])
    return row


@breaks("R30", "military_figures", "as_of_latest")
def planned_for_the_past(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["military_figures"])
    said = row_of(batch, "statements", row["statement_id"])["date_earliest"]
    row |= {"as_of_earliest": "", "as_of_latest": shifted(said, -rng.randint(1, 60))}
    row["time_ref"] = rng.choice(["planned", "projected"])
    return row


def text_columns(prose: bool) -> list[tuple[str, str]]:
    """Table and column of free text."""
    held = {(table, one["name"]) for kind, table, one in sites() if kind in ("enum", "foreignKey")}
    held |= {(table, one["name"]) for kind, table, one in sites() if kind == "pattern"}
    held |= {
        (table, key) for table in _package.NAMES for key in _package.schema(table)["primaryKey"]
    }
    return [
        (table, one["name"])
        for table in _package.NAMES
        for one in _package.schema(table)["fields"]
        if one["type"] == "string"
        and (table, one["name"]) not in held
        and (one.get("prose") or not prose)
    ]


def text_cell(batch: Batch, rng: Random, prose: bool) -> tuple[Row, str]:
    table, column = batch.place = rng.choice(text_columns(prose))
    row = rng.choice(batch.rows[table])
    row[column] = row.get(column) or "Text"
    return row, column


@breaks("R31")
def unclean_text(batch: Batch, rng: Random) -> Row:
    row, column = text_cell(batch, rng, prose=False)
    text = row[column]
    place = rng.randint(1, len(text) - 1)
    odd = ["  ", "\t", "\n", "\x07", "\u200b", "\u00ad", "\u2028", "x\u0430", "\u0435z", "e\u0301"]
    row[column] = rng.choice(
        [
            text[:place] + rng.choice(odd) + text[place:],
            rng.choice("=+-@") + text,
            rng.choice(" \u00a0\u3000") + text,
            text + rng.choice(" \u00a0\u3000"),
        ]
    )
    return row


@breaks("R32")
def loaded_words(batch: Batch, rng: Random) -> Row:
    row, column = text_cell(batch, rng, prose=True)
    words = ["rebels", "a proxy", "terrorists", "occupied", "Regime", "so-called", "DNR", "Kiev"]
    form = rng.choice(["{0} {1}", "{1} {0}", "{0}, {1}", "{0}-{1}"])
    row[column] = form.format(rng.choice(words), row[column])[:200]
    return row


@breaks("R33", "statements", "summary")
def a_full_stop(batch: Batch, rng: Random) -> Row:
    row = rng.choice(batch.rows["statements"])
    row["summary"] += rng.choice([".", "...", " etc."])
    return row


@breaks("R33", "statements", "summary")
def the_words_of_the_text(batch: Batch, rng: Random) -> Row:
    row = row_of(batch, "statements", at_hand(batch, rng)["statement_id"])
    start = rng.randint(0, 7)
    words = PASSAGE.upper().split()[start : start + rng.randint(9, 16)]
    row["summary"] = "Says: " + ", ".join(words)
    return row


@breaks("R34", "actors", "name")
def a_twin(batch: Batch, rng: Random) -> Row:
    row = pick(batch, rng, "actors", kind=rng.choice(["media_outlet", "person", "state"]))
    first = pick(batch, rng, "actors", lambda a: a is not row, kind=row["kind"])
    # The finding is at the later of the two.
    row, first = sorted((row, first), key=lambda a: a["actor_id"], reverse=True)
    row["name"] = rng.choice(["The {}", "«{}»", "{}."]).format(first["name"].upper())
    return row
