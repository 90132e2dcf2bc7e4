"""One SQLite database: tables with their keys and checks, views, and the codebook."""

import sqlite3
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from donbas_recognition import _package
from donbas_recognition.checks.relations import references
from donbas_recognition.checks.tableschema import required, unique_keys
from scripts.artefacts import tables

TYPES = {
    "string": "TEXT",
    "integer": "INTEGER",
    "number": "REAL",
    "boolean": "INTEGER",
    "date": "TEXT",
}
# What SQLite is to hold a column of a type to, beyond its own types. With nothing to add, date()
# takes the 30th of February for a day.
KINDS = {"boolean": "{} IN (0, 1)", "date": "{0} IS date({0}, '+0 days')"}
# Table Schema constraint -> SQL. SQLite alone knows no patterns.
CHECKS = {
    "enum": "{} IN ({})",
    "minimum": "{} >= {}",
    "maximum": "{} <= {}",
    "minLength": "length({}) >= {}",
    "maxLength": "length({}) <= {}",
}

VIEWS = {
    # One row a mention: who said what, when, and where it stands.
    "evidence": """
        SELECT mention_id, statement_id, speaker.name AS speaker, principal.name AS on_behalf_of,
            addressee.name AS addressee, target.name AS target, act, summary, topic, certainty,
            date_earliest, date_latest, mode, quote, quote_language, relay.name AS relay,
            outlet.name AS outlet, published_on, title, url
        FROM mentions
        JOIN statements USING (statement_id)
        JOIN sources USING (source_id)
        JOIN actors AS speaker ON speaker.actor_id = speaker_id
        JOIN actors AS outlet ON outlet.actor_id = publisher_id
        LEFT JOIN actors AS principal ON principal.actor_id = on_behalf_of_id
        LEFT JOIN actors AS addressee ON addressee.actor_id = addressee_id
        LEFT JOIN actors AS target ON target.actor_id = target_id
        LEFT JOIN actors AS relay ON relay.actor_id = relay_id""",
    # One row a figure. What was past, planned or projected is not current (R30).
    "figures": """
        SELECT figure_id, measured.name AS measured, unit, time_ref = 'current' AS is_current,
            time_ref, value_text, qualifier, low, best, high, components, location, radius_km,
            as_of_earliest, as_of_latest, estimator.name AS estimator, estimator_basis,
            speaker.name AS speaker, date_earliest, date_latest, statement_id, summary
        FROM military_figures
        JOIN statements USING (statement_id)
        JOIN actors AS measured ON measured.actor_id = measured_id
        JOIN actors AS estimator ON estimator.actor_id = estimator_id
        JOIN actors AS speaker ON speaker.actor_id = speaker_id""",
    # One row a demand. All positions of its last day are named, for they may differ.
    "demand_status": """
        WITH stands AS (
            SELECT demand_id, position, date_earliest, date_latest, name AS speaker
            FROM positions
            JOIN statements USING (statement_id)
            JOIN actors ON actor_id = speaker_id
        ), counts AS (
            SELECT demand_id, min(date_earliest) FILTER (WHERE position = 'raises') AS earliest,
                min(date_latest) FILTER (WHERE position = 'raises') AS latest,
                max(date_latest) AS last_date,
                {counts}
            FROM stands GROUP BY demand_id
        )
        SELECT demand_id, demander.name AS demander, addressee.name AS addressee,
            performer.name AS performer, action, action_class, direction, form, deadline,
            earliest AS first_raised_earliest, latest AS first_raised_latest, {positions},
            last_date, (
                SELECT group_concat(said, '; ') FROM (
                    SELECT DISTINCT position || ' (' || speaker || ')' AS said FROM stands
                    WHERE stands.demand_id = demands.demand_id AND date_latest = last_date
                    ORDER BY said
                )
            ) AS last_positions
        FROM demands
        LEFT JOIN counts USING (demand_id)
        JOIN actors AS demander ON demander.actor_id = demander_id
        JOIN actors AS addressee ON addressee.actor_id = addressee_id
        JOIN actors AS performer ON performer.actor_id = performer_id""",
    # One row a link: what denies, answers, contradicts, corrects or repeats what.
    "exchanges": """
        SELECT speaker.name AS speaker, statement.act, statement.summary,
            statement.date_latest, relation, other.name AS other_speaker,
            earlier.act AS other_act, earlier.summary AS other_summary,
            earlier.date_latest AS other_date_latest, link.confidence, from_id, to_id
        FROM statement_links AS link
        JOIN statements AS statement ON statement.statement_id = from_id
        JOIN statements AS earlier ON earlier.statement_id = to_id
        JOIN actors AS speaker ON speaker.actor_id = statement.speaker_id
        JOIN actors AS other ON other.actor_id = earlier.speaker_id""",
}


