"""The workflows: valid, pinned, with the least permissions; and what they and RELEASING.md call."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from scripts import publish
from tests.conftest import ROOT
from tests.release.opinions import opinion

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCHEMAS = ["vendor.github-workflows", "custom.github-workflows-require-timeout"]


def zizmor(folder: Path) -> list[dict]:
    done = opinion(
        "zizmor", "--offline", "--no-config", "--persona", "pedantic", "--collect", "all",
        "--format", "json", "--no-exit-codes", ".", cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def copy(tmp_path) -> Path:
    """The workflows in a folder of their own, to spoil."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for path in [*WORKFLOWS, ROOT / ".github" / "dependabot.yml"]:
        (tmp_path / path.relative_to(ROOT)).write_bytes(path.read_bytes())
    return tmp_path


def test_zizmor_finds_nothing(copy):
    assert len(WORKFLOWS) == 2
    assert [f"{f['ident']}: {f['desc']}" for f in zizmor(copy)] == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (r"checkout@[0-9a-f]{40} # \S+", "checkout@v7", "unpinned-uses"),
        (" +persist-credentials: false\n", "", "artipacked"),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
        (r'"\$GITHUB_REF_NAME" =', '"${{ github.head_ref }}" =', "template-injection"),
        ("  push:\n    tags:.*", "  pull_request_target:", "dangerous-triggers"),
        ("attestations: true", "password: ${{ secrets.PYPI }}", "use-trusted-publishing"),
    ],
)
def test_zizmor_would_find_it(copy, old, new, finding):
    path = copy / ".github" / "workflows" / "release.yml"
    text, changes = re.subn(old, lambda _: new, path.read_text("utf-8"), count=1)
    assert changes
    path.write_text(text, "utf-8")
    assert finding in {f["ident"] for f in zizmor(copy)}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_workflows_fit_their_schema(schema):
    done = opinion("check-jsonschema", "--builtin-schema", schema, *WORKFLOWS)
    assert done.returncode == 0, done.stdout


def test_dependabot_fits_its_schema():
    path = ROOT / ".github" / "dependabot.yml"
    done = opinion("check-jsonschema", "--builtin-schema", "vendor.dependabot", path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("old", "new", "schema"),
    [("runs-on:", "run-on:", SCHEMAS[0]), ("    timeout-minutes: 40\n", "", SCHEMAS[1])],
)
def test_the_schema_would_refuse_it(copy, old, new, schema):
    path = copy / ".github" / "workflows" / "release.yml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    assert opinion("check-jsonschema", "--builtin-schema", schema, path).returncode == 1


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_and_says_its_version(path):
    uses = re.findall(r"^ +(?:- )?uses: (.+)$", path.read_text("utf-8"), re.MULTILINE)
    assert uses
    for use in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)


def test_one_commit_of_an_action():
    pins = {}
    for path in WORKFLOWS:
        for action, commit in re.findall(r"uses: (\S+)@(\S+)", path.read_text("utf-8")):
            assert pins.setdefault(action, commit) == commit


def test_who_may_write():
    """Every other job may read the repository at the most."""
    may = {
        ("release", "attest"): {"id-token": "write", "attestations": "write"},
        ("release", "pypi"): {"id-token": "write"},
        ("release", "github"): {"contents": "write"},
    }
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text("utf-8"))
        assert workflow["permissions"] == {}
        for name, job in workflow["jobs"].items():
            wanted = may.pop((path.stem, name), {"contents": "read"})
            assert job["permissions"] == wanted, f"{path.name}: {name}"
    assert not may


def test_the_matrix_has_every_python():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    named = set(re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project))
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8"))["jobs"]
    tested = set(jobs["python"]["strategy"]["matrix"]["python"])
    tested |= {step["with"]["python-version"] for step in jobs["all"]["steps"][1:2]}
    assert named <= tested


def test_make_knows_what_the_workflows_call():
    for path in WORKFLOWS:
        for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
            for step in job["steps"]:
                if step.get("run", "").startswith("make "):
                    command = step["run"].split()
                    subprocess.run(
                        [*command, "--dry-run"], cwd=ROOT, check=True, capture_output=True
                    )


def test_releasing_calls_publish_as_it_is():
    text = (ROOT / "RELEASING.md").read_text("utf-8")
    calls = re.findall(r"python -m scripts publish([^\n`]*)", text)
    options = {option for parameter in publish.command.params for option in parameter.opts}
    assert len(calls) >= 5
    for call in calls:
        assert set(re.findall(r"--[a-z]+", call)) <= options
