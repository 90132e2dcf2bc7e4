"""Findings as text, JSON, GitHub annotations and SARIF."""

import itertools
import json
from collections import Counter
from collections.abc import Callable
from urllib.parse import quote

import click

from donbas_recognition import __version__
from donbas_recognition.checks import Finding, rules

LONGEST = 80


def shorten(text: str | None) -> str:
    """A text that fits a line of a report, control characters made visible."""
    plain = (text or "").encode("unicode_escape").decode("ascii") if _odd(text) else text or ""
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def _odd(text: str | None) -> bool:
    return text is not None and not text.isprintable()


def summary(findings: list[Finding], label: str) -> str:
    """One line that counts the findings."""
    counts = Counter(f.severity for f in findings)
    if not findings:
        return f"{label}: nothing found"
    parts = [
        f"{counts[s]:,} {s}{'s' if counts[s] > 1 else ''}"
        for s in ("error", "warning")
        if counts[s]
    ]
    files = len({f.file for f in findings})
    return f"{label}: {', '.join(parts)} in {files} file{'s' if files > 1 else ''}"


def as_text(findings: list[Finding]) -> str:
    """Findings grouped by file, one a line, each with its remedy."""
    lines = []
    for file, group in itertools.groupby(findings, key=lambda f: f.file):
        lines.append(click.style(shorten_message(file), bold=True))
        for f in group:
            color = "red" if f.severity == "error" else "yellow"
            row = f" [{shorten(f.row_id)}]" if f.row_id else ""
            value = f" Value: {shorten(f.value)}." if f.value and f.value not in f.message else ""
            head = click.style(f"{shorten_message(f.place)}:", fg=color)
            message, remedy = shorten_message(f.message), shorten_message(f.remedy, 10)
            lines.append(f"{head}{row} {f.rule} {message}.{value} {remedy}")
    return "\n".join(lines)


def shorten_message(message: str, lines: int = 3) -> str:
    """A message without control characters, of so many lines at most."""
    plain = "".join(c if c.isprintable() else " " for c in message)
    return plain if len(plain) <= lines * LONGEST else plain[: lines * LONGEST - 1] + "…"


def as_json(findings: list[Finding]) -> str:
    """Findings as a JSON array."""
    return json.dumps([f.as_dict() for f in findings], ensure_ascii=False, indent=2)


def _escape(text: str, more: str = "") -> str:
    """Text of a workflow command: what GitHub reads as its end, and what a terminal would obey."""
    odd = "%" + more
    return "".join(
        c if c.isprintable() and c not in odd else quote(c, errors="replace") for c in text
    )


def as_github(findings: list[Finding]) -> str:
    """Findings as workflow commands that annotate the lines of a pull request."""
    lines = []
    for f in findings:
        place = f"file={_escape(f.file, ':,')}" + (f",line={f.line}" if f.line else "")
        text = _escape(f"{f.column or ''} {f.message}. {f.remedy}".strip())
        lines.append(f"::{f.severity} {place},title={f.rule}::{text}")
    return "\n".join(lines)


def as_sarif(findings: list[Finding]) -> str:
    """Findings as a SARIF 2.1.0 log."""
    coding = {r.id: r for r in rules()}
    results = []
    for f in findings:
        region = {"region": {"startLine": f.line}} if f.line else {}
        results.append(
            {
                "ruleId": f.rule,
                "level": f.severity,
                "message": {"text": f"{f.column or ''} {f.message}. {f.remedy}".strip()},
                "locations": [
                    {"physicalLocation": {"artifactLocation": {"uri": quote(f.file)}, **region}}
                ],
            }
        )
    described = [
        {
            "id": id,
            "shortDescription": {"text": coding[id].sentence if id in coding else id},
            **({"help": {"text": coding[id].hint}} if id in coding else {}),
        }
        for id in sorted({f.rule for f in findings})
    ]
    driver = {"name": "donbas-recognition", "version": __version__, "rules": described}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(log, ensure_ascii=False, indent=2)


FORMATS: dict[str, Callable[[list[Finding]], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}
