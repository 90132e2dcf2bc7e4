"""What users call."""

import json
import subprocess
import sys
from typing import get_args

import pandas as pd
import pytest

import donbas_recognition as dr
from donbas_recognition import _package


def test_tables_are_those_of_the_descriptor():
    names = [r["name"] for r in _package.descriptor()["resources"]]
    assert list(dr.tables()) == names == list(get_args(dr.TableName))
    for name in names:
        assert _package.schema(name)["name"] == name


@pytest.mark.parametrize("name", dr.tables())
def test_load_is_typed(name):
    frame = dr.load(name)
    fields = _package.schema(name)["fields"]
    assert frame.columns.tolist() == [f["name"] for f in fields]
    for f in fields:
        column = frame[f["name"]]
        if "categories" in f:
            assert column.cat.categories.tolist() == [c["value"] for c in f["categories"]]
        elif f["type"] == "date":
            assert pd.api.types.is_datetime64_dtype(column)
        else:
            wanted = {"string": "string", "integer": "Int64", "boolean": "boolean"}[f["type"]]
            assert column.dtype == wanted
    assert isinstance(frame.index, pd.RangeIndex)


def test_load_keeps_text_that_looks_like_missing_or_number():
    statements = dr.load("statements").set_index("statement_id")
    assert statements.loc["st-0014", "cameo"] == "016"
    assert statements.loc["st-0014", "date_earliest"] is pd.NaT


def test_unknown_table_names_the_nearest():
    with pytest.raises(ValueError, match=r"did you mean 'statements'\?.*military_figures"):
        dr.load("statement")  # type: ignore[arg-type]


def test_describe_is_the_codebook():
    book = dr.describe("statements").set_index("column")
    assert book.loc["speaker_id", "references"] == "actors.actor_id"
    assert list(book.loc["act", "values"])[:2] == ["declaration", "threat"]
    assert book.loc["summary", "required"]
    assert not book.loc["note", "required"]


def test_cite_in_three_styles():
    version = dr.__version__
    assert version in dr.cite()
    assert dr.cite("bibtex").startswith("@misc{donbas-recognition-" + version)
    (item,) = json.loads(dr.cite("csl"))
    assert item["type"] == "dataset"
    assert item["version"] == version
    with pytest.raises(ValueError, match="styles are text, bibtex, csl"):
        dr.cite("apa")  # type: ignore[arg-type]


def test_reader_needs_pandas_alone():
    code = (
        "import sys, donbas_recognition as d\n"
        "assert 'pandas' not in sys.modules, 'pandas is imported too early'\n"
        "[d.load(n) for n in d.tables()]; d.describe('actors'); d.cite()\n"
        "bad = {'pandera', 'polars', 'frictionless', 'click', 'altair'} & set(sys.modules)\n"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_works_without_pyarrow():
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import donbas_recognition as d\n"
        "assert len(d.load('statements')) and d.load('statements')['act'].notna().all()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
