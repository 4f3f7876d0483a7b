"""A row becomes one person, or is refused with line, column, value and every reason at once (R1.1, R1.2)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from intake import messy
from intake.cells import Wrong, amount_of, clean, instant_of, medium_of, split_points
from intake.headings import Column
from intake.preview import look
from intake.reading import Row
from intake.rules import Candidate, Frame, read_row
from intake.selectors import why

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 21, tzinfo=UTC)
FIELDS = ["name", "phone", "email", "wechat", "channel", "medium", "cost", "acquired_at", "note"]


def frame(*fields: str) -> Frame:
    columns = [Column(n, name.upper(), name) for n, name in enumerate(fields or FIELDS)]
    return Frame(
        columns, "unknown", "", "import", "CN", frozenset({"import", "salon", "live_stream"}), SHANGHAI, AT
    )


def read(*values: str, fields: tuple[str, ...] = ()) -> tuple[Candidate, list[tuple[str, str, str]]]:
    person, problems = read_row(Row(2, list(values)), frame(*fields))
    return person, [(problem.column, problem.value, problem.code) for problem in problems]


def test_a_whole_row():
    person, problems = read(
        " 张三 ",
        "１３８００１３８０００；0755-8888 6666 转 12",
        "Zhang@Example.COM",
        "WX_Zhang",
        "Bai Du",
        "沙龙",
        "￥1,200.5",
        "2026年1月2日 下午3:04",
        "行\n二",
    )
    assert not problems
    assert [(p.kind, p.value, p.extension) for p in person.points] == [
        ("phone", "+8613800138000", ""),
        ("phone", "+8675588886666", "12"),
        ("email", "zhang@example.com", ""),
        ("wechat", "wx_zhang", ""),
    ]
    assert (person.name, person.channel, person.medium, person.cost) == (
        "张三",
        "bai_du",
        "salon",
        Decimal("1200.50"),
    )
    assert person.acquired_at == datetime(2026, 1, 2, 15, 4, tzinfo=SHANGHAI)
    assert person.note == "行\n二"


def test_a_person_survives_the_staging_table():
    person, _problems = read("张三", "13800138000", "", "", "", "", "12", "2026-01-02", "x")
    assert Candidate.of_json(person.as_json()) == person


def test_R1_1_no_way_to_reach_is_refused():
    assert read("张三")[1] == [("", "", "no_way_to_reach")]


def test_R1_2_everything_wrong_is_told_at_once():
    _person, problems = read("张三", "123", "x@", "wx", "", "fax", "-3", "2026-13-01", "")
    assert [(column, value) for column, value, _code in problems] == [
        ("PHONE", "123"),
        ("EMAIL", "x@"),
        ("WECHAT", "wx"),
        ("MEDIUM", "fax"),
        ("COST", "-3"),
        ("ACQUIRED_AT", "2026-13-01"),
    ]


def test_too_many_values_and_short_rows():
    assert read("张三", "13800138000", "surplus", fields=("name", "phone"))[1] == [
        ("", "surplus", "too_many_values")
    ]
    assert read("张三", "13800138000", "", " ", fields=("name", "phone"))[1] == []
    assert read("", "13800138000")[1] == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1.38E+10", "shortened_number"),
        ("138\x0000138000", "control_character"),
        ("1380013\ufffd8000", "unreadable"),
        ("#N/A", "formula_error"),
        ("\ud8001", "unreadable"),
        ("x" * 5000, "not_a_phone"),
    ],
)
def test_phones_that_cannot_be_read(value, code):
    _person, problems = read("张三", value)
    assert [problem[2] for problem in problems] == [code]
    problems[0][1].encode()


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "13800138000.0",
        "'13800138000",
        '="13800138000"',
        "+86 138 0013 8000",
        "0086-13800138000",
        "'+8613800138000",
        "１３８－００１３－８０００",
        "\u00a0138 0013 8000\u3000",
        "86 13800138000",
    ],
)
def test_one_phone_in_many_forms(text):
    person, problems = read("", text)
    assert not problems
    assert [point.value for point in person.points] == ["+8613800138000"]


@pytest.mark.parametrize(
    ("kind", "cell", "parts"),
    [
        ("phone", "13800138000/13900139000", ["13800138000", "13900139000"]),
        ("phone", "13800138000、0755-88886666", ["13800138000", "0755-88886666"]),
        ("phone", "13800138000 13900139000", ["13800138000", "13900139000"]),
        ("phone", "0755-8888 6666 ext 12", ["0755-8888 6666 ext 12"]),
        ("phone", "+86 13800138000", ["+86 13800138000"]),
        ("email", "a@b.cn; c@d.cn", ["a@b.cn", "c@d.cn"]),
        ("email", "<a@b.cn>", ["a@b.cn"]),
        ("email", "mailto:a@b.cn", ["a@b.cn"]),
        ("wechat", "abcdef、ghijkl", ["abcdef", "ghijkl"]),
    ],
)
def test_several_in_one_cell(kind, cell, parts):
    assert split_points(kind, cell) == parts


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-02", (2026, 1, 2)),
        ("2026/1/2", (2026, 1, 2)),
        ("2026.1.2", (2026, 1, 2)),
        ("20260102", (2026, 1, 2)),
        ("2026年1月2日", (2026, 1, 2)),
        ("２０２６－０１－０２", (2026, 1, 2)),
        ("31/12/2025", (2025, 12, 31)),
        ("12/31/2025", (2025, 12, 31)),
        ("02.01.2026", (2026, 1, 2)),
        ("2026-01-02 03:04:05", (2026, 1, 2, 3, 4, 5)),
        ("2026-01-02T03:04:05.123", (2026, 1, 2, 3, 4, 5)),
        ("2026/1/2 下午 3:04", (2026, 1, 2, 15, 4)),
        ("2026-1-2 12:05 AM", (2026, 1, 2, 0, 5)),
        ("2026-01-02T03:04:05+09:00", (2026, 1, 2, 2, 4, 5)),
        ("2026-01-02T03:04:05Z", (2026, 1, 2, 11, 4, 5)),
    ],
)
def test_dates(text, at):
    assert instant_of(text, SHANGHAI, AT) == datetime(*at, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03/04/2025", "date_ambiguous"),
        ("2026-02-30", "date_invalid"),
        ("昨天", "date_invalid"),
        ("45291", "date_invalid"),
        ("2099-01-01", "date_future"),
        ("1066-10-14", "date_past"),
        ("2026-01-02 25:00", "date_invalid"),
        ("", "date_invalid"),
    ],
)
def test_dates_that_are_none(text, code):
    with pytest.raises(Wrong) as wrong:
        instant_of(text, SHANGHAI, AT)
    assert wrong.value.code == code


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12", "12.00"), ("¥1,234.565", "1234.57"), ("１２．５元", "12.50"), ("CNY 3", "3.00"), ("0", "0.00")],
)
def test_amounts(text, amount):
    assert str(amount_of(text)) == amount


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.234,50", "amount_invalid"),
        ("x", "amount_invalid"),
        ("NaN", "amount_invalid"),
        ("1E5", "amount_invalid"),
        ("-1", "amount_negative"),
        ("9" * 30, "amount_too_large"),
        ("9" * 50, "amount_invalid"),
    ],
)
def test_amounts_that_are_none(text, code):
    with pytest.raises(Wrong) as wrong:
        amount_of(text)
    assert wrong.value.code == code


def test_media_in_both_languages():
    assert medium_of("直播", frozenset({"live_stream"})) == "live_stream"
    assert medium_of("Live Stream", frozenset({"live_stream"})) == "live_stream"
    with pytest.raises(Wrong):
        medium_of("salon", frozenset({"live_stream"}))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "'x", "'=x"])
def test_Q21_the_guard_of_our_exports_comes_off(text):
    assert clean("'" + text) == text


def test_an_apostrophe_of_a_name_stays():
    assert clean("'t Hooft") == "'t Hooft"


def test_the_messy_file_is_the_same_for_the_same_seed():
    assert messy.make(200, 3) == messy.make(200, 3)
    assert messy.make(200, 3) != messy.make(200, 4)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_the_messy_file_is_read_as_it_was_meant(encoding, tmp_path):
    content, expected = messy.make(2000, 11, encoding)
    path = tmp_path / "messy.csv"
    path.write_bytes(content)
    seen: set[object] = set()
    counts = {"created": 0, "known": 0, "rejected": 0}
    with look(path) as found:
        whole = Frame(found.columns, "unknown", "", "import", "CN", frozenset(), SHANGHAI, AT)
        for row in found.rows():
            person, problems = read_row(row, whole)
            keys = {point.key for point in person.points}
            counts["rejected" if problems else "known" if keys & seen else "created"] += 1
            seen |= set() if problems else keys
    assert counts == {"created": expected.created, "known": expected.known, "rejected": expected.rejected}


def test_a_refused_number_is_told_in_the_language_of_who_reads_it() -> None:
    """The worker that found it speaks no language of the reader's."""
    kept = {
        "column": "手机",
        "value": "12ab",
        "code": "not_a_phone",
        "params": {"reason": "letters"},
        "message": "in whatever language it was found",
    }
    with translation.override("zh-hans"):
        assert why([kept]) == "手机：“12ab”不是电话号码：含有数字以外的字符。"
    with translation.override("en"):
        assert "holds something other than digits" in why([kept])
