"""Q20 and the encodings: a bad file is refused with its reason or reported by row, a good one is read."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from intake.preview import look
from intake.reading import Refused, open_table
from tests.intake import bad_files
from tests.intake.bad_files import HEAD, cell, workbook

TEXT = "姓名,手机,备注\r\n张三,13800138000,好的\r\n李四,13900139000,“再说”\r\n"


def rows_of(path: Path, content: bytes) -> list[tuple[int, list[str], str]]:
    path.write_bytes(content)
    with open_table(path) as table:
        return [tuple(row) for row in table.rows()]


def sheet(fill, **options) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    fill(book, book.add_worksheet("Leads"))
    book.close()
    return out.getvalue()


@pytest.mark.parametrize("name", bad_files.REFUSED)
def test_Q20_a_bad_file_is_refused_with_its_reason(name, tmp_path):
    make, code = bad_files.REFUSED[name]
    path = tmp_path / "leads.csv"
    path.write_bytes(make())
    with pytest.raises(Refused) as refused, look(path):
        pass
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("gb2312", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
def test_Q20_encodings_are_told_apart(encoding, found, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(TEXT.encode(encoding))
    table = open_table(path)
    assert table.encoding == found
    assert [row.values[0] for row in table.rows()] == ["姓名", "张三", "李四"]


def test_rare_characters_of_gb18030_are_read(tmp_path):
    rows = rows_of(tmp_path / "x.csv", "姓名,手机\n𠮷田堃喆,13800138000\n".encode("gb18030"))
    assert rows[1][1][0] == "𠮷田堃喆"


def test_a_western_file_is_not_taken_for_chinese(tmp_path):
    rows = rows_of(tmp_path / "x.csv", "name;phone\nJosé Müller;+491701234567\n".encode("cp1252"))
    assert rows[1][1] == ["José Müller", "+491701234567"]


def test_one_broken_byte_costs_one_row(tmp_path):
    lines = ["姓名,手机"] + [f"张三{n},1380013{n:04d}" for n in range(50)]
    content = "\n".join(lines).encode() + b"\n\xff\xfe,13800139999\n"
    rows = rows_of(tmp_path / "x.csv", content)
    assert rows[1][1][0] == "张三0"
    assert rows[-1][1] == ["\ufffd\ufffd", "13800139999"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_told_apart(delimiter, tmp_path):
    content = TEXT.replace(",", delimiter).replace("好的", '"好, 的; 行"').encode()
    rows = rows_of(tmp_path / "x.csv", content)
    assert rows[1][1] == ["张三", "13800138000", "好, 的; 行"]


def test_excels_sep_line_is_obeyed(tmp_path):
    assert rows_of(tmp_path / "x.csv", b"sep=;\nname;phone\nA,B;1\n") == [
        (2, ["name", "phone"], ""),
        (3, ["A,B", "1"], ""),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_numbers_are_those_of_the_file(end, tmp_path):
    text = end.join(["a,b", "", '1,"two', 'lines"', ",", "2,3", ""])
    assert [row[0] for row in rows_of(tmp_path / "x.csv", text.encode())] == [1, 3, 6]


def test_a_quote_that_never_ends_costs_one_row(tmp_path):
    lines = ["a,b", '1,"open', *[f"{n},x" for n in range(2, 200)]]
    rows = rows_of(tmp_path / "x.csv", "\n".join(lines).encode())
    assert rows[1] == (2, ['1,"open'], "unclosed_quote")
    assert [row[1] for row in rows[2:]] == [[str(n), "x"] for n in range(2, 200)]


def test_an_open_quote_in_the_last_line_costs_it_alone(tmp_path):
    rows = rows_of(tmp_path / "x.csv", b'a,b\n1,2\n3,"4\n')
    assert rows[1:] == [(2, ["1", "2"], ""), (3, ['3,"4'], "unclosed_quote")]


def test_quotes_within_a_value_are_read_as_meant(tmp_path):
    rows = rows_of(tmp_path / "x.csv", b'a,b\n"A" Ltd,5" pipe\n"say ""hi""",2\n')
    assert rows[1][1] == ["A Ltd", '5" pipe']
    assert rows[2][1] == ['say "hi"', "2"]


def test_an_endless_line_costs_one_row(tmp_path):
    rows = rows_of(tmp_path / "x.csv", b"a,b\n" + b"x" * 2_000_000 + b",1\n3,4\n")
    assert rows[1][2] == "line_too_long"
    assert rows[2][1] == ["3", "4"]


