"""The command `publish`."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from donbas_recognition import _package
from scripts import deposit
from scripts.errors import Refused, reported
from scripts.files import write_atomically
from scripts.zenodo import PRODUCTION, SANDBOX, Patience, Zenodo

PATIENCE = Patience()
S = TypeVar("S", bound=deposit.Step)


def state_file(root: Path, server: str, version: str) -> Path:
    """Where the progress of a deposit is kept between calls; it holds no token."""
    host = urlsplit(server).netloc.replace(":", "-")
    return root / f".publish-{host}-{version}.json"


def read_state(path: Path) -> dict[str, str]:
    """Progress of a deposit; empty if there is none.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    if not path.exists():
        return {}
    try:
        state: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return {"record": state["record"], **state}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} is damaged ({error}); delete it: the draft is found without it"
        ) from error


def token(server: str) -> str:
    """The token for a server, from the environment.

    Raises
    ------
    ValueError
        If there is none, or it holds what no token holds.
    """
    name = "ZENODO_TOKEN" if server == PRODUCTION else "ZENODO_SANDBOX_TOKEN"
    value = os.environ.get(name, "").strip()
    if not value:
        raise ValueError(
            f"{name} is not set; make a token with the scopes deposit:write and deposit:actions at "
            f"{server}/account/settings/applications/tokens/new/ and put it into the environment"
        )
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f"{name} holds more than a token")
    return value


@contextmanager
def bar(path: Path) -> Iterator[Callable[[int], None]]:
    """Progress bar for one file, on a terminal only."""
    hidden = not sys.stderr.isatty()
    size = path.stat().st_size
    with click.progressbar(length=size, label=path.name, file=sys.stderr, hidden=hidden) as shown:
        yield lambda position: shown.update(position - shown.pos)


def loopback(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """A server of this machine: the token of the sandbox goes nowhere else."""
    if value and urlsplit(value).hostname not in ("127.0.0.1", "::1", "localhost"):
        raise click.BadParameter("only a server of this machine")
    return value


@click.command("publish")
@click.option("--production", is_flag=True, help=f"Use {PRODUCTION}, not the sandbox.")
@click.option("--publish", "last", is_flag=True, help="Publish in the end; it cannot be undone.")
@click.option("--yes", is_flag=True, help="Do not ask before publishing in production.")
@click.option("--record", help="Id or DOI of the last published version, at the same server.")
@click.option(
    "--out",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to make or replace.  [default: dist]",
)
@click.option("--status", is_flag=True, help="Say how far the deposit has come; calls nobody.")
@click.option("--discard", is_flag=True, help="Delete the draft.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--server", hidden=True, callback=loopback, help="A server of this machine.")
@reported
def command(
    production: bool,
    last: bool,
    yes: bool,
    record: str | None,
    target: Path | None,
    status: bool,
    discard: bool,
    as_json: bool,
    server: str | None,
) -> None:
    """Deposit this version at Zenodo: by default at the sandbox, and as a draft only.

    Makes or takes up the draft, reserves its DOI, writes it into datapackage.json, builds the
    release, uploads every file and compares checksums, sets the metadata and, with --publish,
    publishes. After any failure call it again: it goes on where it stopped and makes no second
    deposit. The token is taken from ZENODO_SANDBOX_TOKEN or, with --production, ZENODO_TOKEN.
    RELEASING.md has all steps of a release.

    \b
    Example:
      python -m scripts publish --status
    """
    root = _package.package_path()
    package = _package.read_json(root / "datapackage.json")
    server = server or (PRODUCTION if production else SANDBOX)
    path = state_file(root, server, package["version"])
    state = read_state(path)
    if status:
        _report(state or {"step": "none", "server": server}, as_json)
        return
    zenodo = Zenodo(server, token(server), PATIENCE, lambda text: click.echo(f"… {text}", err=True))
    if discard:
        _discard(zenodo, state, path)
        return

    def remember(step: S) -> S:
        nonlocal state
        public = isinstance(step, deposit.Published)
        state = {
            "step": type(step).__name__.lower(),
            "server": server,
            "version": package["version"],
            "record": step.record,
            "doi": getattr(step, "doi", ""),
            "address": deposit.address(server, step.record, public),
        }
        write_atomically(path, (json.dumps(state, indent=2) + "\n").encode())
        if sys.stderr.isatty():
            click.echo(f"… {state['step']}", err=True)
        return step

    previous = record.rpartition("zenodo.")[2] if record else None
    if previous and not previous.replace("-", "").isalnum():
        raise Refused(f"{record!r} is neither the id nor the DOI of a Zenodo record")
    first = remember(deposit.draft(zenodo, package, state.get("record"), previous))
    if isinstance(first, deposit.Draft):
        reserved = remember(deposit.reserve(zenodo, first))
        built = remember(deposit.build(root, reserved, (target or root / "dist").resolve()))
        uploaded = remember(deposit.upload(zenodo, built, bar))
        package = _package.read_json(root / "datapackage.json")
        described = remember(deposit.describe(zenodo, uploaded, package))
        if last:
            if production and not yes:
                click.confirm(f"Publish {described.doi} for ever?", abort=True, err=True)
            remember(deposit.publish(zenodo, described, package))
    _report(state, as_json)
    if state["step"] != "published":
        options = " --production" if production else ""
        options += f" --record {record}" if record else ""
        click.echo(
            "not published; look at the draft, see RELEASING.md, and go on with "
            f"`python -m scripts publish{options} --publish`",
            err=True,
        )


def _report(state: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(state, indent=2))
    else:
        width = max(map(len, state))
        for key, value in state.items():
            click.echo(f"{key:<{width}}  {value}".rstrip())


def _discard(zenodo: Zenodo, state: dict[str, str], path: Path) -> None:
    """Delete the draft that the state names.

    Raises
    ------
    Refused
        If no draft is known, or it is public.
    """
    if not state:
        raise Refused("no draft is known here; delete others on the pages of the server")
    if zenodo.record(state["record"]):
        raise Refused(f"{state['record']} is published and cannot be deleted")
    zenodo.discard(state["record"])
    path.unlink()
    click.echo(f"deleted the draft {state['record']}; undo datapackage.json with git", err=True)
