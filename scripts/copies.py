"""The command `copies`."""

import json
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import click

from donbas_recognition.passages import tokens
from scripts import texts
from scripts.errors import Refused, reported
from scripts.files import read_rows

RUN = 8
# A run that stands in more texts than this is a stock phrase or boilerplate, not a trace.
COMMON = 40


def shared_runs(at_hand: dict[str, str]) -> dict[tuple[str, str], float]:
    """Share of 8-word runs that two texts have in common, of the shorter one's.

    Parameters
    ----------
    at_hand : dict of str to str
        Texts by source id.

    Returns
    -------
    dict
        For each pair of sources (in order) that share a run, a number above 0 and up to 1.
    """
    runs = {}
    for source, text in at_hand.items():
        words = tokens(text)
        runs[source] = {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}
    owners: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for source, own in sorted(runs.items()):
        for run in own:
            owners[run].append(source)
    shared = Counter(
        pair
        for sources in owners.values()
        if len(sources) <= COMMON
        for pair in combinations(sources, 2)
    )
    return {(a, b): n / min(len(runs[a]), len(runs[b])) for (a, b), n in shared.items()}


@click.command("copies")
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=0.4,
    show_default=True,
    help="List pairs that share at least this part of their 8-word runs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@texts.option
@reported
def command(share: float, as_json: bool, folder: Path | None) -> None:
    """List sources whose texts look like copies of one another and are not linked yet.

    Compares the texts at hand (--texts) by the runs of 8 words that they share. Copies of one
    report count as one independent source only if derived_from says so; whether a run is a
    quotation that both took from the speaker is for the curator to judge.
    """
    at_hand = texts.read(folder)
    if not at_hand:
        raise Refused("no texts at hand: name their folder with --texts")
    sources = {row["source_id"]: row for row in read_rows("sources")}
    parents = {id: row["derived_from"] for id, row in sources.items()}

    def root(id: str) -> str:
        seen = {id}
        while parents.get(id) and parents[id] not in seen:
            id = parents[id]
            seen.add(id)
        return id

    known = {id: text for id, text in at_hand.items() if id in sources}
    pairs = [
        {"first": a, "second": b, "share": round(part, 3)}
        for (a, b), part in sorted(shared_runs(known).items(), key=lambda item: -item[1])
        if part >= share and root(a) != root(b)
    ]
    if as_json:
        click.echo(json.dumps(pairs, indent=2))
        return
    for pair in pairs:
        click.echo(f"{pair['share']:>5.0%}  {pair['first']}  {pair['second']}")
        for id in (pair["first"], pair["second"]):
            row = sources[str(id)]
            click.echo(f"       {row['published_on']}  {row['publisher_id']}: {row['title'][:70]}")
    click.echo(f"{len(pairs)} pairs among {len(known)} texts", err=True)
