"""The steps of a deposit at Zenodo: each returns the type that the next one takes."""

import hashlib
import html
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from donbas_recognition import _package
from donbas_recognition.checks.rules.when import WINDOW
from scripts.files import write_atomically
from scripts.zenodo import Entry, Zenodo, ZenodoError

# How often one file is sent before we give up.
SENDINGS = 3
NOT_LICENSED = (
    "The licence does not cover the quotations (mentions.quote), the titles of the sources "
    "(sources.title) and the printed values (military_figures.value_text): they are third-party "
    "material, quoted as evidence. The code in the wheel and the sdist is under the MIT licence."
)
# Gives a function to tell the bytes sent of a file, while it is being sent.
Watch = Callable[[Path], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True)
class Step:
    """How far a deposit has come."""

    record: str


@dataclass(frozen=True)
class Draft(Step):
    """Zenodo holds a draft."""


@dataclass(frozen=True)
class Reserved(Step):
    """The draft has a DOI."""

    doi: str


@dataclass(frozen=True)
class Built(Step):
    """The release is built with the DOI inside."""

    doi: str
    folder: Path


@dataclass(frozen=True)
class Uploaded(Step):
    """The draft holds the files of the release and no others, to the byte."""

    doi: str
    files: dict[str, str]


@dataclass(frozen=True)
class Described(Step):
    """The draft's metadata are set and free of errors."""

    doi: str


@dataclass(frozen=True)
class Published(Step):
    """The record is public."""

    doi: str


def _creator(contributor: dict[str, Any]) -> dict[str, Any]:
    if "familyName" in contributor:
        names = {"family_name": contributor["familyName"]}
        if "givenName" in contributor:
            names["given_name"] = contributor["givenName"]
        return {"person_or_org": {"type": "personal", **names}}
    return {"person_or_org": {"type": "organizational", "name": contributor["title"]}}


def payload(package: dict[str, Any]) -> dict[str, Any]:
    """The deposit's metadata as InvenioRDM takes them, from the descriptor."""
    description = html.escape(package["description"], quote=False)
    return {
        "access": {"record": "public", "files": "public"},
        "files": {"enabled": True},
        "metadata": {
            "resource_type": {"id": "dataset"},
            "title": package["title"],
            "version": package["version"],
            "publication_date": package["created"][:10],
            "publisher": "Zenodo",
            "creators": [_creator(c) for c in package["contributors"] if "creator" in c["roles"]],
            "description": f"<p>{description}</p>",
            "additional_descriptions": [
                {"description": f"<p>{NOT_LICENSED}</p>", "type": {"id": "other"}}
            ],
            "rights": [{"id": licence["name"].lower()} for licence in package["licenses"]],
            "subjects": [{"subject": keyword} for keyword in package["keywords"]],
            "languages": [{"id": "eng"}],
            "dates": [
                {
                    "date": "/".join(day.isoformat() for day in WINDOW),
                    "type": {"id": "coverage"},
                    "description": "The days that the statements are of",
                }
            ],
            "related_identifiers": [
                {
                    "identifier": f"{package['homepage']}/tree/v{package['version']}",
                    "scheme": "url",
                    "relation_type": {"id": "issupplementto"},
                    "resource_type": {"id": "software"},
                }
            ],
        },
    }


def draft(
    zenodo: Zenodo, package: dict[str, Any], known: str | None, previous: str | None
) -> Draft | Published:
    """The draft of this version: the one that is there, else a new one.

    Parameters
    ----------
    zenodo : Zenodo
        The server.
    package : dict
        The descriptor.
    known : str, optional
        Id of the draft of an earlier call.
    previous : str, optional
        Id of a published version of the dataset; without it the deposit is the first.

    Returns
    -------
    Draft or Published
        The latter if this version is public already.

    Raises
    ------
    ZenodoError
        If there are several deposits of this version, or there is one of another version and
        `previous` is not named.
    """
    if known and zenodo.draft(known):
        return Draft(known)
    if known and (record := zenodo.record(known)):
        return Published(known, record.doi or "")

    def find() -> Draft | Published | None:
        entries = zenodo.titled(package["title"])
        same = [e for e in entries if e.version == package["version"]]
        others = [e for e in entries if e not in same]
        if len(same) > 1:
            raise ZenodoError(
                f"there are {len(same)} deposits of version {package['version']}: "
                f"{_addresses(zenodo, same)}; delete all but one"
            )
        if same:
            one = same[0]
            if one.published:
                return Published(one.record, one.doi or "")
            return Draft(one.record)
        if others and not previous:
            raise ZenodoError(
                f"there are deposits of other versions: {_addresses(zenodo, others)}; name the "
                "last published one with --record, or delete a draft that is no longer wanted"
            )
        return None

    def make() -> Draft | Published:
        entry = zenodo.new_version(previous) if previous else zenodo.create(payload(package))
        return Draft(entry.record)

    return zenodo.once(find, make)


def _addresses(zenodo: Zenodo, entries: list[Entry]) -> str:
    return ", ".join(address(zenodo.server, e.record, e.published) for e in entries)


