"""The metadata of a release: accepted by those for whom they are made, and of one mind."""

import copy
import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from donbas_recognition import _cite, _package, cite
from donbas_recognition.checks.rules.when import WINDOW
from scripts.artefacts import archive, metadata, parquet
from scripts.artefacts.metadata import citation, csvw, datacite, facts, hugging_face, schema_org
from scripts.files import read_rows
from tests.conftest import ROOT, Case

OPINIONS = ROOT / ".opinions" / "bin"
# Nothing listens there: what asks the network fails.
OFFLINE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
def opinions() -> Path:
    """Programs of the environment with other people's readers."""
    if not (OPINIONS / "python").exists():
        if os.environ.get("CI"):
            pytest.fail("the environment .opinions is missing; `make .opinions/done` makes it")
        pytest.skip("the environment .opinions is missing; `make .opinions/done` makes it")
    return OPINIONS


@pytest.fixture(scope="module")
def dist(tmp_path_factory) -> Path:
    """What the build makes, as far as the metadata describe or need it."""
    folder = tmp_path_factory.mktemp("metadata") / "dist"
    folder.mkdir()
    descriptor = _package.descriptor()
    path = folder / f"{descriptor['name']}-{descriptor['version']}.zip"
    archive.write_zip(path, archive.package_files(ROOT))
    parquet.make(ROOT, folder)
    metadata.make(ROOT, folder)
    return folder


@pytest.fixture(scope="module")
def package(dist) -> Path:
    """The zip."""
    (path,) = dist.glob("*.zip")
    return path


@pytest.fixture
def with_doi(monkeypatch) -> str:
    """The descriptor as it is once the release has its DOI."""
    descriptor = _package.descriptor() | {"id": "https://doi.org/10.5281/zenodo.1234567"}
    for module in (_package, _cite):
        monkeypatch.setattr(module, "descriptor", lambda version=None: descriptor)
    return "10.5281/zenodo.1234567"


def run(*command: str | Path, given: Any = None, **environment: str) -> tuple[int, str, str]:
    """Exit code, output and messages of a program that is given a document as JSON."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command],
        input=json.dumps(given), env=clean | OFFLINE | environment,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def answer(*command: str | Path, given: Any = None, **environment: str) -> Any:
    """What a program answers in JSON."""
    code, output, messages = run(*command, given=given, **environment)
    assert code == 0, output + messages
    return json.loads(output.splitlines()[-1])


def cells(table: str) -> list[dict[str, str | None]]:
    """Rows of a table's CSV, missing cells as None."""
    return [{column: cell or None for column, cell in row.items()} for row in read_rows(table)]


def read_document(dist: Path, name: str) -> dict[str, Any]:
    return json.loads((dist / name).read_text("utf-8"))


# How the programs below write what they read, to be compared with the cells.
AS_TEXT = """
import datetime, json, sys
def as_text(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return value.isoformat().removesuffix("T00:00:00")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value if value is None else str(value)
"""


# CSVW

CSVW = (
    AS_TEXT
    + """
import csvw
document = csvw.CSVW(sys.argv[1], validate=True, strict=False)  # as `csvwvalidate --lax`
valid = document.is_valid
rows = {
    table.local_name: [{k: as_text(v) for k, v in row.items()} for row in table.iterdicts()]
    for table in document.tables
} if valid else {}
print(json.dumps([valid, [str(w.message) for w in document.warnings], rows]))
"""
)


def test_csvw_is_valid_and_reads_every_cell(package, opinions, tmp_path):
    with zipfile.ZipFile(package) as file:
        file.extractall(tmp_path)
    valid, warnings, rows = answer(opinions / "python", "-c", CSVW, tmp_path / csvw.FILE)
    assert valid, warnings
    assert rows == {f"data/{name}.csv": cells(name) for name in _package.NAMES}


