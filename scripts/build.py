"""The command `build`."""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

import donbas_recognition as dr
from donbas_recognition import _package
from donbas_recognition._versions import number, releases
from donbas_recognition.checks import find
from scripts import docs, report, revisions
from scripts.artefacts import MAKERS, archive
from scripts.errors import reported


def check_version(root: Path, version: str) -> None:
    """Refuse a release whose papers speak of another one.

    Raises
    ------
    ValueError
        If CHANGELOG.md lacks the version of the descriptor, or a generated document is stale.
    """
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if f"\n## [{version}]" not in changelog:
        raise ValueError(f"CHANGELOG.md has no entry «## [{version}] - date»; write it")
    for path in docs.stale(root):
        raise ValueError(f"{path.relative_to(root)} is stale; run `python -m scripts docs`")


def check_step(root: Path, version: str) -> None:
    """Refuse a release whose version says less than its changes, or that loses an id.

    Raises
    ------
    ValueError
        If ids vanished without a tombstone, the version is smaller than the changes since the last
        release allow, or it was released with other tables.
    """
    known = releases().get(version)
    if known and known["data_digest"] != dr.data_digest(root):
        raise ValueError(
            f"{version} was released with other tables; what was released never changes, so give "
            "datapackage.json and CHANGELOG.md a new version"
        )
    if revisions.last_release(version) is None:
        return
    with revisions.last_package(root) as last:
        found = dr.diff(last, root)
    lost = [f"{row.table} {row.id}" for row in found.vanished.itertuples()]
    if lost:
        more = f" and {len(lost) - 10:,} more" if len(lost) > 10 else ""
        raise ValueError(
            f"ids of {found.old} vanished without a tombstone: {', '.join(lost[:10])}{more}; "
            "restore them, or give each a row in data/retired_ids.csv"
        )
    if found.smallest and number(version) < number(found.smallest):
        reasons = found.reasons[found.reasons["bump"] == found.bump]["reason"]
        raise ValueError(
            f"version {version} is too small a step from {found.old}: the changes ask for "
            f"{found.smallest} or later ({found.bump}: {'; '.join(reasons[:5])}); "
            "`python -m scripts diff` shows them"
        )


def checksums(folder: Path) -> str:
    """Content of SHA256SUMS for the files of a folder, as `sha256sum -c` reads it."""
    return archive.checksums({path.name: path.read_bytes() for path in folder.iterdir()})


def build(root: Path, target: Path, say: Callable[[str], None] = lambda _: None) -> None:
    """Build every artefact into a folder, all or nothing.

    Parameters
    ----------
    root : Path
        The checkout.
    target : Path
        Folder to make or replace.
    say : callable
        Told of each step.

    Raises
    ------
    ValueError
        If anything stops the release; `target` is then as it was.
    """
    say("version")
    check_version(root, _package.__version__)
    check_step(root, _package.__version__)
    umask = os.umask(0o022)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".dist-") as scratch:
            new, old = Path(scratch, "new"), Path(scratch, "old")
            new.mkdir()
            for step, make in MAKERS.items():
                say(step)
                make(root, new)
            (new / "SHA256SUMS").write_text(checksums(new), encoding="utf-8")
            if target.exists():
                os.replace(target, old)
            try:
                os.replace(new, target)
            except OSError:
                if old.exists():
                    os.replace(old, target)
                raise
    finally:
        os.umask(umask)


@click.command("build")
@click.option(
    "--out",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to make or replace.  [default: dist]",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the artefacts and their sizes as JSON."
)
@reported
def command(target: Path | None, as_json: bool) -> None:
    """Check the data and build all artefacts of a release into dist/.

    The Frictionless zip, Parquet, SQLite, XLSX, the sdist, the wheel, what changed since the last
    release, metadata for catalogues, and SHA256SUMS. If anything is wrong nothing is written, and
    the last dist/ stays as it is. The version must be as large a step from the last release as the
    changes ask for (see `diff`); that release is read from the history of the repository, or
    fetched.
    """
    root = _package.package_path()
    target = (target or root / "dist").resolve()
    if target.exists() and any(target.iterdir()) and not (target / "SHA256SUMS").exists():
        raise ValueError(f"{target} holds other things; name an empty or new folder")

    def say(step: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"… {step}", err=True)

    say("checks")
    findings = find(root)
    if any(f.severity == "error" for f in findings):
        click.echo(report.as_text(findings))
        click.echo(report.summary(findings, "data") + "; nothing was built", err=True)
        raise SystemExit(1)
    target.parent.mkdir(parents=True, exist_ok=True)
    build(root, target, say)
    sizes = {path.name: path.stat().st_size for path in sorted(target.iterdir())}
    if as_json:
        click.echo(json.dumps(sizes, indent=2))
    else:
        for file, size in sizes.items():
            click.echo(f"{size:>12,}  {file}")
        click.echo(f"built {target}", err=True)
