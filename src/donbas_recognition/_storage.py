"""The files of a folder or a zip that may come from anywhere, read within bounds."""

from __future__ import annotations

import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from donbas_recognition._package import DESCRIPTOR, NAMES

MAX_FILE = 4 * 2**30
MAX_DESCRIPTOR = 2**20
# A table packs to a tenth; what packs far better and is large was made to fill the memory.
MAX_RATIO, ANY_RATIO = 200, 64 * 2**20
# What zipfile raises, in one version or another, on an archive that is damaged.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # encrypted, and NotImplementedError
    OverflowError,
)
_DRIVE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class UnreadableError(ValueError):
    """A file that is missing, unsafe or damaged.

    Attributes
    ----------
    kind : str
        ``file`` where it is missing or damaged, ``unsafe`` where reading it could do harm.
    file, message, remedy : str
        Which, what is wrong, and how to mend it.
    """

    def __init__(self, kind: str, file: str, message: str, remedy: str) -> None:
        super().__init__(f"{file}: {message}; {remedy.removesuffix('.')}")
        self.kind, self.file, self.message, self.remedy = kind, file, message, remedy


def unsafe(path: str) -> bool:
    """Whether a path may lead out of the folder that it is relative to."""
    parts = PurePosixPath(path.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or bool(_DRIVE.match(path))


def _missing(file: str) -> UnreadableError:
    return UnreadableError(
        "file", file, "the file is missing", "Restore it; an empty table still has its header."
    )


def _too_large(file: str, size: int) -> UnreadableError:
    return UnreadableError(
        "unsafe", file, f"it has {size:,} bytes, too much to read", "Split the data."
    )


class Folder:
    """A folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.odd: dict[str, str] = {}
        self._root = path.resolve()

    def __contains__(self, file: str) -> bool:
        return os.path.lexists(self.path / file)

    def __iter__(self) -> Iterator[str]:
        """Files at any depth, as paths inside the folder."""
        for parent, _, names in os.walk(self.path):
            for name in names:
                yield (Path(parent, name).relative_to(self.path)).as_posix()

    def layout(self) -> tuple[str, str]:
        """Folder of the package inside this one, and folder of the tables inside that."""
        loose = not (self.path / "data").is_dir() and any(self.path.glob("*.csv"))
        return "", "" if loose else "data/"

    def read(self, file: str, limit: int = MAX_FILE) -> bytes:
        """Content of a file.

        Raises
        ------
        UnreadableError
            If it is missing, no file, larger than `limit`, or leads out of the folder.
        """
        path = self.path / file
        try:
            if not os.path.lexists(path):
                raise _missing(file)
            if not path.resolve().is_relative_to(self._root):
                raise UnreadableError(
                    "unsafe", file, "the file is a link out of the package", "Put the file here."
                )
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableError("file", file, "it is not a file", "Put the file here.")
            if status.st_size > limit:
                raise _too_large(file, status.st_size)
            return path.read_bytes()
        except (OSError, RuntimeError) as error:  # no permission, a link to itself
            reason = getattr(error, "strerror", None) or "a loop of links"
            raise UnreadableError(
                "file", file, f"it cannot be read ({reason})", "Make it readable."
            ) from error


class Zip:
    """A zip.

    Attributes
    ----------
    odd : dict of str to str
        Members that are not read, and why.

    Raises
    ------
    ValueError
        If it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.odd: dict[str, str] = {}
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._left = MAX_FILE
        try:
            self._archive = zipfile.ZipFile(path)
        except _DAMAGED as error:
            raise ValueError(f"{path}: the zip is damaged ({error}); zip it anew") from error
        for info in self._archive.infolist():
            if unsafe(info.filename):
                self.odd[info.filename] = "the path leaves the archive"
            elif info.filename in self._members:
                self.odd[info.filename] = "the name stands twice"
            else:
                self._members[info.filename] = info

    def __contains__(self, file: str) -> bool:
        return file in self._members

    def __iter__(self) -> Iterator[str]:
        """Members that are no folders."""
        return (name for name in self._members if not name.endswith("/"))

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def layout(self) -> tuple[str, str]:
        """Folder of the package inside the zip, and folder of the tables inside that."""
        return _layout(self._members)

    def read(self, file: str, limit: int = MAX_FILE) -> bytes:
        """Content of a member.

        Raises
        ------
        UnreadableError
            If it is missing, no file, damaged, larger than `limit`, or made to fill the memory.
        """
        if file not in self._members:
            raise _missing(file)
        member = self._members[file]
        size, packed = member.file_size, member.compress_size
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
            raise UnreadableError(
                "unsafe", file, "the member is not a file", "Zip the file itself."
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # The other methods cannot be unpacked in bounded memory.
            raise UnreadableError(
                "unsafe", file, "it is packed in a rare way", "Zip it anew, with deflate."
            )
        if size > min(limit, self._left) or (size > ANY_RATIO and size > MAX_RATIO * packed):
            raise _too_large(file, size)
        self._left -= size
        try:
            with self._archive.open(member) as stream:
                # No more than the size, which the header may understate.
                return stream.read(size)
        except _DAMAGED as error:
            raise UnreadableError(
                "file", file, f"it cannot be unpacked ({error})", "Zip it anew."
            ) from error


def _layout(members: Iterable[str]) -> tuple[str, str]:
    """Folder of the package inside a zip, and folder of its tables inside that.

    A package may lie flat, or under one folder as in archives of repositories.
    """
    members = set(members)
    tables = {f"{name}.csv" for name in NAMES}
    tops = [m.removesuffix(DESCRIPTOR) for m in members if PurePosixPath(m).name == DESCRIPTOR]
    if not tops:
        places = {PurePosixPath(m).parent for m in members if PurePosixPath(m).name in tables}
        places = {place.parent if place.name == "data" else place for place in places}
        tops = [f"{place}/".removeprefix("./") for place in places]
    top = min(tops, key=lambda path: (path.count("/"), path), default="")
    beside = any(top + table in members for table in tables)
    inside = any(f"{top}data/{table}" in members for table in tables)
    return top, "" if beside and not inside else "data/"


@contextmanager
def open_storage(path: Path) -> Iterator[Folder | Zip]:
    """A folder or a zip, to be used in a ``with`` statement.

    Raises
    ------
    FileNotFoundError
        If there is no such folder or zip.
    ValueError
        If the path is neither, or the zip is damaged.
    """
    if path.is_dir():
        yield Folder(path)
        return
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such folder or zip")
    # is_file first: to open a pipe would wait for ever.
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise ValueError(f"{path}: neither a folder nor a zip of a data package")
    storage = Zip(path)
    try:
        yield storage
    finally:
        storage.close()
