"""The command `publish`, against a server of this machine that follows Zenodo's documentation.

That Zenodo itself accepts it, only a person with a token of the sandbox can show (RELEASING.md).
"""

import hashlib
import json
import os
import re
import socket
import subprocess
import time
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from mypy import api as mypy

from donbas_recognition import _package
from scripts import deposit, publish
from scripts import zenodo as client
from scripts.__main__ import main
from scripts.artefacts import archive as packing
from tests.conftest import ROOT
from tests.loopback import TOKEN, Loopback, Record

DRAFT = "/records/[^/]+/draft"
# Every call that the client makes for a first deposit, as the server sees it.
CALLS = {
    "search": ("GET", "/user/records"),
    "create": ("POST", "/records"),
    "read": ("GET", DRAFT),
    "reserve": ("POST", f"{DRAFT}/pids/doi"),
    "list": ("GET", f"{DRAFT}/files"),
    "init": ("POST", f"{DRAFT}/files"),
    "content": ("PUT", f"{DRAFT}/files/[^/]+/content"),
    "commit": ("POST", f"{DRAFT}/files/[^/]+/commit"),
    "describe": ("PUT", DRAFT),
    "public": ("GET", "/records/[^/]+"),
    "publish": ("POST", f"{DRAFT}/actions/publish"),
}
FAULTS = ["hang", "hang after", "drop", "drop after", "500", "500 after", "html"]


class KilledError(BaseException):
    """The process ends here."""


