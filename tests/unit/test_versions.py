"""Old versions: fetched from a mirror on this machine, kept, and explained when they cannot be."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

import donbas_recognition as dr
from donbas_recognition import _package, _versions
from scripts import revisions
from scripts.__main__ import main
from scripts.artefacts.archive import write_zip
from tests.conftest import ROOT

# How a commit writes its own zip; the module moved after 0.3.0.
BUILD = """
import sys
from pathlib import Path
try:
    from scripts.artefacts.archive import package_files, write_zip
except ImportError:
    from scripts.build import package_files, write_zip
write_zip(Path(sys.argv[1]), package_files(Path.cwd()))
"""


@pytest.fixture(scope="session")
def zips(tmp_path_factory) -> Path:
    """Folder with the zip of every registered release, built from its commit by its own code."""
    folder = tmp_path_factory.mktemp("zips")
    jobs = []
    for version, release in _versions.releases().items():
        tree = tmp_path_factory.mktemp(version)
        revisions.unpack(ROOT, release["commit"], tree, ".")
        path = os.pathsep.join([str(tree / "src"), str(tree)])
        command = [sys.executable, "-c", BUILD, str(folder / _versions.zip_name(version))]
        jobs.append(subprocess.Popen(command, cwd=tree, env=os.environ | {"PYTHONPATH": path}))
    assert [job.wait(timeout=80) for job in jobs] == [0] * len(jobs)
    return folder


class Mirror(ThreadingHTTPServer):
    """Serves a folder on the loopback interface and notes what was asked for."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                asked.append(self.path)

        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.server_port}/releases"
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache, and no mirror that answers."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv(_versions.CACHE, str(tmp_path / "cache"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv(_versions.MIRROR, f"http://127.0.0.1:{free.getsockname()[1]}")
    return tmp_path / "cache"