def test_csvw_says_what_the_schemas_say(package):
    with zipfile.ZipFile(package) as file:
        document = json.loads(file.read(csvw.FILE))
    tables = {Path(table["url"]).stem: table["tableSchema"] for table in document["tables"]}
    statements = {column["name"]: column for column in tables["statements"]["columns"]}
    assert statements["statement_id"]["required"]
    assert not statements["note"]["required"]
    assert statements["date_latest"]["datatype"] == {"base": "date", "format": "yyyy-MM-dd"}
    assert statements["act"]["datatype"]["format"].startswith("(?:declaration|threat|")
    assert statements["summary"]["datatype"]["maxLength"] == 200
    words = next(c for c in tables["mentions"]["columns"] if c["name"] == "passage_words")
    assert words["datatype"] == {"base": "integer", "minimum": 8}
    assert sum(len(s["foreignKeys"]) for s in tables.values()) == sum(
        len(_package.schema(name).get("foreignKeys", [])) for name in _package.NAMES
    )


CSVW_FAULTS = [
    ("statements", "speaker_id", "nobody", "Key `nobody` not found"),
    ("sources", "derived_from", "src-9999", "Key `src-9999` not found"),
    ("statements", "act", "shout", "shout"),
    ("statements", "date_latest", "2022-02-30", "day"),
    ("mentions", "passage_words", "3", ">= 8"),
    ("statements", "summary", "", "required"),
    ("statements", "summary", "x" * 201, "at most length 200"),
]
CSVW_COMMAND = """
import contextlib, io, json, sys
from csvw.__main__ import csvwvalidate
results = []
for path in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as output:
        sys.argv[1:] = ["--lax", "--verbose", path]
        code = csvwvalidate(test=True)
    results.append([code, output.getvalue()])
print(json.dumps(results))
"""


def test_csvw_refuses_what_is_wrong(tmp_path, opinions):
    """The command `csvwvalidate --lax`, in one process for all decoys."""
    paths = []
    for number, fault in enumerate([None, *CSVW_FAULTS]):
        folder = tmp_path / str(number)
        folder.mkdir()
        case = Case(folder)
        if fault:
            table, column, value, _ = fault
            case.rows[table][0][column] = value
        case.write()
        paths.append(folder / csvw.FILE)
        paths[-1].write_text(facts.as_json(csvw.document()), "utf-8")
    (code, output), *refused = answer(opinions / "python", "-c", CSVW_COMMAND, *paths)
    assert code == 0, output
    for (code, output), (*_, problem) in zip(refused, CSVW_FAULTS, strict=True):
        assert code != 0, problem
        assert problem in output


# Croissant

CROISSANT = (
    AS_TEXT
    + """
import mlcroissant
dataset = mlcroissant.Dataset(sys.argv[1])
print(json.dumps([dataset.metadata.ctx.issues.report(), {
    record_set.uuid: [
        {key.removeprefix(record_set.uuid + "/"): as_text(value) for key, value in record.items()}
        for record in dataset.records(record_set.uuid)
    ]
    for record_set in dataset.metadata.record_sets
}]))
"""
)


def test_croissant_gives_every_record(dist, opinions, tmp_path):
    issues, records = answer(
        opinions / "python", "-c", CROISSANT, dist / "croissant.json", CROISSANT_CACHE=str(tmp_path)
    )
    assert issues == ""
    assert records == {name: cells(name) for name in _package.NAMES}


def test_croissant_knows_every_file(dist, package):
    distribution = read_document(dist, "croissant.json")["distribution"]
    files = {f["contentUrl"]: f for f in distribution if "containedIn" not in f}
    inside = {f["contentUrl"]: f for f in distribution if "containedIn" in f}
    assert files.keys() == {path.name for path in (package, *dist.glob("*.parquet"))}
    for name, file in files.items():
        data = (dist / name).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert file["contentSize"] == f"{len(data)} B"
    assert {f["containedIn"]["@id"] for f in inside.values()} == {package.name}
    with zipfile.ZipFile(package) as file:
        assert inside.keys() == {n for n in file.namelist() if n.endswith(".csv")}


CROISSANT_FAULTS = """
import json, sys, traceback
import mlcroissant
results = []
for path in sys.argv[1:]:
    try:
        list(mlcroissant.Dataset(path).records("actors"))
        results.append("")
    except Exception:
        results.append(traceback.format_exc())
print(json.dumps(results))
"""