@pytest.fixture(autouse=True)
def nobody_else(monkeypatch):
    """No host but this one is asked for."""
    ask = socket.getaddrinfo

    def guarded(host, *args, **kwargs):
        assert host in ("127.0.0.1", "localhost"), f"{host} was to be called"
        return ask(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", guarded)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server():
    loop = Loopback()
    yield loop
    loop.close()


def release(root: Path, *arguments: str) -> None:
    """A small build that depends on the descriptor, in the place of ours."""
    if arguments[0] == "docs":
        return
    folder = Path(arguments[-1])
    folder.mkdir(exist_ok=True)
    descriptor = (root / "datapackage.json").read_bytes()
    package = json.loads(descriptor)
    packing.write_zip(
        folder / f"{package['name']}-{package['version']}.zip", {"datapackage.json": descriptor}
    )
    (folder / "large name, ä.bin").write_bytes(bytes(300_000))
    (folder / "SHA256SUMS").write_bytes(hashlib.sha256(descriptor).hexdigest().encode())


@pytest.fixture
def there(checkout, server, monkeypatch) -> Path:
    """A checkout, a token and an impatient client."""
    monkeypatch.setattr(deposit, "run", release)
    monkeypatch.setenv("ZENODO_SANDBOX_TOKEN", TOKEN)
    monkeypatch.delenv("ZENODO_TOKEN", raising=False)
    patience = client.Patience(timeout=(0.3, 0.3), tries=3, backoff=0.001, settle=0.001)
    monkeypatch.setattr(publish, "PATIENCE", patience)
    return checkout


def run(server: Loopback, *arguments: str, code: int = 0) -> Result:
    command = ["publish", "--server", server.address, *arguments]
    result = CliRunner().invoke(main, command)
    if isinstance(result.exception, KilledError):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert TOKEN not in result.output
    for path in publish._package.package_path().glob(".publish-*"):
        assert TOKEN not in path.read_text("utf-8")
    return result


def whole(server: Loopback, checkout: Path, *, published: bool) -> Record:
    """The one deposit, with the files of dist/ and the metadata of the descriptor."""
    (record,) = server.records.values()
    dist = {path.name: path.read_bytes() for path in (checkout / "dist").iterdir()}
    assert record.files == dist
    assert record.committed == dist.keys()
    package = json.loads((checkout / "datapackage.json").read_bytes())
    assert package["id"] == f"https://doi.org/{record.pids['doi']['identifier']}"
    assert record.metadata == deposit.payload(package)["metadata"]
    assert record.published is published
    return record


def test_a_draft_by_default_and_published_when_asked(there, server):
    result = run(server)
    record = whole(server, there, published=False)
    assert f"{server.address}/uploads/{record.id}" in result.stdout
    assert "python -m scripts publish --publish" in result.stderr
    uploads = [call for call in server.calls if call[0] == "PUT"]
    again = json.loads(run(server, "--json").stdout)
    assert again["step"] == "described"
    assert [c for c in server.calls if c[0] == "PUT"][len(uploads) :] == [
        ("PUT", f"/records/{record.id}/draft")
    ], "files that are there were sent again"
    assert json.loads(run(server, "--status", "--json").stdout) == again
    assert json.loads(run(server, "--publish", "--json").stdout)["step"] == "published"
    whole(server, there, published=True)
    calls = len(server.calls)
    assert json.loads(run(server, "--publish", "--json").stdout)["step"] == "published"
    assert all(method == "GET" for method, _ in server.calls[calls:])
    whole(server, there, published=True)


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_in_any_call(there, server, call, kind):
    server.fault(*CALLS[call], kind)
    result = CliRunner().invoke(main, ["publish", "--server", server.address, "--publish"])
    assert not server.faults[0].times, "the fault did not happen"
    if result.exit_code:
        # A fault that the client may not mend by itself: it says so, and a second call goes on.
        assert kind == "html", result.output
        assert result.exit_code == 2
        assert "Error: " in result.output
        run(server, "--publish")
    whole(server, there, published=True)


@pytest.mark.parametrize("call", CALLS)
def test_a_server_that_stays_broken(there, server, call):
    server.fault(*CALLS[call], "500", times=10**6)
    result = run(server, "--publish", code=2)
    assert "500" in result.output
    assert "again later" in result.output
    server.faults.clear()
    run(server, "--publish")
    whole(server, there, published=True)


def test_too_many_requests_are_waited_for(there, server):
    """Of a reading and of a creating call, by Retry-After and by X-RateLimit-Reset."""
    for call in ("search", "create"):
        server.fault(*CALLS[call], "429")
    start = time.monotonic()
    run(server)
    assert time.monotonic() - start > 2
    assert server.calls.count(("POST", "/records")) == 2
    whole(server, there, published=False)


def test_the_rate_limit_is_obeyed_before_it_is_broken(monkeypatch, server):
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)
    said: list[str] = []
    zenodo = client.Zenodo(server.address, TOKEN, say=said.append)
    server.headers = {"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": str(time.time() + 50)}
    zenodo.titled("x")
    zenodo.titled("x")
    assert not naps
    server.headers["X-RateLimit-Remaining"] = "0"
    zenodo.titled("x")
    zenodo.titled("x")
    assert len(naps) == len(said) == 1
    assert 45 < naps[0] <= 50
    assert "rate limit" in said[0]
    server.headers["X-RateLimit-Reset"] = str(time.time() + 10**6)
    zenodo.titled("x")
    zenodo.titled("x")
    assert naps[-1] <= client.LONGEST_WAIT, "a server can make us wait for days"


@pytest.mark.parametrize("times", [1, 2])
def test_an_upload_that_breaks_off(there, server, times):
    server.fault(*CALLS["content"], "half", times=times)
    run(server, "--publish")
    whole(server, there, published=True)


def test_a_wrong_checksum_is_mended(there, server):
    server.fault(*CALLS["content"], "corrupt", times=2)
    run(server, "--publish")
    whole(server, there, published=True)


def test_a_wrong_checksum_that_stays_stops_it(there, server):
    server.fault(*CALLS["content"], "corrupt", times=10**6)
    result = run(server, "--publish", code=2)
    assert "checksums differ" in result.output
    assert "SHA256SUMS" in result.output
    (record,) = server.records.values()
    assert not record.published
    server.faults.clear()
    run(server, "--publish")
    whole(server, there, published=True)


