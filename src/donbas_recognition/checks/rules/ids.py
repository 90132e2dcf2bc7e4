"""Ids and names (R01–R04, R34)."""

from collections.abc import Iterator
from importlib.resources import files

import polars as pl

from donbas_recognition.checks.files import ROW
from donbas_recognition.checks.relations import references
from donbas_recognition.checks.rules.registry import Hits, Tables, hits, rule, unreferenced

# Act -> beginnings of the CAMEO codes that agree with it. CAMEO has no root of its own for a
# declaration that is not diplomatic cooperation: there the code stays empty.
CAMEO_ROOTS = {
    "declaration": ["05"],
    "threat": ["13"],
    "demand": ["10"],
    "request": ["02"],
    "acceptance": ["03", "08"],
    "rejection": ["12"],
    "denial": ["016"],
    "accusation": ["112"],
    "condemnation": ["111"],
    "proposal": ["03"],
    "commitment": ["03"],
    "consideration": ["014"],
    "warning": ["012"],
    "support": ["051", "052", "053"],
    "claim": ["010"],
}


def cameo_codes() -> list[str]:
    """Event codes and roots of CAMEO 1.1b3, chapter 6 of its codebook."""
    return (files(__package__) / "cameo_event_codes.txt").read_text(encoding="utf-8").split()


@rule(
    "R01",
    "An id has its table's form, is used once, and is not listed in retired_ids.",
    hint="Take the next free id; a retired id never comes back.",
)
def retired(t: Tables) -> Iterator[Hits]:
    for name, schema in t.schemas.items():
        if len(schema["primaryKey"]) > 1:
            continue
        key = schema["primaryKey"][0]
        gone = t["retired_ids"].filter(pl.col("table") == name)
        form = next(f["constraints"]["pattern"] for f in schema["fields"] if f["name"] == key)
        odd = gone.filter(~pl.col("id").str.contains(f"^(?:{form})$"))
        yield hits(odd, "retired_ids", "id", f"it has not the form of the ids of {name}")
        if not gone.height:
            continue
        back = t[name].join(gone, left_on=key, right_on="id", how="semi", maintain_order="left")
        yield hits(back, name, key, "the id is retired")
        known = pl.concat([t[name].select(id=key), gone.select("id")])
        replaced = gone.drop_nulls("replaced_by").join(
            known, left_on="replaced_by", right_on="id", how="anti", maintain_order="left"
        )
        yield hits(replaced, "retired_ids", "replaced_by", f"the id is not in {name}")


@rule(
    "R02",
    "Every actor, source, occasion and demand is used by a row.",
    hint="Use it, or delete it if it was never released.",
    severity="warning",
)
def unused(t: Tables) -> Iterator[Hits]:
    for name in ("actors", "sources", "occasions", "demands"):
        key = t.schemas[name]["primaryKey"][0]
        used = [
            t.rows(child, column)
            for child, schema in t.schemas.items()
            for column, parent, _ in references(schema)
            if parent == name and child != "actor_names"
        ]
        idle = unreferenced(t[name].select(ROW), *used)
        yield hits(idle, name, key, f"no row uses this {name.removesuffix('s')}")


@rule(
    "R03",
    "A name in actor_names belongs to one actor, unless both rows are marked as shared.",
    hint="Correct the actor, or set shared to true in every row of that name.",
)
def names(t: Tables) -> Iterator[Hits]:
    owners = pl.col("actor_id").n_unique().over("name")
    yield t.hits(
        "actor_names", "shared", (owners > 1) & ~pl.col("shared"), "the name has another owner too"
    )
    yield t.hits(
        "actor_names", "shared", (owners == 1) & pl.col("shared"), "the name has no other owner"
    )


@rule(
    "R04",
    "A CAMEO code is in CAMEO 1.1b3 and its root agrees with the act; a state has ISO and "
    "Gleditsch-Ward codes, a de-facto entity has a claimant and neither; only it has a claimant.",
    hint="See the table of acts in the coding manual; leave the code empty where none fits.",
)
def codes(t: Tables) -> Iterator[Hits]:
    codes = cameo_codes()
    fitting = [
        f"{act} {code}"
        for act, roots in CAMEO_ROOTS.items()
        for code in codes
        if code.startswith(tuple(roots))
    ]
    fits = pl.concat_str("act", "cameo", separator=" ").is_in(fitting)
    odd = (
        t["statements"]
        .select(ROW, "act", "cameo")
        .drop_nulls("cameo")
        .filter(~fits.fill_null(False))
    )
    known = pl.col("cameo").is_in(codes)
    yield hits(odd.filter(~known), "statements", "cameo", "the code is not in CAMEO 1.1b3")
    yield hits(
        odd.filter(known & pl.col("act").is_in(list(CAMEO_ROOTS))),
        "statements",
        "cameo",
        pl.format("the code is not one for the act {}", "act"),
    )
    state, entity = pl.col("kind") == "state", pl.col("kind") == "de_facto_entity"
    for column in ("iso3", "gw_code"):
        has = pl.col(column).is_not_null()
        yield t.hits("actors", column, state & ~has, "a state needs this code")
        yield t.hits("actors", column, entity & has, "a de-facto entity has no such code")
    claimed = pl.col("claimed_by_id").is_not_null()
    yield t.hits("actors", "claimed_by_id", entity & ~claimed, "a de-facto entity needs a claimant")
    yield t.hits("actors", "claimed_by_id", ~entity & claimed, "only a de-facto entity has one")


@rule(
    "R34",
    "No two actors of a kind have the same name, whatever its case and punctuation and with or "
    "without “The”.",
    hint="If it is one actor, keep one id and retire the other; else tell them apart in the name.",
)
def twins(t: Tables) -> Iterator[Hits]:
    plain = (
        pl.col("name")
        .str.to_lowercase()
        .str.replace(r"^the\s+", "")
        .str.replace_all(r"[^\p{L}\p{N}]+", "")
    )
    named = t["actors"].drop_nulls(["name", "kind"]).with_columns(plain.alias("plain"))
    first = pl.col("actor_id").first().over("kind", "plain")
    double = named.with_columns(first.alias("first")).filter(pl.col("actor_id") != pl.col("first"))
    yield hits(double, "actors", "name", pl.format("{} has this name", "first"))
