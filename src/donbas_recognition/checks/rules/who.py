"""Who speaks, to whom and about whom (R05–R09)."""

from collections.abc import Iterator

import polars as pl

from donbas_recognition.checks.files import ROW
from donbas_recognition.checks.relations import references
from donbas_recognition.checks.rules.registry import Hits, Tables, hits, rule

SILENT = ["population", "unattributed"]
# Acts that must have a target, and those that may.
POINTED = ["accusation", "condemnation", "threat"]
POINTING = ["denial", "warning", "support", "declaration"]
# Acts that are directed at somebody.
ADDRESSED = [
    "request",
    "demand",
    "proposal",
    "acceptance",
    "rejection",
    "commitment",
    "threat",
    "declaration",
]
RELAYS = ["media_outlet", "state_body"]


@rule(
    "R05",
    "Speakers are persons, states, state bodies, international organisations, de-facto entities, "
    "organisations, media outlets or informal blocs; a population or `unattributed` never speaks.",
    hint="Name who spoke for them, or code no statement.",
)
def speakers(t: Tables) -> Iterator[Hits]:
    kinds = t["actors"]["kind"].gather(t.rows("statements", "speaker_id")).alias("kind")
    silent = t["statements"].select(ROW, kinds).filter(pl.col("kind").is_in(SILENT))
    message = pl.format("an actor of kind {} cannot speak", "kind")
    yield hits(silent, "statements", "speaker_id", message)


@rule(
    "R06",
    "A person has an affiliation and a role.",
    hint="Give the body or state and the office as of February 2022.",
)
def persons(t: Tables) -> Iterator[Hits]:
    for column in ("affiliation_id", "role"):
        broken = (pl.col("kind") == "person") & pl.col(column).is_null()
        yield t.hits("actors", column, broken, "a person needs this")


@rule(
    "R07",
    "The speaker is neither addressee nor target; an accusation, condemnation or threat has a "
    "target, and beside them only a denial, warning, support or declaration may have one; an "
    "addressee belongs only to a request, demand, proposal, acceptance, rejection, commitment, "
    "threat or declaration.",
    hint="Re-read who says it of whom and to whom; see «Addressee and target» in the manual.",
)
def roles(t: Tables) -> Iterator[Hits]:
    for column in ("addressee_id", "target_id"):
        same = pl.col("speaker_id") == pl.col(column)
        yield t.hits("statements", column, same, "the speaker cannot stand here")
    target = pl.col("target_id").is_not_null()
    yield t.hits(
        "statements",
        "target_id",
        pl.col("act").is_in(POINTED) & ~target,
        pl.format("the act {} needs a target", "act"),
    )
    yield t.hits(
        "statements",
        "target_id",
        target & ~pl.col("act").is_in(POINTED + POINTING),
        pl.format("the act {} has no target", "act"),
    )
    yield t.hits(
        "statements",
        "addressee_id",
        pl.col("addressee_id").is_not_null() & ~pl.col("act").is_in(ADDRESSED),
        pl.format("the act {} has no addressee", "act"),
    )


@rule(
    "R08",
    "A relay is a media outlet or state body other than the speaker; relay_basis is none exactly "
    "when there is no relay.",
    hint="The relay carried the words; who said them is the speaker.",
)
def relays(t: Tables) -> Iterator[Hits]:
    none = pl.col("relay_basis") == "none"
    empty = pl.col("relay_id").is_null()
    yield t.hits("mentions", "relay_basis", none & ~empty, "a relay is given, so it has a basis")
    yield t.hits("mentions", "relay_basis", ~none & empty, "no relay is given")
    relayed = t["mentions"].filter(~empty).select(ROW, "relay_id")
    relayed = t.follow(relayed, "mentions", "statement_id", speaker_id="speaker_id")
    relayed = t.follow(relayed, "mentions", "relay_id", kind="kind")
    own = pl.col("relay_id") == pl.col("speaker_id")
    yield hits(relayed.filter(own), "mentions", "relay_id", "the speaker cannot be the relay")
    other = relayed.filter(~pl.col("kind").is_in(RELAYS))
    yield hits(other, "mentions", "relay_id", pl.format("an actor of kind {} is no relay", "kind"))


@rule(
    "R09",
    "claimed_by_id, affiliation_id, parent_id and derived_from have no cycles.",
    hint="Follow the column from row to row and break the ring.",
)
def cycles(t: Tables) -> Iterator[Hits]:
    for name, schema in t.schemas.items():
        for column, parent, key in references(schema):
            if parent != name:
                continue
            edges = t[name].select(pl.col(key), pl.col(column)).drop_nulls().unique(key)
            ring = list(_rings(dict(edges.iter_rows())))
            yield hits(
                t[name].filter(pl.col(key).is_in(ring)), name, column, "the column leads back here"
            )


def _rings(up: dict[str, str]) -> set[str]:
    """Nodes from which the edges lead back to them, each edge followed once."""
    rings: set[str] = set()
    done: set[str] = set()
    for start in up:
        path: dict[str, None] = {}
        node = start
        while node in up and node not in done and node not in path:
            path[node] = None
            node = up[node]
        if node in path:
            nodes = list(path)
            rings.update(nodes[nodes.index(node) :])
        done.update(path)
    return rings