@pytest.fixture
def mirror(cache, tmp_path, monkeypatch) -> Iterator[Mirror]:
    """A mirror with nothing in its folder yet."""
    (tmp_path / "served" / "releases").mkdir(parents=True)
    server = Mirror(tmp_path / "served")
    monkeypatch.setenv(_versions.MIRROR, server.url + "/")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def served(mirror, zips) -> Mirror:
    """A mirror with the real releases."""
    for path in zips.iterdir():
        shutil.copy(path, mirror.folder / "releases")
    return mirror


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What was read of other versions is not carried into the next test."""
    yield
    _package.descriptor.cache_clear()
    _package.schema.cache_clear()


@pytest.mark.parametrize("version", _versions.releases())
def test_the_registry_is_true(version, zips):
    """Each entry is what its commit builds."""
    release = _versions.releases()[version]
    data = (zips / _versions.zip_name(version)).read_bytes()
    assert len(data) == release["bytes"]
    assert hashlib.sha256(data).hexdigest() == release["sha256"]
    assert dr.data_digest(zips / _versions.zip_name(version)) == release["data_digest"]
    descriptor = revisions.git(ROOT, "show", f"{release['commit']}:datapackage.json")
    assert json.loads(descriptor)["version"] == version


def test_an_old_version_is_fetched_once_and_kept(served, cache):
    statements = dr.load("statements", version="0.1.0")
    assert len(statements) == 19
    assert statements["act"].dtype == "category"
    assert str(statements["date_earliest"].dtype).startswith("datetime64")
    assert len(served.asked) == 1
    served.shutdown()
    served.server_close()
    assert len(dr.load("sources", version="0.1.0")) == 1
    assert "(version 0.1.0)" in dr.cite(version="0.1.0")
    assert "0.1.0" in dr.cite("bibtex", version="0.1.0")
    assert dr.describe("statements", version="0.1.0")["column"].iloc[0] == "statement_id"
    folder = dr.package_path("0.1.0")
    assert folder.is_relative_to(cache)
    assert dr.data_digest("0.1.0") == _versions.releases()["0.1.0"]["data_digest"]
    assert dr.diff("0.1.0").old == "0.1.0"
    assert len(served.asked) == 1
    assert len(dr.load("statements")) > 19, "the installed data are still there"


@pytest.mark.parametrize("harm", ["changed", "gone", "cut off"])
def test_what_was_harmed_in_the_cache_is_mended(served, harm):
    path = dr.package_path("0.1.0") / "data" / "sources.csv"
    good = path.read_bytes()
    if harm == "gone":
        shutil.rmtree(path.parent)
    else:
        path.write_bytes(b"x" if harm == "changed" else good[:50])
    assert len(dr.load("sources", version="0.1.0")) == 1
    assert path.read_bytes() == good
    assert len(served.asked) == 1, "the zip was still there"
    assert not [p.name for p in path.parents[2].iterdir() if p.name.startswith(".")]


def test_a_zip_put_there_by_hand(cache, zips):
    cache.mkdir()
    shutil.copy(zips / _versions.zip_name("0.1.0"), cache)
    assert len(dr.load("statements", version="0.1.0")) == 19
    (cache / _versions.zip_name("0.1.0")).write_bytes(b"damaged")
    with pytest.raises(ConnectionError, match=r"cache.*\.zip: not this release, its SHA-256"):
        dr.package_path("0.1.0")


def test_a_wrong_file_is_refused_and_not_kept(mirror, cache):
    name = _versions.zip_name("0.1.0")
    (mirror.folder / "releases" / name).write_bytes(b"something else")
    with pytest.raises(ValueError, match="not this release, its SHA-256 differs"):
        dr.load("statements", version="0.1.0")
    assert mirror.asked
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("why", ["nobody answers", "404"])
def test_no_network_says_what_to_do(cache, why, request):
    if why == "404":
        request.getfixturevalue("mirror")
    url = os.environ[_versions.MIRROR].rstrip("/")
    with pytest.raises(ConnectionError) as caught:
        dr.load("statements", version="0.1.0")
    message = str(caught.value)
    assert f"{url}/donbas-recognition-0.1.0.zip" in message
    assert ("404" in message) == (why == "404")
    assert "set DONBAS_RECOGNITION_MIRROR" in message
    assert _versions.releases()["0.1.0"]["sha256"] in message
    assert str(cache) in message


def test_an_address_that_is_none(cache, monkeypatch):
    monkeypatch.setenv(_versions.MIRROR, "nonsense")
    with pytest.raises(ConnectionError, match="nonsense"):
        dr.package_path("0.1.0")


def test_unknown_versions_name_the_known(cache):
    for version in ("0.0.1", "latest", ""):
        with pytest.raises(ValueError, match=r"no release '.*0\.1\.0, 0\.2\.0"):
            dr.load("statements", version=version)
    assert not cache.exists()


def test_without_pooch_the_extra_is_named(cache, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match=r"pip install 'donbas-recognition\[archive\]'"):
        dr.load("statements", version="0.1.0")


def test_the_installed_version_is_not_fetched(cache, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    registry = {"mirrors": [], "releases": {}}
    monkeypatch.setattr(_versions, "_registry", lambda: registry)
    assert dr.package_path(dr.__version__) == dr.package_path()
    entry = {"data_digest": dr.data_digest()}
    registry["releases"] = {dr.__version__: entry}
    assert dr.package_path(dr.__version__) == dr.package_path()
    entry["data_digest"] = "0" * 64  # the installed data were edited after the release
    with pytest.raises(ImportError, match="pooch"):
        dr.package_path(dr.__version__)


def test_where_releases_are_looked_for(monkeypatch):
    monkeypatch.delenv(_versions.MIRROR, raising=False)
    (address,) = _versions.addresses("0.1.0")
    assert address.startswith("https://github.com/donbas-recognition/")
    assert address.endswith("/v0.1.0/donbas-recognition-0.1.0.zip")
    entry = {**_versions.releases()["0.1.0"], "doi": "10.5281/zenodo.1"}
    registry = {"mirrors": ["https://x.example/{version}"], "releases": {"0.1.0": entry}}
    monkeypatch.setattr(_versions, "_registry", lambda: registry)
    assert _versions.addresses("0.1.0") == [
        "doi:10.5281/zenodo.1/donbas-recognition-0.1.0.zip",
        "https://x.example/0.1.0",
    ]


def test_an_old_version_is_read_by_its_own_schemas(mirror, tmp_path, monkeypatch):
    """A table and a vocabulary that no longer are."""
    fields = [
        {"name": "event_id", "type": "string", "description": "An id"},
        {"name": "kind", "type": "string", "description": "A kind",
         "categories": [{"value": "old", "description": "Old"}]},
        {"name": "size", "type": "integer", "description": "A size"},
    ]  # fmt: skip
    schema = {"name": "events", "fields": fields, "primaryKey": ["event_id"]}
    resource = {"name": "events", "path": "data/events.csv", "schema": "schemas/events.json"}
    files = {
        "datapackage.json": {"name": "x", "version": "0.0.9", "resources": [resource]},
        "schemas/events.json": schema,
    }
    content = {name: json.dumps(value).encode() for name, value in files.items()}
    content["data/events.csv"] = b"event_id,kind,size\ne1,old,3\ne2,,\n"
    archive = mirror.folder / "releases" / _versions.zip_name("0.0.9")
    write_zip(archive, content)
    entry = {"sha256": hashlib.sha256(archive.read_bytes()).hexdigest(), "doi": None}
    registry = {"mirrors": [], "releases": {"0.0.9": entry}}
    monkeypatch.setattr(_versions, "_registry", lambda: registry)
    events = dr.load("events", version="0.0.9")  # type: ignore[arg-type]
    assert events["size"].dtype == "Int64"
    assert events["kind"].cat.categories.tolist() == ["old"]
    with pytest.raises(ValueError, match="The tables are: events"):
        dr.load("statements", version="0.0.9")
    with pytest.raises(ValueError, match="no table 'events'"):
        dr.load("events")  # type: ignore[arg-type]


def test_nothing_is_imported_or_fetched_unasked():
    code = (
        "import sys, donbas_recognition as d\n"
        "d.load('actors'); d.resolve('st-0001'); d.verify(); d.diff(d.package_path())\n"
        "bad = {'pooch', 'requests', 'polars', 'pandera', 'click'} & set(sys.modules)\n"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# resolve


def bury(checkout: Path, *tombs: str) -> None:
    with (checkout / "data" / "retired_ids.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{tomb}\n" for tomb in tombs)


def test_resolve_an_id_in_use(checkout):
    for id in ("st-0001", "vladimir-putin", "mn-00001", "dm-0001", "src-0001", "mf-0001"):
        assert dr.resolve(id) == id
    assert dr.resolve("vladimir-putin", "actors") == "vladimir-putin"


def test_resolve_follows_tombstones(checkout):
    bury(
        checkout,
        "statements,st-9001,0.2.0,st-9002,A double",
        "statements,st-9002,0.3.0,st-9003,A double",
        "statements,st-9003,0.4.0,st-0001,A double",
        "actors,old-name,0.2.0,vladimir-putin,A double",
    )
    assert dr.resolve("st-9001") == "st-0001"
    assert dr.resolve("old-name") == "vladimir-putin"
    with pytest.raises(ValueError, match="no row has or had the id 'old-name'"):
        dr.resolve("old-name", "statements")


def test_resolve_says_why_there_is_nothing(checkout):
    bury(
        checkout,
        "statements,st-9001,0.2.0,st-9002,A double",
        "statements,st-9002,0.3.0,,It was never said",
        "statements,st-9004,0.2.0,st-9005,x",
        "statements,st-9005,0.2.0,st-9004,y",
        "statements,st-9006,0.2.0,st-9999,z",
    )
    with pytest.raises(ValueError, match=r"st-9001 → st-9002 .* 0\.3\.0 .*: It was never said"):
        dr.resolve("st-9001")
    with pytest.raises(ValueError, match=r"st-9004 → st-9005 → st-9004.* ring"):
        dr.resolve("st-9004")
    with pytest.raises(ValueError, match="st-9006 → st-9999: the last is no id of statements"):
        dr.resolve("st-9006")
    with pytest.raises(ValueError, match="Did you mean 'vladimir-putin'"):
        dr.resolve("vladimir-puttin")
    with pytest.raises(ValueError, match="no table 'x'"):
        dr.resolve("st-0001", "x")  # type: ignore[arg-type]


# register


@pytest.fixture
def clone(tmp_path, monkeypatch) -> Path:
    """A clone whose registry may be written to."""
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--shared", ROOT, folder], check=True)
    shutil.copy(_versions.REGISTRY, folder / "src" / "donbas_recognition")
    monkeypatch.setattr(_package, "package_path", lambda version=None: folder)
    return folder


def register(*arguments: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["register", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


def test_register_a_release(clone, zips):
    path = clone / "src" / "donbas_recognition" / "releases.json"
    before = path.read_bytes()
    registry = json.loads(before)
    entry = registry["releases"].pop("0.2.0")
    path.write_text(json.dumps(registry))
    archive = zips / _versions.zip_name("0.2.0")
    register(archive, "--commit", entry["commit"])
    assert path.read_bytes() == before
    register(archive, "--commit", entry["commit"], "--doi", "10.5281/zenodo.1")
    assert json.loads(path.read_bytes())["releases"]["0.2.0"]["doi"] == "10.5281/zenodo.1"
    register(archive, "--commit", entry["commit"])
    assert json.loads(path.read_bytes())["releases"]["0.2.0"]["doi"] == "10.5281/zenodo.1"


def test_register_refuses_what_is_no_release(clone, zips, tmp_path):
    path = clone / "src" / "donbas_recognition" / "releases.json"
    before = path.read_bytes()
    commits = {version: release["commit"] for version, release in _versions.releases().items()}
    archive = zips / _versions.zip_name("0.2.0")
    assert "is not the zip of" in register(archive, "--commit", commits["0.1.0"], code=2)
    assert "git rev-parse failed" in register(archive, "--commit", "nonsense", code=2)
    false = tmp_path / _versions.zip_name("0.2.0")
    shutil.copy(zips / _versions.zip_name("0.1.0"), false)
    assert "holds other tables" in register(false, "--commit", commits["0.2.0"], code=2)
    with archive.open("rb") as file, false.open("wb") as other:
        other.write(file.read())
        other.write(b"\0")  # the same members, another file
    assert "another sha256" in register(false, "--commit", commits["0.2.0"], code=2)
    register(archive, "--commit", commits["0.2.0"], "--doi", "10.5281/zenodo.1")
    after = path.read_bytes()
    message = register(archive, "--commit", commits["0.2.0"], "--doi", "10.5281/zenodo.2", code=2)
    assert "another doi" in message
    assert path.read_bytes() == after != before
