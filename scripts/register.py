"""The command `register`."""

import hashlib
import json
from pathlib import Path
from typing import Any

import click

import donbas_recognition as dr
from donbas_recognition import _package, _versions
from scripts import revisions
from scripts.errors import reported
from scripts.files import write_atomically


def entry(root: Path, archive: Path, commit: str, doi: str | None) -> tuple[str, dict[str, Any]]:
    """Version and entry of a release.

    Raises
    ------
    ValueError
        If the zip is not the data package of that commit.
    """
    data = archive.read_bytes()
    digest = dr.data_digest(archive)
    commit = revisions.git(root, "rev-parse", "--verify", f"{commit}^{{commit}}").decode().strip()
    with revisions.package_of(root, commit) as place:
        descriptor = _package.read_json(place / _package.DESCRIPTOR)
        same = dr.data_digest(place) == digest
    version = descriptor["version"]
    if archive.name != _versions.zip_name(version):
        raise ValueError(f"{archive} is not the zip of {version}, the version of {commit[:10]}")
    if not same:
        raise ValueError(f"{archive} holds other tables than the commit {commit[:10]}")
    return version, {
        "commit": commit,
        "data_digest": digest,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "doi": doi,
    }


@click.command("register")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--commit", default="HEAD", show_default=True, help="The git revision that it was built from."
)
@click.option("--doi", help="The DOI of this version, as 10.5281/zenodo.123.")
@reported
def command(archive: Path, commit: str, doi: str | None) -> None:
    """Enter a release into src/donbas_recognition/releases.json, after it was built and tagged.

    ARCHIVE is its zip in dist/. From then on `load(…, version=…)` can fetch it, `verify` knows it,
    and `build` compares with it. An entry never changes, but that a DOI is added.

    \b
    Example:
      python -m scripts register dist/donbas-recognition-0.3.0.zip --commit v0.3.0
    """
    root = _package.package_path()
    path = root / "src" / "donbas_recognition" / _versions.REGISTRY.name
    registry = _package.read_json(path)
    version, new = entry(root, archive, commit, doi)
    old = registry["releases"].get(version)
    if old is not None:
        new["doi"] = doi or old["doi"]
        differs = [key for key in new if new[key] != old[key] and (key != "doi" or old["doi"])]
        if differs:
            raise ValueError(
                f"{version} is registered already with another {' and '.join(differs)}; "
                "what was released never changes, make a new version"
            )
    registry["releases"][version] = new
    ordered = sorted(registry["releases"].items(), key=lambda item: _versions.number(item[0]))
    registry["releases"] = dict(ordered)
    write_atomically(path, (json.dumps(registry, indent=2) + "\n").encode("utf-8"))
    click.echo(f"{version} is in {path.relative_to(root)}; commit it", err=True)
