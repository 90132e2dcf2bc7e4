"""The payload of a deposit against the metadata schema that Zenodo runs.

This shows that InvenioRDM's schema accepts the metadata, and that the ids are in the vocabularies
that come with it; what Zenodo adds to both, only a call to Zenodo can show (RELEASING.md).
"""

import copy
import json
import os
import subprocess
from pathlib import Path

import pytest

from donbas_recognition import _package
from scripts import deposit
from tests.conftest import ROOT

PYTHON = ROOT / ".invenio" / "bin" / "python"


def broken(payload: dict, place: str, value: object) -> dict:
    """The payload with one thing changed, or taken out if the value is None."""
    changed = copy.deepcopy(payload)
    *path, last = [int(key) if key.isdigit() else key for key in place.split(".")]
    node = changed["metadata"]
    for key in path:
        node = node[key]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return changed


# What the schema or the vocabularies must refuse: the place, what stands there, where it is found.
DECOYS = [
    ("resource_type", None, "metadata"),
    ("resource_type.id", "data-set", "resource_type"),
    ("title", "ab", "metadata"),
    ("creators", [], "metadata"),
    ("creators.0.person_or_org.type", "group", "metadata"),
    ("publication_date", "23.11.2026", "metadata"),
    ("dates.0.date", "2022-02-24/2021-11-01", "metadata"),
    ("dates.0.type.id", "Coverage", "dates.type"),
    ("rights.0", {"id": "cc-by-4.0", "title": {"en": "also a title"}}, "metadata"),
    ("rights.0.id", "cc-by-40", "rights"),
    ("languages.0.id", "en", "languages"),
    ("additional_descriptions.0.type.id", "notes", "additional_descriptions.type"),
    ("related_identifiers.0.relation_type", None, "metadata"),
    ("related_identifiers.0.relation_type.id", "isSupplementTo", "related_identifiers."),
    ("related_identifiers.0.identifier", "no address", "metadata"),
    ("licence", "a field that is not there", "metadata"),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> list[dict]:
    """What is wrong with the payload, with one of a person, and with the decoys."""
    if not PYTHON.exists():
        if os.environ.get("CI"):
            pytest.fail("`make .invenio/done` was not run; CI must")
        pytest.skip("the environment .invenio is not there; `make .invenio/done` makes it")
    package = _package.read_json(ROOT / "datapackage.json")
    payload = deposit.payload(package)
    person = {"title": "A B", "givenName": "A", "familyName": "B", "roles": ["creator"]}
    payloads = [payload, deposit.payload(package | {"contributors": [person]})]
    payloads += [broken(payload, place, value) for place, value, _ in DECOYS]
    # Else it makes a folder inside the environment.
    environment = os.environ | {"INVENIO_INSTANCE_PATH": str(tmp_path_factory.mktemp("instance"))}
    done = subprocess.run(
        [PYTHON, Path(__file__).with_name("invenio_schema.py")],
        input=json.dumps(payloads), env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_schema_accepts_the_payload(answers):
    assert answers[:2] == [{}, {}]


@pytest.mark.parametrize(("place", "value", "where"), DECOYS)
def test_the_schema_refuses_a_decoy(answers, place, value, where):
    (found,) = answers[2 + DECOYS.index((place, value, where))]
    assert found.startswith(where)


def test_no_markup_of_the_descriptor_gets_through():
    package = _package.read_json(ROOT / "datapackage.json")
    payload = deposit.payload(package | {"description": "a < b & <script>"})
    assert payload["metadata"]["description"] == "<p>a &lt; b &amp; &lt;script&gt;</p>"
