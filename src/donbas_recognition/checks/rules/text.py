"""Text (R31–R33)."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from donbas_recognition.checks.files import ROW
from donbas_recognition.checks.rules.registry import Hits, Tables, hits, rule
from donbas_recognition.passages import tokens

# What must not be in any text cell: pattern (Rust regex) and message.
DEFECTS = {
    r"^\s|\s$": "a space stands at an end",
    r"\s\s": "two spaces stand together",
    r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]": "it holds a control or invisible character",
    # Also with an accent between them; digits and hyphens part words ("Су-25", "Су-25s").
    r"\p{Latin}\p{M}*[\p{Cyrillic}\p{Greek}]|\p{Cyrillic}\p{M}*[\p{Latin}\p{Greek}]"
    r"|\p{Greek}\p{M}*[\p{Latin}\p{Cyrillic}]": "letters of two scripts stand in one word",
    r"^[=+\-@]": "a spreadsheet would run it as a formula",
}
# A character that may not be its own normal form NFC, alone or after another; the ranges left out
# are of the letters and marks that most texts are made of.
UNSETTLED = r"[^\x00-\x{2FF}\x{400}-\x{481}\x{48A}-\x{52F}\x{2010}-\x{206F}]"
# Loaded words and Russian-derived spellings that our own prose avoids -> what to write instead.
WORDING = {
    r"rebels?|separatists?|secessionists?|militants?|insurgents?": "DPR, LPR or their forces",
    r"prox(?:y|ies)|puppets?": "the name of the entity",
    r"terrorists?|bandits?": "the name of the entity",
    r"regimes?|juntas?": "government, or the name",
    r"occupied|occupants?|occupiers?": "held by, or the name",
    r"self-proclaimed": "DPR, LPR",
    r"so-called|self-styled": "DPR, LPR",
    r"DNR": "DPR",
    r"LNR": "LPR",
    r"Kiev": "Kyiv",
    r"Lugansk": "Luhansk",
    r"Donbass": "Donbas",
    r"Kharkov": "Kharkiv",
    r"Odessa": "Odesa",
    r"Nikolaev": "Mykolaiv",
    r"Dnepr": "Dnipro",
    r"the Ukraine": "Ukraine",
}
MAX_SHARED_RUN = 8


def _text_columns(schema: dict[str, Any]) -> list[str]:
    """Columns of free text: strings that no vocabulary, pattern or foreign key holds already.

    A pattern with a negated class lets almost any character through (addresses).
    """
    keys = {key["fields"][0] for key in schema.get("foreignKeys", [])}
    return [
        f["name"]
        for f in schema["fields"]
        if f["type"] == "string"
        and f["name"] not in keys
        and "enum" not in f.get("constraints", {})
        and "[^" in f.get("constraints", {}).get("pattern", "[^")
    ]


@rule(
    "R31",
    "Text has no spaces at its ends or double, no control characters, is NFC, mixes no scripts "
    "inside a word, and no cell begins as a formula.",
    hint="Type the cell again by hand; look-alike letters cannot be seen.",
)
def clean(t: Tables) -> Iterator[Hits]:
    anything = "|".join([*DEFECTS, UNSETTLED])
    for name, schema in t.schemas.items():
        for column in _text_columns(schema):
            text = pl.col(column)
            suspects = t[name].select(ROW, column).filter(text.str.contains(anything))
            if not suspects.height:
                continue
            for pattern, message in DEFECTS.items():
                broken = suspects.filter(text.str.contains(pattern))
                yield hits(broken, name, column, message)
            broken = suspects.filter(text.str.normalize("NFC") != text)
            yield hits(broken, name, column, "it is not in the normal form NFC")


@rule(
    "R32",
    "Our own prose is neutral: DPR and LPR, Ukrainian-derived place names, no loaded words but in "
    "«guillemets», where a word of a source is itself what the remark is about.",
    hint="Say it in neutral words; the speaker's own go into the quote.",
)
def neutral(t: Tables) -> Iterator[Hits]:
    # Without the ends of words, which are slow to look for.
    anything = "(?i)" + "|".join(WORDING)
    for name, schema in t.schemas.items():
        for field in schema["fields"]:
            if not field.get("prose"):
                continue
            column = field["name"]
            suspects = t[name].select(ROW, column).filter(pl.col(column).str.contains(anything))
            if not suspects.height:
                continue
            ours = pl.col(column).str.replace_all("«[^»]*»", "«»")
            for pattern, better in WORDING.items():
                if (name, column) == ("actors", "name") and "self-proclaimed" in pattern:
                    continue  # once, in the entity's name
                broken = suspects.filter(ours.str.contains(rf"(?i)\b(?:{pattern})\b"))
                word = ours.str.extract(rf"(?i)\b({pattern})\b")
                message = pl.format(f"«{{}}» is not neutral; write {better}", word)
                yield hits(broken, name, column, message)


@rule(
    "R33",
    "A summary is at most 200 characters, ends without a full stop, and shares no run of more than "
    "8 words with a text that is at hand.",
    hint="Say it in your own words.",
)
def summaries(t: Tables) -> Iterator[Hits]:
    stop = pl.col("summary").str.ends_with(".")
    yield t.hits("statements", "summary", stop, "the summary ends with a full stop")
    if not t.texts:
        return
    told = (
        t["mentions"]
        .filter(pl.col("source_id").is_in(list(t.texts)))
        .select("statement_id", "source_id")
        .join(t["statements"].select(ROW, "statement_id", "summary"), on="statement_id")
    )
    lost = {}
    texts = {source: f" {' '.join(words)} " for source, words in t.words.items()}
    for row, source, summary in told.select(ROW, "source_id", "summary").iter_rows():
        words = tokens(summary or "")
        runs = (words[i : i + MAX_SHARED_RUN + 1] for i in range(len(words) - MAX_SHARED_RUN))
        shared = next((r for r in map(" ".join, runs) if f" {r} " in texts[source]), None)
        if shared:
            lost[row] = f"«{shared}» is the wording of {source}"
    frame = pl.DataFrame(
        {ROW: list(lost), "_text": list(lost.values())}, schema={ROW: pl.UInt32, "_text": pl.String}
    )
    yield hits(frame, "statements", "summary", pl.col("_text"))