def test_the_draft_has_no_other_files(there, server):
    run(server)
    (record,) = server.records.values()
    record.files["old.zip"] = b"old"
    record.committed.add("old.zip")
    record.files["half.zip"] = None
    run(server)
    whole(server, there, published=False)


def forget(checkout: Path) -> None:
    for path in checkout.glob(".publish-*"):
        path.unlink()


def test_a_draft_that_is_there_is_taken_up_without_the_state(there, server):
    package = _package.read_json(there / "datapackage.json")
    server.new(title=package["title"] + ", another", version=package["version"])
    mine = server.new(title=package["title"], version=package["version"])
    run(server)
    assert len(server.records) == 2
    assert mine.files
    forget(there)
    run(server, "--publish")
    assert len(server.records) == 2
    assert mine.published
    forget(there)
    assert json.loads(run(server, "--json").stdout)["step"] == "published"
    assert len(server.records) == 2


def test_two_drafts_are_for_a_person_to_choose_from(there, server):
    package = _package.read_json(there / "datapackage.json")
    two = [server.new(title=package["title"], version=package["version"]) for _ in range(2)]
    result = run(server, "--publish", code=2)
    for record in two:
        assert f"/uploads/{record.id}" in result.output
        assert not record.files
    assert len(server.records) == 2


def test_a_second_deposit_that_turns_up_late_stops_publication(there, server):
    run(server)
    package = _package.read_json(there / "datapackage.json")
    server.new(title=package["title"], version=package["version"])
    assert "another deposit" in run(server, "--publish", code=2).output
    assert not any(record.published for record in server.records.values())


def test_a_search_that_lags(there, server):
    """The answer to the creation is lost, and the draft is not found at once."""
    server.lag = 2
    server.fault(*CALLS["create"], "drop after")
    run(server, "--publish")
    whole(server, there, published=True)


def test_a_draft_that_was_deleted_over_there(there, server):
    run(server)
    server.records.clear()
    run(server, "--publish")
    whole(server, there, published=True)


def test_killed_before_and_after_every_call(there, server, monkeypatch):
    request = client._Session.request
    left, before = 0, True

    def fatal(self, *args, **kwargs):
        nonlocal left
        left -= 1
        if left == 0 and before:
            raise KilledError
        answer = request(self, *args, **kwargs)
        if left == 0:
            raise KilledError
        return answer

    monkeypatch.setattr(client._Session, "request", fatal)
    kills = 0
    for when in (True, False):
        before = when
        for call in range(1, 100):
            server.records.clear()
            forget(there)
            left = call
            try:
                run(server, "--publish")
            except KilledError:
                kills += 1
            else:
                break
            run(server, "--publish")
            whole(server, there, published=True)
    assert kills > 2 * len(CALLS)


@pytest.mark.parametrize("step", ["reserve", "build", "upload", "describe", "publish"])
def test_killed_between_steps(there, server, monkeypatch, step):
    done = getattr(deposit, step)

    def fatal(*_):
        raise KilledError

    monkeypatch.setattr(deposit, step, fatal)
    with pytest.raises(KilledError):
        run(server, "--publish")
    monkeypatch.setattr(deposit, step, done)
    state = json.loads(run(server, "--status", "--json").stdout)
    steps = ["draft", "reserved", "built", "uploaded", "described"]
    assert state["step"] == steps[["reserve", "build", "upload", "describe", "publish"].index(step)]
    run(server, "--publish")
    whole(server, there, published=True)


# Versions


def test_a_new_version_of_a_record(there, server):
    package = _package.read_json(there / "datapackage.json")
    old = server.new(title=package["title"], version="0.0.1")
    old.published = True
    assert f"/records/{old.id}; name the last" in run(server, code=2).output
    assert len(server.records) == 1, "a second concept"
    server.fault("POST", "/records/[^/]+/versions", "drop after")
    run(server, "--record", f"10.5072/zenodo.{old.id}", "--publish")
    new = server.records.pop(max(server.records))
    assert new.concept == old.concept
    server.records = {new.id: new}
    whole(server, there, published=True)


