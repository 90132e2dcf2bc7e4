"""What identifies a release, and what says which of its files differs."""

import hashlib
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import donbas_recognition as dr
from donbas_recognition import _package, _storage, _versions
from scripts.__main__ import main
from scripts.artefacts.archive import checksums, package_files, write_zip
from tests.conftest import ROOT, Case

NAME = _versions.zip_name(dr.__version__)


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    """The files of a release's zip."""
    return package_files(ROOT)


@pytest.fixture(autouse=True)
def registry(monkeypatch) -> dict[str, dict[str, object]]:
    """Registered releases, none at first."""
    releases: dict[str, dict[str, object]] = {}
    monkeypatch.setattr(_versions, "_registry", lambda: {"mirrors": [], "releases": releases})
    return releases


@pytest.fixture
def dist(tmp_path, files) -> Path:
    """A folder as `build` leaves it."""
    folder = tmp_path / "dist"
    folder.mkdir()
    write_zip(folder / NAME, files)
    (folder / "statements.parquet").write_bytes(b"columns")
    content = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "SHA256SUMS").write_text(checksums(content))
    return folder


def states(path: Path | None) -> dict[str, str]:
    """What is not as it was, by file."""
    found = dr.verify(path)
    assert list(found.columns) == ["file", "state", "against"]
    assert len(found)
    return {row.file: row.state for row in found.itertuples() if row.state != "ok"}


def release(archive: Path) -> dict[str, object]:
    return {
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "data_digest": dr.data_digest(archive),
    }


# dist/


def test_a_whole_dist(dist):
    assert states(dist) == {}
    assert states(dist / "statements.parquet") == {}
    assert states(dist / NAME) == {}
    assert len(dr.verify(dist / "SHA256SUMS")) == len(dr.verify(dist))


def test_each_damage_of_a_dist_is_named(dist):
    (dist / "statements.parquet").write_bytes(b"columnz")
    assert states(dist) == {"statements.parquet": "changed"}
    assert states(dist / "statements.parquet") == {"statements.parquet": "changed"}
    (dist / "statements.parquet").unlink()
    (dist / "sub").mkdir()
    (dist / "sub" / "stray").write_text("x")
    assert states(dist) == {"statements.parquet": "missing", "sub/stray": "unlisted"}
    (dist / "stray").write_text("x")
    assert states(dist / "stray") == {"stray": "unlisted"}
    (dist / "statements.parquet").symlink_to("/etc/hostname")
    assert states(dist)["statements.parquet"] == "unreadable"


def test_a_list_that_is_none(dist):
    for line in ("nonsense", f"{'0' * 64}  ../outside", f"{'0' * 64}  /etc/passwd", "\udcff"):
        (dist / "SHA256SUMS").write_bytes((line + "\n").encode("utf-8", "surrogateescape"))
        with pytest.raises(ValueError, match="SHA256SUMS"):
            dr.verify(dist)


def test_a_registered_zip_in_dist(dist, registry):
    registry[dr.__version__] = release(dist / NAME)
    assert states(dist) == {}
    assert dr.verify(dist)["against"].tolist() == ["SHA256SUMS", "SHA256SUMS", "releases.json"]
    registry[dr.__version__]["sha256"] = "0" * 64
    assert states(dist) == {NAME: "changed"}
    registry[dr.__version__]["data_digest"] = "0" * 64
    assert states(dist) == {NAME: "changed", "tables": "changed"}


# A zip


def test_each_damage_of_a_zip_is_named(tmp_path, files):
    damaged = dict(files)
    damaged["data/actors.csv"] += b"x"
    del damaged["LICENSE"]
    damaged["extra.txt"] = b"x"
    write_zip(tmp_path / "x.zip", damaged)
    assert states(tmp_path / "x.zip") == {
        "data/actors.csv": "changed",
        "LICENSE": "missing",
        "extra.txt": "unlisted",
    }


def test_a_zip_that_lists_its_own_lies_is_not_the_registered_one(tmp_path, files, registry):
    """Checksums that came along prove nothing against whoever made them anew."""
    write_zip(tmp_path / NAME, files)
    registry[dr.__version__] = release(tmp_path / NAME)
    assert states(tmp_path / NAME) == {}
    false = {name: data for name, data in files.items() if name != "SHA256SUMS"}
    false["schemas/actors.json"] += b" "
    false["SHA256SUMS"] = checksums(false).encode()
    write_zip(tmp_path / NAME, false)
    assert states(tmp_path / NAME) == {NAME: "changed"}
    del registry[dr.__version__]
    assert states(tmp_path / NAME) == {}


def test_a_zip_without_a_list(tmp_path, files, registry):
    bare = {name: data for name, data in files.items() if name != "SHA256SUMS"}
    write_zip(tmp_path / NAME, bare)
    assert states(tmp_path / NAME) == {NAME: "unchecked"}
    registry[dr.__version__] = release(tmp_path / NAME)
    assert states(tmp_path / NAME) == {}


@pytest.mark.parametrize("record", [b'"', b"x\n", b"x,sha256=\xff\xff\n", b"x,sha256=a\n"])
def test_a_wheel_with_a_broken_record(tmp_path, record):
    write_zip(tmp_path / "x.whl", {"x-1.dist-info/RECORD": record, "x": b""})
    try:
        assert "x" in states(tmp_path / "x.whl")
    except ValueError as error:
        assert "RECORD" in str(error)  # noqa: PT017


