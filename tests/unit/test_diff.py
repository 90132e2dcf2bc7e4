"""What changed: every kind of change is named, and asks for the step that the manual says."""

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import donbas_recognition as dr
from donbas_recognition import _package, _versions
from donbas_recognition._csv import canonical
from donbas_recognition._diff import smallest_version
from scripts import build, changes, revisions
from scripts.__main__ import main
from tests.conftest import Case

Rows = list[list[str]]
CATEGORIES = [
    {"value": "a", "label": "A", "description": "The first."},
    {"value": "b", "label": "B", "description": "The second."},
]


def field(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "string", "description": "x"} | more


def key(column: str, table: str) -> dict[str, Any]:
    return {"fields": [column], "reference": {"resource": table, "fields": [column]}}


class Small:
    """A small package: things with ids, pairs of things, tombstones."""

    def __init__(self, version: str = "1.0.0") -> None:
        self.version = version
        self.schemas: dict[str, dict[str, Any]] = {
            "things": {
                "name": "things",
                "title": "Things",
                "fields": [
                    field("thing_id"),
                    field("kind", categories=deepcopy(CATEGORIES)),
                    field("size", type="integer", constraints={"minimum": 0, "required": True}),
                    field("note", substantive=False),
                ],
                "missingValues": [""],
                "primaryKey": ["thing_id"],
            },
            "pairs": {
                "name": "pairs",
                "fields": [field("from_id"), field("to_id"), field("kind")],
                "primaryKey": ["from_id", "to_id"],
                "foreignKeys": [key("from_id", "things")],
            },
            "retired_ids": {
                "name": "retired_ids",
                "fields": [field("table"), field("id"), field("replaced_by")],
                "primaryKey": ["table", "id"],
            },
        }
        self.rows: dict[str, Rows] = {
            "things": [["t1", "a", "1", ""], ["t2", "b", "2", "x"], ["t3", "", "3", ""]],
            "pairs": [["t1", "t2", "y"], ["t2", "t3", "z"]],
            "retired_ids": [["things", "t0", "t1"]],
        }

    def field(self, table: str, column: str) -> dict[str, Any]:
        return next(f for f in self.schemas[table]["fields"] if f["name"] == column)

    def add_column(self, table: str, cells: list[str], **more: Any) -> None:
        self.schemas[table]["fields"].append(field(**more))
        for row, cell in zip(self.rows[table], cells, strict=True):
            row.append(cell)

    def drop_column(self, table: str, column: str) -> None:
        fields = self.schemas[table]["fields"]
        place = [f["name"] for f in fields].index(column)
        del fields[place]
        for row in self.rows[table]:
            del row[place]

    def zip(self, folder: Path) -> Path:
        resources = [
            {"name": n, "path": f"data/{n}.csv", "schema": f"schemas/{n}.json"}
            for n in self.schemas
        ]
        path = folder / f"{id(self)}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            descriptor = {"name": "small", "version": self.version, "resources": resources}
            archive.writestr("datapackage.json", json.dumps(descriptor))
            for name, schema in self.schemas.items():
                archive.writestr(f"schemas/{name}.json", json.dumps(schema))
                header = [f["name"] for f in schema["fields"]]
                archive.writestr(f"data/{name}.csv", canonical([header, *self.rows[name]]))
        return path


def compared(folder: Path, change: Callable[[Small], object]) -> dr.Diff:
    one, two = Small(), Small()
    change(two)
    return dr.diff(one.zip(folder), two.zip(folder))


def test_nothing_changed(tmp_path):
    found = compared(tmp_path, lambda _: None)
    assert found.bump is None
    assert found.changes.empty
    assert found.schema.empty
    assert found.vocabulary.empty
    assert found.smallest == "1.0.1"
    assert "nothing changed" in repr(found)


# Each kind of change, the step that it asks for, and words of the reason.


def rename(s: Small, table: str, old: str, new: str) -> None:
    s.field(table, old)["name"] = new


