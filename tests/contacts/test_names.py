"""R1.5, R5.1, R10.4: company names, masks, and numbers as people read them. No database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.rules import (
    core_name,
    exact_name,
    is_company_name,
    masked,
    shown_phone,
)


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
