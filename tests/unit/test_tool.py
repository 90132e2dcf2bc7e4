"""The click tool: in click's runner, and once a command as a real process."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from donbas_recognition import __version__, _package, _versions, fingerprint
from scripts import build
from scripts.__main__ import COMMANDS, main
from scripts.artefacts import archive as packing
from scripts.sample import deciding
from tests.conftest import ROOT, Case

PASSAGE = "Leaders of two breakaway regions asked the president to recognise them today"


def run(*args: str, code: int = 0, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(main, list(args), input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def process(*args: str, code: int = 0, cwd: Path = ROOT, stdin: str = "") -> str:
    environment = {k: v for k, v in os.environ.items() if k != "DONBAS_TEXTS"}
    environment["PYTHONPATH"] = os.pathsep.join([str(cwd / "src"), str(cwd)])
    done = subprocess.run(
        [sys.executable, "-m", "scripts", *args],
        cwd=cwd, env=environment, input=stdin, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / f"data/{table}.csv").read_text("utf-8"))))


def sheet(folder: Path, *records: object) -> str:
    path = folder / "sheet.jsonl"
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def spoil(folder: Path) -> None:
    """Break one cell: positions, line 3, column position."""
    path = folder / "data" / "positions.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    lines[2] = lines[2].rpartition(",")[0] + ",rises\n"
    path.write_text("".join(lines), "utf-8")


# All commands


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command):
    text = run(command, "--help").output
    assert len(text.split()) > 30
    assert run(command, "-h").output == text


def test_help_of_the_whole():
    text = run("--help").output
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\S", text, re.MULTILINE), command
    assert "Exit codes" in text


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "wrong", [["--nonsense"], ["a", "b", "c", "d"], ["--texts", "/no/such"], ["--most", "x"]]
)
def test_a_wrong_call(command, wrong, checkout):
    before = contents(checkout)
    result = run(command, *wrong, code=2)
    assert "Error" in result.output or "Usage" in result.output
    assert contents(checkout) == before


def test_an_unknown_command():
    assert "No such command" in run("chekc", code=2).output


# check


def test_check_of_valid_data(checkout):
    result = run("check")
    assert result.output.strip() == "data: nothing found"
    assert json.loads(run("check", "--json").stdout) == []
    assert run("check", "--format", "github").stdout == ""
    assert json.loads(run("check", "--format", "sarif").stdout)["runs"][0]["results"] == []


def test_check_says_place_value_and_remedy(checkout):
    spoil(checkout)
    (line,) = [x for x in run("check", code=1).stdout.splitlines() if "schema-enum" in x]
    assert line.startswith("data/positions.csv:3:position: [st-0002 dm-0002] schema-enum 'rises'")
    assert "Did you mean 'raises'" in line
    result = run("check", code=1)
    assert re.search(r"^data: \d+ errors? in \d+ files?$", result.stderr, re.MULTILINE)


def test_check_in_every_format(checkout):
    spoil(checkout)
    found = json.loads(run("check", "--json", code=1).stdout)
    (enum,) = [f for f in found if f["rule"] == "schema-enum"]
    assert (enum["file"], enum["line"], enum["column"]) == ("data/positions.csv", 3, "position")
    assert (enum["value"], enum["row_id"]) == ("rises", "st-0002 dm-0002")
    github = run("check", "--format", "github", code=1).stdout.splitlines()
    assert len(github) == len(found)
    form = re.compile(r"::(error|warning) file=[^,:]+(,line=\d+)?,title=[\w-]+::\S.*")
    assert all(form.fullmatch(line) for line in github)
    log = json.loads(run("check", "--format", "sarif", code=1).stdout)
    assert log["version"] == "2.1.0"
    (one,) = log["runs"]
    described = {rule["id"] for rule in one["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in one["results"]} == described
    (result,) = [r for r in one["results"] if r["ruleId"] == "schema-enum"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "data/positions.csv"
    assert place["region"]["startLine"] == 3


def test_check_of_a_folder_and_a_zip(checkout, case, tmp_path):
    assert run("check", str(case.write())).output.endswith("nothing found\n")
    spoil(case.folder)
    wanted = [
        f["row_id"] for f in json.loads(run("check", str(case.folder), "--json", code=1).stdout)
    ]
    packing.write_zip(tmp_path / "x.zip", contents(case.folder))
    found = json.loads(run("check", str(tmp_path / "x.zip"), "--json", code=1).stdout)
    assert [f["row_id"] for f in found] == wanted


def test_check_of_what_is_not_there(tmp_path):
    assert "does not exist" in run("check", str(tmp_path / "none"), code=2).output
    (tmp_path / "text").write_text("x")
    assert "neither a folder nor a zip" in run("check", str(tmp_path / "text"), code=2).output


def test_warnings_do_not_fail(case):
    case.add("actors", like="nato", actor_id="osce", name="OSCE", wikidata_qid="", cameo_code="",
             gw_code="", ucdp_actor_id="")  # fmt: skip
    result = run("check", str(case.write()))
    assert "R02" in result.stdout
    assert "warning" in result.stderr


def test_check_with_texts(checkout, tmp_path):
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "src-0001.txt").write_text("nothing of the article", "utf-8")
    os.mkfifo(texts / "src-0002.txt")  # must not make it wait
    assert "R19" in run("check", "--texts", str(texts), code=1).stdout
    (texts / "src-0001.txt").write_bytes(b"\xff")
    assert "not UTF-8" in run("check", "--texts", str(texts), code=2).output


# format


def test_format_mends_and_is_idempotent(checkout):
    path = checkout / "data" / "positions.csv"
    canonical = path.read_bytes()
    header, *lines = canonical.decode().splitlines()
    path.write_text(
        "\ufeff" + "\r\n".join([header, *reversed(lines)]) + "\r\n", "utf-8", newline=""
    )
    wild = path.read_bytes()
    assert "would format data/positions.csv" in run("format", "--check", code=1).stdout
    assert path.read_bytes() == wild
    assert run("format").stdout == "formatted data/positions.csv\n"
    assert path.read_bytes() == canonical
    before = path.stat().st_mtime_ns
    assert "canonical" in run("format").stderr
    assert path.stat().st_mtime_ns == before
    run("format", "--check")


def test_format_refuses_and_writes_nothing(checkout):
    data = checkout / "data"
    (data / "actors.csv").write_bytes(b"\xef\xbb\xbf" + (data / "actors.csv").read_bytes())
    with (data / "positions.csv").open("a", encoding="utf-8") as file:
        file.write("st-0002\n")
    before = contents(checkout)
    assert re.search(r"data/positions\.csv:\d+: the row has 1 cells", run("format", code=2).output)
    assert contents(checkout) == before
    (data / "positions.csv").unlink()
    assert "positions.csv" in run("format", code=2).output


# fingerprint


def test_fingerprint_from_everywhere(tmp_path):
    mark = fingerprint(PASSAGE)
    wanted = f"{mark.words},{mark.sha256}\n"
    assert run("fingerprint", PASSAGE).stdout == wanted
    (tmp_path / "p.txt").write_text(PASSAGE.upper().replace(" ", "\n«"), "utf-8")
    assert run("fingerprint", "--file", str(tmp_path / "p.txt")).stdout == wanted
    assert run("fingerprint", stdin=PASSAGE).stdout == wanted
    assert json.loads(run("fingerprint", "--json", PASSAGE).stdout) == mark._asdict()


def test_fingerprint_refuses(tmp_path):
    assert "has 3 words" in run("fingerprint", "only three words", code=2).output
    assert "has 0 words" in run("fingerprint", code=2, stdin="").output
    (tmp_path / "p.txt").write_bytes(b"\xff\xfe\xff")
    assert "utf-8" in run("fingerprint", "--file", str(tmp_path / "p.txt"), code=2).output.lower()
    both = ("fingerprint", PASSAGE, "--file", str(tmp_path / "p.txt"))
    assert "not both" in run(*both, code=2).output
    run("fingerprint", "--file", str(tmp_path / "none"), code=2)


# add


def worksheet(folder: Path) -> list[dict[str, object]]:
    """A source with a statement, after the example's own."""
    source, statement, mention = (
        next(r for r in rows(folder, table) if r[key] == id)
        for table, key, id in [
            ("sources", "source_id", "src-0001"),
            ("statements", "statement_id", "st-0001"),
            ("mentions", "statement_id", "st-0001"),
        ]
    )
    spoken = {
        k: v for k, v in mention.items() if v and not k.startswith("passage") and k != "mention_id"
    }
    return [
        {"t": "sources"} | source | {"source_id": "a", "url": "https://example.org/a"},
        {"t": "statements"} | statement | {"statement_id": "s1"},
        {"t": "mentions"}
        | spoken
        | {"statement_id": "s1", "source_id": "a", "passage": PASSAGE * 4},
        {"t": "demands", "demand_id": "d1"}
        | {k: v for k, v in rows(folder, "demands")[0].items() if k != "demand_id"},
        {"t": "positions", "statement_id": "s1", "demand_id": "d1", "position": "raises"},
    ]