def test_croissant_notices_what_is_wrong(dist, opinions, tmp_path):
    folder = tmp_path / "dist"
    shutil.copytree(dist, folder)
    document = read_document(folder, "croissant.json")
    # One small table is enough.
    document["recordSet"] = [r for r in document["recordSet"] if r["@id"] == "actors"]
    decoys = {key: copy.deepcopy(document) for key in ("", "hash", "column", "file")}
    for file in decoys["hash"]["distribution"]:
        if file["@id"] == "actors.parquet":
            file["sha256"] = "0" * 64
    decoys["column"]["recordSet"][0]["field"][0]["source"]["extract"]["column"] = "nothing"
    decoys["file"]["recordSet"][0]["field"][0]["source"]["fileObject"]["@id"] = "nothing.parquet"
    paths = [folder / f"decoy-{key}.json" for key in decoys]
    for path, decoy in zip(paths, decoys.values(), strict=True):
        path.write_text(json.dumps(decoy), "utf-8")
    good, wrong_hash, column, file = answer(
        opinions / "python", "-c", CROISSANT_FAULTS, *paths, CROISSANT_CACHE=str(tmp_path)
    )
    assert good == ""
    assert "is not identical with the reference" in wrong_hash
    assert '"nothing" does not exist' in column
    assert "nothing.parquet" in file


