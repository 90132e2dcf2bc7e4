"""Bad input: each a finding with its place, never a traceback."""

import pytest

from donbas_recognition.checks import find
from scripts.format import formatted

HEADER = b"statement_id,demand_id,position\n"
ROW = b"st-0001,dm-0001,raises\n"


def only(findings, rule):
    (finding,) = [f for f in findings if f.rule == rule]
    assert finding.file == "data/positions.csv"
    assert finding.remedy
    return finding


def test_missing_file(case):
    (case.write() / "data" / "positions.csv").unlink()
    only(find(case.folder), "package-file")


@pytest.mark.parametrize(
    ("data", "rule", "line"),
    [
        (b"", "file-empty", None),
        (b"\n\n", "file-empty", None),
        (b"\xef\xbb\xbf" + HEADER + ROW, "file-bom", 1),
        ((HEADER + ROW).replace(b"\n", b"\r\n"), "file-line-ending", 1),
        (HEADER + b"st-0001,dm-0001,rai\x00ses\n", "file-nul", 2),
        (HEADER + ROW + b"st-0002,dm-0002,\xff\n", "file-encoding", 3),
        ((HEADER + ROW).decode().encode("utf-16"), "file-encoding", 1),
        (HEADER + ROW + b"st-0002,dm-0002\n", "file-ragged", 3),
        (HEADER + ROW + b"st-0002,dm-0002,raises,\n", "file-ragged", 3),
        (HEADER + ROW + b'st-0002,"dm-0002,raises\n', "file-quoting", 3),
        (HEADER + ROW + b'st-0002,"dm"-0002,raises\n', "file-quoting", 3),
        (b"statement_id,demand_id\nst-0001,dm-0001\n", "file-header", 1),
        (b"statement_id,demand_id,position,extra\nst-0001,dm-0001,raises,\n", "file-header", 1),
        (b"statement_id,demand_id,demand_id,position\nst-0001,,,raises\n", "file-header", 1),
        (b"demand_id,statement_id,position\ndm-0001,st-0001,raises\n", "file-header", 1),
        (HEADER + b'"st-0001",dm-0001,raises\n', "file-format", 2),
        (HEADER + ROW.rstrip(), "file-format", 2),
        (HEADER + b"st-0002,dm-0002,raises\n" + ROW, "file-order", 3),
        (HEADER + ROW + b"\nst-0002,dm-0002,raises\n", "file-blank-line", 3),
        (HEADER + b"st-0001," + b"x" * 200_000 + b",raises\n", "file-cell", 2),
        (b",".join(b"c%d" % i for i in range(100_000)) + b"\n", "file-header", 1),
        (b'"never closed\n', "file-quoting", 1),
    ],
)
def test_defect_of_a_file(damaged, data, rule, line):
    assert only(damaged("positions", data), rule).line == line


def test_a_ragged_row_does_not_hide_another_finding(damaged):
    data = HEADER + b"st-0001,dm-0001\nst-0002,dm-0002,rises\n"
    findings = damaged("positions", data)
    only(findings, "file-ragged")
    finding = only(findings, "schema-enum")
    assert (finding.line, finding.column, finding.value) == (3, "position", "rises")
    assert "Did you mean 'raises'" in finding.remedy


def test_a_missing_column_is_told_once(damaged):
    findings = damaged("positions", b"statement_id,demand_id\nst-0001,dm-0001\n")
    told = [f for f in findings if f.file == "data/positions.csv"]
    assert [f.column for f in told] == ["position"]


def test_lines_are_physical_after_a_cell_with_a_line_break(case):
    case.row("statements", "st-0002")["note"] = "two\nlines"
    case.row("statements", "st-0005")["topic"] = "shellings"
    (finding,) = [f for f in case.find() if f.rule == "schema-enum"]
    assert (finding.line, finding.row_id) == (7, "st-0005")


def test_format_mends_what_it_may():
    wild = (
        b"\xef\xbb\xbfdemand_id,statement_id,position\r\n"
        b'"dm-2",st-2,raises\r\n\r\ndm-1,st-1,"a, b"\r\n'
    )
    wanted = b'statement_id,demand_id,position\nst-1,dm-1,"a, b"\nst-2,dm-2,raises\n'
    assert formatted("positions", wild) == wanted
    assert formatted("positions", wanted) == wanted


def test_format_refuses_what_it_could_only_hide():
    with pytest.raises(ValueError, match=r"positions\.csv:2"):
        formatted("positions", HEADER + b"st-0001,dm-0001\n")