def constraint(column: str, **values: Any) -> Callable[[Small], None]:
    def change(s: Small) -> None:
        constraints = s.field("things", column).setdefault("constraints", {})
        for name, value in values.items():
            constraints[name] = value
            if value is None:
                del constraints[name]

    return change


def member(**words: str) -> Callable[[Small], None]:
    return lambda s: s.field("things", "kind")["categories"][0].update(words)


def new_table(s: Small) -> None:
    s.schemas["more"] = {"name": "more", "fields": [field("id")], "primaryKey": ["id"]}
    s.rows["more"] = [["m1"]]


def no_table(s: Small) -> None:
    del s.schemas["pairs"]


def retire(s: Small) -> None:
    del s.rows["things"][2]
    s.rows["retired_ids"].append(["things", "t3", ""])


KINDS: list[tuple[str, Callable[[Small], object], str]] = [
    ("rows added: 1 things", lambda s: s.rows["things"].append(["t4", "", "1", ""]), "minor"),
    ("rows retired: 1 things", retire, "minor"),
    ("rows vanished: 1 things", lambda s: s.rows["things"].pop(), "major"),
    ("rows vanished: 1 retired_ids", lambda s: s.rows["retired_ids"].pop(), "major"),
    ("rows removed: 1 pairs", lambda s: s.rows["pairs"].pop(), "minor"),
    ("cells changed: 1 things.size", lambda s: s.rows["things"][0].__setitem__(2, "9"), "minor"),
    ("cells changed: 1 things.note", lambda s: s.rows["things"][0].__setitem__(3, "9"), "patch"),
    ("cells changed: 1 pairs.kind", lambda s: s.rows["pairs"][0].__setitem__(2, ""), "minor"),
    ("table added: more", new_table, "minor"),
    ("table removed: pairs", no_table, "major"),
    ("column removed: things.note", lambda s: s.drop_column("things", "note"), "major"),
    ("column renamed: things.remark, before note", lambda s: rename(s, "things", "note", "remark"),
     "major"),
    ("column renamed: things.id, before thing_id",
     lambda s: (rename(s, "things", "thing_id", "id"),
                s.schemas["things"].update(primaryKey=["id"])), "major"),
    ("column added: things.new", lambda s: s.add_column("things", ["", "", ""], name="new"),
     "minor"),
    ("column added: pairs.new",
     lambda s: s.add_column("pairs", ["1", "2"], name="new", constraints={"required": True}),
     "major"),
    ("type changed in things.size", lambda s: s.field("things", "size").update(type="number"),
     "major"),
    ("unit added in things.size", lambda s: s.field("things", "size").update(unit="km"), "major"),
    ("description changed in things.size",
     lambda s: s.field("things", "size").update(description="y"), "patch"),
    ("title changed in things", lambda s: s.schemas["things"].update(title="T"), "patch"),
    ("missingValues changed in things",
     lambda s: s.schemas["things"].update(missingValues=["", "NA"]), "major"),
    ("substantive removed in things.note", lambda s: s.field("things", "note").pop("substantive"),
     "minor"),
    ("order of columns changed in pairs",
     lambda s: (s.schemas["pairs"]["fields"].reverse(), [r.reverse() for r in s.rows["pairs"]]),
     "minor"),
    ("primaryKey changed in pairs",
     lambda s: s.schemas["pairs"].update(primaryKey=["from_id", "to_id", "kind"]), "major"),
    ("uniqueKeys added in things", lambda s: s.schemas["things"].update(uniqueKeys=[["size"]]),
     "major"),
    ("foreignKeys removed in pairs", lambda s: s.schemas["pairs"].update(foreignKeys=[]), "minor"),
    ("foreignKeys added in pairs",
     lambda s: s.schemas["pairs"]["foreignKeys"].append(key("to_id", "things")), "major"),
    ("minimum changed in things.size", constraint("size", minimum=1), "major"),
    ("minimum changed in things.size", constraint("size", minimum=-1), "minor"),
    ("minimum removed in things.size", constraint("size", minimum=None), "minor"),
    ("maximum added in things.size", constraint("size", maximum=9), "major"),
    ("required removed in things.size", constraint("size", required=None), "minor"),
    ("required changed in things.size", constraint("size", required=False), "minor"),
    ("required added in things.note", constraint("note", required=True), "major"),
    ("unique added in things.size", constraint("size", unique=True), "major"),
    ("pattern added in things.note", constraint("note", pattern="x*"), "major"),
    ("value added in things.kind: c",
     lambda s: s.field("things", "kind")["categories"].append({"value": "c"}), "minor"),
    ("value removed in things.kind: b", lambda s: s.field("things", "kind")["categories"].pop(),
     "major"),
    ("value redefined in things.kind: a", member(description="Something else."), "major"),
    ("value reworded in things.kind: a", member(description="The First"), "patch"),
    ("value reworded in things.kind: a", member(label="One"), "patch"),
    ("order of values changed in things.kind",
     lambda s: s.field("things", "kind")["categories"].reverse(), "minor"),
    ("vocabulary removed in things.kind", lambda s: s.field("things", "kind").pop("categories"),
     "major"),
    ("vocabulary added in pairs.kind",
     lambda s: s.field("pairs", "kind").update(categories=CATEGORIES), "major"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "change", "bump"), KINDS, ids=[f"{bump} {reason}" for reason, _, bump in KINDS]
)
def test_each_kind_of_change_asks_for_its_step(tmp_path, reason, change, bump):
    found = compared(tmp_path, change)
    assert found.bump == bump
    reasons = dict(zip(found.reasons["reason"], found.reasons["bump"], strict=True))
    assert reasons[reason] == bump
    allowed = {"major": "2.0.0", "minor": "1.1.0", "patch": "1.0.1"}
    assert found.smallest == allowed[bump]
    for style in changes.FORMATS.values():
        assert style(found, 10)


