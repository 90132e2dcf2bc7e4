"""Released versions: which there are, and how an old one comes to this machine."""

import os
import re
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from donbas_recognition import _package

REGISTRY = Path(__file__).with_name("releases.json")
MIRROR, CACHE = "DONBAS_RECOGNITION_MIRROR", "DONBAS_RECOGNITION_CACHE"
VERSION = re.compile(r"(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)")


def number(version: str) -> tuple[int, int, int]:
    """A version as numbers, for comparing."""
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


@cache
def _registry() -> dict[str, Any]:
    return _package.read_json(REGISTRY)


def releases() -> dict[str, dict[str, Any]]:
    """Registered releases by version: ``commit``, ``data_digest``, ``sha256``, ``bytes``, ``doi``.

    The hash and size are those of the zip ``donbas-recognition-<version>.zip``.
    """
    result: dict[str, dict[str, Any]] = _registry()["releases"]
    return result


def release(version: str) -> dict[str, Any]:
    """Entry of one release.

    Raises
    ------
    ValueError
        If there is none.
    """
    if version not in releases():
        raise ValueError(
            f"no release {version!r} is known to donbas-recognition {_package.__version__}, only "
            f"{', '.join(releases())}; a newer one comes with "
            "`pip install --upgrade donbas-recognition`"
        )
    return releases()[version]


def zip_name(version: str) -> str:
    """Name of a release's zip."""
    return f"{_package.PACKAGE_NAME}-{version}.zip"


def addresses(version: str) -> list[str]:
    """Where a release's zip is looked for, in this order.

    The folder that ``DONBAS_RECOGNITION_MIRROR`` names, and nowhere else; without it the archive
    that gave the release its DOI, then the project's mirrors.
    """
    if os.environ.get(MIRROR):
        return [f"{os.environ[MIRROR].rstrip('/')}/{zip_name(version)}"]
    doi = release(version)["doi"]
    archived = [f"doi:{doi}/{zip_name(version)}"] if doi else []
    return archived + [mirror.format(version=version) for mirror in _registry()["mirrors"]]


def release_path(version: str) -> Path:
    """Folder of a release; see `donbas_recognition.package_path`."""
    if version == _package.__version__:
        from donbas_recognition._digest import data_digest

        known = releases().get(version)
        if known is None or known["data_digest"] == data_digest():
            return _package.package_path()
    release(version)
    archive = _fetched(version)
    folder = archive.with_suffix("")
    # The zip's hash was compared; what lies unpacked may have been touched or cut off since.
    with zipfile.ZipFile(archive) as packed:
        if not _whole(folder, packed):
            with tempfile.TemporaryDirectory(dir=archive.parent, prefix=f".{version}-") as scratch:
                packed.extractall(Path(scratch, "new"))
                if folder.exists():
                    os.replace(folder, Path(scratch, "old"))
                os.replace(Path(scratch, "new"), folder)
    return folder


def _whole(folder: Path, packed: zipfile.ZipFile) -> bool:
    return all(
        (folder / name).is_file() and (folder / name).read_bytes() == packed.read(name)
        for name in packed.namelist()
    )


def _fetched(version: str) -> Path:
    """The zip of a release in the cache, its hash compared.

    Raises
    ------
    ImportError, ConnectionError, ValueError
        As `donbas_recognition.package_path`.
    """
    try:
        import pooch  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError(
            f"version {version} is not the installed one ({_package.__version__}); to fetch it "
            "pooch is needed: pip install 'donbas-recognition[archive]'"
        ) from error
    from requests.exceptions import RequestException  # pooch's own dependency

    entry, file = release(version), zip_name(version)
    folder = Path(os.environ.get(CACHE) or pooch.os_cache(_package.PACKAGE_NAME)).expanduser()
    failures, wrong = [], False
    for address in addresses(version):
        try:
            found = pooch.retrieve(address, f"sha256:{entry['sha256']}", fname=file, path=folder)
            return Path(found)
        except (RequestException, ValueError) as error:
            mismatch = "does not match the known hash" in str(error)
            wrong = wrong or mismatch
            reason = "not this release, its SHA-256 differs" if mismatch else _root(error)
            failures.append(f"  {address}: {reason}")
    if (folder / file).exists():
        failures.append(f"  {folder / file}: not this release, its SHA-256 differs")
    message = "\n".join(
        [
            f"release {version} could not be fetched, and nothing was kept:",
            *failures,
            "If you have no network, or the release is kept elsewhere, do one of these:",
            f"  set {MIRROR} to the address of a folder that holds {file}",
            f"  put {file} (SHA-256 {entry['sha256']}) into {folder}",
        ]
    )
    raise ValueError(message) if wrong else ConnectionError(message)


def _root(error: BaseException) -> BaseException:
    """What lies behind an error: "Connection refused" and not what three libraries say of it."""
    while error.__context__ is not None:
        error = error.__context__
    return error


def located(source: str | Path | None) -> Path:
    """Folder or zip that a caller means: a version, a path, or None for the installed data."""
    if source is None:
        return _package.package_path()
    if isinstance(source, str) and VERSION.fullmatch(source):
        return release_path(source)
    return Path(source)
