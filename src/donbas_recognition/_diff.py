"""What changed between two versions, cell by cell, and which version number that asks for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from donbas_recognition import _content, _versions
from donbas_recognition.passages import tokens

if TYPE_CHECKING:
    import pandas as pd

Bump = Literal["major", "minor", "patch"]
BUMPS: tuple[Bump, ...] = ("major", "minor", "patch")
CHANGES = ["table", "id", "change", "column", "old", "new"]
SCHEMA = ["table", "column", "property", "change", "old", "new", "bump"]
VOCABULARY = ["table", "column", "value", "change", "old", "new", "bump"]
ROWS = ["added", "retired", "vanished", "removed", "changed", "cells"]
# What the rows of one kind of change ask for; changed cells follow their column.
ROW_BUMPS: dict[str, Bump] = {
    "added": "minor",
    "retired": "minor",
    "removed": "minor",
    "vanished": "major",
}
# Properties of a column or table that explain it to people.
PROSE = {"title", "description", "example", "examples", "prose", "rdfType", "comment", "$schema"}
# Keys and constraints: what a row may not be.
_LEAST, _MOST, _FLAGS = {"minimum", "minLength"}, {"maximum", "maxLength"}, {"required", "unique"}

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Diff:
    """What changed from one version of the dataset to another.

    Attributes
    ----------
    old, new : str or None
        The two versions, by their descriptors.
    changes : pandas.DataFrame
        The rows: ``table``; ``id``, the primary key, its parts joined by a space; ``change``;
        and for a changed cell ``column``, ``old`` and ``new``, as text. A row that came or went has
        one line, a changed row one line a cell. ``change`` is

        - ``added`` or ``changed``;
        - ``retired``: gone, with a tombstone in ``retired_ids``;
        - ``vanished``: an id, or a tombstone, that is gone without one, which must never be;
        - ``removed``: a row without an id of its own (a position, a link, a name) that is gone.
    schema : pandas.DataFrame
        Tables, columns, keys and constraints: ``table``, ``column``, ``property``, ``change``
        {added, removed, renamed, changed}, ``old``, ``new``, ``bump``.
    vocabulary : pandas.DataFrame
        Members of vocabularies: ``table``, ``column``, ``value``, ``change`` {added, removed,
        redefined, reworded}, ``old``, ``new``, ``bump``.
    rows : pandas.DataFrame
        Counts, by table: ``added``, ``retired``, ``vanished``, ``removed`` and ``changed`` rows,
        and changed ``cells``.
    reasons : pandas.DataFrame
        ``bump`` and ``reason``, the gravest first.
    """

    old: str | None
    new: str | None
    changes: pd.DataFrame
    schema: pd.DataFrame
    vocabulary: pd.DataFrame
    rows: pd.DataFrame
    reasons: pd.DataFrame

    @property
    def bump(self) -> Bump | None:
        """Smallest step of the version that the changes allow; None if nothing changed."""
        return self.reasons["bump"].iloc[0] if len(self.reasons) else None

    @property
    def smallest(self) -> str | None:
        """Smallest version that the new one may bear; None where the old one has none.

        Before 1.0.0 a minor step is enough for what is major afterwards.
        """
        known = self.old is not None and _versions.VERSION.fullmatch(self.old)
        return smallest_version(self.old, self.bump) if self.old and known else None

    @property
    def vanished(self) -> pd.DataFrame:
        """The ``changes`` that must never be: ids and tombstones gone without a tombstone."""
        return self.changes[self.changes["change"] == "vanished"]

    def __repr__(self) -> str:
        if self.bump is None:
            return f"<Diff {self.old} → {self.new}: nothing changed>"
        total = self.rows.sum()
        counts = ", ".join(f"{total[column]:,} {column}" for column in ROWS if total[column])
        return (
            f"<Diff {self.old} → {self.new}: {self.bump}; {counts or 'no rows'}; "
            f"{len(self.schema)} of schema, {len(self.vocabulary)} of vocabulary>"
        )


def smallest_version(old: str, bump: Bump | None) -> str:
    """Smallest version that may follow an old one after changes of some gravity."""
    major, minor, patch = _versions.number(old)
    if bump == "major" and major > 0:
        return f"{major + 1}.0.0"
    if bump in ("major", "minor"):
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def diff(old: str | Path, new: str | Path | None = None) -> Diff:
    """Compare two versions: rows, schemas and vocabularies.

    Parameters
    ----------
    old, new : str, Path or None
        A released version (``"0.2.0"``), or a folder or zip of a data package; each is read by its
        own schemas. `new` is by default the installed data.

    Returns
    -------
    Diff
        ``changes``, ``schema``, ``vocabulary``, ``rows``, and the ``bump`` that they ask for.

    Raises
    ------
    FileNotFoundError
        If there is no such folder or zip.
    ValueError
        If a version is unknown, a file cannot be read, or a key stands twice in a table.
    ConnectionError, ImportError
        If a version cannot be fetched, see `package_path`.

    Examples
    --------
    >>> import donbas_recognition as dr
    >>> dr.diff(dr.package_path()).bump is None
    True
    """
    import pandas as pd

    places = [_versions.located(source) for source in (old, new)]
    before, after = (_content.read(place) for place in places)
    names = [*after.tables, *(name for name in before.tables if name not in after.tables)]
    changes: list[Row] = []
    schema: list[Row] = []
    vocabulary: list[Row] = []
    counts: dict[str, Counter[str]] = {}
    causes: dict[tuple[Bump, str], list[str]] = {}
    tombs = {(row[0], row[1]) for row in _picked(after, "retired_ids", ["table", "id"])}
    for name in names:
        one, two = (_table(c, n, name) for c, n in zip((before, after), places, strict=True))
        if one is None or two is None:
            change = "added" if one is None else "removed"
            bump: Bump = "minor" if one is None else "major"
            schema.append(_line(name, None, "table", change, None, None, bump))
        renamed = {} if one is None or two is None else _renamed(one, two)
        if one is not None and two is not None:
            schema += _schema_changes(one.schema, two.schema, renamed)
            vocabulary += _vocabulary_changes(one.schema, two.schema, renamed)
        found = list(_row_changes(name, one, two, renamed, tombs))
        changes += found
        counts[name] = Counter(line["change"] for line in found if line["column"] is None)
        cells = [line for line in found if line["column"] is not None]
        counts[name]["cells"] = len(cells)
        counts[name]["changed"] = len({line["id"] for line in cells})
        for kind, step in ROW_BUMPS.items():
            if counts[name][kind]:
                causes.setdefault((step, f"rows {kind}"), []).append(
                    f"{counts[name][kind]:,} {name}"
                )
        substantive = _substantive(one, two)
        for column, number in Counter(line["column"] for line in cells).items():
            step = "minor" if column in substantive else "patch"
            causes.setdefault((step, "cells changed"), []).append(f"{number:,} {name}.{column}")
    reasons: list[Row] = [
        {"bump": bump, "reason": f"{cause}: {', '.join(places)}"}
        for (bump, cause), places in causes.items()
    ]
    reasons += [{"bump": line["bump"], "reason": sentence(line)} for line in schema + vocabulary]
    reasons.sort(key=lambda reason: BUMPS.index(reason["bump"]))
    rows = pd.DataFrame(counts, index=ROWS, dtype="Int64").T.fillna(0)
    return Diff(
        before.version,
        after.version,
        pd.DataFrame(changes, columns=CHANGES, dtype="string"),
        pd.DataFrame(schema, columns=SCHEMA, dtype="string"),
        pd.DataFrame(vocabulary, columns=VOCABULARY, dtype="string"),
        rows.rename_axis("table"),
        pd.DataFrame(reasons, columns=["bump", "reason"], dtype="string"),
    )


def sentence(line: Row) -> str:
    """One change of a schema or vocabulary in words."""
    place = ".".join(part for part in (line["table"], line["column"]) if part)
    if "value" in line:
        return f"value {line['change']} in {place}: {line['value']}"
    if line["change"] == "renamed":
        return f"{line['property']} renamed: {place}, before {line['old']}"
    if line["property"] in ("table", "column"):
        return f"{line['property']} {line['change']}: {place}"
    return f"{line['property']} {line['change']} in {place}"


@dataclass(frozen=True)
class _Table:
    """One table: its schema, and its cells by key."""

    schema: dict[str, Any]
    header: list[str]
    rows: dict[tuple[str, ...], list[str]]

    @property
    def key(self) -> list[str]:
        key: list[str] = self.schema["primaryKey"]
        return key

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        return {field["name"]: field for field in self.schema["fields"]}

    def keyed(self, key: list[str]) -> dict[tuple[str, ...], list[str]]:
        """Rows by the values of other columns than the key."""
        places = [self.header.index(column) for column in key]
        return {tuple(row[place] for place in places): row for row in self.rows.values()}


def _picked(content: _content.Content, name: str, columns: list[str]) -> list[list[str]]:
    rows = content.tables.get(name, [[]])
    if not {*columns} <= {*rows[0]}:
        return []
    places = [rows[0].index(column) for column in columns]
    return [[row[place] for place in places] for row in rows[1:]]


def _table(content: _content.Content, place: Path, name: str) -> _Table | None:
    if name not in content.tables:
        return None
    schema, (header, *rows) = content.schemas[name], content.tables[name]
    key = schema["primaryKey"]
    for column in key:
        if column not in header:
            raise ValueError(f"{place}: {name} lacks its key column {column}")
    places = [header.index(column) for column in key]
    by_key: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        id = tuple(row[place] for place in places)
        if id in by_key:
            raise ValueError(
                f"{place}: the key {' '.join(id)!r} stands twice in {name}; delete one row"
            )
        by_key[id] = row
    return _Table(schema, header, by_key)


def _substantive(one: _Table | None, two: _Table | None) -> set[str]:
    """Columns of which a changed cell is more than a patch."""
    tables = [table for table in (one, two) if table is not None]
    return {
        name
        for table in tables
        for name, field in table.fields.items()
        if field.get("substantive", True)
    }


def _renamed(one: _Table, two: _Table) -> dict[str, str]:
    """New names of columns by their old ones.

    A column of the key that took the place of another; or a column of the same type that holds the
    same in every row that both tables have, and is not empty.
    """
    gone = [column for column in one.header if column not in two.header]
    come = [column for column in two.header if column not in one.header]
    names = {
        old: new
        for old, new in zip(one.key, two.key, strict=False)
        if old in gone and new in come and len(one.key) == len(two.key)
    }
    common = [(one.rows[id], two.rows[id]) for id in two.rows if id in one.rows]
    for old in gone:
        place = one.header.index(old)
        for new in come:
            if old in names or new in names.values() or not common:
                continue
            other = two.header.index(new)
            same = all(a[place] == b[other] for a, b in common)
            kinds = [t.fields.get(c, {}).get("type") for t, c in ((one, old), (two, new))]
            if same and kinds[0] == kinds[1] and any(a[place] for a, _ in common):
                names[old] = new
    return names


def _common_key(one: _Table, two: _Table, renamed: dict[str, str]) -> tuple[list[str], list[str]]:
    """Columns of either table by which their rows are the same rows; two empty lists if none."""
    old_names = {new: old for old, new in renamed.items()}
    candidates = [
        ([old_names.get(column, column) for column in two.key], two.key),
        (one.key, [renamed.get(column, column) for column in one.key]),
    ]
    for old, new in candidates:
        if {*old} <= {*one.header} and {*new} <= {*two.header}:
            unique = len(one.keyed(old)) == len(one.rows) and len(two.keyed(new)) == len(two.rows)
            if unique:
                return old, new
    return [], []


def _row_changes(
    name: str,
    one: _Table | None,
    two: _Table | None,
    renamed: dict[str, str],
    tombs: set[tuple[str, str]],
) -> Iterator[Row]:
    """Rows that came, went or changed, in the order of their keys."""
    before, after = one.rows if one else {}, two.rows if two else {}
    columns: list[tuple[str, int | None, int]] = []
    both: set[tuple[str, ...]] = set()
    if one and two:
        old_key, new_key = _common_key(one, two, renamed)
        if new_key:
            before, after = one.keyed(old_key), two.keyed(new_key)
            columns = _columns(one, two, renamed)
            both = {*before} & {*after}
    for id in sorted({*before, *after}):
        line = {"table": name, "id": " ".join(id), "column": None, "old": None, "new": None}
        if id in both:
            for column, old_place, new_place in columns:
                old = before[id][old_place] if old_place is not None else ""
                new = after[id][new_place]
                if old != new:
                    cells = {"column": column, "old": old or None, "new": new or None}
                    yield line | {"change": "changed"} | cells
            continue
        if id in before:
            has_id = one is not None and len(one.key) == 1
            yield line | {"change": _gone(name, id, tombs, has_id=has_id)}
        if id in after:
            yield line | {"change": "added"}


def _gone(name: str, id: tuple[str, ...], tombs: set[tuple[str, str]], *, has_id: bool) -> str:
    if name == "retired_ids":
        return "vanished"
    if not has_id:
        return "removed"
    return "retired" if (name, id[0]) in tombs else "vanished"


def _columns(
    one: _Table, two: _Table, renamed: dict[str, str]
) -> list[tuple[str, int | None, int]]:
    """Columns of the new table, each with its place in the old one (None if new) and in the new."""
    old_names = {new: old for old, new in renamed.items()}
    places = []
    for new_place, column in enumerate(two.header):
        old = old_names.get(column, column)
        places.append((column, one.header.index(old) if old in one.header else None, new_place))
    return places


def _line(
    table: str, column: str | None, property: str, change: str, old: Any, new: Any, bump: Bump
) -> Row:
    return {
        "table": table,
        "column": column,
        "property": property,
        "change": change,
        "old": _text(old),
        "new": _text(new),
        "bump": bump,
    }


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _changed(table: str, column: str | None, property: str, old: Any, new: Any, bump: Bump) -> Row:
    change = "added" if old is None else "removed" if new is None else "changed"
    return _line(table, column, property, change, old, new, bump)


def _schema_changes(
    old: dict[str, Any], new: dict[str, Any], renamed: dict[str, str]
) -> Iterator[Row]:
    """Changes of one Table Schema, but for the members of its vocabularies."""
    name = new.get("name", "")
    before, after = ({f["name"]: f for f in schema["fields"]} for schema in (old, new))
    for column in before:
        if column in renamed:
            to = renamed[column]
            yield _line(name, to, "column", "renamed", column, to, "major")
        elif column not in after:
            yield _line(name, column, "column", "removed", None, None, "major")
    for column, field in after.items():
        if column not in before and column not in renamed.values():
            needed = field.get("constraints", {}).get("required") or column in new["primaryKey"]
            # A table of somebody's own that was valid yesterday lacks it.
            yield _line(name, column, "column", "added", None, None, "major" if needed else "minor")
    same = [column for column in before if column in after]
    if same != [column for column in after if column in before]:
        yield _line(name, None, "order of columns", "changed", list(before), list(after), "minor")
    for column, field in before.items():
        to = renamed.get(column, column)
        if to in after:
            yield from _field_changes(name, to, field, after[to])
    renamed_key = [renamed.get(column, column) for column in old["primaryKey"]]
    if renamed_key != new["primaryKey"]:
        yield _changed(name, None, "primaryKey", old["primaryKey"], new["primaryKey"], "major")
    for property in ("uniqueKeys", "foreignKeys"):
        yield from _key_changes(name, property, old.get(property, []), new.get(property, []))
    known = {"fields", "primaryKey", "uniqueKeys", "foreignKeys", "name"}
    for property in sorted(({*old} | {*new}) - known):
        if old.get(property) != new.get(property):
            bump: Bump = "patch" if property in PROSE else "major"
            yield _changed(name, None, property, old.get(property), new.get(property), bump)


def _key_changes(name: str, property: str, old: list[Any], new: list[Any]) -> Iterator[Row]:
    """Keys that rows are held to: a further one forbids rows that were allowed."""
    for key in new:
        if key not in old:
            yield _changed(name, None, property, None, key, "major")
    for key in old:
        if key not in new:
            yield _changed(name, None, property, key, None, "minor")


def _field_changes(
    name: str, column: str, old: dict[str, Any], new: dict[str, Any]
) -> Iterator[Row]:
    """Changes of one column, but for the members of its vocabulary."""
    for property in sorted(({*old} | {*new}) - {"name", "constraints", "categories"}):
        one, two = old.get(property), new.get(property)
        if one != two:
            bump: Bump = "patch" if property in PROSE else "major"
            if property == "substantive":
                bump = "minor"
            yield _changed(name, column, property, one, two, bump)
    lists = [[c["value"] for c in field.get("categories", [])] for field in (old, new)]
    if bool(lists[0]) != bool(lists[1]):
        yield _changed(name, column, "vocabulary", lists[0] or None, lists[1] or None, "major")
    common = [value for value in lists[0] if value in lists[1]]
    if common != [value for value in lists[1] if value in lists[0]]:
        yield _line(name, column, "order of values", "changed", lists[0], lists[1], "minor")
    one, two = old.get("constraints", {}), new.get("constraints", {})
    # The members of a vocabulary are told one by one.
    told = {"enum"} if all(lists) else set()
    for constraint in sorted(({*one} | {*two}) - told):
        if one.get(constraint) != two.get(constraint):
            values = one.get(constraint), two.get(constraint)
            yield _changed(name, column, constraint, *values, _constraint_bump(constraint, *values))


def _constraint_bump(constraint: str, old: Any, new: Any) -> Bump:
    """Minor if all that was allowed still is, else major."""
    if new is None or (constraint in _FLAGS and not new):
        return "minor"
    if old is not None and type(old) is type(new):
        if constraint in _LEAST and new < old:
            return "minor"
        if constraint in _MOST and new > old:
            return "minor"
    return "minor" if constraint in _FLAGS and old == new else "major"


def _vocabulary_changes(
    old: dict[str, Any], new: dict[str, Any], renamed: dict[str, str]
) -> Iterator[Row]:
    """Members of vocabularies that came, went or were given other words."""
    name = new.get("name", "")
    after = {field["name"]: field for field in new["fields"]}
    for field in old["fields"]:
        column = renamed.get(field["name"], field["name"])
        if column not in after or not ("categories" in field and "categories" in after[column]):
            continue
        one, two = ({c["value"]: c for c in f["categories"]} for f in (field, after[column]))

        def line(
            value: str, change: str, before: Any, now: Any, bump: Bump, column: str = column
        ) -> Row:
            place = {"table": name, "column": column, "value": value, "change": change}
            return place | {"old": before, "new": now, "bump": bump}

        for value, member in one.items():
            if value not in two:
                yield line(value, "removed", member.get("description"), None, "major")
                continue
            texts = [str(m.get("description", "")) for m in (member, two[value])]
            labels = [str(m.get("label", "")) for m in (member, two[value])]
            if tokens(texts[0]) != tokens(texts[1]):
                yield line(value, "redefined", texts[0], texts[1], "major")
            elif texts[0] != texts[1]:
                yield line(value, "reworded", texts[0], texts[1], "patch")
            if labels[0] != labels[1]:
                yield line(value, "reworded", labels[0], labels[1], "patch")
        for value, member in two.items():
            if value not in one:
                yield line(value, "added", None, member.get("description"), "minor")
