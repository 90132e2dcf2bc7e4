"""What all metadata formats say, each fact from the one place where it lives."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from donbas_recognition import _package
from donbas_recognition._cite import doi
from donbas_recognition.checks.rules.when import WINDOW
from scripts.files import read_rows

# Where the statements are about. No more than the name: a coordinate or a country would say whose.
PLACE = "Donbas"

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".gz": "application/gzip",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".whl": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}


@dataclass(frozen=True)
class Artefact:
    """A file of the release.

    Attributes
    ----------
    name : str
        Its name; all files of a release lie in one folder.
    media_type : str
    size : int
        In bytes.
    sha256 : str
        Hexadecimal.
    """

    name: str
    media_type: str
    size: int
    sha256: str


def artefacts(folder: Path) -> list[Artefact]:
    """The files of a folder, in the order of their names.

    Raises
    ------
    ValueError
        If the ending of a file stands for no known media type.
    """
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in MEDIA_TYPES:
            raise ValueError(
                f"{path.name}: the media type of {path.suffix or 'such a file'} is not known; "
                "add it to MEDIA_TYPES in scripts/artefacts/metadata/facts.py"
            )
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        found.append(Artefact(path.name, MEDIA_TYPES[path.suffix], len(data), digest))
    return found


def released() -> str:
    """Day of the release, ISO 8601."""
    return str(_package.descriptor()["created"])[:10]


def licence() -> dict[str, Any]:
    """Licence of the data: ``name`` (SPDX), ``title`` and ``path`` (its address)."""
    first: dict[str, Any] = _package.descriptor()["licenses"][0]
    return first


def not_licensed() -> str:
    """What the licence does not cover: that paragraph of LICENSE-DATA, on one line.

    Raises
    ------
    ValueError
        If LICENSE-DATA has no such paragraph.
    """
    path = _package.package_path() / "LICENSE-DATA"
    for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
        if paragraph.startswith("Not covered:"):
            return " ".join(paragraph.split())
    raise ValueError(f"{path} has no paragraph that begins with «Not covered:»")


def coverage() -> str:
    """The days that the statements are of, as an ISO 8601 interval."""
    return "/".join(day.isoformat() for day in WINDOW)


def rows() -> dict[str, int]:
    """Number of rows by table."""
    return {name: len(read_rows(name)) for name in _package.NAMES}


def languages() -> list[str]:
    """Languages of the titles and quotations, and English, that of all else: BCP 47, no region."""
    tags = {row["language"] for row in read_rows("sources")}
    tags |= {row["quote_language"] for row in read_rows("mentions")} - {""}
    return sorted({"en"} | {tag.partition("-")[0] for tag in tags})


def address(name: str) -> str:
    """Address of a file of the release: at Zenodo once the release has its DOI, else beside us."""
    record = re.fullmatch(r"10\.(5281|5072)/zenodo\.([0-9]+)", doi(_package.descriptor()) or "")
    if not record:
        return name
    host = "zenodo.org" if record[1] == "5281" else "sandbox.zenodo.org"
    return f"https://{host}/records/{record[2]}/files/{name}"


def as_json(document: dict[str, Any]) -> str:
    """A document as JSON, in the order of its keys."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def as_yaml(document: dict[str, Any]) -> str:
    """A document as YAML, in the order of its keys."""
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    return text