def test_a_zip_in_dist_that_is_none(dist):
    (dist / NAME).write_bytes(b"x")
    content = {p.name: p.read_bytes() for p in dist.iterdir() if p.name != "SHA256SUMS"}
    (dist / "SHA256SUMS").write_text(checksums(content))
    assert states(dist) == {}
    assert states(dist / NAME) == {NAME: "unreadable"}


def test_hostile_zips(tmp_path, files, monkeypatch):
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04 not a zip")
    assert states(path) == {"x.zip": "unreadable"}
    write_zip(path, files | {"../../outside": b"x"})
    assert states(path) == {"../../outside": "unreadable"}
    assert not (tmp_path.parent.parent / "outside").exists()
    bomb = {"bomb": bytes(2**20)}
    monkeypatch.setattr(_storage, "ANY_RATIO", 2**16)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**bomb, "SHA256SUMS": checksums(bomb).encode()}.items():
            archive.writestr(name, data)
    assert states(path) == {"bomb": "unreadable"}
    write_zip(path, files)
    data = bytearray(path.read_bytes())
    place = data.find(files["data/statements.csv"][:200])
    data[place + 100] ^= 1
    path.write_bytes(data)
    assert states(path) == {"data/statements.csv": "unreadable"}, "the zip's own CRC differs"


# A folder without a list, the installation


def test_a_release_unpacked(tmp_path, files, registry):
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert states(tmp_path) == {}
    (tmp_path / "SHA256SUMS").unlink()
    assert states(tmp_path) == {"tables": "unchecked"}
    registry[dr.__version__] = {"data_digest": dr.data_digest()}
    assert states(tmp_path) == {}
    (tmp_path / "data" / "actors.csv").write_bytes(files["data/actors.csv"] + b"x\n")
    assert states(tmp_path) == {"tables": "changed"}
    (tmp_path / "data" / "actors.csv").unlink()
    assert states(tmp_path) == {"data/actors.csv": "unreadable"}


def test_a_checkout_has_no_record_and_is_held_to_the_registry(registry):
    assert states(None) == {"tables": "unchecked"}
    registry[dr.__version__] = {"data_digest": dr.data_digest()}
    assert states(None) == {}
    registry[dr.__version__] = {"data_digest": "0" * 64}
    assert states(None) == {"tables": "changed"}


def test_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        dr.verify(tmp_path / "none")
    (tmp_path / "alone.csv").write_text("x")
    assert states(tmp_path / "alone.csv") == {"alone.csv": "unchecked"}


# The command


def run(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["verify", *args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    return result


def test_the_command(dist):
    assert "all 2 as released (SHA256SUMS)" in run(str(dist)).stderr
    assert run(str(dist)).stdout == ""
    (dist / "statements.parquet").write_bytes(b"x")
    result = run(str(dist), code=1)
    assert result.stdout == "statements.parquet differs (SHA256SUMS)\n"
    assert "1 of 2 not as released" in result.stderr
    found = json.loads(run(str(dist), "--json", code=1).stdout)
    assert {"file": "statements.parquet", "state": "changed", "against": "SHA256SUMS"} in found
    assert "could not be checked" in run(code=1).stdout
    run(str(dist / "none"), code=2)
    (dist / "SHA256SUMS").write_text("nonsense\n")
    assert "SHA256SUMS:1" in run(str(dist), code=2).output


# The digest


def test_the_digest_is_that_of_sha256sum():
    done = subprocess.run(
        "sha256sum data/*.csv | sha256sum", shell=True, cwd=ROOT, env={"LC_ALL": "C"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert dr.data_digest() == done.stdout.split()[0]


def test_the_digest_does_not_depend_on_the_packaging(case: Case, tmp_path):
    folder = case.write()
    digest = dr.data_digest(folder)
    assert digest != dr.data_digest()
    shutil.copy(ROOT / "datapackage.json", folder)
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    assert dr.data_digest(folder) == digest
    content = {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }
    for number, (top, method) in enumerate(
        [("", zipfile.ZIP_STORED), ("x-1/", zipfile.ZIP_DEFLATED), ("m/_package/", 0)]
    ):
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, data in content.items():
                archive.writestr(top + name, data)
        assert dr.data_digest(path) == digest
    for name in _package.NAMES:
        path = folder / "data" / f"{name}.csv"
        header, *rows = path.read_bytes().splitlines(keepends=True)
        rows = [row.replace(b"\n", b"\r\n") for row in reversed(rows)]
        path.write_bytes(b"\xef\xbb\xbf" + header + b"".join(rows))
    assert dr.data_digest(folder) == digest
    (folder / "schemas" / "actors.json").write_text(
        (folder / "schemas" / "actors.json").read_text("utf-8").replace("title", "title ")
    )
    assert dr.data_digest(folder) == digest, "schemas do not enter"


def test_the_digest_changes_with_every_cell_and_row(case: Case):
    seen = {dr.data_digest(case.write())}
    count = 1
    for table, rows in case.rows.items():
        if not rows:
            continue
        for column in rows[0]:
            old = rows[-1][column]
            rows[-1][column] = old + "z"
            seen.add(dr.data_digest(case.write()))
            count += 1
            rows[-1][column] = old
        row = rows.pop()
        seen.add(dr.data_digest(case.write()))
        count += 1
        rows.append(row)
        assert table in _package.NAMES
    assert len(seen) == count
    assert dr.data_digest(case.write()) in seen


def test_values_cannot_move_between_cells_unseen(case: Case):
    """A decoy: the same letters, otherwise divided."""
    row = case.rows["statements"][0]
    row["summary"], row["topic"] = "ab", "c"
    one = dr.data_digest(case.write())
    row["summary"], row["topic"] = "a", "bc"
    assert dr.data_digest(case.write()) != one
