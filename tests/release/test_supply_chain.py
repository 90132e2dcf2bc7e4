"""What is deposited is as registries want it; what it is built with is pinned and known."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import deposit
from tests.conftest import ROOT
from tests.loopback import TOKEN, Loopback
from tests.release.opinions import opinion

LOCKS = {
    "requirements": "dev",
    "requirements-opinions": "opinions",
    "requirements-invenio": "invenio",
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


# A whole deposit


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    loop = Loopback()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A clone with the history, and the files as they are now."""
    folder = tmp_path_factory.mktemp("deposit") / "checkout"
    subprocess.run(["git", "clone", "--quiet", "--local", ROOT, folder], check=True)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        else:
            (folder / name).unlink(missing_ok=True)
    return folder


@pytest.fixture(scope="module")
def dist(checkout, server) -> Path:
    """`dist/` as `python -m scripts publish` builds and uploads it, in a process of its own."""
    path = os.pathsep.join([str(checkout / "src"), str(checkout)])
    environment = {"PYTHONPATH": path, "ZENODO_SANDBOX_TOKEN": TOKEN, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-m", "scripts", "publish", "--server", server.address, "--json"],
        cwd=checkout, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert json.loads(done.stdout)["step"] == "described"
    return checkout / "dist"


def test_the_deposit_holds_the_release(dist, checkout, server):
    (record,) = server.records.values()
    assert record.files == {path.name: path.read_bytes() for path in dist.iterdir()}
    assert record.committed == record.files.keys()
    assert not record.published
    package = json.loads((checkout / "datapackage.json").read_bytes())
    assert record.metadata == deposit.payload(package)["metadata"]
    assert {Path(name).suffix for name in record.files} >= {".zip", ".whl", ".gz"}


def test_the_doi_is_inside(dist, server):
    (record,) = server.records.values()
    doi = record.pids["doi"]["identifier"]
    for pattern in ("*.zip", "*.whl"):
        (path,) = dist.glob(pattern)
        with zipfile.ZipFile(path) as archive:
            (name,) = (n for n in archive.namelist() if n.endswith("datapackage.json"))
            assert json.loads(archive.read(name))["id"] == f"https://doi.org/{doi}"


def test_nobody_who_builds_sees_the_token(monkeypatch, tmp_path):
    """The commands that the deposit runs do not inherit it."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "__init__.py").touch()
    main = tmp_path / "scripts" / "__main__.py"
    main.write_text("import os; raise SystemExit(any('ZENODO' in k for k in os.environ))")
    monkeypatch.setenv("ZENODO_TOKEN", TOKEN)
    monkeypatch.setenv("ZENODO_SANDBOX_TOKEN", TOKEN)
    deposit.run(tmp_path, "build")
    (tmp_path / "scripts" / "__main__.py").write_text(
        "print('line 7 is wrong'); raise SystemExit(1)"
    )
    with pytest.raises(ValueError, match="line 7 is wrong\n`python -m scripts build` failed"):
        deposit.run(tmp_path, "build")


# Wheel, sdist, pyproject.toml


@pytest.fixture(scope="module")
def wheel(dist) -> Path:
    (path,) = dist.glob("*.whl")
    return path


def rewritten(wheel: Path, folder: Path, change) -> Path:
    """A wheel whose members went through a function of name and content."""
    path = folder / wheel.name
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            for member, data in change(name, old.read(name)):
                new.writestr(member, data)
    return path


def test_twine_accepts_them(dist, wheel):
    (sdist,) = dist.glob("*.tar.gz")
    done = opinion("twine", "check", "--strict", wheel, sdist)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("PASSED") == 2


def test_twine_would_refuse_a_wheel_without_description(wheel, tmp_path):
    def change(name, data):
        yield name, data.split(b"\n\n")[0] + b"\n" if name.endswith("/METADATA") else data

    assert opinion("twine", "check", "--strict", rewritten(wheel, tmp_path, change)).returncode == 1


def test_the_wheel_holds_what_it_should(wheel):
    done = opinion("check-wheel-contents", "--toplevel", "donbas_recognition", wheel)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("extra", ["tests/test_data.py", "donbas_recognition/__pycache__/a.pyc"])
def test_the_wheel_check_would_find_what_is_too_much(wheel, tmp_path, extra):
    def change(name, data):
        if name.endswith("/RECORD"):
            yield extra, b"x"
            data += f"{extra},sha256={'A' * 43},1\n".encode()
        yield name, data

    spoilt = rewritten(wheel, tmp_path, change)
    done = opinion("check-wheel-contents", "--toplevel", "donbas_recognition", spoilt)
    assert done.returncode == 1


def test_pyproject_is_valid(tmp_path):
    done = opinion("validate-pyproject", ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (tmp_path / "pyproject.toml").write_text(text.replace("requires-python", "require-python"))
    assert opinion("validate-pyproject", tmp_path / "pyproject.toml").returncode == 1


# Lock files


def pins(lock: Path) -> dict[str, list[tuple[Requirement, int]]]:
    """What a lock file pins, with the number of hashes."""
    found: dict[str, list[tuple[Requirement, int]]] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock.read_text("utf-8")):
        pin = Requirement(entry.partition("\n")[0].removesuffix("\\"))
        hashes = len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry))
        found.setdefault(canonicalize_name(pin.name), []).append((pin, hashes))
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_everything_is_locked_with_hashes(name):
    locked = pins(ROOT / f"{name}.lock")
    assert len(locked) > 50
    for entries in locked.values():
        for pin, hashes in entries:
            assert re.fullmatch(r"==[^*,]+", str(pin.specifier)), pin
            assert hashes, pin


@pytest.mark.parametrize(("name", "group"), LOCKS.items())
def test_the_lock_files_fit_the_project(name, group):
    locked = pins(ROOT / f"{name}.lock")
    wanted = list(PROJECT["dependency-groups"][group])
    if group == "dev":
        extras = PROJECT["project"]["optional-dependencies"]
        wanted += PROJECT["project"]["dependencies"] + extras["archive"] + extras["check"]
    for need in map(Requirement, wanted):
        entries = locked[canonicalize_name(need.name)]
        for pin, _ in entries:
            version = str(pin.specifier).removeprefix("==")
            assert need.specifier.contains(version, prereleases=True), f"{need}: {pin}; `make lock`"


def test_make_installs_nothing_without_hashes():
    lines = (ROOT / "Makefile").read_text("utf-8").splitlines()
    installs = [line for line in lines if "$(PIP)" in line and "--editable ." not in line]
    assert len(installs) == 2
    assert all("--require-hashes" in line for line in installs)


# The audit


@pytest.fixture
def osv():
    """A service of vulnerabilities that knows those of its list, by distribution."""
    known: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = asked["package"]["name"]
            package = {"name": name, "ecosystem": "PyPI"}
            events = [{"introduced": "0"}, {"fixed": "2.0"}]
            affected = [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}]
            hit = {"id": known.get(name), "summary": "bad", "details": "bad", "affected": affected}
            body = json.dumps({"vulns": [hit]} if name in known else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1/query", known
    server.shutdown()
    server.server_close()


def audit(address: str, *pairs: str) -> subprocess.CompletedProcess[str]:
    return opinion("python", "-m", "scripts.audit", *pairs, "--osv-url", address)


@pytest.fixture
def locked(tmp_path):
    """A lock file and an environment of one invented distribution."""

    def make(metadata: str, version: str = "1.0") -> str:
        lock = tmp_path / "some.lock"
        lock.write_text(f"invented==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
        site = tmp_path / "environment" / "lib" / "python3.11" / "site-packages"
        info = site / f"invented-{version}.dist-info"
        info.mkdir(parents=True)
        head = f"Metadata-Version: 2.4\nName: invented\nVersion: {version}\n"
        (info / "METADATA").write_text(head + metadata)
        return f"{lock}={tmp_path / 'environment'}"

    return make


@pytest.mark.parametrize(
    "metadata",
    [
        "License-Expression: MIT OR LicenseRef-scancode-public-domain\n",
        "License-Expression: GPL-3.0-or-later WITH GCC-exception-3.1\n",
        "License: Apache-2.0\n",
        "License: the text of it\nClassifier: License :: OSI Approved :: MIT License\n",
    ],
)
def test_audit_of_free_licences(osv, locked, metadata):
    done = audit(osv[0], locked(metadata))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 licences read" in done.stdout
    assert "1 distributions looked up" in done.stdout


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ("", "no licence stated"),
        ("License: UNKNOWN\n", "UNKNOWN"),
        ("License-Expression: BUSL-1.1\n", "BUSL-1.1"),
        ("License-Expression: MIT AND LicenseRef-Own\n", "MIT AND LicenseRef-Own"),
        ("License: ours alone, ask us\n", "ours alone, ask us"),
        ("Classifier: License :: Other/Proprietary License\n", "Other/Proprietary License"),
    ],
)
def test_audit_refuses_what_is_not_known_to_be_free(osv, locked, metadata, said):
    done = audit(osv[0], locked(metadata))
    assert done.returncode == 1
    assert f"invented: '{said}' is not known to be a free licence" in done.stderr


def test_audit_of_what_is_not_as_locked(osv, locked):
    done = audit(osv[0], locked("License: MIT\n", version="1.1"))
    assert done.returncode == 1
    assert "invented==1.0 is locked, 1.1 is installed" in done.stderr


def test_audit_names_a_vulnerability(osv, locked):
    address, known = osv
    known["invented"] = "PYSEC-1"
    done = audit(address, locked("License: MIT\n"))
    assert done.returncode == 1
    assert "invented 1.0: PYSEC-1, mended in 2.0" in done.stderr


def test_audit_does_not_pretend(locked):
    """Where the service is out of reach, or an environment is not there, nothing was audited."""
    pair = locked("License: MIT\n")
    done = audit("http://127.0.0.1:9/", pair)
    assert done.returncode == 2
    assert "not audited, http://127.0.0.1:9/ did not answer" in done.stderr
    assert "0 findings, 1 parts not audited" in done.stderr
    assert "Traceback" not in done.stderr
    done = audit("http://127.0.0.1:9/", pair.partition("=")[0] + "=/no/such")
    assert done.returncode == 2
    assert "/no/such is not there" in done.stderr


def test_the_licences_of_what_is_locked_are_free():
    """Of all that is installed here; vulnerabilities are for `make audit`, which needs the net."""
    pairs = [f"requirements.lock={sys.prefix}", "requirements-opinions.lock=.opinions"]
    if (ROOT / ".invenio").exists() or os.environ.get("CI"):
        pairs.append("requirements-invenio.lock=.invenio")
    done = audit("http://127.0.0.1:9/", *pairs)
    assert f"0 findings, {len(pairs)} parts not audited" in done.stderr
    assert done.stdout.count("licences read") == len(pairs)


def test_make_audit():
    done = subprocess.run(
        ["make", "--dry-run", "audit"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert all(f"{name}.lock=" in done.stdout for name in LOCKS)