def test_croissant_needs_the_parquet_files(tmp_path):
    with pytest.raises(ValueError, match=r"sources\.parquet is not among the artefacts"):
        metadata.make(ROOT, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_an_unknown_kind(tmp_path):
    (tmp_path / "x.odd").write_text("x")
    with pytest.raises(ValueError, match=r"x\.odd: the media type of \.odd is not known; add it"):
        facts.artefacts(tmp_path)


# DataCite

DATACITE = """
import json, sys
from datacite import schema45
print(json.dumps([
    [error.message for error in schema45.validator.iter_errors(document)]
    for document in json.load(sys.stdin)
]))
"""


def test_datacite_is_valid(dist, opinions):
    document = read_document(dist, "datacite.json")
    decoys = []
    for change in (
        lambda d: d.pop("titles"),
        lambda d: d["dates"][0].update(dateType="Coverage"),
        lambda d: d.update(publisher="Zenodo"),
        lambda d: d.update(publicationYear="26"),
        lambda d: d["rightsList"][0].update(rightsUri=["by", "4.0"]),
        lambda d: d["types"].update(resourceTypeGeneral="Data set"),
        lambda d: d.update(doi="none yet"),
    ):
        decoy = copy.deepcopy(document)
        change(decoy)
        decoys.append(decoy)
    valid, *wrong = answer(opinions / "python", "-c", DATACITE, given=[document, *decoys])
    assert valid == []
    assert all(wrong), wrong
    assert "doi" not in document


def test_datacite_with_a_doi(dist, opinions, with_doi):
    document = datacite.document(facts.artefacts(dist))
    assert answer(opinions / "python", "-c", DATACITE, given=[document]) == [[]]
    assert document["doi"] == with_doi
    assert document["publisher"] == {"name": "Zenodo"}


# schema.org

SHACL = """
import json, sys
import pyshacl, rdflib
shapes = rdflib.Graph().parse(sys.argv[1])
results = []
for document in json.load(sys.stdin):
    graph = rdflib.Graph().parse(
        data=json.dumps(document), format="json-ld", publicID="https://example.org/dist/"
    )
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes)
    results.append("" if conforms else text)
print(json.dumps(results))
"""


def shapes(opinions: Path, *documents: dict[str, Any]) -> list[str]:
    """What the shapes find wrong with each document."""
    found: list[str] = answer(
        opinions / "python", "-c", SHACL, ROOT / "tests" / "release" / "schema-org.ttl",
        given=documents,
    )  # fmt: skip
    return found


def test_schema_org_has_the_shape(dist, opinions):
    document = read_document(dist, "schema-org.jsonld")
    assert shapes(opinions, document) == [""]
    # Two columns and files are enough, and quicker.
    for key in ("variableMeasured", "distribution"):
        document[key] = document[key][:2]
    decoys: dict[str, dict[str, Any]] = {}
    for key, value in {
        "@type": "CreativeWork",
        "name": None,
        "description": "Too short.",
        "license": "a free one",
        "creator": {"@type": "Organization"},
        "version": "3",
        "datePublished": "23 November 2026",
        "temporalCoverage": "2021 to 2022",
        "spatialCoverage": None,
        "isAccessibleForFree": False,
        "distribution": None,
        "variableMeasured": None,
    }.items():
        decoys[key] = {k: v for k, v in document.items() if k != key}
        if value is not None:
            decoys[key][key] = value
    for key in ("contentUrl", "encodingFormat", "sha256"):
        decoys[key] = copy.deepcopy(document)
        del decoys[key]["distribution"][0][key]
    good, *bad = shapes(opinions, document, *decoys.values())
    assert good == ""
    for key, text in zip(decoys, bad, strict=True):
        assert key in text or key == "@type", (key, text)
        assert text, key


def test_schema_org_names_the_files(dist):
    document = read_document(dist, "schema-org.jsonld")
    described = {file["name"] for file in document["distribution"]}
    assert described == {p.name for p in dist.iterdir() if p.suffix in {".zip", ".parquet"}}
    assert all(file["contentUrl"] == file["name"] for file in document["distribution"])
    assert len(document["variableMeasured"]) == sum(
        len(_package.schema(name)["fields"]) for name in _package.NAMES
    )


def test_schema_org_with_a_doi(dist, opinions, with_doi):
    document = schema_org.document(facts.artefacts(dist))
    assert shapes(opinions, document) == [""]
    assert document["identifier"] == f"https://doi.org/{with_doi}"
    assert {file["contentUrl"] for file in document["distribution"]} == {
        f"https://zenodo.org/records/1234567/files/{file['name']}"
        for file in document["distribution"]
    }


# Hugging Face

DATASETS = (
    AS_TEXT
    + """
import datasets
datasets.disable_progress_bars()
tables = {}
for name in datasets.get_dataset_config_names(sys.argv[1]):
    (split,) = datasets.load_dataset(sys.argv[1], name=name).values()
    tables[name] = [
        {key: feature.dtype for key, feature in split.features.items()},
        [{key: as_text(value) for key, value in row.items()} for row in split],
    ]
(default,) = datasets.load_dataset(sys.argv[1]).values()
print(json.dumps([tables, default.column_names]))
"""
)


@pytest.fixture
def hub(dist, tmp_path) -> Path:
    """A folder as it is uploaded to the hub."""
    folder = tmp_path / "hub"
    folder.mkdir()
    shutil.copy(dist / hugging_face.FILE, folder / "README.md")
    for path in dist.glob("*.parquet"):
        shutil.copy(path, folder)
    return folder


def test_datasets_loads_every_table_as_the_card_says(hub, opinions):
    code, output, messages = run(
        opinions / "python", "-c", DATASETS, hub, HF_HUB_OFFLINE="1", HF_HOME=str(hub.parent / "hf")
    )
    assert code == 0, messages
    assert "dataset card" not in messages
    tables, default = json.loads(output.splitlines()[-1])
    assert tables.keys() == {name for name in _package.NAMES if cells(name)}
    for name, (types, rows) in tables.items():
        wanted = {"string": "string", "integer": "int64", "boolean": "bool", "date": "date32"}
        fields = _package.schema(name)["fields"]
        assert types == {field["name"]: wanted[field["type"]] for field in fields}, name
        assert rows == cells(name), name
    assert default == [field["name"] for field in _package.schema("statements")["fields"]]


DATASETS_FAULTS = """
import json, sys, traceback
import datasets
datasets.disable_progress_bars()
results = []
for folder in sys.argv[1:]:
    try:
        datasets.load_dataset(folder, name="statements")
        results.append("")
    except Exception:
        results.append(traceback.format_exc())
print(json.dumps(results))
"""


def test_datasets_refuses_a_wrong_card(hub, opinions):
    text = (hub / "README.md").read_text("utf-8")
    folders, problems = [], []
    for right, wrong, problem in [
        ("---", "---", ""),
        (f"num_examples: {len(cells('statements'))}\n", "num_examples: 7\n", "NonMatchingSplits"),
        ("name: speaker_id\n", "name: teller_id\n", "CastError"),
        ("path: statements.parquet", "path: nothing.parquet", "nothing.parquet"),
    ]:
        assert right in text
        folders.append(hub.parent / f"hub-{len(folders)}")
        shutil.copytree(hub, folders[-1])
        (folders[-1] / "README.md").write_text(text.replace(right, wrong), "utf-8")
        problems.append(problem)
    found = answer(
        opinions / "python", "-c", DATASETS_FAULTS, *folders,
        HF_HUB_OFFLINE="1", HF_HOME=str(hub.parent / "hf"),
    )  # fmt: skip
    assert found[0] == ""
    for text, problem in zip(found[1:], problems[1:], strict=True):
        assert problem in text


def test_the_card_has_no_relative_link(dist):
    text = (dist / hugging_face.FILE).read_text("utf-8")
    assert re.findall(r"\]\((?!https://)[^)]*\)", text) == []
    assert "## Neutrality and limits\n" in text
    assert "quotations" in text


# CITATION.cff


def check_citation(opinions: Path, path: Path) -> tuple[int, str, str]:
    return run(
        opinions / "check-jsonschema", "--builtin-schema", "vendor.citation-file-format", path
    )


def test_citation_is_valid(opinions, tmp_path):
    code, output, _ = check_citation(opinions, ROOT / "CITATION.cff")
    assert code == 0, output
    for key in ("authors", "title"):
        document = {k: v for k, v in citation.document().items() if k != key}
        (tmp_path / "CITATION.cff").write_text(facts.as_yaml(document), "utf-8")
        code, output, _ = check_citation(opinions, tmp_path / "CITATION.cff")
        assert code == 1
        assert key in output


def test_citation_with_a_doi(opinions, tmp_path, with_doi):
    (tmp_path / "CITATION.cff").write_text(citation.text(), "utf-8")
    code, output, _ = check_citation(opinions, tmp_path / "CITATION.cff")
    assert code == 0, output
    assert yaml.safe_load(citation.text())["doi"] == with_doi


# Agreement

Statements = list[tuple[str, Any]]


def licence(address: str) -> str:
    """SPDX name of a licence from its name in any case, or its address."""
    found = re.fullmatch(r"https://creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)/", address)
    return (f"CC-{found[1]}-{found[2]}" if found else address).upper()


def counts(rows: dict[str, int]) -> Statements:
    return [(f"rows of {name}", count) for name, count in rows.items()]


def in_words(text: str) -> str:
    """An interval that is written out, in ISO 8601."""
    months = ["January", "February", "March", "April", "May", "June", "July", "August"]
    months += ["September", "October", "November", "December"]
    days = re.findall(rf"(\d+) ({'|'.join(months)}) (\d+)", text)
    return "/".join(f"{y}-{months.index(m) + 1:02}-{int(d):02}" for d, m, y in days)


def of_descriptor(text: str) -> Statements:
    d = json.loads(text)
    return [
        ("version", d["version"]),
        ("title", d["title"]),
        ("licence", licence(d["licenses"][0]["name"])),
        ("licence", licence(d["licenses"][0]["path"])),
        ("released", d["created"].removesuffix("T00:00:00Z")),
        ("coverage", in_words(d["description"])),
        ("creators", [c["title"] for c in d["contributors"]]),
    ]


def of_csvw(text: str) -> Statements:
    d = json.loads(text)
    return [
        ("version", d["schema:version"]),
        ("title", d["dc:title"]),
        ("licence", licence(d["dc:license"]["@id"])),
        ("released", d["dc:issued"]),
        ("coverage", d["dc:temporal"]),
        ("creators", d["dc:creator"]),
        *counts({Path(t["url"]).stem: int(t["dc:extent"].split()[0]) for t in d["tables"]}),
        *of_text(d["dc:bibliographicCitation"]),
    ]


def of_croissant(text: str) -> Statements:
    d = json.loads(text)
    return [
        ("version", d["version"]),
        ("title", d["name"]),
        ("licence", licence(d["license"])),
        ("released", d["datePublished"]),
        ("coverage", d["temporalCoverage"]),
        ("coverage", in_words(d["description"])),
        ("creators", [c["name"] for c in d["creator"]]),
        *of_bibtex(d["citeAs"]),
    ]


def of_datacite(text: str) -> Statements:
    d = json.loads(text)
    dates = {date["dateType"]: date["date"] for date in d["dates"]}
    sizes = [re.fullmatch(r"(\d+) rows in (\w+)", size) for size in d["sizes"]]
    return [
        ("version", d["version"]),
        ("title", d["titles"][0]["title"]),
        ("licence", licence(d["rightsList"][0]["rightsIdentifier"])),
        ("licence", licence(d["rightsList"][0]["rightsUri"])),
        ("released", dates["Issued"]),
        ("year", d["publicationYear"]),
        ("coverage", dates["Other"]),
        ("creators", [c["name"] for c in d["creators"]]),
        *counts({size[2]: int(size[1]) for size in sizes if size}),
    ]


def of_schema_org(text: str) -> Statements:
    d = json.loads(text)
    return [
        ("version", d["version"]),
        ("title", d["name"]),
        ("licence", licence(d["license"])),
        ("released", d["datePublished"]),
        ("coverage", d["temporalCoverage"]),
        ("creators", [c["name"] for c in d["creator"]]),
        *counts({size["name"]: size["value"] for size in d["size"]}),
        *of_text(d["creditText"]),
    ]


def of_card(text: str) -> Statements:
    _, front, body = text.split("---\n", 2)
    d = yaml.safe_load(front)
    line = re.search(
        r"^Version (\S+) of (\S+), by (.+)\. The statements are of (\S+)\.$", body, re.M
    )
    counted = re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", body, re.M)
    bibtex = re.search(r"```bibtex\n(.*)\n```", body, re.S)
    assert line
    assert bibtex
    return [
        ("version", d["version"]),
        ("version", line[1]),
        ("title", d["pretty_name"]),
        ("title", re.search(r"^# (.*)$", body, re.M)[1]),
        ("licence", licence(d["license"])),
        ("released", line[2]),
        ("coverage", line[4]),
        ("creators", line[3].split("; ")),
        *counts({i["config_name"]: i["splits"][0]["num_examples"] for i in d["dataset_info"]}),
        *counts({name: int(count.replace(",", "")) for name, count in counted}),
        *of_bibtex(bibtex[1]),
    ]


def of_citation(text: str) -> Statements:
    d = yaml.safe_load(text)
    return [
        ("version", d["version"]),
        ("title", d["title"]),
        ("licence", licence(d["license"])),
        ("released", d["date-released"]),
        ("coverage", in_words(d["abstract"])),
        ("creators", [a["name"] for a in d["authors"]]),
    ]


def of_codebook(text: str) -> Statements:
    line = re.search(r"^To cite it: (.*)\. Released on (\S+) under \[(.*)\]\((.*)\)\.$", text, re.M)
    assert line
    return [
        ("version", text.splitlines()[0].split()[-1]),
        ("coverage", in_words(text.split("\n\n")[1])),
        ("released", line[2]),
        ("licence", licence(line[3])),
        ("licence", licence(line[4])),
        *of_text(line[1]),
    ]


def of_text(text: str) -> Statements:
    found = re.match(r"(.*) \((\d{4})\)\. (.*) \(version (\S+)\) \[Data set\]\. https://", text)
    assert found
    return [
        ("creators", found[1].split("; ")),
        ("year", found[2]),
        ("title", found[3]),
        ("version", found[4]),
    ]


def of_bibtex(text: str) -> Statements:
    d = dict(re.findall(r"^  (\w+) = \{(.*)\},?$", text, re.M))
    return [
        ("version", d["version"]),
        ("title", d["title"].strip("{}")),
        ("year", d["year"]),
        ("creators", [author.strip("{}") for author in d["author"].split(" and ")]),
    ]


def of_csl(text: str) -> Statements:
    (d,) = json.loads(text)
    return [
        ("version", d["version"]),
        ("title", d["title"]),
        ("released", "-".join(f"{part:02}" for part in d["issued"]["date-parts"][0])),
        ("creators", [a["literal"] for a in d["author"]]),
    ]


def of_pyproject(text: str) -> Statements:
    d = tomllib.loads(text)["project"]
    # The code's licence stands before the data's.
    return [
        ("name", d["name"]),
        ("licence", d["license"].split(" AND ")[1]),
        ("creators", [a["name"] for a in d["authors"]]),
    ]


def of_changelog(text: str) -> Statements:
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\] - (\S+)$", text, re.M)
    assert newest
    return [("version", newest[1]), ("released", newest[2])]