def test_add_gives_ids_to_local_keys(checkout, tmp_path):
    last = {table: len(rows(checkout, table)) for table in _package.NAMES}
    result = run("add", sheet(tmp_path, *worksheet(checkout)))
    assert "     1 statements" in result.stdout
    statement = rows(checkout, "statements")[-1]
    position = [
        r for r in rows(checkout, "positions") if r["statement_id"] == statement["statement_id"]
    ]
    assert [r["demand_id"] for r in position] == [rows(checkout, "demands")[-1]["demand_id"]]
    mention = rows(checkout, "mentions")[-1]
    assert mention["statement_id"] == statement["statement_id"]
    assert mention["source_id"] == rows(checkout, "sources")[-1]["source_id"] != "a"
    mark = fingerprint(PASSAGE * 4)
    assert (mention["passage_words"], mention["passage_sha256"]) == (str(mark.words), mark.sha256)
    for table in ("sources", "statements", "mentions", "demands", "positions"):
        assert len(rows(checkout, table)) == last[table] + 1
    run("check")
    run("format", "--check")


def test_add_is_all_or_nothing(checkout, tmp_path):
    before = contents(checkout)
    records = worksheet(checkout)
    records[1]["act"] = "rekwest"
    result = run("add", sheet(tmp_path, *records), code=1)
    assert "schema-enum" in result.stdout
    assert "is 's1' of the worksheet" in result.stdout
    assert "nothing was written" in result.stderr
    assert contents(checkout) == before


