"""Hostile input: always a finding or a clear refusal, soon, never a traceback, nothing written."""

import contextlib
import datetime as dt
import io
import json
import os
import stat
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from donbas_recognition import _package
from donbas_recognition._csv import canonical
from donbas_recognition.checks import Finding, find
from donbas_recognition.checks.files import read_table
from donbas_recognition.checks.package import MAX_ODD, Package
from donbas_recognition.checks.tableschema import to_pandera, typed, validate
from scripts.__main__ import main
from scripts.add import merged, read_worksheet
from scripts.artefacts import archive as packing
from scripts.format import formatted
from tests.conftest import ROOT, Case

HEADER = b"statement_id,demand_id,position\n"
ROW = b"st-0001,dm-0001,raises\n"
TEXT = (HEADER + ROW).decode()
FUZZ = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """The example as a package with descriptor and schemas, to copy."""
    folder = tmp_path_factory.mktemp("whole")
    Case(folder).write()
    (folder / "datapackage.json").write_bytes((ROOT / "datapackage.json").read_bytes())
    return folder


@pytest.fixture
def files(package) -> dict[str, bytes]:
    """Files of that package, by path."""
    paths = [path for path in package.rglob("*") if path.is_file()]
    return {path.relative_to(package).as_posix(): path.read_bytes() for path in paths}


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """What a folder holds, without opening anything."""
    found = {}
    for top, folders, names in os.walk(folder):
        for name in folders + names:
            state = os.lstat(os.path.join(top, name))
            found[os.path.join(top, name)] = (state.st_mtime_ns, state.st_size)
    return found


