"""Check an archive, a folder or the installation against the checksums that came with it."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from donbas_recognition import _package, _versions
from donbas_recognition._content import claimed_version
from donbas_recognition._digest import data_digest
from donbas_recognition._storage import Folder, UnreadableError, Zip, open_storage, unsafe

if TYPE_CHECKING:
    import pandas as pd

SUMS, REGISTRY, RECORD = "SHA256SUMS", "releases.json", "RECORD"
COLUMNS = ["file", "state", "against"]
State = Literal["ok", "changed", "missing", "unlisted", "unreadable", "unchecked"]
Row = tuple[str, State, str]
_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")


def verify(path: str | Path | None = None) -> pd.DataFrame:
    """Whether files are as they were released. Reads only, and needs no network.

    Parameters
    ----------
    path : str, Path or None
        A folder with ``SHA256SUMS`` (``dist/``, or an unpacked release), a zip, a wheel or any
        other file of a release; by default the installed data and code.

    Returns
    -------
    pandas.DataFrame
        One row a file: ``file``; ``state``; ``against``, what it was compared with:

        - ``SHA256SUMS`` in the folder, beside the file, or inside the zip;
        - ``RECORD`` of the wheel, which pip keeps beside an installation;
        - ``releases.json``, the releases that this package knows: the whole zip, or (``tables``)
          the `data_digest`. Only this comparison rests on something that did not come along with
          the files; it is made where the version is a registered one.

        The states are ``ok``; ``changed``; ``missing``, listed but not there; ``unlisted``, there
        but not listed; ``unreadable``, damaged or unsafe to read; ``unchecked``, nothing is known
        to compare with. All is well if every state is ``ok``.

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    ValueError
        If a list of checksums cannot be read.

    Examples
    --------
    >>> import donbas_recognition as dr
    >>> found = dr.verify()
    >>> found[found["state"] != "ok"]  # doctest: +SKIP
    """
    import pandas as pd

    if path is None:
        rows = _installation()
    else:
        path = Path(path)
        if not path.exists():
            raise FileNotFoundError(f"{path}: there is no such file or folder")
        if path.name == SUMS:
            path = path.absolute().parent
        rows = _folder(path) if path.is_dir() else _file(path)
    return pd.DataFrame(rows, columns=COLUMNS, dtype="string")


def _folder(path: Path) -> list[Row]:
    storage = Folder(path)
    if SUMS not in storage:
        return _tables(path, claimed_version(storage))
    rows = _compared(storage, storage, _sums(storage, SUMS), SUMS)
    # Of a whole dist/ the zip says which release it claims to be.
    zips = [path / file for file, state, _ in rows if file.endswith(".zip") and state == "ok"]
    for archive in zips:
        rows += _whole_zip(archive)
    if not zips and storage.layout()[0] + _package.DESCRIPTOR in storage:
        rows += _registered_tables(path, claimed_version(storage))
    return rows


def _file(path: Path) -> list[Row]:
    rows: list[Row] = []
    beside = Folder(path.absolute().parent)
    if SUMS in beside:
        listed = _sums(beside, SUMS)
        if path.name in listed:
            rows += _compared(beside, [path.name], {path.name: listed[path.name]}, SUMS)
        else:
            rows.append((path.name, "unlisted", SUMS))
    if path.suffix in (".zip", ".whl"):
        rows += _inside(path)
    return rows or [(path.name, "unchecked", SUMS)]


def _inside(path: Path) -> list[Row]:
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(open_storage(path))
        except ValueError:
            return [(path.name, "unreadable", SUMS)]
        odd: list[Row] = [(file, "unreadable", SUMS) for file in archive.odd]
        record = next((name for name in archive if name.endswith(".dist-info/RECORD")), None)
        if SUMS in archive:
            rows = _compared(archive, archive, _sums(archive, SUMS), SUMS)
        elif record:
            listed = _record(archive.read(record).decode("utf-8", "replace"))
            rows = _compared(archive, set(archive) - {record}, listed, RECORD)
        else:
            rows = []
    known = _registered_tables(path, _version_of(path)) if record else _whole_zip(path)
    return odd + rows + known or [(path.name, "unchecked", REGISTRY)]


def _whole_zip(path: Path) -> list[Row]:
    """A zip beside the registered one; if they differ, whether the tables do."""
    version = _version_of(path)
    known = _versions.releases().get(version or "")
    if known is None:
        return []
    if hashlib.sha256(path.read_bytes()).hexdigest() == known["sha256"]:
        return [(path.name, "ok", REGISTRY)]
    return [(path.name, "changed", REGISTRY), *_registered_tables(path, version)]


def _registered_tables(path: Path, version: str | None) -> list[Row]:
    known = _versions.releases().get(version or "")
    return _tables(path, version) if known else []


def _tables(path: Path, version: str | None) -> list[Row]:
    known = _versions.releases().get(version or "")
    if known is None:
        return [("tables", "unchecked", REGISTRY)]
    try:
        same = data_digest(path) == known["data_digest"]
    except UnreadableError as error:
        return [(error.file, "unreadable", REGISTRY)]
    except ValueError:
        same = False
    return [("tables", "ok" if same else "changed", REGISTRY)]


def _version_of(path: Path) -> str | None:
    try:
        with open_storage(path) as storage:
            return claimed_version(storage)
    except ValueError:  # no zip at all
        return None


def _sums(storage: Folder | Zip, file: str) -> dict[str, str]:
    """Hashes by file, from the lines that `sha256sum` writes."""
    try:
        text = storage.read(file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{storage.path}: {file} is not UTF-8 ({error.reason})") from error
    listed = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if not match or unsafe(match[2]):
            raise ValueError(
                f"{storage.path}: {file}:{number}: not a line of sha256sum, as «hash  file»"
            )
        listed[match[2]] = match[1].lower()
    return listed


def _record(text: str) -> dict[str, str]:
    """Hashes by file, from the RECORD of a wheel; what has no hash there is left out."""
    listed = {}
    try:
        for file, mark, *_ in csv.reader(text.splitlines()):
            method, _, value = mark.partition("=")
            if method == "sha256":
                listed[file] = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).hex()
    except (csv.Error, ValueError) as error:
        raise ValueError(f"the RECORD of the wheel cannot be read ({error})") from error
    return listed


def _compared(
    storage: Folder | Zip, there: Iterable[str], listed: dict[str, str], against: str
) -> list[Row]:
    """State of each file that is listed or there."""
    rows: list[Row] = []
    for file in sorted({*listed, *there} - {SUMS}):
        if file not in listed:
            rows.append((file, "unlisted", against))
        elif file not in storage:
            rows.append((file, "missing", against))
        else:
            try:
                same = hashlib.sha256(storage.read(file)).hexdigest() == listed[file]
            except UnreadableError:
                rows.append((file, "unreadable", against))
            else:
                rows.append((file, "ok" if same else "changed", against))
    return rows


def _installation() -> list[Row]:
    import importlib.metadata

    place = _package.package_path()
    rows: list[Row] = []
    try:
        record = importlib.metadata.distribution(_package.PACKAGE_NAME)
    except importlib.metadata.PackageNotFoundError:
        listed = None
    else:
        listed = record.read_text(RECORD)
    home = Path(__file__).resolve().parent
    # A checkout has no record of its files: an editable installation lists only a path to them.
    if listed and place.is_relative_to(home):
        hashes = {file: mark for file, mark in _record(listed).items() if not unsafe(file)}
        site = Folder(home.parent)
        there = {f"{home.name}/{file}" for file in Folder(home) if "__pycache__" not in file}
        rows = _compared(site, there, hashes, RECORD)
    return rows + (
        _registered_tables(place, _package.__version__)
        if rows
        else _tables(place, _package.__version__)
    )
