"""The command `build`."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import click

from donbas_recognition import _package
from donbas_recognition.checks import find
from scripts import report
from scripts.docs import codebook
from scripts.errors import reported

# What the archive carries beside descriptor, data and schemas.
PAPERS = ("README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", "LICENSE-DATA")
# The first day that a zip entry can bear.
EPOCH = (1980, 1, 1, 0, 0, 0)
# Hatchling takes the time of its archives from here; any fixed day will do.
SOURCE_DATE_EPOCH = "1577836800"


def package_files(root: Path) -> dict[str, bytes]:
    """Files of the Frictionless package, by their path inside the archive."""
    names = ["datapackage.json", *PAPERS]
    for name in _package.NAMES:
        names += [f"data/{name}.csv", f"schemas/{name}.json"]
    files = {name: (root / name).read_bytes() for name in names}
    files["CODEBOOK.md"] = codebook().encode("utf-8")
    return files


def write_zip(path: Path, files: dict[str, bytes]) -> None:
    """Write an archive whose bytes depend on names and contents alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=str.encode):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])


def second_opinion(path: Path) -> None:
    """Validate an archive with frictionless.

    Raises
    ------
    ValueError
        If it finds anything, or did not look at every table.
    """
    import frictionless

    result = frictionless.validate(str(path), type="package")
    if not result.valid:
        problems = result.flatten(["name", "rowNumber", "fieldName", "type", "note"])
        lines = [" ".join(str(part) for part in problem if part) for problem in problems[:20]]
        raise ValueError("frictionless finds what our checks did not:\n" + "\n".join(lines))
    if len(result.tasks) != len(_package.NAMES):
        raise ValueError(f"frictionless looked at {len(result.tasks)} tables only")


def check_version(root: Path, version: str) -> None:
    """Refuse a release whose papers speak of another version.

    Raises
    ------
    ValueError
        If CHANGELOG.md or CITATION.cff lacks the version of the descriptor.
    """
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if f"\n## [{version}]" not in changelog:
        raise ValueError(f"CHANGELOG.md has no entry «## [{version}] - date»; write it")
    cited = re.search(r"^version: (.+)$", (root / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    if not cited or cited[1].strip("'\"") != version:
        raise ValueError(f"CITATION.cff is not of version {version}; correct its version")


def build_distributions(root: Path, target: Path) -> None:
    """Build the sdist, and the wheel from the sdist.

    Raises
    ------
    ValueError
        If the build fails; the message holds its output.
    """
    environment = os.environ | {"SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH}
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(root)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise ValueError(f"the wheel could not be built:\n{done.stdout}{done.stderr}")


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
    name, version = _package.descriptor()["name"], _package.__version__
    check_version(root, version)
    umask = os.umask(0o022)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".dist-") as scratch:
            new, old = Path(scratch, "new"), Path(scratch, "old")
            new.mkdir()
            say("data package")
            archive = new / f"{name}-{version}.zip"
            write_zip(archive, package_files(root))
            say("second opinion of frictionless")
            second_opinion(archive)
            say("sdist and wheel")
            build_distributions(root, new)
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

    The Frictionless zip, the sdist, the wheel and SHA256SUMS. If anything is wrong nothing is
    written, and the last dist/ stays as it is.
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
