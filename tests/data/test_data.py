"""The facts themselves: canonical, within schemas and rules, evidenced."""

import pytest

from donbas_recognition import _package, contains, load
from donbas_recognition.checks import find, rules
from scripts import docs
from scripts.files import table_file
from scripts.format import formatted
from tests.conftest import ROOT

MEND = "run `python -m scripts format`"


@pytest.fixture(scope="module")
def findings(request):
    return find(ROOT)


@pytest.mark.parametrize("table", _package.NAMES)
def test_table_is_canonical(table):
    data = table_file(table).read_bytes()
    assert formatted(table, data) == data, MEND


@pytest.mark.parametrize("rule", [r.id for r in rules() if r.severity == "error"])
def test_rule_is_green(rule, findings):
    assert [f for f in findings if f.rule == rule] == []


def test_files_and_schemas_are_green(findings):
    assert [f for f in findings if not f.rule.startswith("R")] == []


def test_founding_article_is_coded():
    mentions = load("mentions")
    coded = mentions[mentions["source_id"] == "src-0001"]
    assert len(coded) == 19
    assert set(coded["mode"]) == {
        "direct_quote",
        "partial_quote",
        "indirect",
        "act_report",
        "attitude",
        "outlet_voice",
    }
    figures = load("military_figures")
    figure = figures[figures["statement_id"].isin(coded["statement_id"])]
    assert figure["best"].tolist() == [150000]
    assert figure["estimator_id"].tolist() == ["unattributed"]


def test_every_fingerprint_of_the_founding_article_is_in_its_text(article):
    mentions = load("mentions")
    coded = mentions[mentions["source_id"] == "src-0001"]
    for row in coded.itertuples():
        assert contains(article, (row.passage_words, row.passage_sha256)), row.mention_id
        if isinstance(row.quote, str):
            assert row.quote in article


def test_founding_article_keeps_the_rules_that_need_its_text(article):
    assert [f for f in find(ROOT, texts={"src-0001": article}) if f.severity == "error"] == []


def test_generated_documents_are_current():
    for path, text in docs.documents(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, "run `python -m scripts docs`"


def test_example_package_is_valid_under_the_current_schemas(case):
    assert case.find() == []
