"""The command `diff`."""

from contextlib import ExitStack

import click

import donbas_recognition as dr
from donbas_recognition import _package
from scripts import changes, revisions
from scripts.errors import Refused, reported


@click.command("diff")
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option(
    "--format",
    "style",
    type=click.Choice(list(changes.FORMATS)),
    default="text",
    show_default=True,
    help="How to print it; json and csv are complete, changelog drafts an entry of CHANGELOG.md.",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--draft", is_flag=True, help="Short for --format changelog.")
@click.option(
    "--most", type=click.IntRange(1), default=10, show_default=True, help="Rows a table at most."
)
@reported
def command(
    old: str | None, new: str | None, style: str, as_json: bool, draft: bool, most: int
) -> None:
    """Say what changed from OLD to NEW: rows, cells, columns, vocabularies.

    Each is a version (0.2.0), a git revision, a folder or a zip of the data package. NEW is by
    default this checkout, OLD the last release before it. It ends with the smallest step of the
    version that the changes allow; `build` refuses less.

    \b
    Examples:
      python -m scripts diff
      python -m scripts diff 0.2.0 0.3.0
      python -m scripts diff HEAD~3 --draft

    Exit code: 0 compared, 1 ids vanished without a tombstone, 2 the call was wrong.
    """
    root = _package.package_path()
    old = old or revisions.last_release(_package.__version__)
    if old is None:
        raise Refused("nothing was released before; name OLD")
    style = "json" if as_json else "changelog" if draft else style
    with ExitStack() as stack:
        before = stack.enter_context(revisions.package_of(root, old))
        after = stack.enter_context(revisions.package_of(root, new)) if new else root
        found = dr.diff(before, after)
    click.echo(changes.FORMATS[style](found, most))
    if len(found.vanished):
        click.echo(
            f"{len(found.vanished):,} ids vanished; give each a row in retired_ids", err=True
        )
        raise SystemExit(1)