def test_the_gravest_change_decides(tmp_path):
    def change(s: Small) -> None:
        s.rows["things"][0][3] = "patch"
        s.rows["things"].append(["t4", "", "1", ""])

    found = compared(tmp_path, change)
    assert found.reasons["bump"].tolist() == ["minor", "patch"]
    assert found.bump == "minor"


def test_a_table_of_ids_that_goes_takes_its_ids_along(tmp_path):
    def change(s: Small) -> None:
        del s.schemas["things"]

    assert compared(tmp_path, change).vanished["id"].tolist() == ["t1", "t2", "t3"]


def test_rows_are_matched_by_a_renamed_key(tmp_path):
    def change(s: Small) -> None:
        rename(s, "things", "thing_id", "id")
        s.schemas["things"]["primaryKey"] = ["id"]
        s.rows["things"][1][2] = "7"

    (line,) = changes.records(compared(tmp_path, change).changes)
    wanted = {"table": "things", "id": "t2", "change": "changed", "column": "size"}
    assert line == wanted | {"old": "2", "new": "7"}


def test_a_column_that_differs_anywhere_is_not_renamed(tmp_path):
    def change(s: Small) -> None:
        rename(s, "things", "note", "remark")
        s.rows["things"][0][3] = "new"

    found = compared(tmp_path, change)
    assert found.schema["change"].tolist() == ["removed", "added"]
    cells = found.changes[["id", "column", "new"]].to_numpy().tolist()
    assert cells == [["t1", "remark", "new"], ["t2", "remark", "x"]]


@pytest.mark.parametrize(
    ("old", "bump", "smallest"),
    [
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", None, "1.2.4"),
        ("0.2.3", "major", "0.3.0"),
        ("0.2.3", "minor", "0.3.0"),
        ("0.2.3", "patch", "0.2.4"),
    ],
)
def test_the_smallest_version(old, bump, smallest):
    assert smallest_version(old, bump) == smallest