def address(server: str, record: str, public: bool) -> str:
    """Where a person sees a record or, logged in, a draft."""
    return f"{server}/{'records' if public else 'uploads'}/{record}"


def reserve(zenodo: Zenodo, step: Draft) -> Reserved:
    """Reserve the DOI.

    Raises
    ------
    ZenodoError
        If the server's answer is no DOI.
    """
    doi = zenodo.doi(step.record)
    if not re.fullmatch(r"10\.\d{4,9}/[\w.-]+", doi):
        raise ZenodoError(f"{doi!r} is no DOI; is {zenodo.server} a Zenodo?")
    return Reserved(step.record, doi)


def inscribe(root: Path, doi: str) -> None:
    """Write the DOI and the day of the release into the descriptor.

    The day is that of the version's entry in CHANGELOG.md. What stands there already is left, so
    that the release is built the same again.

    Raises
    ------
    ValueError
        If CHANGELOG.md has no entry with a day.
    """
    path = root / "datapackage.json"
    package = _package.read_json(path)
    version = re.escape(package["version"])
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    day = re.search(rf"^## \[{version}\] - (\d{{4}}-\d\d-\d\d)$", changelog, re.MULTILINE)
    if not day:
        raise ValueError(
            f"CHANGELOG.md has no entry «## [{package['version']}] - YYYY-MM-DD»; write it"
        )
    package["id"] = f"https://doi.org/{doi}"
    package["created"] = f"{day[1]}T00:00:00Z"
    data = (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    if path.read_bytes() != data:
        write_atomically(path, data)


def run(root: Path, *arguments: str) -> None:
    """Run another command of ours, afresh since the descriptor has changed, without the tokens.

    Raises
    ------
    ValueError
        If it fails; the message holds its output.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ZENODO_")}
    done = subprocess.run(
        [sys.executable, "-m", "scripts", *arguments],
        cwd=root, env=environment, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ValueError(f"{done.stdout}`python -m scripts {arguments[0]}` failed, see above")


def build(root: Path, step: Reserved, folder: Path) -> Built:
    """Build the release with the DOI inside, always anew: the bytes depend on the sources alone.

    Raises
    ------
    ValueError
        If the release cannot be built, or is built without the DOI.
    """
    inscribe(root, step.doi)
    run(root, "docs")
    run(root, "build", "--out", str(folder))
    package = _package.read_json(root / "datapackage.json")
    archive = folder / f"{package['name']}-{package['version']}.zip"
    with zipfile.ZipFile(archive) as file:
        inside = json.loads(file.read("datapackage.json"))
    if inside["id"] != f"https://doi.org/{step.doi}":
        raise ValueError(f"{archive} holds {inside['id']!r}, not the DOI {step.doi}")
    return Built(step.record, step.doi, folder)


def checksum(path: Path) -> str:
    """Checksum of a file as Zenodo gives it."""
    with path.open("rb") as file:
        return "md5:" + hashlib.file_digest(file, "md5").hexdigest()


def upload(zenodo: Zenodo, step: Built, watch: Watch) -> Uploaded:
    """Make the draft's files those of the folder.

    Files that are there are not sent again, wrong and strange ones are removed.

    Raises
    ------
    ZenodoError
        If a file does not arrive whole in so many sendings.
    """
    wanted = {path.name: checksum(path) for path in sorted(step.folder.iterdir())}
    for sending in range(1, SENDINGS + 1):
        try:
            there = zenodo.files(step.record)
            for name in there:
                if there[name] != wanted.get(name):
                    zenodo.remove(step.record, name)
            for name, sum in wanted.items():
                if there.get(name) != sum:
                    with watch(step.folder / name) as progress:
                        zenodo.send(step.record, step.folder / name, progress)
            # The checksums of the server decide, not that no call failed.
            there = zenodo.files(step.record)
            if there == wanted:
                return Uploaded(step.record, step.doi, wanted)
        except ZenodoError:
            if sending == SENDINGS:
                raise
    wrong = sorted(n for n in {*there, *wanted} if there.get(n) != wanted.get(n))
    raise ZenodoError(
        f"checksums differ at {zenodo.server} after {SENDINGS} sendings: {', '.join(wrong)}"
    )


def describe(zenodo: Zenodo, step: Uploaded, package: dict[str, Any]) -> Described:
    """Set the metadata, from the descriptor that the release was built with.

    Raises
    ------
    ZenodoError
        If the server does not accept them; the message says why, field by field.
    """
    zenodo.describe(step.record, payload(package))
    return Described(step.record, step.doi)


def publish(zenodo: Zenodo, step: Described, package: dict[str, Any]) -> Published:
    """Publish the draft, for ever.

    Raises
    ------
    ZenodoError
        If the account has another deposit of the same version, or the server refuses.
    """
    others = [
        entry
        for entry in zenodo.titled(package["title"])
        if entry.version == package["version"] and entry.record != step.record
    ]
    if others:
        raise ZenodoError(
            f"another deposit of version {package['version']} is there, "
            f"{_addresses(zenodo, others)}; delete it first"
        )
    zenodo.publish(step.record)
    return Published(step.record, step.doi)