def test_the_doi_and_the_day_are_written_once(there, server):
    before = (there / "datapackage.json").read_text("utf-8").splitlines()
    run(server)
    path = there / "datapackage.json"
    after = path.read_text("utf-8").splitlines()
    changed = [line.split('"')[1] for line in after if line not in before]
    assert set(changed) <= {"id", "created"}
    assert "id" in changed
    stamp = path.stat().st_mtime_ns
    sums = (there / "dist" / "SHA256SUMS").read_bytes()
    run(server)
    assert path.stat().st_mtime_ns == stamp
    assert (there / "dist" / "SHA256SUMS").read_bytes() == sums


def test_no_day_in_the_changelog(there, server):
    path = there / "CHANGELOG.md"
    path.write_text(re.sub(r"^(## \[.+\]) - .*$", r"\1", path.read_text("utf-8"), flags=re.M))
    before = (there / "datapackage.json").read_bytes()
    assert "CHANGELOG.md has no entry" in run(server, code=2).output
    assert (there / "datapackage.json").read_bytes() == before


def test_a_build_that_fails_or_lacks_the_doi(there, server, monkeypatch):
    def fails(*_):
        raise ValueError("the data are wrong")

    monkeypatch.setattr(deposit, "run", fails)
    assert "the data are wrong" in run(server, code=2).output

    def other(root: Path, *arguments: str) -> None:
        release(ROOT, *arguments)

    monkeypatch.setattr(deposit, "run", other)
    assert "not the DOI" in run(server, code=2).output
    (record,) = server.records.values()
    assert not record.files


def test_the_rehearsal_is_not_committed():
    """A DOI of the sandbox leads nowhere."""
    assert "/10.5072/" not in _package.read_json(ROOT / "datapackage.json")["id"]


# Refusals


def test_the_servers_reasons_are_shown_field_by_field(there, server):
    path = there / "datapackage.json"
    package = json.loads(path.read_bytes()) | {"title": "bad"}
    path.write_text(json.dumps(package), "utf-8")
    result = run(server, "--publish", code=2)
    assert "metadata.title: Shorter than minimum length 3." in result.output
    assert not any(record.published for record in server.records.values())


def test_an_answer_that_holds_the_token_is_not_printed(there, server):
    server.fault(*CALLS["create"], "echo")
    assert "rejected: Bearer …" in run(server, code=2).output


def test_no_redirection_to_another_server(there, server):
    for call in ("search", "create"):
        server.fault(*CALLS[call], "redirect")
        result = run(server, code=2)
        assert "302" in result.output or "not followed" in result.output
    assert not server.records


@pytest.mark.parametrize(
    ("value", "message"), [(None, "not set"), ("", "not set"), ("two words", "more than a token")]
)
def test_no_token(there, server, monkeypatch, value, message):
    monkeypatch.setenv("ZENODO_TOKEN", TOKEN)
    monkeypatch.delenv("ZENODO_SANDBOX_TOKEN")
    if value is not None:
        monkeypatch.setenv("ZENODO_SANDBOX_TOKEN", value)
    result = run(server, code=2)
    assert f"ZENODO_SANDBOX_TOKEN {'is' if 'not' in message else 'holds'} {message}" in " ".join(
        result.output.split()
    )
    assert not server.calls


def test_a_wrong_token(there, server, monkeypatch):
    monkeypatch.setenv("ZENODO_SANDBOX_TOKEN", "wrong")
    assert "not of this server" in run(server, code=2).output