# Properties: the changes, applied to the old rows, give the new ones.

WORDS = st.sampled_from(["", "x", "y", "a, b", 'q"q', "line\nbreak", "ä"])
IDS = st.sampled_from([f"t{i}" for i in range(6)])
THINGS = st.dictionaries(IDS, st.tuples(WORDS, WORDS, WORDS), max_size=6)
PAIRS = st.dictionaries(st.tuples(IDS, IDS), WORDS, max_size=6)


@st.composite
def packages(draw: st.DrawFn) -> tuple[Small, Small]:
    one, two = Small(), Small()
    for package in (one, two):
        package.rows["things"] = [[id, *cells] for id, cells in sorted(draw(THINGS).items())]
        package.rows["pairs"] = [[*ids, kind] for ids, kind in sorted(draw(PAIRS).items())]
        package.rows["retired_ids"] = []
    gone = {row[0] for row in one.rows["things"]} - {row[0] for row in two.rows["things"]}
    two.rows["retired_ids"] = [["things", id, ""] for id in sorted(gone) if draw(st.booleans())]
    return one, two


def applied(found: dr.Diff, old: Small, new: Small) -> dict[str, Rows]:
    result = {}
    for table, schema in old.schemas.items():
        columns, size = [f["name"] for f in schema["fields"]], len(schema["primaryKey"])
        rows = {" ".join(row[:size]): list(row) for row in old.rows[table]}
        later = {" ".join(row[:size]): row for row in new.rows[table]}
        for line in changes.records(found.changes[found.changes["table"] == table]):
            if line["change"] == "added":
                assert line["id"] not in rows
                rows[line["id"]] = later[line["id"]]
            elif line["change"] == "changed":
                place = columns.index(line["column"])
                assert rows[line["id"]][place] == (line["old"] or "")
                rows[line["id"]][place] = line["new"] or ""
            else:
                del rows[line["id"]]
        result[table] = sorted(rows.values(), key=lambda row: row[:size])
    return result


@settings(max_examples=30, deadline=None)
@given(pair=packages())
def test_applying_the_changes_gives_the_new_rows(tmp_path_factory, pair):
    old, new = pair
    folder = tmp_path_factory.mktemp("pair")
    found = dr.diff(old.zip(folder), new.zip(folder))
    assert applied(found, old, new) == new.rows
    assert found.schema.empty
    kinds = set(found.changes["change"])
    minor = kinds - {"changed"} or set(found.changes["column"].dropna()) - {"note"}
    expected = "major" if "vanished" in kinds else "minor" if minor else "patch" if kinds else None
    assert found.bump == expected
    buried = {row[1] for row in new.rows["retired_ids"]}
    assert not buried & set(found.vanished["id"])
    assert dr.diff(old.zip(folder), old.zip(folder)).changes.empty
    text = changes.as_csv(found)
    assert list(csv.DictReader(io.StringIO(text))) == [
        {column: cell or "" for column, cell in line.items()}
        for line in changes.records(found.changes)
    ]
    assert len(json.loads(changes.as_json(found))["changes"]) == len(found.changes)


# What cannot be compared


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda s: s.rows["things"].append(s.rows["things"][0]), "the key 't1' stands twice"),
        (lambda s: s.rows["things"].append(["t9"]), r"things\.csv:5: 1 cells, the header has 4"),
        (lambda s: s.schemas["things"].update(primaryKey=["x"]), "contradicts itself"),
        (lambda s: s.schemas["things"].pop("primaryKey"), "not one of this dataset"),
        (lambda s: s.schemas["things"].update(foreignKeys=3), "contradicts itself"),
        (lambda s: s.field("things", "kind").update(categories=[3]), "not one of this dataset"),
        (lambda s: s.field("things", "kind").update(categories=[{"value": []}]), "contradicts"),
        (lambda s: s.field("things", "kind").update(constraints=[]), "contradicts itself"),
    ],
)
def test_a_broken_package_is_named(tmp_path, spoil, message):
    with pytest.raises(ValueError, match=message):
        compared(tmp_path, spoil)


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", 3])
def test_a_hostile_descriptor_reads_nothing(tmp_path, path):
    for part in ("path", "schema"):
        resource = {"name": "things", "path": "data/things.csv", "schema": "s.json", part: path}
        folder = tmp_path / part
        folder.mkdir()
        (folder / "s.json").write_text('{"fields": [{"name": "a"}], "primaryKey": ["a"]}')
        (folder / "datapackage.json").write_text(json.dumps({"resources": [resource]}))
        with pytest.raises(ValueError, match=r"leads out of the package|not one of this dataset"):
            dr.diff(folder)


