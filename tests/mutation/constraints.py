"""Ways to break a constraint of a Table Schema.

Most make a bad value from the field, a good value and the source of chance.
"""

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from donbas_recognition import _package
from donbas_recognition.checks.relations import references
from donbas_recognition.checks.tableschema import required, unique_keys
from tests.mutation.batch import Batch, Mutant

Bad = Callable[[dict[str, Any], str, Random], str | None]


def always(*values: str) -> Bad:
    """One of these, whatever stood there."""
    return lambda _, __, rng: rng.choice(values)


def number(rng: Random) -> int:
    return rng.randint(1, 10 ** rng.randint(1, 6))


def day(rng: Random) -> tuple[int, int]:
    return rng.randint(1, 12), rng.randint(1, 28)


def turned(text: str, digits: str) -> str:
    return text.translate({ord("0") + n: digit for n, digit in enumerate(digits)})


ARABIC = "٠١٢٣٤٥٦٧٨٩"
ALPHABET = "abc XYZ019_-.,;|/äßЖя中\U0001f600'"


def word(rng: Random, least: int = 1, most: int = 12) -> str:
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randint(least, most)))


CELL_WAYS: dict[str, dict[str, Bad]] = {
    "type integer": {
        "a word": lambda _, __, rng: "x" + word(rng),
        "decimals": lambda _, __, rng: f"{number(rng)}.{rng.randint(0, 9)}",
        "exponent": lambda _, __, rng: f"{rng.randint(1, 9)}e{rng.randint(0, 5)}",
        "hexadecimal": lambda _, __, rng: hex(number(rng)),
        "comma": lambda _, __, rng: f"{number(rng) + 1000:,}",
        "underscore": lambda _, __, rng: f"{number(rng) + 1000:_}",
        "padded": lambda _, __, rng: rng.choice([" {}", "{} ", " {} "]).format(number(rng)),
        "plus sign": lambda _, __, rng: f"+{number(rng)}",
        "leading zero": lambda _, __, rng: f"0{number(rng)}",
        "Arabic digits": lambda _, __, rng: turned(str(number(rng)), ARABIC),
        "not a number": always("NaN", "inf", "-", "null", "NA"),
        "beyond 64 bits": lambda _, __, rng: str(10 ** rng.randint(20, 30) + number(rng)),
    },
    "type boolean": {
        "capitals": always("True", "TRUE", "False", "FALSE"),
        "other case": always("tRUE", "falsE"),
        "digit": always("0", "1"),
        "other word": always("yes", "no", "t", "wahr"),
        "padded": always(" true", "false "),
    },
    "type date": {
        "not in the calendar": lambda _, __, rng: rng.choice(
            ["2022-02-30", "2022-02-29", "2021-11-31", "2022-13-01", "2022-00-10", "2022-01-00"]
        ),
        "German": lambda _, __, rng: "{1:02}.{0:02}.2022".format(*day(rng)),
        "American": lambda _, __, rng: "{:02}/{:02}/2022".format(*day(rng)),
        "no zeros": lambda _, __, rng: f"2022-{rng.randint(1, 9)}-{rng.randint(1, 9)}",
        "basic form": lambda _, __, rng: "2022{:02}{:02}".format(*day(rng)),
        "with time": lambda _, __, rng: "2022-{:02}-{:02}T00:00:00".format(*day(rng)),
        "month": always("2022-02", "2022"),
        "padded": lambda _, __, rng: rng.choice([" 2022-{:02}-{:02}", "2022-{:02}-{:02} "]).format(
            *day(rng)
        ),
        "Arabic digits": lambda _, __, rng: turned("2022-{:02}-{:02}".format(*day(rng)), ARABIC),
        "year of two or five digits": always("22-02-21", "12022-02-21"),
        "year 0": always("0000-01-01"),
        "a word": always("yesterday", "unknown", "None"),
    },
    "required": {"empty": always("")},
    "enum": {
        "other word": lambda _, __, rng: word(rng),
        "other case": lambda f, __, rng: rng.choice(f["constraints"]["enum"]).capitalize(),
        "padded": lambda f, __, rng: rng.choice(f["constraints"]["enum"]) + " ",
        "shortened": lambda f, __, rng: rng.choice(f["constraints"]["enum"])[:-1],
        "two": lambda f, __, rng: "|".join(rng.sample(f["constraints"]["enum"], 2)),
        "label": lambda f, __, rng: rng.choice(f["categories"])["label"],
    },
    "pattern": {
        "other word": lambda _, __, rng: word(rng),
        "put before": lambda _, v, rng: rng.choice("-: x|\n") + v,
        "put after": lambda _, v, rng: v + rng.choice("-: |\\"),
        "line break after": lambda _, v, rng: v + "\n",
        "cut": lambda _, v, rng: v[: rng.randint(1, max(len(v) - 1, 1))],
        "other case": lambda _, v, rng: v.swapcase(),
        "Arabic digits": lambda _, v, rng: turned(v, ARABIC),
        "twice": lambda _, v, rng: f"{v} {v}",
    },
    "minimum": {
        "one less": lambda f, _, __: str(f["constraints"]["minimum"] - 1),
        "far less": lambda f, _, rng: str(f["constraints"]["minimum"] - number(rng)),
    },
    "maximum": {
        "one more": lambda f, _, __: str(f["constraints"]["maximum"] + 1),
        "far more": lambda f, _, rng: str(f["constraints"]["maximum"] + number(rng)),
    },
    "minLength": {
        "one less": lambda f, _, rng: word(rng, 1, 1) * (f["constraints"]["minLength"] - 1),
    },
    "maxLength": {
        "one more": lambda f, _, rng: (
            rng.choice("xЖ中\U0001f600") * (f["constraints"]["maxLength"] + 1)
        ),
        "far more": lambda f, _, rng: word(rng, 9, 9) * f["constraints"]["maxLength"],
    },
    "foreignKey": {
        "unknown": lambda _, v, rng: v + word(rng),
        "other case": lambda _, v, __: v.upper(),
        "padded": lambda _, v, rng: rng.choice([" {}", "{} "]).format(v),
        "cut": lambda _, v, __: v[:-1],
        "id of another table": lambda _, v, __: "mf-0001" if not v.startswith("mf-") else "st-0001",
    },
}
KEY_WAYS = {
    "primaryKey": ["row twice", "key of another row", "key three times"],
    "uniqueKeys": ["in two rows", "in three rows"],
    "unique": ["in two rows", "in three rows"],
}
HEADER_WAYS = ["missing", "renamed", "extra", "twice", "swapped"]