READERS: dict[str, Callable[[str], Statements]] = {
    "datapackage.json": of_descriptor,
    csvw.FILE: of_csvw,
    "croissant.json": of_croissant,
    "datacite.json": of_datacite,
    "schema-org.jsonld": of_schema_org,
    hugging_face.FILE: of_card,
    "CITATION.cff": of_citation,
    "CODEBOOK.md": of_codebook,
    "cite: text": of_text,
    "cite: bibtex": of_bibtex,
    "cite: csl": of_csl,
    "pyproject.toml": of_pyproject,
    "CHANGELOG.md": of_changelog,
}


@pytest.fixture(scope="module")
def papers(dist, package) -> dict[str, str]:
    """All that says something about the release, by where it stands."""
    texts = {f"cite: {style}": cite(style) for style in ("text", "bibtex", "csl")}
    texts["pyproject.toml"] = (ROOT / "pyproject.toml").read_text("utf-8")
    with zipfile.ZipFile(package) as file:
        for name in ("datapackage.json", csvw.FILE, "CITATION.cff", "CHANGELOG.md"):
            texts[name] = file.read(name).decode()
        assert file.read("CODEBOOK.md") == (dist / "CODEBOOK.md").read_bytes()
    for name in ("croissant.json", "datacite.json", "schema-org.jsonld", "CODEBOOK.md"):
        texts[name] = (dist / name).read_text("utf-8")
    texts[hugging_face.FILE] = (dist / hugging_face.FILE).read_text("utf-8")
    return texts


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    """The facts, from the one place where each lives."""
    descriptor = json.loads((ROOT / "datapackage.json").read_bytes())
    return {
        "name": descriptor["name"],
        "version": descriptor["version"],
        "title": descriptor["title"],
        "licence": descriptor["licenses"][0]["name"],
        "released": descriptor["created"][:10],
        "year": descriptor["created"][:4],
        "coverage": f"{WINDOW[0]}/{WINDOW[1]}",
        "creators": [c["title"] for c in descriptor["contributors"] if "creator" in c["roles"]],
        **dict(counts({name: len(cells(name)) for name in _package.NAMES})),
    }


