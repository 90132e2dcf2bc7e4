"""The Frictionless package as a zip, identical wherever it is built."""

import hashlib
import zipfile
from pathlib import Path

from donbas_recognition import _package
from scripts.artefacts.metadata import csvw, facts
from scripts.artefacts.metadata.codebook import codebook

# What the archive carries beside descriptor, data and schemas.
PAPERS = ("README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", "LICENSE-DATA")
# The first day that a zip entry can bear.
EPOCH = (1980, 1, 1, 0, 0, 0)


def package_files(root: Path) -> dict[str, bytes]:
    """Files of the Frictionless package, by their path inside the archive."""
    names = ["datapackage.json", *PAPERS]
    for name in _package.NAMES:
        names += [f"data/{name}.csv", f"schemas/{name}.json"]
    files = {name: (root / name).read_bytes() for name in names}
    files["CODEBOOK.md"] = codebook().encode("utf-8")
    files[csvw.FILE] = facts.as_json(csvw.document()).encode("utf-8")
    files["SHA256SUMS"] = checksums(files).encode("utf-8")
    return files


def checksums(files: dict[str, bytes]) -> str:
    """Content of SHA256SUMS for files by name, as `sha256sum -c` reads it."""
    return "".join(
        f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n"
        for name in sorted(files, key=str.encode)
    )


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


def make(root: Path, target: Path) -> None:
    """Write the archive of a checkout into a folder, checked by frictionless.

    Raises
    ------
    ValueError
        If frictionless finds anything.
    """
    package = _package.descriptor()
    path = target / f"{package['name']}-{package['version']}.zip"
    write_zip(path, package_files(root))
    second_opinion(path)
