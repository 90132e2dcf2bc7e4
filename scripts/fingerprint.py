"""The command `fingerprint`."""

import json
from pathlib import Path

import click

from donbas_recognition.passages import fingerprint
from scripts.errors import reported


@click.command("fingerprint")
@click.argument("passage", required=False)
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the passage from this UTF-8 file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@reported
def command(passage: str | None, path: Path | None, as_json: bool) -> None:
    """Print the fingerprint of PASSAGE: its number of words and their SHA-256.

    They go into passage_words and passage_sha256 of data/mentions.csv. The passage is the shortest
    contiguous run of at least 8 words that supports the row; quotation marks, punctuation, case and
    line breaks do not matter. Without PASSAGE it is read from --file or from standard input.

    \b
    Example:
      python -m scripts fingerprint "the words of the page that carry the statement, copied as is"
    """
    if passage is not None and path is not None:
        raise click.UsageError("give either PASSAGE or --file, not both")
    if path is not None:
        passage = path.read_text(encoding="utf-8")
    elif passage is None:
        passage = click.open_file("-", encoding="utf-8").read()
    mark = fingerprint(passage)
    click.echo(json.dumps(mark._asdict()) if as_json else f"{mark.words},{mark.sha256}")
