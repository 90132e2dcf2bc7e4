"""Versions of the data in the history of the repository."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import donbas_recognition as dr
from donbas_recognition import _package
from donbas_recognition._versions import VERSION, number, releases

PACKAGE = ("datapackage.json", "data", "schemas")


def git(root: Path, *arguments: str) -> bytes:
    """Output of git.

    Raises
    ------
    ValueError
        If git is not there or fails; the message has what it says.
    """
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except OSError as error:
        raise ValueError(f"git cannot be run ({error.strerror}); install it") from error
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip()
        raise ValueError(f"git {arguments[0]} failed: {told}")
    return done.stdout


def has_commit(root: Path, commit: str) -> bool:
    """Whether the history that is here holds a commit (a shallow clone may not)."""
    try:
        git(root, "cat-file", "-e", f"{commit}^{{commit}}")
    except ValueError:
        return False
    return True


def unpack(root: Path, revision: str, folder: Path, *paths: str) -> None:
    """Write files as they were in a git revision into a folder.

    Raises
    ------
    ValueError
        If the revision is unknown or lacks one of the paths.
    """
    if revision.startswith("-"):
        raise ValueError(f"{revision!r} is no git revision")
    data = git(root, "archive", "--format=tar", revision, "--", *paths)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(folder, filter="data")


@contextmanager
def package_of(root: Path, source: str) -> Iterator[Path]:
    """Folder or zip that a curator means.

    Parameters
    ----------
    root : Path
        The checkout.
    source : str
        A version: its commit where the history has it, else the release is fetched. Or the path of
        a folder or zip, or a git revision.

    Raises
    ------
    ValueError
        If it is none of them, or a release has to be fetched and cannot be.
    """
    revision = source
    if VERSION.fullmatch(source) and source in releases():
        revision = releases()[source]["commit"]
        if not has_commit(root, revision):
            yield _fetched(source)
            return
    elif Path(source).exists():
        yield Path(source)
        return
    elif not has_commit(root, source):
        raise ValueError(
            f"{source!r} is no release ({', '.join(releases())}), no folder or zip, and no git "
            "revision of this repository"
        )
    with tempfile.TemporaryDirectory() as scratch:
        unpack(root, revision, Path(scratch), *PACKAGE)
        yield Path(scratch)


def _fetched(version: str) -> Path:
    try:
        return dr.package_path(version)
    except (OSError, ValueError, ImportError) as error:
        raise ValueError(
            f"the commit of release {version} is not in this repository; "
            f"`git fetch --unshallow --tags` brings the whole history. Without it, {error}"
        ) from error


def last_release(version: str) -> str | None:
    """Newest registered release before a version; None if there is none."""
    older = [known for known in releases() if number(known) < number(version)]
    return max(older, key=number, default=None)


@contextmanager
def last_package(root: Path) -> Iterator[Path]:
    """Data package of the last release before the version of the checkout.

    Raises
    ------
    ValueError
        If it is neither in the history nor to be had elsewhere, or nothing was released before.
    """
    version = last_release(_package.__version__)
    if version is None:
        raise ValueError(f"nothing was released before {_package.__version__}")
    with package_of(root, version) as place:
        yield place
