"""A comparison of two versions as text, Markdown, JSON, CSV and a draft of the changelog."""

import json
import re
from collections.abc import Callable
from itertools import groupby
from typing import Any

import click
import pandas as pd

from donbas_recognition import Diff
from donbas_recognition._csv import canonical
from donbas_recognition._diff import ROWS, sentence
from scripts.report import LONGEST, shorten

CONTEXT = 20  # letters of what is the same, shown around a difference

_COLORS = {"major": "red", "minor": "yellow", "patch": "green"}
_NUMBERED = re.compile(r"(.*?)(\d+)")


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame, None for what is missing."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [dict(zip(frame.columns, row, strict=True)) for row in plain.itertuples(index=False)]


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ranges(ids: list[str]) -> list[str]:
    """Ids in short: ``st-0003 … st-0005``, ``st-0009``."""
    runs: list[list[str]] = []
    for id in ids:
        this = None if " " in id else _NUMBERED.fullmatch(id)  # a compound key does not count on
        last = _NUMBERED.fullmatch(runs[-1][-1]) if runs else None
        if this and last and this[1] == last[1] and int(this[2]) == int(last[2]) + 1:
            runs[-1].append(id)
        else:
            runs.append([id])
    parts = ([f"{run[0]} … {run[-1]}"] if len(run) > 2 else run for run in runs)
    return [part for run in parts for part in run]


def _by_table(diff: Diff) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Changes by table and kind."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for line in records(diff.changes):
        found.setdefault(line["table"], {}).setdefault(line["change"], []).append(line)
    return found


def _heading(diff: Diff) -> str:
    names = f"{diff.old or 'old'} → {diff.new or 'new'}"
    if diff.bump is None:
        return f"{names}: no table, schema or vocabulary changed"
    smallest = f", {diff.smallest} or later" if diff.smallest else ""
    return f"{names}: at least a {diff.bump} step{smallest}"


def _counts(diff: Diff) -> list[list[str]]:
    """Table of counts, without rows and columns that are all zero."""
    rows = diff.rows[diff.rows.sum(axis=1) > 0]
    columns = [column for column in ROWS if rows[column].sum() or column in ("added", "changed")]
    body = [
        [str(name), *(f"{row[c]:,}" if row[c] else "–" for c in columns)]
        for name, row in rows.iterrows()
    ]
    return [["table", *columns], *body] if body else []


def _of_schema(line: dict[str, Any]) -> str:
    """One change of a schema or vocabulary, with what it was and is."""
    values = [line["old"], line["new"]]
    if line["change"] == "renamed" or values == [None, None]:
        return sentence(line)
    if None in values:
        return f"{sentence(line)}: «{shorten(values[0] or values[1])}»"
    return f"{sentence(line)}: " + " → ".join(f"«{value}»" for value in _contrast(*values))


def as_text(diff: Diff, most: int = 20) -> str:
    """For a terminal: counts, reasons, and the rows of each table, so many at most."""
    lines = [click.style(_heading(diff), bold=True)]
    counts = _counts(diff)
    if counts:
        widths = [max(len(row[i]) for row in counts) for i in range(len(counts[0]))]
        lines.append("")
        for row in counts:
            first, *others = zip(row, widths, strict=True)
            right = (f"{cell:>{width}}" for cell, width in others)
            lines.append("  ".join([f"{first[0]:<{first[1]}}", *right]))
    for bump, reasons in groupby(records(diff.reasons), key=lambda reason: reason["bump"]):
        told = [reason["reason"] for reason in reasons]
        lines += ["", click.style(bump, fg=_COLORS[bump], bold=True)]
        lines += [f"  {reason}" for reason in told[:most]] + _more(len(told), most)
    for title, frame in (("schema", diff.schema), ("vocabulary", diff.vocabulary)):
        if len(frame):
            lines += ["", click.style(title, bold=True)]
            lines += [f"  {_of_schema(line)}" for line in records(frame)[:most]]
            lines += _more(len(frame), most)
    for table, kinds in _by_table(diff).items():
        lines += ["", click.style(table, bold=True)]
        for kind in ("added", "retired", "removed", "vanished"):
            if kind in kinds:
                ids = [shorten(line["id"]) for line in kinds[kind]]
                color = "red" if kind == "vanished" else None
                lines.append("  " + click.style(f"{kind}: ", fg=color) + _bounded(ids, most))
        cells = kinds.get("changed", [])
        changed = [(id, list(group)) for id, group in groupby(cells, key=lambda cell: cell["id"])]
        for id, group in changed[:most]:
            told = [f"{cell['column']}: {_arrow(cell['old'], cell['new'])}" for cell in group]
            head = f"  {click.style(shorten(id), bold=True)}"
            lines.append(f"{head}  {told[0]}" if len(told) == 1 else "\n    ".join([head, *told]))
        lines += _more(len(changed), most)
    return "\n".join(lines)


def _shared(one: str, two: str) -> int:
    """Number of letters with which both begin."""
    pairs = enumerate(zip(one, two, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(two)))


def _contrast(old: str | None, new: str | None) -> tuple[str, str]:
    """Two values, of long ones the part where they differ."""
    one, two = old or "", new or ""
    if max(len(one), len(two)) > LONGEST:
        start = max(0, _shared(one, two) - CONTEXT)
        if start:
            one, two = "…" + one[start:], "…" + two[start:]
        tail = _shared(one[::-1], two[::-1]) - CONTEXT
        if tail > 0:
            one, two = one[:-tail] + "…", two[:-tail] + "…"
    return shorten(one) or "∅", shorten(two) or "∅"