def test_a_version_that_is_none(tmp_path):
    one, two = Small("draft"), Small("next")
    found = dr.diff(one.zip(tmp_path), two.zip(tmp_path))
    assert (found.old, found.new, found.smallest) == ("draft", "next", None)
    assert "draft → next" in changes.as_text(found)


def test_what_is_no_package(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such folder or zip"):
        dr.diff(tmp_path / "none")
    (tmp_path / "text").write_text("x")
    with pytest.raises(ValueError, match="neither a folder nor a zip"):
        dr.diff(tmp_path / "text")
    (tmp_path / "datapackage.json").write_text("[")
    with pytest.raises(ValueError, match="no JSON that can be read"):
        dr.diff(tmp_path)


def test_a_folder_of_tables_alone(case: Case, tmp_path):
    """Without a descriptor the installed schemas hold."""
    case.write()
    before = tmp_path / "before"
    (case.folder / "data").rename(before)
    case.row("statements", "st-0001")["act"] = "claim"
    found = dr.diff(before, case.write())
    assert found.smallest is None
    (line,) = changes.records(found.changes)
    assert (line["id"], line["column"], line["new"]) == ("st-0001", "act", "claim")


# The command


def run(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(args))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    return result


def test_versions_of_the_history():
    found = json.loads(run("diff", "0.1.0", "0.2.0", "--json").stdout)
    assert (found["old"], found["new"], found["bump"]) == ("0.1.0", "0.2.0", "minor")
    assert found["rows"]["statements"]["added"] == 1241
    assert found["rows"]["statements"]["changed"] == 12
    assert not [line for line in found["changes"] if line["change"] == "vanished"]
    commit = _versions.releases()["0.2.0"]["commit"]
    assert json.loads(run("diff", commit, "0.2.0", "--json").stdout)["changes"] == []
    assert "nothing" not in run("diff", "0.1.0", "0.2.0").stdout
    draft = run("diff", "0.1.0", "0.2.0", "--draft").stdout
    assert "1,241 statements" in draft
    assert "### Schema\n\n- No change.\n" in draft
    last = revisions.last_release(dr.__version__)
    assert json.loads(run("diff", "--json").stdout)["old"] == last


def test_calls_that_name_nothing():
    assert "no release (0.1.0" in run("diff", "nonsense", code=2).output
    assert "no release (0.1.0" in run("diff", "9.9.9", code=2).output
    assert "no release (0.1.0" in run("diff", "--", "--output=x", code=2).output


def test_the_text_is_bounded_and_safe(tmp_path):
    def change(s: Small) -> None:
        s.rows["things"] += [[f"u{i:04d}", "", "1", ""] for i in range(30)]
        s.rows["things"] += [[name, "", "1", ""] for name in "vwxyz"]
        for row in s.rows["things"][:3]:
            row[3] = "\x1b[31m" + "same " * 40 + row[0] + " end" * 40

    found = compared(tmp_path, change)
    text = changes.as_text(found, 2)
    assert "u0000 … u0029" in text
    assert "3 more (35)" in text or "4 more (35)" in text
    assert "1 more (--most)" in text
    assert max(map(len, text.splitlines())) < 250
    assert "\x1b[31m\x1b" not in changes.as_markdown(found)
    assert "\x1bsame" not in text


def test_long_values_show_where_they_differ(tmp_path):
    def change(s: Small) -> None:
        s.rows["things"][1][3] = "w" * 100 + " after " + "w" * 100

    one, two = Small(), Small()
    one.rows["things"][1][3] = "w" * 100 + " before " + "w" * 100
    change(two)
    text = changes.as_text(dr.diff(one.zip(tmp_path), two.zip(tmp_path)))
    assert "before" in text
    assert "after" in text


def test_vanished_ids_are_an_error(tmp_path):
    one, two = Small(), Small()
    two.rows["things"].pop()
    paths = str(one.zip(tmp_path)), str(two.zip(tmp_path))
    result = run("diff", *paths, code=1)
    assert "1 ids vanished" in result.stderr
    assert "vanished: t3" in result.stdout


# The gate of the build


@pytest.fixture
def last(checkout, monkeypatch, tmp_path) -> Case:
    """The release before that of the checkout, with the same rows: 0.0.9."""
    release = {"commit": "0" * 40, "data_digest": "", "sha256": "0" * 64, "doi": None}
    registry = {"mirrors": [], "releases": {"0.0.9": release}}
    monkeypatch.setattr(_versions, "_registry", lambda: registry)
    folder = tmp_path / "last"
    folder.mkdir()
    case = Case(folder)
    case.write()
    before = json.loads((checkout / "datapackage.json").read_bytes()) | {"version": "0.0.9"}
    (folder / "datapackage.json").write_text(json.dumps(before))
    shutil.copytree(checkout / "schemas", folder / "schemas")
    monkeypatch.setattr(revisions, "has_commit", lambda *_: False)
    monkeypatch.setattr(revisions, "_fetched", lambda _: folder)
    return case


def test_too_small_a_step_is_refused(checkout, last):
    build.check_step(checkout, "0.0.10")
    last.row("statements", "st-0001")["note"] = "Another note"
    last.write()
    build.check_step(checkout, "0.0.10")
    last.row("statements", "st-0001")["summary"] = "Another content"
    last.write()
    build.check_step(checkout, "0.1.0")
    with pytest.raises(ValueError, match=r"0\.0\.10 is too small .* 0\.1\.0 or later .*summary"):
        build.check_step(checkout, "0.0.10")


def test_an_id_that_vanished_stops_the_build(checkout, last):
    last.add("statements", like="st-0001", statement_id="st-9999")
    last.write()
    with pytest.raises(ValueError, match="vanished without a tombstone: statements st-9999"):
        build.check_step(checkout, "9.0.0")
    with (checkout / "data" / "retired_ids.csv").open("a", encoding="utf-8") as file:
        file.write("statements,st-9999,0.1.0,,Never said\n")
    build.check_step(checkout, "9.0.0")
    with pytest.raises(ValueError, match="too small"):
        build.check_step(checkout, "0.0.10")


def test_a_released_version_keeps_its_tables(checkout, last, monkeypatch):
    release = _versions.releases()["0.0.9"] | {"data_digest": dr.data_digest(checkout)}
    _versions.releases()["0.1.0"] = release
    build.check_step(checkout, "0.1.0")
    release["data_digest"] = "0" * 64
    with pytest.raises(ValueError, match=r"0\.1\.0 was released with other tables"):
        build.check_step(checkout, "0.1.0")


def test_without_history_or_network_the_build_says_how_to_get_it(checkout, monkeypatch, tmp_path):
    monkeypatch.setenv(_versions.MIRROR, "http://127.0.0.1:9")
    monkeypatch.setenv(_versions.CACHE, str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(ValueError, match=r"git fetch --unshallow") as caught:  # noqa: SIM117
        with revisions.last_package(checkout):
            pytest.fail("there is no history here")
    assert "DONBAS_RECOGNITION_MIRROR" in str(caught.value)
    assert _package.package_path() == checkout
