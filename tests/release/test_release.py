"""What is shipped: rebuilt to the byte, whole, and usable by a stranger."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest

import donbas_recognition as dr
from donbas_recognition import _package
from scripts import docs, revisions
from scripts.artefacts import archive as packing
from scripts.artefacts import distributions
from tests.conftest import ROOT

NAMES = [f"data/{n}.csv" for n in _package.NAMES] + [f"schemas/{n}.json" for n in _package.NAMES]
SHIPPED = ["datapackage.json", *NAMES]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "DONBAS"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env=clean | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A clone, with the files under version control as they are now."""
    folder = tmp_path_factory.mktemp("one") / "checkout"
    run("git", "clone", "--quiet", "--shared", ROOT, folder, cwd=ROOT)
    for name in run("git", "ls-files", "-z", cwd=folder).split("\0"):
        if name and not (ROOT / name).is_file():
            (folder / name).unlink()
    for name in run("git", "ls-files", "-z", cwd=ROOT).split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def dists(checkout, tmp_path_factory) -> tuple[Path, Path]:
    """`dist/` of two copies, made under circumstances that differ in all that may."""
    other = tmp_path_factory.mktemp("two") / "a longer path" / "copy"
    shutil.copytree(checkout, other)
    for i, path in enumerate(sorted(other.rglob("*"))):
        os.utime(path, (10**9 + i, 10**9 + i))
        path.chmod(path.stat().st_mode & 0o700)  # as git checks out under this umask
    jobs = []
    for folder, umask, environment in [
        (checkout, 0o022, {"TZ": "UTC", "LANG": "C.UTF-8", "PYTHONHASHSEED": "1"}),
        (other, 0o077, {"TZ": "Asia/Kathmandu", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8",
                        "PYTHONHASHSEED": "2", "COLUMNS": "40", "SOURCE_DATE_EPOCH": "1"}),
    ]:  # fmt: skip
        path = os.pathsep.join([str(folder / "src"), str(folder)])
        job = subprocess.Popen(
            [sys.executable, "-m", "scripts", "build"],
            cwd=folder, umask=umask, env=os.environ | environment | {"PYTHONPATH": path},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        jobs.append(job)
    for job in jobs:
        output, _ = job.communicate(timeout=80)
        assert job.returncode == 0, output
    return checkout / "dist", other / "dist"


@pytest.fixture(scope="module")
def dist(dists) -> Path:
    return dists[0]


@pytest.fixture(scope="module")
def version(checkout) -> str:
    return json.loads((checkout / "datapackage.json").read_bytes())["version"]


@pytest.fixture(scope="module")
def archive(dist, version) -> Path:
    return dist / f"donbas-recognition-{version}.zip"


@pytest.fixture(scope="module")
def wheel(dist, version) -> Path:
    return dist / f"donbas_recognition-{version}-py3-none-any.whl"


@pytest.fixture(scope="module")
def sdist(dist, version) -> Path:
    return dist / f"donbas_recognition-{version}.tar.gz"


def environment(folder: Path, *arguments: str | Path) -> Path:
    """A fresh environment with one installation, and what this one has but for ourselves."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    site = next(folder.glob("lib/python*/site-packages"))
    # Path files of a folder that is added by a path file are not read, so the editable
    # installation of this checkout stays out.
    (site / "parent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", *arguments, cwd=folder.parent)
    return python


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    return environment(tmp_path_factory.mktemp("stranger") / "venv", wheel)


def test_every_artefact_is_there(dist, archive, wheel, sdist):
    names = {archive.name, wheel.name, sdist.name, "SHA256SUMS"}
    names |= {archive.with_suffix(suffix).name for suffix in (".sqlite", ".xlsx")}
    names |= {f"{name}.parquet" for name in _package.NAMES}
    names |= {"CODEBOOK.md", "croissant.json", "datacite.json", "dataset-card.md"}
    names |= {"changes.csv", "CHANGES.md", "schema-org.jsonld"}
    assert {path.name for path in dist.iterdir()} == names


def test_two_builds_are_identical(dists):
    one, two = dists
    assert [p.name for p in sorted(one.iterdir())] == [p.name for p in sorted(two.iterdir())]
    for path in sorted(one.iterdir()):
        assert path.read_bytes() == (two / path.name).read_bytes(), path.name


def test_checksums_verify(dist):
    files = len(list(dist.iterdir())) - 1
    assert run("sha256sum", "-c", "SHA256SUMS", cwd=dist).count(": OK") == files


def test_the_zip_is_flat_stored_and_whole(archive, checkout):
    with zipfile.ZipFile(archive) as package:
        members = package.infolist()
        assert package.testzip() is None
        content = {info.filename: package.read(info) for info in members}
    assert {info.compress_type for info in members} == {zipfile.ZIP_STORED}
    assert {info.date_time for info in members} == {packing.EPOCH}
    assert {info.external_attr >> 16 for info in members} == {0o100644}
    assert list(content) == sorted(content, key=str.encode)
    papers = ["README.md", "CHANGELOG.md", "LICENSE", "LICENSE-DATA", "CITATION.cff"]
    assert content.keys() == {
        *SHIPPED, *papers, "CODEBOOK.md", "csv-metadata.json", "SHA256SUMS",
    }  # fmt: skip
    for name in [*SHIPPED, *papers]:
        assert content[name] == (checkout / name).read_bytes(), name
    assert content["CODEBOOK.md"].decode() == docs.codebook()


def test_the_zip_is_valid_for_frictionless(archive):
    code = (
        "import frictionless, json, sys\n"
        "r = frictionless.validate(sys.argv[1], type='package')\n"
        "print(json.dumps([r.valid, [t.name for t in r.tasks], len(r.warnings)]))"
    )
    valid, tasks, warnings = json.loads(
        run(sys.executable, "-c", code, archive, cwd=archive.parent.parent.parent)
    )
    assert valid
    assert tasks == list(_package.NAMES)
    assert warnings == 0


def test_the_zip_passes_our_own_check(archive, installed):
    code = (
        "import sys; from donbas_recognition.checks import find\n"
        "print(sum(f.severity == 'error' for f in find(sys.argv[1])))"
    )
    assert run(installed, "-I", "-c", code, archive, cwd=installed.parent) == "0\n"


def test_the_sdist_gives_the_same_wheel(sdist, wheel, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "elsewhere", filter="data")
    (root,) = (tmp_path / "elsewhere").iterdir()
    for name in SHIPPED:
        assert (root / name).is_file(), name
    run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, root,
        cwd=tmp_path, SOURCE_DATE_EPOCH=distributions.SOURCE_DATE_EPOCH,
    )  # fmt: skip
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_the_sdist_holds_nothing_else(sdist, checkout):
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers()}
        assert all(member.isfile() for member in archive.getmembers())
    known = {p.relative_to(checkout).as_posix() for p in checkout.rglob("*")}
    assert names <= known | {"PKG-INFO"}


def test_the_wheel_in_an_environment_of_its_own(installed, checkout):
    code = (
        "import json, donbas_recognition as d\n"
        "rows = {n: len(d.load(n)) for n in d.tables()}\n"
        "[d.describe(n) for n in d.tables()]\n"
        "print(json.dumps([str(d.package_path()), d.__file__, d.__version__, rows, d.cite()]))"
    )
    place, file, number, rows, cited = json.loads(
        run(installed, "-I", "-c", code, cwd=installed.parent.parent)
    )
    venv = installed.parent.parent
    assert Path(place).is_relative_to(venv)
    assert Path(file).is_relative_to(venv)
    assert number in cited
    for name in _package.NAMES:
        lines = (checkout / "data" / f"{name}.csv").read_bytes().count(b"\n")
        assert 0 <= rows[name] < lines
    shipped = {p.relative_to(place).as_posix() for p in Path(place).rglob("*") if p.is_file()}
    assert shipped == set(SHIPPED)
    for name in SHIPPED:
        assert (Path(place) / name).read_bytes() == (checkout / name).read_bytes(), name


def test_the_wheel_is_light_and_needs_pandas_alone(wheel):
    with zipfile.ZipFile(wheel) as archive:
        weight = sum(info.file_size for info in archive.infolist())
        metadata = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        message = BytesParser().parsebytes(archive.read(metadata))
        names = archive.namelist()
    print(f"\nthe wheel: {wheel.stat().st_size:,} bytes, {weight:,} installed")
    assert weight < 3_000_000
    needs = [need for need in message.get_all("Requires-Dist", []) if "extra ==" not in need]
    assert [re.split(r"[ <>=!~]", need)[0] for need in needs] == ["pandas"]
    assert "donbas_recognition/py.typed" in names
    assert {n.split("/")[0] for n in names} == {"donbas_recognition", metadata.split("/")[0]}
    assert {Path(n).name for n in names if "/licenses/" in n} == {"LICENSE", "LICENSE-DATA"}


def test_an_editable_installation_finds_the_checkout(checkout, dists, tmp_path):
    python = environment(tmp_path / "venv", "--no-build-isolation", "--editable", checkout)
    code = "import donbas_recognition as d; print(d.package_path(), len(d.load('statements')))"
    place, rows = run(python, "-I", "-c", code, cwd=tmp_path).rsplit(maxsplit=1)
    assert Path(place) == checkout.resolve()
    assert int(rows) > 0


def test_the_installation_verifies_and_names_each_damage(installed, wheel):
    code = (
        "import donbas_recognition as d; f = d.verify(); print(len(f));\n"
        "[print(*row) for row in f[f['against'] == 'RECORD'].itertuples(index=False)]"
    )

    def odd() -> list[str]:
        number, *rows = run(installed, "-I", "-c", code, cwd=installed.parent).splitlines()
        assert int(number) > 2 * len(_package.NAMES)
        return [row for row in rows if " ok " not in row]

    assert odd() == []
    place = next(installed.parent.parent.glob("lib/python*/site-packages/donbas_recognition"))
    table, schema = place / "_package/data/actors.csv", place / "_package/schemas/demands.json"
    one, two = table.read_bytes(), schema.read_bytes()
    try:
        table.write_bytes(one.replace(b"a", b"b", 1))
        schema.unlink()
        (place / "stray.py").write_text("")
        assert odd() == [
            "donbas_recognition/_package/data/actors.csv changed RECORD",
            "donbas_recognition/_package/schemas/demands.json missing RECORD",
            "donbas_recognition/stray.py unlisted RECORD",
        ]
    finally:
        table.write_bytes(one)
        schema.write_bytes(two)
        (place / "stray.py").unlink()
    assert odd() == []
    found = dr.verify(wheel)
    assert set(found["state"]) == {"ok"}
    assert "RECORD" in set(found["against"])


def test_one_digest_whatever_the_packaging(archive, wheel, checkout, installed):
    code = "import donbas_recognition as d; print(d.data_digest())"
    digest = run(installed, "-I", "-c", code, cwd=installed.parent).strip()
    assert {dr.data_digest(path) for path in (archive, wheel, checkout)} == {digest}


def test_dist_verifies(dist, tmp_path):
    found = dr.verify(dist)
    # The registry tells a zip of a registered version that was built anew from the released one.
    listed = found[found["against"] == "SHA256SUMS"]
    assert set(listed["state"]) == {"ok"}
    assert len(listed) == len(list(dist.iterdir())) - 1
    shutil.copytree(dist, tmp_path / "dist")
    (tmp_path / "dist" / "changes.csv").write_text("x")
    changed = dr.verify(tmp_path / "dist").set_index("file")["state"]
    assert changed["changes.csv"] == "changed"


def test_the_changes_are_those_since_the_last_release(dist, checkout, version):
    with revisions.last_package(ROOT) as last:
        found = dr.diff(last, checkout)
    assert found.new == version
    with (dist / "changes.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == list(found.changes.columns)
    assert rows == found.changes.fillna("").to_numpy().tolist()
    page = (dist / "CHANGES.md").read_text("utf-8")
    assert page.startswith(f"# Changes {found.old} → {version}\n")


def test_a_shallow_clone_is_told_how_to_build(checkout, tmp_path):
    folder = tmp_path / "shallow"
    run("git", "clone", "--quiet", "--depth", "1", f"file://{checkout}", folder, cwd=tmp_path)
    path = os.pathsep.join([str(folder / "src"), str(folder)])
    nowhere = {"DONBAS_RECOGNITION_MIRROR": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1",
               "DONBAS_RECOGNITION_CACHE": str(tmp_path / "cache")}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "scripts", "diff"], cwd=folder, capture_output=True, text=True,
        env=os.environ | nowhere | {"PYTHONPATH": path}, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "git fetch --unshallow" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_version_everywhere(archive, wheel, sdist, checkout, version):
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    with zipfile.ZipFile(wheel) as file:
        metadata = next(n for n in file.namelist() if n.endswith("METADATA"))
        assert BytesParser().parsebytes(file.read(metadata))["Version"] == version
    with zipfile.ZipFile(archive) as file:
        assert json.loads(file.read("datapackage.json"))["version"] == version
        assert f"\nversion: {version}\n" in file.read("CITATION.cff").decode()
        assert f"\n## [{version}]" in file.read("CHANGELOG.md").decode()
        assert version in file.read("CODEBOOK.md").decode().splitlines()[0]
    changelog = (checkout / "CHANGELOG.md").read_text("utf-8")
    first = re.search(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    assert first
    assert first[1] == version, "the newest entry of CHANGELOG.md is of another version"


def test_no_path_of_the_builder_is_shipped(archive, wheel, sdist, checkout):
    contents: dict[str, bytes] = {}
    for path in (archive, wheel):
        with zipfile.ZipFile(path) as file:
            contents |= {f"{path.name}/{n}": file.read(n) for n in file.namelist()}
    with tarfile.open(sdist) as file:
        for member in file.getmembers():
            assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
            contents[f"{sdist.name}/{member.name}"] = file.extractfile(member).read()
    for name, data in contents.items():
        for place in (str(ROOT), str(checkout), str(Path.home()) + "/"):
            assert place.encode() not in data, name


def test_a_changed_byte_is_seen(dist, tmp_path):
    """The checks of this file would notice: a decoy."""
    shutil.copytree(dist, tmp_path / "dist")
    victim = next((tmp_path / "dist").glob("*.zip"))
    data = bytearray(victim.read_bytes())
    data[-1] ^= 1
    victim.write_bytes(data)
    listed = dict(line.split("  ")[::-1] for line in (dist / "SHA256SUMS").read_text().splitlines())
    assert hashlib.sha256(victim.read_bytes()).hexdigest() != listed[victim.name]


def test_write_zip_depends_on_names_and_contents_alone(tmp_path):
    files = {"b": b"2", "a/ä": b"1"}
    packing.write_zip(tmp_path / "one.zip", files)
    packing.write_zip(tmp_path / "two.zip", dict(reversed(files.items())))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO((tmp_path / "one.zip").read_bytes())) as archive:
        assert archive.namelist() == ["a/ä", "b"]


def test_what_ci_calls():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text("utf-8")
    run("bash", "-n", script, cwd=ROOT)
    for target, wanted in [
        ("release", "-m scripts build"),
        ("test", "-m pytest"),
        ("lint", "mypy"),
    ]:
        assert wanted in run("make", "--dry-run", target, cwd=ROOT)