def run(source: Path, *options: str) -> tuple[int, str]:
    """Exit code and output of `check`, which must not raise, hang or write."""
    before = snapshot(source.parent)
    result = CliRunner().invoke(main, ["check", str(source), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    assert snapshot(source.parent) == before
    return result.exit_code, result.output


def rules_of(findings: list[Finding]) -> set[str]:
    for finding in findings:
        assert finding.message
        assert finding.remedy
    return {finding.rule for finding in findings}


# Files


def hostile() -> dict[str, tuple[bytes, str]]:
    """Contents of positions.csv, each with the rule that must name it."""
    return {
        "utf-16 with mark": (TEXT.encode("utf-16"), "file-encoding"),
        "utf-16-le": (TEXT.encode("utf-16-le"), "file-encoding"),
        "utf-16-be": (TEXT.encode("utf-16-be"), "file-encoding"),
        "utf-16 cut in a character": (TEXT.encode("utf-16")[:-1], "file-encoding"),
        "utf-32 with mark": (TEXT.encode("utf-32"), "file-encoding"),
        "utf-32-be": (TEXT.encode("utf-32-be"), "file-encoding"),
        "latin-1": (HEADER + "st-0001,dm-0001,é\n".encode("latin-1"), "file-encoding"),
        "cyrillic of dos": (HEADER + "st-0001,dm-0001,ДНР\n".encode("cp866"), "file-encoding"),
        "utf-8 cut in a character": (HEADER + "st-0001,dm-0001,Д".encode()[:-1], "file-encoding"),
        "surrogates": (HEADER + b"st-0001,dm-0001,\xed\xa0\x80\n", "file-encoding"),
        "overlong slash": (HEADER + b"st-0001,dm-0001,\xc0\xaf\n", "file-encoding"),
        "two marks": (b"\xef\xbb\xbf" * 2 + HEADER + ROW, "file-header"),
        "mark alone": (b"\xef\xbb\xbf", "file-empty"),
        "nothing but NUL": (b"\0" * 1_000_000, "file-empty"),
        "nothing but blanks": (b" \t\r\n" * 1000, "file-empty"),
        "NUL in the header": (b"statement_id\0,demand_id,position\n" + ROW, "file-nul"),
        "cell of 10 MB": (HEADER + b"st-0001," + b"x" * 10_000_000 + b",raises\n", "file-cell"),
        "cell of 10 MB in quotes": (
            HEADER + b'st-0001,"' + b"x," * 5_000_000 + b'",a\n',
            "file-cell",
        ),
        "header of 10 MB": (b"x" * 10_000_000 + b"\n", "file-header"),
        "100,000 columns": (b",".join(b"c%d" % i for i in range(100_000)), "file-header"),
        "100,000 empty columns": (b"," * 100_000, "file-header"),
        "1,000 columns": (b",".join(b"demand_%d" % i for i in range(1_000)), "file-header"),
        "a row of 100,000 cells": (HEADER + b"," * 100_000 + b"\n", "file-ragged"),
        "100,000 rows of one cell": (HEADER + b"x\n" * 100_000, "file-ragged"),
        "100,000 blank lines": (HEADER + b"\n" * 100_000, "file-blank-line"),
        "quote never closed": (HEADER + ROW + b'st-0002,"' + b"x,\n" * 500_000, "file-quoting"),
        "quote in the header never closed": (b'"statement_id,demand_id\n' * 1_000, "file-quoting"),
        "only quotes": (HEADER + b'"' * 1_001, "file-quoting"),
        "quotes round nothing": (HEADER + b'st-0001,dm-0001,""\n', "file-format"),
        "look-alike letters": (HEADER + "st-0001,dm-0001,rаises\n".encode(), "schema-enum"),
        "full-width digits": (HEADER + "st-０００1,dm-0001,raises\n".encode(), "schema-reference"),
        "formula": (HEADER + b"=1+1,@SUM(A1),-2\n", "schema-enum"),
        "escape codes": (HEADER + b"st-0001,dm-0001,\x1b[2J\x07\n", "schema-enum"),
        "10,000 rows that point nowhere": (
            HEADER + b"".join(b"st-%05d,dm-0001,raises\n" % i for i in range(10_000)),
            "schema-reference",
        ),
        "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100, "file-encoding"),
        "semicolons": (TEXT.replace(",", ";").encode(), "file-header"),
    }


@pytest.mark.parametrize("kind", list(hostile()))
def test_file(case, kind):
    data, rule = hostile()[kind]
    path = case.write() / "data" / "positions.csv"
    path.write_bytes(data)
    start = time.process_time()
    findings = find(case.folder)
    assert time.process_time() - start < 30
    assert rule in rules_of([f for f in findings if f.file == "data/positions.csv"])
    refused = ""
    try:
        again = formatted("positions", data)
    except ValueError as error:
        refused = str(error)
    if refused:
        assert "data/positions.csv" in refused
    else:
        assert formatted("positions", again) == again


def test_a_file_of_ten_megabytes_takes_bounded_memory():
    data = HEADER + b"st-0001," + b"x" * 10_000_000 + b",raises\n"
    tracemalloc.start()
    read_table("positions", "positions.csv", data, _package.schema("positions"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(data)


def test_time_grows_with_the_number_of_defects_only():
    def taken(rows: int) -> float:
        data = HEADER + b"x\n" * rows
        start = time.process_time()
        assert len(read_table("positions", "p", data, _package.schema("positions")).ragged) == rows
        return time.process_time() - start

    taken(1_000)
    assert taken(40_000) < 40 * max(taken(4_000), 0.02)


def test_report_holds_no_control_characters(case):
    (case.write() / "data" / "positions.csv").write_bytes(
        b"\x1b[2Jstatement_id,\x07demand_id,position\nst-0001,dm-0001,\x1b]0;x\x07\n"
    )
    for style in ("text", "github"):
        code, output = run(case.folder, "--format", style)
        assert code == 1
        assert all(c.isprintable() or c == "\n" for c in output), style


@FUZZ
@given(data=st.binary(max_size=300), keep=st.booleans())
def test_any_bytes(data, keep):
    data = HEADER + data if keep else data
    table = read_table("positions", "positions.csv", data, _package.schema("positions"))
    try:
        again = formatted("positions", data)
    except ValueError:
        assert table.findings
    else:
        assert formatted("positions", again) == again
        assert [
            f.rule
            for f in read_table("positions", "p", again, _package.schema("positions")).findings
        ] == []


CELLS = st.text(
    st.characters(exclude_categories=("Cs",)) | st.sampled_from('",\n\r\x00 =é'), max_size=8
)


@FUZZ
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_format_keeps_every_cell(rows, end, mark):
    data = mark + canonical([HEADER.decode().strip().split(","), *rows]).replace(
        b"\n", end.encode()
    )
    try:
        after = formatted("positions", data)
    except ValueError:
        return
    found = read_table("positions", "p", after, _package.schema("positions"))
    assert found.findings == []
    kept = [[cell or "" for cell in row[1:]] for row in found.frame.iter_rows()]
    wanted = [
        [cell.replace("\n", end).replace("\r\n", "\n").replace("\r", "\n") for cell in row]
        for row in rows
    ]
    assert sorted(kept) == sorted(wanted)


@settings(FUZZ, max_examples=15)
@given(
    table=st.sampled_from(_package.NAMES),
    edits=st.lists(
        st.tuples(st.integers(0, 10_000), st.binary(max_size=4)), min_size=1, max_size=5
    ),
)
def test_damaged_bytes_anywhere(package, tmp_path, table, edits):
    path = put(
        tmp_path,
        {f"data/{n}.csv": (package / "data" / f"{n}.csv").read_bytes() for n in _package.NAMES},
    )
    data = bytearray((package / "data" / f"{table}.csv").read_bytes())
    for place, new in edits:
        data[place % len(data) : place % len(data) + len(new)] = new
    (path / "data" / f"{table}.csv").write_bytes(data)
    rules_of(find(path))


# Cells that have broken programs: of numbers, dates, patterns, templates, spreadsheets, scripts.
NASTY = [
    "", "0", "-1", "9" * 18, "9" * 400, "1e5", "١٢٣", "²", "½", "Ⅻ", "NaN", "0000-00-00",
    "0001-01-01", "9999-12-31", "2022-02-30", "TRUE", "=1+1", "\n", "\t", "x" * 3_000, "a\u0301",
    "раsswоrd", "\u202e", "\ufeff", "😀" * 50, "(((", "[a-z]", "\\", "{}", "{0}", "%s", "${x}",
    "|", "~", '"', "'", "1.5 thousand", "one hundred and twenty thousand", "up to", "exact",
    "range", "planned", "named", "st-0001", "dm-0001", "src-0001", "dpr", "statements",
    "denies", "direct_quote",
]  # fmt: skip


@settings(FUZZ, max_examples=15)
@given(
    edits=st.lists(
        st.tuples(
            st.sampled_from(_package.NAMES),
            st.integers(0, 1_000),
            st.integers(0, 30),
            st.sampled_from(NASTY) | st.none(),
        ),
        min_size=1,
        max_size=60,
    ),
    texts=st.booleans(),
)
def test_any_cells(tmp_path, edits, texts):
    """Cells changed to anything, rows deleted: no rule may stumble."""
    case = Case(tmp_path)
    for table, row, column, cell in edits:
        rows = case.rows[table]
        if rows and cell is None:
            rows.pop(row % len(rows))
        elif rows:
            chosen = rows[row % len(rows)]
            chosen[list(chosen)[column % len(chosen)]] = cell
    rules_of(case.find({"src-0001": "some words " * 50, "\x00": "\x00"} if texts else None))


# Folders


def test_the_whole_package_is_valid(package, tmp_path):
    assert find(package) == []
    assert run(package)[0] == 0


def test_a_folder_of_that_name(case):
    path = case.write() / "data" / "statements.csv"
    path.unlink()
    path.mkdir()
    (finding,) = [f for f in case_findings(case) if f.file == "data/statements.csv"]
    assert (finding.rule, finding.message) == ("package-file", "it is not a file")


def case_findings(case: Case) -> list[Finding]:
    return find(case.folder)


def test_a_pipe_does_not_hang(case):
    path = case.write() / "data" / "statements.csv"
    path.unlink()
    os.mkfifo(path)
    assert "package-file" in rules_of(find(case.folder))
    (case.folder / "other").unlink(missing_ok=True)
    os.mkfifo(case.folder / "other")
    code, output = run(case.folder / "other")
    assert code == 2
    assert "neither a folder nor a zip" in output


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/stdin"])
def test_a_device_is_refused(device):
    done = subprocess.run(
        [sys.executable, "-m", "scripts", "check", device],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_links(case, tmp_path):
    folder = case.write() / "data"
    outside = tmp_path / "outside.csv"
    outside.write_bytes(HEADER)
    for name, target in {
        "positions": outside,
        "statements": Path("statements.csv"),  # itself
        "mentions": Path("nowhere.csv"),
        "sources": Path("/etc/passwd"),
    }.items():
        (folder / f"{name}.csv").unlink()
        (folder / f"{name}.csv").symlink_to(target)
    found = {f.file: f.rule for f in find(case.folder) if f.rule.startswith("package")}
    assert found == {
        "data/positions.csv": "package-unsafe",
        "data/statements.csv": "package-file",
        "data/mentions.csv": "package-file",
        "data/sources.csv": "package-unsafe",
    }
    assert "root:" not in run(case.folder)[1]


def test_a_linked_folder_of_tables(case, tmp_path):
    folder = case.write() / "data"
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert rules_of(find(case.folder)) >= {"package-unsafe"}


def test_a_link_inside_the_package_is_followed(case):
    folder = case.write() / "data"
    (folder / "positions.csv").rename(case.folder / "real.csv")
    (folder / "positions.csv").symlink_to("../real.csv")
    assert find(case.folder) == []


def test_an_unreadable_file(case, monkeypatch):
    case.write()
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "positions.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    (finding,) = [f for f in find(case.folder) if f.rule == "package-file"]
    assert finding.message == "it cannot be read (Permission denied)"


def test_a_file_beyond_the_limit_is_not_read(case):
    path = case.write() / "data" / "positions.csv"
    with path.open("r+b") as file:
        file.truncate(5 * 2**30)  # sparse: takes no room
    assert "package-unsafe" in rules_of(find(case.folder))


def test_deep_and_long_paths(case, tmp_path):
    deep = tmp_path.joinpath(*["deep"] * 200)
    deep.mkdir(parents=True)
    case.write().rename(deep / "package")
    assert find(deep / "package") == []
    assert run(tmp_path / ("x" * 5_000))[0] == 2
    assert run(tmp_path / "nothing")[0] == 2
    assert run(tmp_path)[0] == 1  # an empty folder: every table is missing


def test_a_flat_folder_lacking_a_table(case):
    case.write()
    (case.folder / "data" / "statements.csv").unlink()
    (case.folder / "data").rename(case.folder.parent / "flat")
    missing = [f.file for f in find(case.folder.parent / "flat") if f.rule == "package-file"]
    assert missing == ["statements.csv"]


# Descriptors


def described(**resource: object) -> bytes:
    content = json.loads((ROOT / "datapackage.json").read_bytes())
    content["resources"][0] |= resource
    return json.dumps(content).encode()


DESCRIPTORS = {
    "empty": (b"", "no JSON"),
    "a list": (b"[]", "no object"),
    "a number": (b"1", "no object"),
    "null": (b"null", "no object"),
    "no resources": (b"{}", "no object"),
    "resources an object": (b'{"resources": {}}', "no object"),
    "a million resources": (b'{"resources": [' + b"{}," * 300_000 + b"{}]}", "at most 100"),
    "too large": (b" " * 2**20 + b"{}", "too much to read"),
    "resources of numbers": (b'{"resources": [1, null, []]}', "no object"),
    "broken": (b'{"resources": [\n}', "no JSON"),
    "with a byte order mark": (b"\xef\xbb\xbf{}", "no JSON"),
    "utf-16": ("{}".encode("utf-16"), "not UTF-8"),
    "100,000 brackets": (b"[" * 100_000, "no JSON"),
    "100,000 nested objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "no JSON"),
    "a long number": (b'{"resources": ' + b"9" * 100_000 + b"}", "no JSON"),
    "absolute path": (described(path="/etc/passwd"), "out of the package"),
    "path upwards": (described(path="data/../../sources.csv"), "out of the package"),
    "path upwards of windows": (described(path="..\\sources.csv"), "out of the package"),
    "drive": (described(path="C:\\sources.csv"), "out of the package"),
    "address": (described(path="https://example.org/sources.csv"), "out of the package"),
    "schema upwards": (described(schema="../schemas/sources.json"), "out of the package"),
    "many paths": (described(path=["data/sources.csv", "/etc/passwd"]), "out of the package"),
    "other path": (described(path="data/other.csv"), "not checked"),
    "path of another table": (described(path="data/actors.csv"), "not checked"),
    "path a number": (described(path=1), "not checked"),
    "no path": (described(path=None), "not checked"),
    "other name": (described(name="sauces"), "not among the resources"),
    "name a list": (described(name=["sources"]), "not among the resources"),
    "name a surrogate": (described(name="\ud800"), "not among the resources"),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(DESCRIPTORS))
def test_descriptor(files, tmp_path, kind):
    data, message = DESCRIPTORS[kind]
    folder = put(tmp_path / "package", files | {"datapackage.json": data})
    found = Package.open(folder).findings
    assert rules_of(found) <= {"package-descriptor", "package-unsafe"}
    assert any(message in f.message for f in found)
    write(tmp_path / "package.zip", files | {"datapackage.json": data})
    assert Package.open(tmp_path / "package.zip").findings == found


@pytest.mark.parametrize(
    "kind", ["a list", "100,000 brackets", "absolute path", "name a surrogate"]
)
@pytest.mark.parametrize("style", ["text", "json"])
def test_report_of_a_descriptor(files, tmp_path, kind, style):
    folder = put(tmp_path / "package", files | {"datapackage.json": DESCRIPTORS[kind][0]})
    code, output = run(folder, "--format", style)
    assert code == 1
    assert "package-descriptor" in output


def test_the_place_of_an_error_in_a_descriptor(files, tmp_path):
    folder = put(tmp_path, files | {"datapackage.json": b'{\n "a": 1,\n}'})
    (finding,) = [f for f in find(folder) if f.rule == "package-descriptor"]
    assert finding.place == "datapackage.json:3"


def test_a_further_resource_is_a_warning(files, tmp_path):
    content = json.loads(files["datapackage.json"])
    content["resources"].append({"name": "mine", "path": "data/mine.csv"})
    folder = put(tmp_path / "package", files | {"datapackage.json": json.dumps(content).encode()})
    (finding,) = find(folder)
    assert (finding.rule, finding.severity) == ("package-descriptor", "warning")
    assert run(folder)[0] == 0


def test_a_descriptor_that_is_a_pipe_or_a_link(files, tmp_path):
    folder = put(tmp_path / "package", files)
    (folder / "datapackage.json").unlink()
    os.mkfifo(folder / "datapackage.json")
    assert rules_of(find(folder)) == {"package-file"}
    (folder / "datapackage.json").unlink()
    (folder / "datapackage.json").symlink_to("/etc/passwd")
    assert rules_of(find(folder)) == {"package-unsafe"}


@FUZZ
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["name", "path", "schema", "x"]), inner, max_size=4)
        ),
        max_leaves=10,
    )
)
def test_any_resources(value):
    package = Package()
    content = json.dumps({"resources": value if isinstance(value, list) else [value]})
    package._descriptor("datapackage.json", content.encode())
    assert rules_of(package.findings) == {"package-descriptor"}