def quoted(name: str) -> str:
    """A name as SQL writes it, whatever it is."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A value as SQL writes it."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _column(schema: dict[str, Any], field: dict[str, Any]) -> str:
    name = quoted(field["name"])
    checks = [KINDS[field["type"]].format(name)] if field["type"] in KINDS else []
    for constraint, value in field.get("constraints", {}).items():
        if constraint in CHECKS:
            values = value if isinstance(value, list) else [value]
            checks.append(CHECKS[constraint].format(name, ", ".join(map(literal, values))))
    words = [name, TYPES[field["type"]], *["NOT NULL"] * required(schema, field)]
    return " ".join([*words, *(f"CHECK ({check})" for check in checks)])


def ddl(schema: dict[str, Any]) -> list[str]:
    """Statements that create the table of a Table Schema, and indexes on its foreign keys."""
    name, (primary, *others) = quoted(schema["name"]), unique_keys(schema)
    lines = [_column(schema, field) for field in schema["fields"]]
    lines.append(f"PRIMARY KEY ({', '.join(map(quoted, primary))})")
    lines += [f"UNIQUE ({', '.join(map(quoted, key))})" for key in others]
    indexes = []
    for column, parent, key in references(schema):
        lines.append(f"FOREIGN KEY ({quoted(column)}) REFERENCES {quoted(parent)} ({quoted(key)})")
        index = quoted(f"{schema['name']}_{column}")
        if column != primary[0]:  # the key's own index begins with it
            indexes.append(f"CREATE INDEX {index} ON {name} ({quoted(column)})")
    body = ",\n  ".join(lines)
    return [f"CREATE TABLE {name} (\n  {body}\n) STRICT", *indexes]


def _insert(connection: sqlite3.Connection, name: str, rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        values = [value.isoformat() if isinstance(value, date) else value for value in row.values()]
        places = ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO {quoted(name)} VALUES ({places})", values)


def _describe(connection: sqlite3.Connection, root: Path) -> None:
    """Write the tables about, codebook and vocabularies."""
    about = [{"label": label, "text": text} for label, text in tables.about(root).items()]
    for name, key, rows in [
        ("about", ["label"], about),
        ("codebook", ["table", "column"], tables.codebook()),
        ("vocabularies", ["table", "column", "value"], tables.vocabularies()),
    ]:
        columns = [
            f"{quoted(column)} {'INTEGER' if column == 'required' else 'TEXT'}"
            for column in rows[0]
        ]
        primary = ", ".join(map(quoted, key))
        connection.execute(
            f"CREATE TABLE {name} ({', '.join(columns)}, PRIMARY KEY ({primary})) STRICT"
        )
        _insert(connection, name, rows)


def views() -> dict[str, str]:
    """SELECT statement of each view, by its name."""
    fields = _package.schema("positions")["fields"]
    kinds = next(f["constraints"]["enum"] for f in fields if f["name"] == "position")
    counts = [f"count(*) FILTER (WHERE position = {literal(k)}) AS {quoted(k)}" for k in kinds]
    positions = [f"coalesce({quoted(k)}, 0) AS {quoted(k)}" for k in kinds]
    parts = {"counts": ", ".join(counts), "positions": ", ".join(positions)}
    return {name: select.format(**parts) for name, select in VIEWS.items()}


def make(root: Path, target: Path) -> None:
    """Write the database of a checkout into a folder.

    Its tables are those of the package, ``about``, ``codebook`` and ``vocabularies``; dates are
    text, truth values 0 and 1.

    Raises
    ------
    ValueError
        If SQLite finds a broken constraint or reference that our checks did not.
    """
    package = _package.descriptor()
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("BEGIN")
        for name in _package.NAMES:
            for statement in ddl(_package.schema(name)):
                connection.execute(statement)
            _insert(connection, name, tables.read(root, name).to_pylist())
        _describe(connection, root)
        for name, select in views().items():
            connection.execute(f"CREATE VIEW {name} AS{select}")
        connection.execute("COMMIT")
        lost = connection.execute("PRAGMA foreign_key_check").fetchall()
        if lost:
            table, row, parent, _ = lost[0]
            raise ValueError(f"{table}: row {row} refers to no row of {parent}")
        path = target / f"{package['name']}-{package['version']}.sqlite"
        connection.execute("VACUUM INTO ?", [str(path)])
    except sqlite3.Error as error:
        raise ValueError(f"SQLite finds what our checks did not: {error}") from error
    finally:
        connection.close()
