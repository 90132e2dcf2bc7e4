"""The command `verify`."""

import json
from pathlib import Path

import click

import donbas_recognition as dr
from donbas_recognition import _package
from scripts.errors import reported
from scripts.report import shorten_message

_MEANS = {
    "changed": "differs",
    "missing": "is listed but not there",
    "unlisted": "is there but not listed",
    "unreadable": "is damaged or not safe to read",
    "unchecked": "could not be checked, nothing is known to compare it with",
}


@click.command("verify")
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a record for every file.")
@reported
def command(path: Path | None, as_json: bool) -> None:
    """Check that PATH is as it was released, and name each file that differs.

    PATH is a folder with SHA256SUMS (dist/, or a release unpacked), a zip, a wheel or any other
    file of a release; by default this installation. Only reads, and needs no network. What a list
    of checksums cannot show, because it came along with the files, the registry of releases does:
    it knows every released zip and the digest of its tables.

    Exit code: 0 all is as it was, 1 something differs or could not be checked, 2 the call was
    wrong.
    """
    found = dr.verify(path)
    odd = found[found["state"] != "ok"]
    if as_json:
        click.echo(json.dumps(found.to_dict("records"), ensure_ascii=False, indent=2))
    for row in [] if as_json else odd.itertuples(index=False):
        color = "yellow" if row.state == "unchecked" else "red"
        file = click.style(shorten_message(str(row.file)), fg=color)
        click.echo(f"{file} {_MEANS[str(row.state)]} ({row.against})")
    label = path or f"the installed data ({_package.__version__})"
    lists = ", ".join(found["against"].unique())
    if len(odd):
        click.echo(f"{label}: {len(odd):,} of {len(found):,} not as released ({lists})", err=True)
        raise SystemExit(1)
    click.echo(f"{label}: all {len(found):,} as released ({lists})", err=True)
