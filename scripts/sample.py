"""The command `sample`."""

import csv
import io
import json
import random
from pathlib import Path

import click

from donbas_recognition import _package
from donbas_recognition.passages import Fingerprint, locate
from scripts import texts
from scripts.errors import Refused, reported
from scripts.files import read_rows, write_atomically

Row = dict[str, str]
# What the second coder codes anew, as `reliability` compares it: column and where it is taken from.
VARIABLES = {
    "speaker": "speaker_id",
    "act": "act",
    "addressee": "addressee_id",
    "target": "target_id",
    "certainty": "certainty",
    "date_earliest": "date_earliest",
    "date_latest": "date_latest",
    "mode": "mode",
    "relay": "relay_id",
    "relay_basis": "relay_basis",
}


def deciding(mentions: list[Row]) -> dict[str, Row]:
    """The mention of each statement that decides its codes: the most direct, of two the first."""
    fields = _package.schema("mentions")["fields"]
    modes = next(f["constraints"]["enum"] for f in fields if f["name"] == "mode")
    first: dict[str, Row] = {}
    for row in sorted(mentions, key=lambda m: (modes.index(m["mode"]), m["mention_id"])):
        first.setdefault(row["statement_id"], row)
    return first


def draw(
    size: int, seed: int, first: str, last: str, at_hand: dict[str, str]
) -> tuple[list[dict[str, str]], list[Row]]:
    """Units for a blind second coder, and their first codes.

    Parameters
    ----------
    size, seed : int
        How many statements, and what makes the draw repeatable.
    first, last : str
        Days (ISO 8601) between which the statements' latest dates lie.
    at_hand : dict of str to str
        Texts by source id; only statements whose deciding mention is of one of them are drawn.

    Returns
    -------
    units : list of dict
        ``unit``, ``outlet``, ``published``, ``language``, ``title``, ``url``, ``topic``, ``quote``
        and ``text``, in which ⟦ and ⟧ mark the passage. No code.
    codes : list of dict
        ``unit``, ``statement_id``, ``source_id`` and the variables.

    Raises
    ------
    ValueError
        If fewer statements can be drawn.
    """
    statements = {row["statement_id"]: row for row in read_rows("statements")}
    sources = {row["source_id"]: row for row in read_rows("sources")}
    places = {}
    for id, mention in sorted(deciding(read_rows("mentions")).items()):
        text = at_hand.get(mention["source_id"])
        if text is not None and first <= statements[id]["date_latest"] <= last:
            mark = Fingerprint(int(mention["passage_words"]), mention["passage_sha256"])
            place = locate(text, mark)
            if place:
                places[id] = mention, place
    if len(places) < size:
        raise ValueError(
            f"only {len(places)} statements from {first} to {last} have their passage at hand, "
            f"{size} are wanted"
        )
    units, codes = [], []
    for number, id in enumerate(random.Random(seed).sample(sorted(places), size), 1):
        mention, (start, end) = places[id]
        source, statement = sources[mention["source_id"]], statements[id]
        text, unit = at_hand[mention["source_id"]], f"u{number:03}"
        units.append(
            {
                "unit": unit,
                "outlet": source["publisher_id"],
                "published": source["published_on"],
                "language": source["language"],
                "title": source["title"],
                "url": source["url"],
                "topic": statement["topic"],
                "quote": mention["quote"],
                "text": f"{text[:start]}⟦{text[start:end]}⟧{text[end:]}",
            }
        )
        row = statement | mention
        codes.append(
            {"unit": unit, "statement_id": id, "source_id": mention["source_id"]}
            | {variable: row[column] for variable, column in VARIABLES.items()}
        )
    return units, codes


@click.command("sample")
@click.argument("size", type=click.IntRange(1))
@click.option("--seed", type=int, required=True, help="The same seed draws the same sample.")
@click.option("--from", "first", default="2021-11-01", show_default=True, help="First day.")
@click.option("--to", "last", default="2022-02-24", show_default=True, help="Last day.")
@click.option(
    "--units",
    "units_file",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File for the second coder, outside the repository: it holds texts.",
)
@click.option(
    "--codes",
    "codes_file",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File for the first codes, as docs/reliability/<name>-first.csv.",
)
@texts.option
@reported
def command(
    size: int,
    seed: int,
    first: str,
    last: str,
    units_file: Path,
    codes_file: Path,
    folder: Path | None,
) -> None:
    """Draw SIZE statements at random for a blind second coding.

    The units (one JSON object a line) have the text with the passage marked, and no code; the
    second coder writes the variables of the other file for each and sees nothing else. A `?`
    stands for what could not be coded. `reliability` compares the two.
    """
    at_hand = texts.read(folder)
    if not at_hand:
        raise Refused("no texts at hand: name their folder with --texts")
    if units_file.resolve().is_relative_to(_package.package_path().resolve()):
        raise Refused(f"{units_file} lies in the repository, which must hold no texts")
    units, codes = draw(size, seed, first, last, at_hand)
    lines = "".join(json.dumps(unit, ensure_ascii=False) + "\n" for unit in units)
    out = io.StringIO()
    writer = csv.DictWriter(out, ["unit", "statement_id", "source_id", *VARIABLES])
    writer.writeheader()
    writer.writerows(codes)
    write_atomically(units_file, lines.encode("utf-8"))
    write_atomically(codes_file, out.getvalue().replace("\r\n", "\n").encode("utf-8"))
    click.echo(f"{size} units in {units_file}, their codes in {codes_file}", err=True)