# Zips


def write(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_zips_as_they_come(files, tmp_path):
    flat = tmp_path / "flat.zip"
    packing.write_zip(flat, files)
    assert find(flat) == []
    write(tmp_path / "under.zip", {f"repository-main/{k}": v for k, v in files.items()})
    assert find(tmp_path / "under.zip") == []
    tables = {k: v for k, v in files.items() if k.endswith(".csv")}
    for prefix in ("", "top/", "mydata/", "a/b/", "data/"):
        assert find(write(tmp_path / "x.zip", {f"{prefix}{k}": v for k, v in tables.items()})) == []
        bare = {prefix + k.removeprefix("data/"): v for k, v in tables.items()}
        assert find(write(tmp_path / "x.zip", bare)) == []
    del tables["data/statements.csv"]
    found = [f for f in find(write(tmp_path / "x.zip", tables)) if f.rule == "package-file"]
    assert [f.file for f in found] == ["data/statements.csv"]


def test_a_zip_of_the_zip_program(files, tmp_path):
    folder = put(tmp_path / "donbas-recognition-main", files)
    try:
        subprocess.run(["zip", "-qr", "package.zip", folder.name], cwd=tmp_path, check=True)
    except FileNotFoundError:
        pytest.skip("the program zip is not installed")
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        assert "donbas-recognition-main/data/" in archive.namelist()
    assert find(tmp_path / "package.zip") == []


def test_findings_name_the_member(files, tmp_path):
    files["data/positions.csv"] = HEADER + b"st-0001,dm-0001,rises\n"
    path = write(tmp_path / "x.zip", {f"top/{k}": v for k, v in files.items()})
    places = {f.place for f in find(path) if f.rule == "schema-enum"}
    assert places == {"top/data/positions.csv:2:position"}


def test_a_nested_zip_is_not_read(files, tmp_path):
    inner = write(tmp_path / "inner.zip", files).read_bytes()
    assert find(write(tmp_path / "x.zip", files | {"data.zip": inner})) == []
    found = find(write(tmp_path / "x.zip", {"package.zip": inner}))
    assert rules_of(found) >= {"package-file"}
    assert len([f for f in found if f.rule == "package-file"]) == len(_package.NAMES)


def bomb(
    path: Path, files: dict[str, bytes], size: int, method: int = zipfile.ZIP_DEFLATED
) -> Path:
    """A zip whose positions.csv unpacks to so many NUL bytes."""
    write(path, {k: v for k, v in files.items() if k != "data/positions.csv"})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("data/positions.csv", "w", force_zip64=True) as member,
    ):
        for _ in range(size // 2**20):
            member.write(bytes(2**20))
    return path


def test_a_zip_bomb_is_not_unpacked(files, tmp_path):
    path = bomb(tmp_path / "bomb.zip", files, 300 * 2**20)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("data/positions.csv")
        assert info.file_size > 1_000 * info.compress_size
    tracemalloc.start()
    assert "package-unsafe" in rules_of(find(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 * 2**20


def test_a_bomb_that_understates_its_size(files, tmp_path):
    path = bomb(tmp_path / "bomb.zip", files, 200 * 2**20)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    assert data[entry + 46 :].startswith(b"data/positions.csv")
    data[entry + 24 : entry + 28] = struct.pack("<I", 100)
    path.write_bytes(data)
    tracemalloc.start()
    assert "package-file" in rules_of(find(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 * 2**20


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_rare_packing_is_refused(files, tmp_path, method):
    found = find(write(tmp_path / "x.zip", files, method))
    assert rules_of(found) == {"package-unsafe"}


@pytest.mark.parametrize(
    "name",
    ["../evil.csv", "/etc/cron.d/evil", "a/../../evil", "..\\evil", "C:\\evil.csv", "\\evil"],
)
def test_a_member_that_leaves_the_archive(files, tmp_path, name):
    (finding,) = find(write(tmp_path / "x.zip", files | {name: b"x"}))
    assert finding.rule == "package-unsafe"


def test_names_that_stand_twice(files, tmp_path):
    path = write(tmp_path / "x.zip", files)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("data/positions.csv", HEADER)
    (finding,) = find(path)
    assert (finding.rule, finding.message) == ("package-unsafe", "the name stands twice")


def test_a_million_odd_names_do_not_fill_the_report(files, tmp_path):
    odd = {f"../{i}": b"" for i in range(2_000)}
    assert len(find(write(tmp_path / "x.zip", files | odd))) == MAX_ODD


def test_names_that_would_steer_the_terminal(files, tmp_path):
    path = write(tmp_path / "x.zip", files | {"../\x1b[2J\n::error::x": b""})
    for style in ("text", "github", "json", "sarif"):
        code, output = run(path, "--format", style)
        assert code == 1
        assert "\x1b" not in output
        assert "\n::error::x" not in output


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_a_member_that_is_no_file(files, tmp_path, kind):
    data = files.pop("data/positions.csv")
    path = write(tmp_path / "x.zip", files)
    with zipfile.ZipFile(path, "a") as archive:
        entry = zipfile.ZipInfo("data/positions.csv")
        entry.create_system = 3
        entry.external_attr = (kind | 0o777) << 16
        archive.writestr(entry, b"/etc/passwd" if kind == stat.S_IFLNK else data)
    assert "package-unsafe" in rules_of(find(path))
    assert "root:" not in run(path)[1]


def test_an_encrypted_member(files, tmp_path):
    path = write(tmp_path / "x.zip", files)
    data = bytearray(path.read_bytes())
    place = -1
    while (place := data.find(b"PK\x01\x02", place + 1)) >= 0:
        data[place + 8] |= 1
    path.write_bytes(data)
    found = [f for f in find(path) if f.file == "data/positions.csv"]
    assert rules_of(found) == {"package-file"}
    assert "encrypted" in found[0].message


def test_not_a_zip(tmp_path):
    for name, data in {
        "text.zip": b"no zip at all",
        "empty.zip": b"",
        "start.zip": b"PK\x03\x04" + bytes(100),
        "end.zip": b"PK\x05\x06" + b"\xff" * 18,
        "table.csv": HEADER,
    }.items():
        (tmp_path / name).write_bytes(data)
        code, output = run(tmp_path / name)
        assert code == 2, name
        assert "zip" in output


def test_truncated_zips(files, tmp_path):
    whole = write(tmp_path / "x.zip", files).read_bytes()
    for size in range(0, len(whole), len(whole) // 40):
        (tmp_path / "cut.zip").write_bytes(whole[:size])
        with pytest.raises(ValueError, match="zip"):
            find(tmp_path / "cut.zip")


@settings(FUZZ, max_examples=150)
@given(
    edits=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8),
    end=st.booleans(),
)
def test_damaged_zips(files, tmp_path, edits, end):
    """Bytes changed anywhere, or in the directory at the end, where the structure is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    data = bytearray(buffer.getvalue())
    start = data.index(b"PK\x01\x02") if end else 0
    for place, value in edits:
        data[start + place % (len(data) - start)] = value
    (tmp_path / "x.zip").write_bytes(data)
    with contextlib.suppress(ValueError):
        rules_of(Package.open(tmp_path / "x.zip").findings)


# Frames


def example(table: str) -> pd.DataFrame:
    path = ROOT / "tests" / "example" / "data" / f"{table}.csv"
    return pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""])


def frames(**given: object) -> dict[str, object]:
    """The example as frames, some of them others."""
    return {name: example(name) for name in _package.NAMES} | given


def alone(table: str, frame: object) -> list[Finding]:
    """What `find` says of a frame itself, sooner."""
    schema = _package.schema(table)
    text = read_table(table, table, Package.open({table: frame}).files[table], schema)
    values, lost = typed(text, schema)
    return text.findings + lost + validate(text, values, schema, to_pandera(schema))


def typed_frame(table: str) -> pd.DataFrame:
    """A table of the example as `load` would give it."""
    frame = example(table)
    for field in _package.schema(table)["fields"]:
        name = field["name"]
        if "categories" in field:
            values = [c["value"] for c in field["categories"]]
            frame[name] = frame[name].astype(pd.CategoricalDtype(values))
        elif field["type"] == "date":
            frame[name] = pd.to_datetime(frame[name])
        elif field["type"] == "integer":
            frame[name] = frame[name].astype("Int64")
        elif field["type"] == "boolean":
            frame[name] = frame[name].map({"true": True, "false": False}).astype("boolean")
    return frame


def test_frames_of_every_make():
    loaded = {name: typed_frame(name) for name in _package.NAMES}
    assert find(loaded) == []
    assert find({name: pl.from_pandas(frame) for name, frame in loaded.items()}) == []
    assert find({name: frame.astype(object) for name, frame in loaded.items()}) == []
    assert find(frames()) == []
    figures = loaded["military_figures"].astype({"low": "float64", "high": "float64"})
    assert find(loaded | {"military_figures": figures}) == []
    objects = loaded["statements"].copy()
    for column in ("date_earliest", "date_latest"):
        objects[column] = pd.Series(
            [None if pd.isna(v) else v.date() for v in objects[column]], dtype=object
        )
    assert find(loaded | {"statements": objects}) == []


def test_frames_are_not_changed():
    given = {name: typed_frame(name) for name in _package.NAMES}
    find(given)
    for name, frame in given.items():
        pd.testing.assert_frame_equal(frame, typed_frame(name))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"statement": pd.DataFrame()}, "no table 'statement'"),
        ({1: pd.DataFrame(), "a": pd.DataFrame()}, "no table 1"),
        ({None: pd.DataFrame()}, "no table None"),
        ({"statements": None}, "no frame"),
        ({"statements": [1, 2]}, "no frame"),
        ({"statements": {"statement_id": []}}, "no frame"),
        ({"statements": "data/statements.csv"}, "no frame"),
        ({"statements": pd.Series([1])}, "no frame"),
        ({"statements": pl.LazyFrame()}, "no frame"),
    ],
)  # fmt: skip
def test_what_is_no_frame_of_a_table(given, message):
    with pytest.raises(ValueError, match=message):
        find(given)


def changed(column: str, values: object, table: str = "military_figures") -> pd.DataFrame:
    frame = typed_frame(table)
    frame[column] = values
    return frame


def test_odd_values_are_findings():
    n = len(example("military_figures"))
    zone = pd.date_range("2022-02-21", periods=n, tz="Europe/Kyiv")
    noon = pd.date_range("2022-02-21 12:00", periods=n)
    for column, values, value in [
        ("best", [1.5] * n, "1.5"),
        ("best", [float("inf")] * n, "inf"),
        ("best", [1e300] * n, None),
        ("best", [Decimal("1.0")] * n, "1.0"),
        ("best", [True] * n, "true"),
        ("best", [[1, 2]] * n, "[1, 2]"),
        ("best", [b"1"] * n, "b'1'"),
        ("as_of_latest", zone, "2022-02-21 00:00:00+02:00"),
        ("as_of_latest", noon, "2022-02-21 12:00:00"),
        ("as_of_latest", [dt.time(1)] * n, "01:00:00"),
        ("as_of_latest", [20220221] * n, "20220221"),
    ]:
        findings = alone("military_figures", changed(column, values))
        told = [f for f in findings if f.rule == "schema-type" and f.column == column]
        assert told, (column, values)
        assert value is None or value in {f.value for f in told}


def test_frames_of_odd_shape():
    frame = example("positions")
    columns = frame.columns.tolist()
    twice = pd.concat([frame, frame["position"]], axis=1)
    for odd, rule in [
        (pd.DataFrame(), "file-empty"),
        (pd.DataFrame(index=range(3)), "file-empty"),
        (pl.DataFrame(), "file-empty"),
        (frame.drop(columns="position"), "file-header"),
        (twice, "file-header"),
        (frame.set_axis([0, 1, 2], axis=1), "file-header"),
        (frame.set_axis([None, float("nan"), ("a", 1)], axis=1), "file-header"),
        (frame.set_axis(pd.MultiIndex.from_product([["a"], list("xyz")]), axis=1), "file-header"),
        (frame.set_axis(pd.Index(["\ud800", "b", "c"], dtype=object), axis=1), "file-encoding"),
        (frame.assign(position=pd.Series(["\ud800"] * len(frame), dtype=object)), "file-encoding"),
        (frame.assign(position="rai\x00ses"), "file-nul"),
        (frame.assign(position="x" * 10_000_000).head(1), "file-cell"),
        (frame.set_index("statement_id"), "file-header"),
        (pd.DataFrame([range(100_000)]), "file-header"),
        (pl.DataFrame([[[1]], [{"a": 1}], [b"x"]], schema=columns), "schema-enum"),
        (pl.DataFrame([[None]] * 3, schema=columns), "schema-required"),
    ]:  # fmt: skip
        assert rule in rules_of(alone("positions", odd)), rule
    assert rules_of(find(frames(positions=twice))) >= {"file-header"}


def test_an_empty_frame_with_the_columns_breaks_nothing_of_its_own():
    found = find(frames(positions=example("positions").iloc[:0]))
    assert [f for f in found if f.file == "positions"] == []


def test_frames_in_any_order():
    found = find(frames(statements=example("statements").iloc[::-1]))
    assert found == []


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.dates()
    | st.datetimes()
    | st.decimals()
    | st.lists(st.integers(), max_size=2)
    | st.just(pd.NA)
    | st.just(pd.NaT)
    | st.timedeltas()
    | st.binary(max_size=3)
)


@FUZZ
@given(
    table=st.sampled_from(["positions", "military_figures", "actor_names"]),
    columns=st.lists(st.lists(VALUES, min_size=2, max_size=2), min_size=3, max_size=4),
)
def test_any_frame(table, columns):
    schema = _package.schema(table)
    names = [f["name"] for f in schema["fields"]]
    frame = pd.DataFrame(dict(zip(names, columns, strict=False)), dtype=object)
    data = Package.open({table: frame}).files[table]
    found = read_table(table, table, data, schema)
    assert found.frame.height in (0, 2) or found.findings
    typed(found, schema)


def test_a_frame_of_mixed_values():
    frame = typed_frame("positions").astype(object)
    for column in frame:
        values = [1, 2.5, None, pd.NaT, "x", b"y", [1], dt.date.max] * len(frame)
        frame[column] = values[: len(frame)]
    assert "schema-reference" in rules_of(find(frames(positions=frame)))


def test_a_carriage_return_in_a_cell_is_kept_apart():
    assert canonical([["a", "b\r"], ["\r", "c\r\nd"]]) == b'a,"b\r"\n"\r","c\r\nd"\n'
    found = find(frames(positions=example("positions").assign(position="raises\r")))
    assert "schema-enum" in rules_of([f for f in found if f.file == "positions"])


# Worksheets


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"t":' * 100_000,
        b"nonsense",
        b"[]",
        b"1",
        b"null",
        b"{}",
        b'{"t": null}',
        b'{"t": ["statements"]}',
        b'{"t": "statement"}',
        b'{"t": "statements", "spaeker_id": "x"}',
        b'{"t": "statements", "note": {"a": 1}}',
        b'{"t": "statements", "note": ["a"]}',
        b'{"t": "statements", "note": "\\ud800"}',
        b'{"t": "mentions"}',
        b'{"t": "mentions", "passage": 5}',
        b'{"t": "mentions", "passage": null}',
        b'{"t": "mentions", "passage": "too few words"}',
        b'{"t": "statements", "note": "\xff"}',
        '{"t": "statements"}'.encode("utf-16"),
        b'{"t": "military_figures", "best": ' + b"9" * 10_000 + b"}",
    ],
)
def test_worksheet(checkout, tmp_path, line):
    path = tmp_path / "sheet.jsonl"
    path.write_bytes(b'{"t": "positions"}\n' + line + b"\n")
    with pytest.raises(ValueError, match=r"sheet\.jsonl"):
        read_worksheet(path)
    before = snapshot(checkout)
    result = CliRunner().invoke(main, ["add", str(path)])
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert snapshot(checkout) == before


def test_a_worksheet_keeps_line_separators_and_truth_values(tmp_path):
    path = tmp_path / "sheet.jsonl"
    path.write_text('{"t": "actor_names", "name": "a\u2028b\x85", "shared": true}\r\n\n', "utf-8")
    assert read_worksheet(path) == [("actor_names", {"name": "a\u2028b\x85", "shared": "true"})]


def test_a_row_without_its_key_is_refused_by_the_checks_only(checkout, tmp_path):
    rows, _ = merged([("positions", {"position": "raises"}), ("actors", {})])
    assert rows["positions"][-1] == {"position": "raises"}
    path = tmp_path / "sheet.jsonl"
    path.write_text('{"t": "positions", "position": "raises"}\n{"t": "actors"}\n', "utf-8")
    before = snapshot(checkout)
    result = CliRunner().invoke(main, ["add", str(path)])
    assert result.exit_code == 1, result.output
    assert "schema-required" in result.output
    assert snapshot(checkout) == before
