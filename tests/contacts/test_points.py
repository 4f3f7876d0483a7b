"""R1.2, R1.5, R10.4: what a phone, an e-mail, a WeChat id and a company name are; masks. No database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import rules
from contacts.rules import (
    NotAPoint,
    Point,
    core_name,
    exact_name,
    is_company_name,
    masked,
    parse_point,
    shown_phone,
)

PHONES = {
    # mobiles, in every way people type them
    "13800138000": "+8613800138000",
    "138 0013 8000": "+8613800138000",
    "138-0013-8000": "+8613800138000",
    "138—0013—8000": "+8613800138000",
    "138－0013－8000": "+8613800138000",
    "138.0013.8000": "+8613800138000",
    "１３８００１３８０００": "+8613800138000",
    "１３８ ００１３ ８０００": "+8613800138000",
    "138　0013　8000": "+8613800138000",
    "138\u200b0013\u200b8000": "+8613800138000",
    "\u202d13800138000\u202c": "+8613800138000",
    "  13800138000\t": "+8613800138000",
    "138 0013-8000": "+8613800138000",
    "+8613800138000": "+8613800138000",
    "+86 138 0013 8000": "+8613800138000",
    "＋８６ 138 0013 8000": "+8613800138000",
    "+86-138-0013-8000": "+8613800138000",
    "0086 13800138000": "+8613800138000",
    "008613800138000": "+8613800138000",
    "00 86 138 0013 8000": "+8613800138000",
    "(86)13800138000": "+8613800138000",
    "（+86）138 0013 8000": "+8613800138000",
    "86 138 0013 8000": "+8613800138000",
    "199 1234 5678": "+8619912345678",
    # landlines and services
    "0755-88886666": "+8675588886666",
    "(0755) 8888 6666": "+8675588886666",
    "（０７５５）８８８８６６６６": "+8675588886666",
    "+86 (0)755 88886666": "+8675588886666",
    "+86 755 88886666": "+8675588886666",
    "010-65551234": "+861065551234",
    "021.6555.1234": "+862165551234",
    "400-800-8888": "+864008008888",
    "800 810 1234": "+868008101234",
    # abroad
    "+852 2345 6789": "+85223456789",
    "00852 91234567": "+85291234567",
    "+853 6612 3456": "+85366123456",
    "+886 912 345 678": "+886912345678",
    "+1 415 555 2671": "+14155552671",
    "+1 (212) 555-0100": "+12125550100",
    "001 650 253 0000": "+16502530000",
    "+44 20 7946 0958": "+442079460958",
    "0044 20 7946 0018": "+442079460018",
    "+44 (0)20 7946 0958": "+442079460958",
    "+44 7400 123456": "+447400123456",
    "+49 30 901820": "+4930901820",
    "+81 3-1234-5678": "+81312345678",
    "+65 6123 4567": "+6561234567",
}
EXTENSIONS = {
    "0755-8888 6666 ext 12": "12",
    "0755-88886666 ext. 12": "12",
    "0755-88886666 EXT:12": "12",
    "0755 88886666 extension 12": "12",
    "075588886666x12": "12",
    "0755 8888 6666 #12": "12",
    "0755-88886666转12": "12",
    "0755-88886666 转接 12": "12",
    "0755-88886666-转12": "12",
    "0755-88886666 分机12": "12",
    "0755-88886666 分机号：１２": "12",
    "0755-88886666 ext 0012": "0012",
}
LETTERS, COUNTRY = "it holds something other than digits.", "there is no such country code."
SHORT, LONG = "it has too few digits.", "it has too many digits."
IMPOSSIBLE = "that can exist in its country."
NO_PHONES = {
    "abc": LETTERS,
    "tel:13800138000": LETTERS,
    "138-0013-800O": LETTERS,
    "一三八零零一三八零零零": LETTERS,
    "无": LETTERS,
    "n/a": LETTERS,
    "-": LETTERS,
    "()": LETTERS,
    "0": LETTERS,
    "+": LETTERS,
    "++8613800138000": LETTERS,
    "+8613800138000+1": LETTERS,
    "139****1234": LETTERS,
    "1.38E+10": LETTERS,
    "13800138000,13900139000": LETTERS,
    "13800138000; 13900139000": LETTERS,
    "13800138000 ext": LETTERS,
    "0755-88886666 ext ab": LETTERS,
    "13800138000ext12345678901": LETTERS,
    "<b>13800138000</b>": LETTERS,
    "13800138000\x00": LETTERS,
    "+999 123456": COUNTRY,
    "12345": SHORT,
    "110": SHORT,
    "+1 555 0100": SHORT,
    "13800138000/13900139000": LONG,
    "1" * 61: LONG,
    "+86 138 0013 8000 0000 00": LONG,
    "1381234567": IMPOSSIBLE,
    "138123456789": IMPOSSIBLE,
    "11800138000": IMPOSSIBLE,
    "8888 6666": IMPOSSIBLE,
    "2026-11-21": IMPOSSIBLE,
    "13800138000.0": IMPOSSIBLE,
    "+852 1234 5678": IMPOSSIBLE,
}
MAILS = {
    "tom@example.com": "tom@example.com",
    "Tom@Example.COM": "tom@example.com",
    "  tom@example.com ": "tom@example.com",
    "ｔｏｍ＠ｅｘａｍｐｌｅ．ｃｏｍ": "tom@example.com",
    "\u200btom@example.com": "tom@example.com",
    "first.last+tag@sub.example.co.uk": "first.last+tag@sub.example.co.uk",
    "1234567@qq.com": "1234567@qq.com",
    "a@例子.com": "a@例子.com",
}
NO_MAILS = [
    "tom", "tom@", "@example.com", "tom@example", "a b@example.com", "tom@@example.com", "tom@example..com",
    "tom@-example.com", "tom@example.com,", "a@b.com;c@d.com", "tom@localhost", "tom@127.0.0.1", "张三@例子.中国",
    "tom@example.c", "x" * 250 + "@a.com", "tom@exa mple.com", "tom@example.com\nBcc: a@b.com",
]  # fmt: skip
WECHATS = {
    "WeiXin_88": "weixin_88",
    "wxid_abc123": "wxid_abc123",
    "wx-id_1": "wx-id_1",
    "ｗｘ１２３４５": "wx12345",
    "1abcde": "1abcde",
    " abcde ": "abcde",
    "a" * 40: "a" * 40,
}
NO_WECHATS = ["abcd", "a" * 41, "_abcde", "-abcde", "微信号码一二", "a b c d e", "wx.id.11", "wx@12345"]


@pytest.mark.parametrize(("typed", "value"), PHONES.items())
def test_R1_2_a_phone_is_stored_as_e164(typed: str, value: str) -> None:
    assert parse_point("phone", typed) == Point("phone", value, "", typed.strip())


@pytest.mark.parametrize(("typed", "extension"), EXTENSIONS.items())
def test_R1_2_an_extension_is_kept(typed: str, extension: str) -> None:
    assert parse_point("phone", typed).key == ("phone", "+8675588886666", extension)


@pytest.mark.parametrize(("typed", "reason"), NO_PHONES.items())
def test_R1_2_what_cannot_be_a_phone_is_refused_with_field_value_and_reason(typed: str, reason: str) -> None:
    with pytest.raises(NotAPoint) as caught:
        parse_point("phone", typed, field="contact.phone")
    error = caught.value.error
    shown = typed if len(typed) <= 60 else typed[:60] + "…"
    assert (error.field, error.code) == ("contact.phone", "not_a_phone")
    assert str(error.message).startswith(f"“{shown}” is not a phone number")
    assert str(error.message).endswith(reason)


@pytest.mark.parametrize(("typed", "value"), MAILS.items())
def test_R1_2_an_email_is_lower_cased(typed: str, value: str) -> None:
    assert parse_point("email", typed).key == ("email", value, "")


@pytest.mark.parametrize("typed", NO_MAILS)
def test_R1_2_what_cannot_be_an_email_is_refused(typed: str) -> None:
    with pytest.raises(NotAPoint) as caught:
        parse_point("email", typed)
    shown = typed if len(typed) <= 60 else typed[:60] + "…"
    assert (caught.value.error.field, caught.value.error.code) == ("email", "not_an_email")
    assert str(caught.value) == f"“{shown}” is not an e-mail address."


@pytest.mark.parametrize(("typed", "value"), WECHATS.items())
def test_R1_2_a_wechat_id(typed: str, value: str) -> None:
    assert parse_point("wechat", typed).key == ("wechat", value, "")


@pytest.mark.parametrize("typed", NO_WECHATS)
def test_R1_2_what_cannot_be_a_wechat_id_is_refused(typed: str) -> None:
    with pytest.raises(NotAPoint) as caught:
        parse_point("wechat", typed)
    assert (caught.value.error.field, caught.value.error.code) == ("wechat", "not_wechat")
    assert f"“{typed}”" in str(caught.value)


@pytest.mark.parametrize(
    ("region", "typed", "value"),
    [
        ("US", "(212) 555-0100", "+12125550100"),
        ("GB", "020 7946 0958", "+442079460958"),
        ("HK", "2345 6789", "+85223456789"),
        ("HK", "+86 13800138000", "+8613800138000"),
    ],
)
def test_R1_2_the_default_region_is_a_rule(region: str, typed: str, value: str) -> None:
    assert parse_point("phone", typed, region=region).value == value


any_text = st.text(max_size=70) | st.from_regex(r"[+0-9 ()./x转-]{3,24}", fullmatch=True)


@given(kind=st.sampled_from(rules.KINDS), text=any_text)
def test_R1_2_any_text_is_a_point_or_refused_and_parsing_again_changes_nothing(kind: str, text: str) -> None:
    try:
        point = parse_point(kind, text)
    except NotAPoint as refused:
        assert refused.error.field == kind
        assert str(refused.error.message)
        return
    again = f"{point.value} ext {point.extension}" if point.extension else point.value
    assert parse_point(kind, again).key == point.key
    assert len(point.value) <= 254
    assert len(point.typed) <= 254


@given(
    number=st.integers(10_000_000, 99_999_999),
    noise=st.lists(st.sampled_from(" -.　　－—​"), min_size=4, max_size=4),
)
def test_R1_2_a_mobile_is_the_same_however_it_is_broken_up(number: int, noise: list[str]) -> None:
    digits = f"{number:08d}"
    a, b, c, d = noise
    plain = parse_point("phone", f"138{digits}")
    wide = "".join(chr(ord(ch) + 0xFEE0) for ch in digits)
    for typed in (
        f"138{a}{digits[:4]}{b}{digits[4:]}",
        f"+86{c}138{digits}",
        f"0086{d}138{digits}",
        f"138{wide}",
    ):
        assert parse_point("phone", typed).key == plain.key


@pytest.mark.parametrize(
    ("value", "extension", "text"),
    [
        ("+8613800138000", "", "138 0013 8000"),
        ("+8675588886666", "12", "0755 8888 6666 ext 12"),
        ("+14155552671", "", "+1 415-555-2671"),
        ("nonsense", "", "nonsense"),
    ],
)
def test_a_phone_as_a_person_reads_it(value: str, extension: str, text: str) -> None:
    assert shown_phone(value, extension) == text


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("phone", "+8613800138000", "138****8000"),
        ("phone", "+8613812345678", "138****5678"),
        ("phone", "+8675588886666", "755****6666"),
        ("phone", "+14155552671", "+14****2671"),
        ("phone", "+4930901820", "+49****1820"),
        ("phone", "+86110", "11****10"),
        ("email", "tom@example.com", "t****@example.com"),
        ("email", "t@example.com", "t****@example.com"),
        ("wechat", "weixin_88", "we****8"),
        ("phone", "", ""),
    ],
)
def test_R10_4_a_mask(kind: str, value: str, text: str) -> None:
    assert masked(kind, value) == text


@given(st.integers(0, 99_999_999))
def test_R10_4_a_mask_hides_four_digits_of_a_mobile(number: int) -> None:
    value = f"+86138{number:08d}"
    assert masked("phone", value) == f"138****{number % 10_000:04d}"


SAME_FIRM = [
    ("深圳市腾讯计算机系统有限公司", "腾讯计算机系统"),
    ("深圳腾讯计算机系统股份有限公司", "腾讯计算机系统有限责任公司"),
    ("（上海）蓝鲸科技有限公司", "蓝鲸科技(上海)有限公司"),
    ("北京蓝鲸集团", "蓝鲸"),
    ("Acme Co., Ltd.", "ACME"),
    ("Acme Limited", "acme inc."),
    ("ALDI AG", "aldi GmbH"),
    ("广东省蓝鲸有限公司", "蓝鲸"),
]
OTHER_FIRM = [
    ("腾讯计算机系统", "腾讯音乐"),
    ("Acme", "Acme Tools"),
    ("北京公司", "上海公司"),
    ("Incognito", "gnito"),
]


@pytest.mark.parametrize(("one", "other"), SAME_FIRM)
def test_R1_5_names_match_without_legal_form_and_city(one: str, other: str) -> None:
    assert core_name(one) == core_name(other)


@pytest.mark.parametrize(("one", "other"), OTHER_FIRM)
def test_R1_5_different_firms_stay_different(one: str, other: str) -> None:
    assert core_name(one) != core_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME Ltd", "acme　ltd"),
        ("蓝鲸（上海）", "蓝鲸(上海)"),
        ("Ａｃｍｅ", "acme"),
        (" Blue  Whale ", "BlueWhale"),
    ],
)
def test_R5_2_a_name_typed_another_way_is_the_same(one: str, other: str) -> None:
    assert exact_name(one) == exact_name(other)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("Acme", True),
        ("蓝鲸", True),
        ("3M", True),
        ("A", False),
        ("", False),
        ("  ", False),
        ("！！", False),
        ("12345", False),
    ],
)
def test_R5_1_what_can_be_a_company_name(name: str, good: bool) -> None:
    assert is_company_name(name) is good


@given(st.text(max_size=60))
def test_R1_5_no_name_loses_itself(name: str) -> None:
    assert core_name(name) or not exact_name(name)
    assert exact_name(exact_name(name)) == exact_name(name)
