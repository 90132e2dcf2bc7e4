"""The command `build`."""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from donbas_recognition import _package
from donbas_recognition.checks import find
from scripts import docs, report
from scripts.artefacts import MAKERS
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


def checksums(folder: Path) -> str:
    """Content of SHA256SUMS for the files of a folder, as `sha256sum -c` reads it."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
    )


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
    check_version(root, _package.__version__)
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

    The Frictionless zip, Parquet, SQLite, XLSX, the sdist, the wheel, metadata for catalogues and
    SHA256SUMS. If anything is wrong nothing is written, and the last dist/ stays as it is.
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