def test_add_says_which_line_is_no_record(checkout, tmp_path):
    before = contents(checkout)
    for bad in ("{nonsense", '{"statement_id": "s1"}', '{"t": "statements", "spaeker_id": "x"}'):
        result = run("add", sheet(tmp_path, *worksheet(checkout)[:2], bad), code=2)
        assert "sheet.jsonl:3" in result.output
    assert contents(checkout) == before
    run("add", code=2)
    run("add", str(tmp_path / "none.jsonl"), code=2)


def test_add_takes_known_sources_for_what_they_are(checkout, tmp_path):
    source, *rest = worksheet(checkout)
    source["url"] = rows(checkout, "sources")[0]["url"]
    run("add", sheet(tmp_path, source, *rest))
    assert len(rows(checkout, "sources")) == 1
    assert rows(checkout, "mentions")[-1]["source_id"] == "src-0001"


def test_sources_without_address_are_not_the_same(checkout, tmp_path):
    from scripts.add import merged

    source = worksheet(checkout)[0] | {"url": ""}
    del source["t"]
    _, given = merged([("sources", source), ("sources", source | {"source_id": "b"})])
    assert len(set(given["sources"].values())) == 2


def test_add_copies_texts(checkout, tmp_path):
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.txt").write_text(f"… {PASSAGE * 4} …", "utf-8")
    records = worksheet(checkout)
    records[2] |= {"mode": "indirect", "quote": "", "quote_language": "", "translated": ""}
    run("add", "--texts", str(texts), sheet(tmp_path, *records))
    id = rows(checkout, "sources")[-1]["source_id"]
    assert (texts / f"{id}.txt").read_text("utf-8") == (texts / "a.txt").read_text("utf-8")


# new