def disagreements(papers: dict[str, str], truth: dict[str, Any]) -> dict[str, set[str]]:
    """Facts that papers tell otherwise, by the place of the paper."""
    return {
        place: wrong
        for place, text in papers.items()
        if (wrong := {fact for fact, value in READERS[place](text) if value != truth[fact]})
    }


def test_all_metadata_agree(papers, truth):
    assert papers.keys() == READERS.keys()
    assert disagreements(papers, truth) == {}


FORGERIES: dict[str, Callable[[dict[str, Any]], list[tuple[str, str]]]] = {
    "name": lambda t: [(t["name"], "another-name")],
    "version": lambda t: [(t["version"], "9.8.7")],
    "title": lambda t: [(t["title"], "Another title")],
    "licence": lambda t: [(t["licence"], "CC0-1.0"), ("licenses/by/", "licenses/by-nc/")],
    "released": lambda t: [(t["year"], "2031")],
    "year": lambda t: [(t["year"], "2031")],
    "coverage": lambda t: [(str(WINDOW[0].year), "2019")],
    "creators": lambda t: [(name, "Somebody else") for name in t["creators"]],
    "rows of statements": lambda t: [
        (str(t["rows of statements"]), "7"),
        (f"{t['rows of statements']:,}", "7"),
    ],
}


@pytest.mark.parametrize("fact", FORGERIES)
def test_a_fact_told_otherwise_is_noticed_wherever_it_stands(papers, truth, fact):
    told = {place for place in papers if fact in dict(READERS[place](papers[place]))}
    if fact not in ("name", "year", "rows of statements"):
        assert len(told) >= 7, told
    assert told
    for place in told:
        text = papers[place]
        for right, wrong in FORGERIES[fact](truth):
            # A line may be broken at a space.
            pattern = r"\s+".join(map(re.escape, right.split()))
            text = re.sub(rf"(?<!\w){pattern}", wrong, text, flags=re.IGNORECASE)
        assert text != papers[place], place
        found = disagreements(papers | {place: text}, truth)
        assert fact in found.get(place, ()), (place, found)