def test_a_file_of_nothing_but_quotes_is_read_to_its_end(tmp_path):
    rows = rows_of(tmp_path / "x.csv", b"a,b\n" + b'"x,\n' * 501)
    assert {row[2] for row in rows[1:]} <= {"unclosed_quote", ""}


def test_1904_dates_numbers_formulas_and_types_of_a_workbook(tmp_path):
    def fill(book, page):
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, ["姓名", "手机", "日期"])
        page.write_row(1, 0, ["张三", 13912345678])
        page.write_datetime(1, 2, date(2026, 1, 2), day)
        page.write_number(2, 1, 8613912345678)
        page.write_datetime(
            2,
            2,
            datetime.fromisoformat("2026-01-02 03:04"),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        )
        page.write_number(3, 1, 123456789012345678)
        page.write_formula(4, 1, '="138"&"00138000"', None, "13800138000")
        page.write_formula(5, 1, "=1+1", None, 2)
        page.write_boolean(6, 1, True)
        page.write_number(7, 1, 0.1 + 0.2)
        page.write_string(8, 1, "'013800138000")
        page.write_number(9, 1, 12.5)

    for date_1904 in (False, True):
        rows = rows_of(tmp_path / "x.xlsx", sheet(fill, date_1904=date_1904))
        assert [row[1] for row in rows[1:]] == [
            ["张三", "13912345678", date(2026, 1, 2).isoformat()],
            ["", "8613912345678", "2026-01-02 03:04:00"],
            ["", "123456789012346000"],
            ["", "13800138000"],
            ["", "2"],
            ["", "TRUE"],
            ["", "0.3"],
            ["", "'013800138000"],
            ["", "12.5"],
        ]


def test_a_workbook_keeps_its_line_numbers_and_leaves_hidden_sheets(tmp_path):
    def fill(book, page):
        page.hide()
        page.write(0, 0, "secret")
        other = book.add_worksheet("Open")
        other.activate()
        other.write(4, 2, "手机")
        other.write(7, 2, "13800138000")

    path = tmp_path / "x.xlsx"
    path.write_bytes(sheet(fill))
    with open_table(path) as table:
        assert table.sheet == "Open"
        assert [tuple(row) for row in table.rows()] == [
            (5, ["", "", "手机"], ""),
            (8, ["", "", "13800138000"], ""),
        ]


def test_the_extension_says_nothing(tmp_path):
    assert rows_of(tmp_path / "x.xlsx", TEXT.encode())[1][1][0] == "张三"
    good = workbook(HEAD + f'<row r="2">{cell("A2", "张三")}{cell("B2", "13800138000")}</row>')
    assert rows_of(tmp_path / "x.csv", good)[1] == (2, ["张三", "13800138000"], "")


@pytest.mark.parametrize(
    "make", [lambda: bad_files.empty_rows(1_000_000), lambda: bad_files.empty_cells(1_000_000)]
)
def test_Q20_empty_millions_are_no_rows(make, tmp_path):
    assert len(rows_of(tmp_path / "x.xlsx", make())) == 1


def test_Q20_a_claimed_dimension_is_not_believed(tmp_path):
    assert len(rows_of(tmp_path / "x.xlsx", bad_files.claimed_dimension())) == 2


def test_Q20_the_child_may_die_and_the_worker_lives(tmp_path, monkeypatch):
    from intake.reading import sheet as module

    dying = tmp_path / "child.py"
    dying.write_text("import os; os.abort()")
    monkeypatch.setattr(module, "_CHILD", dying)
    with pytest.raises(Refused) as refused:
        rows_of(tmp_path / "x.xlsx", workbook(HEAD))
    assert refused.value.code == "file_needs_too_much"


def test_Q20_the_child_has_little_memory(tmp_path, monkeypatch):
    from intake.reading import sheet as module

    real = module._CHILD.read_text()
    greedy = module._CHILD.with_name("sheet_child.py")
    script = tmp_path / "child.py"
    script.write_text(
        real.replace('Path(__file__).with_name("limits.py")', f'"{greedy.with_name("limits.py")}"').replace(
            "budget = [", "hog = bytearray(2**30); budget = ["
        )
    )
    monkeypatch.setattr(module, "_CHILD", script)
    with pytest.raises(Refused) as refused:
        rows_of(tmp_path / "x.xlsx", workbook(HEAD))
    assert refused.value.code == "file_needs_too_much"