def test_new_gives_the_next_ids(checkout):
    last = rows(checkout, "statements")[-1]["statement_id"]
    number = int(last[3:])
    wanted = [f"st-{number + i:04d}" for i in (1, 2)]
    before = contents(checkout)
    assert run("new", "statements", "--count", "2").stdout.split() == wanted
    assert contents(checkout) == before
    with (checkout / "data" / "retired_ids.csv").open("a", encoding="utf-8") as file:
        file.write(f"statements,{wanted[0]},0.1.0,,A mistake\n")
    assert run("new", "statements").stdout.split() == wanted[1:]
    assert run("new", "statements", "--write").stdout.split() == wanted[1:]
    assert rows(checkout, "statements")[-1]["statement_id"] == wanted[1]
    assert "schema-required" in run("check", code=1).stdout
    run("format", "--check")


def test_new_refuses(checkout):
    run("new", "actors", code=2)
    run("new", "statement", code=2)
    run("new", "statements", "--count", "0", code=2)
    (checkout / "data" / "statements.csv").write_text("a,b\n")
    assert "statements.csv" in run("new", "statements", code=2).output


# show


def test_show_a_record_with_all_that_hangs_on_it(checkout):
    text = run("show", "st-0001").stdout
    assert text.startswith("statements st-0001\n")
    assert "leonid-pasechnik" in text
    found = json.loads(run("show", "st-0001", "--json").stdout)
    assert found["table"] == "statements"
    assert found["row"]["statement_id"] == "st-0001"
    assert {"mentions.statement_id", "positions.statement_id"} <= found["used_by"].keys()
    assert "more (--most)" in run("show", "vladimir-putin", "--most", "1").stdout


def test_show_what_is_not_there(checkout):
    assert "Did you mean 'vladimir-putin'" in run("show", "vladimir-puttin", code=2).output
    assert "no row has or had the id ''" in run("show", "", code=2).output
    with (checkout / "data" / "retired_ids.csv").open("a", encoding="utf-8") as file:
        file.write("statements,st-9998,0.1.0,,Never said\n")
        file.write("statements,st-9999,0.1.0,st-0001,A double\n")
    result = run("show", "st-9999")
    assert result.stdout == run("show", "st-0001").stdout
    assert "st-9999 was retired, st-0001 stands for it" in result.stderr
    assert "nothing stands for it: Never said" in run("show", "st-9998", code=2).output


def test_show_the_source_of_an_address(checkout):
    shown = run("show", "src-0001").stdout
    address = next(r["url"] for r in rows(checkout, "sources") if r["source_id"] == "src-0001")
    bare = address.removeprefix("https://www.").upper()
    for one in (address, f"{address}/#top", address.replace("https://www.", "http://")):
        result = run("show", one)
        assert result.stdout == shown
        assert result.stderr == ""
    assert "no source has the address" in run("show", f"https://{bare}x", code=2).output


# sample