def _arrow(old: str | None, new: str | None) -> str:
    one, two = _contrast(old, new)
    return f"{click.style(one, fg='red')} → {click.style(two, fg='green')}"


def _more(number: int, most: int) -> list[str]:
    return [f"  … {number - most:,} more (--most)"] if number > most else []


def _bounded(ids: list[str], most: int) -> str:
    """Ids in ranges, so many ranges at most."""
    parts = ranges(ids)
    told = ", ".join(parts[:most])
    if len(parts) > most:
        told += f", … {len(parts) - most:,} more"
    return f"{told} ({len(ids):,})" if len(ids) > 2 else told


def _cell(text: str) -> str:
    return shorten(text).replace("|", "\\|").replace("<", "&lt;")


def _markdown_table(rows: list[list[str]], others: str = "--:") -> list[str]:
    rule = ["---", *(others for _ in rows[0][1:])]
    return ["| " + " | ".join(row) + " |" for row in [rows[0], rule, *rows[1:]]]


def as_markdown(diff: Diff, most: int = 50) -> str:
    """For people: counts, reasons, and the rows of each table, so many at most."""
    lines = [f"# Changes {diff.old or 'old'} → {diff.new or 'new'}", ""]
    if diff.bump is None:
        return "\n".join([*lines, "No table, schema or vocabulary changed.", ""])
    lines += [f"Smallest step of the version: **{diff.bump}**.", ""]
    counts = _counts(diff)
    if counts:
        lines += [*_markdown_table(counts), ""]
    lines += ["## Why", "", *(f"- {r['bump']}: {r['reason']}" for r in records(diff.reasons)), ""]
    for title, frame in (("Schema", diff.schema), ("Vocabulary", diff.vocabulary)):
        if len(frame):
            lines += [f"## {title}", "", *(f"- {_of_schema(line)}" for line in records(frame)), ""]
    for table, kinds in _by_table(diff).items():
        lines += [f"## {table}", ""]
        for kind in ("added", "retired", "removed", "vanished"):
            if kind in kinds:
                ids = [shorten(line["id"]) for line in kinds[kind]]
                lines += [f"- {kind}: {_bounded(ids, most)}"]
        cells = kinds.get("changed", [])
        if cells:
            told = [
                [*map(_cell, (c["id"], c["column"], *_contrast(c["old"], c["new"])))]
                for c in cells[:most]
            ]
            lines += ["", *_markdown_table([["id", "column", "before", "now"], *told], "---")]
        if len(cells) > most:
            lines += ["", f"… and {len(cells) - most:,} more cells."]
        lines.append("")
    return "\n".join(lines)


def as_json(diff: Diff, most: int = 0) -> str:
    """For programs: all of it."""
    content = {
        "old": diff.old,
        "new": diff.new,
        "bump": diff.bump,
        "smallest": diff.smallest,
        "reasons": records(diff.reasons),
        "rows": {str(name): row for name, row in diff.rows.astype(object).to_dict("index").items()},
        "schema": records(diff.schema),
        "vocabulary": records(diff.vocabulary),
        "changes": records(diff.changes),
    }
    return json.dumps(content, ensure_ascii=False, indent=2, default=int)


def as_csv(diff: Diff, most: int = 0) -> str:
    """For tables: every row that came or went, and every changed cell."""
    rows = [[cell or "" for cell in line.values()] for line in records(diff.changes)]
    return canonical([list(diff.changes.columns), *rows]).decode("utf-8").removesuffix("\n")


def as_changelog(diff: Diff, most: int = 20) -> str:
    """The sections Data, Schema and Vocabulary of an entry of CHANGELOG.md, to be edited."""
    data = []
    for kind, verb in (("added", "added"), ("removed", "removed")):
        counts = [(n, t) for t, n in diff.rows[kind].items() if n and t != "retired_ids"]
        if counts:
            named = [f"{n:,} {str(table).replace('_', ' ')}" for n, table in counts]
            data.append(f"- {_listed(named)} {verb}.")
    tombs = _by_table(diff)
    for table, kinds in tombs.items():
        for kind in ("retired", "vanished"):
            if kind in kinds:
                ids = [line["id"] for line in kinds[kind]]
                data.append(f"- {table}: {_bounded(ids, most)} {kind}.")
        cells = kinds.get("changed", [])
        if cells:
            columns: dict[str, int] = {}
            for cell in cells:
                columns[cell["column"]] = columns.get(cell["column"], 0) + 1
            named = [f"`{column}` ({n:,})" for column, n in columns.items()]
            rows = len({cell["id"] for cell in cells})
            data.append(f"- {counted(rows, 'row')} of {table} changed: {_listed(named)}.")
    sections = [
        ("Data", data),
        ("Schema", [f"- {_of_schema(line)}." for line in records(diff.schema)]),
        ("Vocabulary", [f"- {_of_schema(line)}." for line in records(diff.vocabulary)]),
    ]
    return "\n\n".join(
        f"### {title}\n\n" + "\n".join(lines or ["- No change."]) for title, lines in sections
    )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


FORMATS: dict[str, Callable[[Diff, int], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
    "csv": as_csv,
    "changelog": as_changelog,
}