def test_netrc_does_not_replace_the_token(there, server, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    run(server)
    whole(server, there, published=False)


def test_the_token_of_the_sandbox_goes_to_this_machine_only(there):
    result = CliRunner().invoke(main, ["publish", "--server", "https://zenodo.example"])
    assert result.exit_code == 2
    assert "only a server of this machine" in result.output


@pytest.mark.parametrize(
    ("options", "address", "variable"),
    [
        ([], "https://sandbox.zenodo.org", "ZENODO_SANDBOX_TOKEN"),
        (["--production"], "https://zenodo.org", "ZENODO_TOKEN"),
    ],
)
def test_the_sandbox_is_the_default(there, monkeypatch, options, address, variable):
    asked = {}

    class StopError(ValueError):
        pass

    def stop(server, token, *_):
        asked[server] = token
        raise StopError("enough")

    monkeypatch.setattr(publish, "Zenodo", stop)
    monkeypatch.setenv("ZENODO_TOKEN", "p")
    monkeypatch.setenv("ZENODO_SANDBOX_TOKEN", "s")
    CliRunner().invoke(main, ["publish", *options])
    assert asked == {address: os.environ[variable]}


def test_production_asks_first(there, server, monkeypatch):
    """With the loopback server in the place of Zenodo's."""
    monkeypatch.setattr(publish, "PRODUCTION", server.address)
    monkeypatch.setenv("ZENODO_TOKEN", TOKEN)
    call = ["publish", "--production", "--publish"]
    result = CliRunner().invoke(main, call, input="n\n")
    assert result.exit_code == 1
    assert "for ever?" in result.output
    whole(server, there, published=False)
    assert CliRunner().invoke(main, [*call, "--yes"]).exit_code == 0
    whole(server, there, published=True)


def test_discard(there, server):
    assert "no draft is known" in run(server, "--discard", code=2).output
    run(server)
    server.fault("DELETE", DRAFT, "drop after")
    run(server, "--discard")
    assert not server.records
    assert json.loads(run(server, "--status", "--json").stdout)["step"] == "none"
    run(server, "--publish")
    assert "cannot be deleted" in run(server, "--discard", code=2).output
    assert len(server.records) == 1


@pytest.mark.parametrize("damage", ["{", "[]", "{}", '"x"'])
def test_a_damaged_state(there, server, damage):
    run(server)
    (path,) = there.glob(".publish-*")
    path.write_text(damage)
    result = run(server, code=2)
    assert path.name in result.output
    path.unlink()
    run(server, "--publish")
    whole(server, there, published=True)


def test_the_state_is_ignored_by_git():
    name = publish.state_file(ROOT, client.SANDBOX, "1.0.0").name
    assert name == ".publish-sandbox.zenodo.org-1.0.0.json"
    assert (
        subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False).returncode == 0
    )


# Types


def test_steps_cannot_be_misordered(tmp_path):
    """The type checker refuses each step that is called with the result of another one."""
    head = (
        "from pathlib import Path\nfrom typing import Any\n"
        "from scripts import deposit as d, publish\nfrom scripts.zenodo import Zenodo\n"
        "def f(z: Zenodo, p: dict[str, Any], draft: d.Draft, reserved: d.Reserved,\n"
        "      built: d.Built, uploaded: d.Uploaded, described: d.Described) -> None:\n"
    )
    calls = {
        "d.reserve(z, {})": "draft",
        "d.build(Path(), {}, Path())": "reserved",
        "d.upload(z, {}, publish.bar)": "built",
        "d.describe(z, {}, p)": "uploaded",
        "d.publish(z, {}, p)": "described",
    }
    right, wrong = [], []
    for call, step in calls.items():
        for given in calls.values():
            (right if given == step else wrong).append(f"    {call.format(given)}\n")
    file = tmp_path / "order.py"
    file.write_text(head + "".join(right + wrong), "utf-8")
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--follow-imports", "silent"]
    output, errors, _ = mypy.run([*options, str(file)])
    refused = {int(n) for n in re.findall(r"order\.py:(\d+): error: .*\[arg-type\]", output)}
    first = head.count("\n") + len(right) + 1
    assert refused == set(range(first, first + len(wrong))), output + errors
    assert output.count("error:") == len(wrong)


def test_the_http_library_is_not_needed_by_users():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert not any("requests" in need for need in project["dependencies"])