def test_sample_draws_units_without_codes(checkout, tmp_path, article):
    hand = tmp_path / "texts"
    hand.mkdir()
    (hand / "src-0001.txt").write_text(article, "utf-8")
    units, codes = tmp_path / "units.jsonl", tmp_path / "first.csv"

    def draw(seed: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        run("sample", "12", "--seed", seed, "--units", str(units), "--codes", str(codes),
            "--texts", str(hand))  # fmt: skip
        with codes.open(encoding="utf-8", newline="") as file:
            return [json.loads(line) for line in units.open(encoding="utf-8")], [
                *csv.DictReader(file)
            ]

    drawn, first = draw("1")
    assert (drawn, first) == draw("1")
    assert [r["statement_id"] for r in first] != [r["statement_id"] for r in draw("2")[1]]
    assert (
        [u["unit"] for u in drawn] == [r["unit"] for r in first] == sorted(u["unit"] for u in drawn)
    )
    mentions = {r["statement_id"]: r for r in rows(checkout, "mentions")}
    statements = {r["statement_id"]: r for r in rows(checkout, "statements")}
    for unit, row in zip(drawn, first, strict=True):
        passage = unit["text"].partition("⟦")[2].partition("⟧")[0]
        mention, statement = mentions[row["statement_id"]], statements[row["statement_id"]]
        mark = (int(mention["passage_words"]), mention["passage_sha256"])
        assert fingerprint(passage) == mark
        assert unit["text"].replace("⟦", "").replace("⟧", "") == article
        assert row["act"] == statement["act"]
        assert row["relay"] == mention["relay_id"]
        assert not {"act", "speaker", "summary", "relay", "mode"} & unit.keys()


def test_sample_takes_the_most_direct_mention():
    rows = [
        {"mention_id": "mn-00001", "statement_id": "st-0001", "mode": "indirect"},
        {"mention_id": "mn-00003", "statement_id": "st-0001", "mode": "direct_quote"},
        {"mention_id": "mn-00002", "statement_id": "st-0001", "mode": "direct_quote"},
        {"mention_id": "mn-00004", "statement_id": "st-0002", "mode": "attitude"},
    ]
    found = {id: row["mention_id"] for id, row in deciding(rows).items()}
    assert found == {"st-0001": "mn-00002", "st-0002": "mn-00004"}


def test_sample_refuses(checkout, tmp_path, article):
    hand = tmp_path / "texts"
    hand.mkdir()
    call = ["sample", "99", "--seed", "1", "--codes", str(tmp_path / "codes.csv"), "--units"]
    outside = str(tmp_path / "units.jsonl")
    assert "no texts at hand" in run(*call, outside, "--texts", str(hand), code=2).output
    (hand / "src-0001.txt").write_text(article, "utf-8")
    few = run(*call, outside, "--texts", str(hand), code=2).output
    assert "only 19 statements" in few
    inside = str(checkout / "units.jsonl")
    assert "must hold no texts" in run(*call, inside, "--texts", str(hand), code=2).output
    assert not Path(outside).exists()
    assert not Path(inside).exists()


# stats


def test_stats_add_up(checkout):
    found = json.loads(run("stats", "--json").stdout)
    count = found["rows"]
    assert count == {table: len(rows(checkout, table)) for table in _package.NAMES}
    assert found["mentions"] == {"all": count["mentions"], "unchecked": count["mentions"]}
    assert sum(found["statements_by_topic"].values()) == count["statements"]
    assert sum(found["statements_by_day"].values()) == count["statements"]
    assert sum(found["languages"].values()) == count["sources"]
    assert sum(found["independent_sources"]["statements"].values()) == count["statements"]
    text = run("stats").stdout
    for table, number in count.items():
        assert re.search(rf"^  {table} +{number}\b", text, re.MULTILINE), table


def test_stats_of_empty_tables(checkout):
    for path in (checkout / "data").glob("*.csv"):
        path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    run("stats")
    assert set(json.loads(run("stats", "--json").stdout)["rows"].values()) == {0}


# docs


def test_docs_are_checked_and_written(checkout):
    run("docs")
    run("docs", "--check")
    book = checkout / "docs" / "codebook.md"
    text = book.read_bytes()
    book.write_text("stale", "utf-8")
    assert run("docs", "--check", code=1).stdout == "stale docs/codebook.md\n"
    assert book.read_text("utf-8") == "stale"
    assert run("docs").stdout == "wrote docs/codebook.md\n"
    assert book.read_bytes() == text
    citation = checkout / "CITATION.cff"
    text = citation.read_bytes()
    citation.write_text("version: 9.9.9\n", "utf-8")
    assert run("docs").stdout == "wrote CITATION.cff\n"
    assert citation.read_bytes() == text
    manual = checkout / "docs" / "coding-manual.md"
    manual.write_text(manual.read_text("utf-8").replace("<!-- end -->", ""), "utf-8")
    assert "has no <!-- end -->" in run("docs", code=2).output


# build


def test_build_stops_at_a_finding(checkout):
    (checkout / "dist").mkdir()
    (checkout / "dist" / "SHA256SUMS").write_text("old")
    spoil(checkout)
    before = contents(checkout)
    result = run("build", code=1)
    assert "schema-enum" in result.stdout
    assert "nothing was built" in result.stderr
    assert contents(checkout) == before


@pytest.fixture
def quick(monkeypatch):
    """Of the artefacts only the data package, without the second opinion; the first release."""
    monkeypatch.setattr(packing, "second_opinion", lambda *_: None)
    makers = {"data package": packing.make}
    monkeypatch.setattr(build, "MAKERS", makers)
    monkeypatch.setattr(_versions, "_registry", lambda: {"mirrors": [], "releases": {}})
    return makers


@pytest.mark.parametrize("step", ["data package", "another", "checksums"])
def test_a_failing_step_leaves_the_last_dist(checkout, monkeypatch, quick, step):
    (checkout / "dist").mkdir()
    (checkout / "dist" / "SHA256SUMS").write_text("old")
    before = contents(checkout)

    def fail(*_: object) -> None:
        raise ValueError("it failed")

    if step == "checksums":
        monkeypatch.setattr(build, step, fail)
    else:
        quick[step] = fail
    assert "it failed" in run("build", code=2).output
    assert contents(checkout) == before
    assert [p.name for p in checkout.iterdir() if p.name.startswith(".dist")] == []


def test_build_refuses_papers_of_another_version(checkout):
    for name in ("CHANGELOG.md", "CITATION.cff", "docs/codebook.md"):
        text = (checkout / name).read_text("utf-8")
        (checkout / name).write_text(text.replace(__version__, "9.9.9"), "utf-8")
        assert name in run("build", code=2).output
        (checkout / name).write_text(text, "utf-8")
    assert not (checkout / "dist").exists()


def test_build_replaces_only_its_own_folder(checkout, quick):
    (checkout / "dist").mkdir()
    (checkout / "dist" / "mine.txt").write_text("x")
    assert "holds other things" in run("build", code=2).output
    (checkout / "dist" / "mine.txt").rename(checkout / "dist" / "SHA256SUMS")
    (checkout / "dist" / "stale.whl").write_text("x")
    sizes = json.loads(run("build", "--json").stdout)
    assert sizes.keys() == {p.name for p in (checkout / "dist").iterdir()}
    assert "stale.whl" not in sizes
    run("build", "--out", str(checkout / "new" / "folder"))
    assert (checkout / "new" / "folder" / "SHA256SUMS").exists()
    (checkout / "file").write_text("x")
    run("build", "--out", str(checkout / "file"), code=2)


def test_the_second_opinion_counts_and_complains(checkout, tmp_path):
    files = packing.package_files(checkout)
    packing.write_zip(tmp_path / "good.zip", files)
    packing.second_opinion(tmp_path / "good.zip")
    bad = files | {"data/positions.csv": b"statement_id,demand_id,position\nst-0001,dm-0001,x\n"}
    packing.write_zip(tmp_path / "bad.zip", bad)
    with pytest.raises(ValueError, match="frictionless finds"):
        packing.second_opinion(tmp_path / "bad.zip")
    content = json.loads(files["datapackage.json"])
    content["resources"] = [r for r in content["resources"] if r["name"] == "actors"]
    few = files | {"datapackage.json": json.dumps(content).encode()}
    packing.write_zip(tmp_path / "few.zip", few)
    with pytest.raises(ValueError, match=r"frictionless"):
        packing.second_opinion(tmp_path / "few.zip")


# Real processes


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_a_terminal_that_lacks_letters(encoding):
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "scripts", "stats"],
        cwd=ROOT, env=environment, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"speakers" in done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the code with the example's data, for real processes."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("src", "scripts", "schemas", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "datapackage.json", folder)
    Case(folder).write()
    return folder


def test_processes(copy, tmp_path):
    process("--help", cwd=copy)
    assert process("check", cwd=copy) == ""
    assert json.loads(process("check", "--json", cwd=copy)) == []
    process("format", "--check", cwd=copy)
    mark = fingerprint(PASSAGE)
    assert process("fingerprint", cwd=copy, stdin=PASSAGE) == f"{mark.words},{mark.sha256}\n"
    process("fingerprint", "short", code=2, cwd=copy)
    assert process("show", "st-0001", cwd=copy).startswith("statements st-0001\n")
    assert "statements" in process("stats", cwd=copy)
    process("docs", cwd=copy)
    process("docs", "--check", cwd=copy)
    process("check", str(tmp_path / "none"), code=2, cwd=copy)
    number = len(rows(copy, "statements"))
    (id,) = process("new", "statements", "--write", cwd=copy).split()
    assert len(rows(copy, "statements")) == number + 1
    assert f"[{id}]" in process("check", code=1, cwd=copy)
    process("build", code=1, cwd=copy)
    assert not (copy / "dist").exists()