def ways() -> list[tuple[str, str]]:
    """Kinds of constraint that the schemas state, and the ways to break each."""
    stated = {kind for kind, _, _ in sites()}
    pairs = [(kind, way) for kind, named in CELL_WAYS.items() for way in named if kind in stated]
    pairs.append(("foreignKey", "parent gone"))
    pairs += [(kind, way) for kind, named in KEY_WAYS.items() for way in named]
    return pairs + [("field", way) for way in HEADER_WAYS]


def sites() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every column constraint of every schema: kind, table, field."""
    for table in _package.NAMES:
        schema = _package.schema(table)
        parents = {column for column, _, _ in references(schema)}
        for one in schema["fields"]:
            if one["type"] != "string":
                yield f"type {one['type']}", table, one
            if required(schema, one):
                yield "required", table, one
            for kind in one.get("constraints", {}):
                if kind not in ("required", "unique"):
                    assert kind in CELL_WAYS, kind
                    yield kind, table, one
            if one["name"] in parents:
                yield "foreignKey", table, one


RULE_OF = {"foreignKey": "schema-reference", "field": "file-header"}
ERRORS = {
    "type": {"type-error"},
    "unique": {"unique-error"},
    "primaryKey": {"primary-key"},
    "uniqueKeys": {"primary-key", "unique-error"},
    "foreignKey": {"foreign-key"},
    "field": {"missing-label", "extra-label", "duplicate-label", "incorrect-label"},
}


def errors_of(kind: str) -> set[str]:
    """Types of frictionless errors that tell of a kind of constraint."""
    return ERRORS.get(kind.partition(" ")[0], {"constraint-error"})


def mutate_by_constraint(batch: Batch, kind: str, way: str, rng: Random) -> None:
    """Add a mutant for every column or key that states a constraint of that kind."""
    if kind == "field":
        _mutate_headers(batch, way, rng)
    elif kind in KEY_WAYS:
        _mutate_keys(batch, kind, way, rng)
    elif way == "parent gone":
        _remove_parents(batch, rng)
    else:
        _mutate_cells(batch, kind, way, rng)


def _mutate_cells(batch: Batch, kind: str, way: str, rng: Random) -> None:
    bad = CELL_WAYS[kind][way]
    rule = RULE_OF.get(kind, f"schema-{kind.partition(' ')[0]}")
    for stated, table, one in sites():
        if stated != kind:
            continue
        column = one["name"]
        row = rng.choice(batch.rows[table])
        good = row.get(column) or str(one["example"])
        value = bad(one, good, rng)
        limits = one.get("constraints", {})
        if value is None or value == good:
            continue
        if kind == "pattern" and (not value or re.fullmatch(limits["pattern"], value)):
            continue
        if kind == "enum" and (not value or value in limits["enum"]):
            continue
        row[column] = value
        batch.mutants.append(Mutant(rule, table, column, (row,)))


def _mutate_keys(batch: Batch, kind: str, way: str, rng: Random) -> None:
    for table, rows in batch.rows.items():
        schema = _package.schema(table)
        alone = [f["name"] for f in schema["fields"] if f.get("constraints", {}).get("unique")]
        stated = {
            "primaryKey": [schema["primaryKey"]],
            "uniqueKeys": schema.get("uniqueKeys", []),
            "unique": [[column] for column in alone],
        }[kind]
        fields = {f["name"]: f for f in schema["fields"]}
        for keys in stated:
            assert keys in unique_keys(schema)
            one, *others = rng.sample(rows, min(len(rows), 3))
            if way == "row twice":
                others = [dict(one)]
                batch.rows[table].extend(others)
            elif "three" not in way:
                others = others[:1]
            for key in keys:
                value = one.get(key) or str(fields[key]["example"])
                for row in (one, *others):
                    row[key] = value
            batch.mutants.append(Mutant("schema-unique", table, keys[-1], (one, *others)))


def _remove_parents(batch: Batch, rng: Random) -> None:
    chosen: list[tuple[Mutant, str, str, str]] = []
    for kind, table, one in sites():
        if kind == "foreignKey":
            column = one["name"]
            row = rng.choice([row for row in batch.rows[table] if row.get(column)])
            (parent,) = (
                (p, key) for c, p, key in references(_package.schema(table)) if c == column
            )
            chosen.append((Mutant("schema-reference", table, column, (row,)), *parent, row[column]))
    kept = {id(mutant.rows[0]) for mutant, *_ in chosen}
    for mutant, parent, key, value in chosen:
        left = [row for row in batch.rows[parent] if row[key] != value or id(row) in kept]
        batch.rows[parent] = left
        if not any(row[key] == value for row in left):
            batch.mutants.append(mutant)


def _mutate_headers(batch: Batch, way: str, rng: Random) -> None:
    for table in _package.NAMES:
        names = [f["name"] for f in _package.schema(table)["fields"]]
        header = [(name, name) for name in names]
        place = rng.randrange(len(names) - 1)
        told: str | None = names[place]
        if way == "missing":
            del header[place]
        elif way == "renamed":
            header[place] = (names[place].upper(), names[place])
        elif way == "extra":
            told = "extra"
            header.insert(rng.randint(0, len(names)), (told, names[place]))
        elif way == "twice":
            header.insert(place + 1, header[place])
        else:
            told = None
            header[place], header[place + 1] = header[place + 1], header[place]
        batch.headers[table] = header
        batch.mutants.append(Mutant("file-header", table, told))
