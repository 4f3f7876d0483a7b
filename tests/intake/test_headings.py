"""Columns are recognised in English and Chinese, by what stands in them, by what was chosen before."""

from __future__ import annotations

import pytest

from intake.headings import field_of, find_head, fingerprint, fold, recognise, suggest
from intake.reading import Refused, Row


def fields(headings: list[str], *rows: list[str], **more) -> list[str]:
    sample = [Row(1, headings)] + [Row(n, row) for n, row in enumerate(rows, 2)]
    return [column.field for column in recognise(find_head(sample), sample, **more)]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("姓名", "name"),
        ("联系人", "name"),
        ("客户姓名", "name"),
        ("Full Name", "name"),
        ("contact_person", "name"),
        ("手机", "phone"),
        ("手机号码", "phone"),
        ("手机号 *", "phone"),
        ("电话", "phone"),
        ("联系电话：", "phone"),
        ("座机", "phone"),
        ("Mobile No.", "phone"),
        ("TEL", "phone"),
        ("Phone (work)", "phone"),
        ("Ｐｈｏｎｅ", "phone"),
        ("邮箱", "email"),
        ("电子邮件", "email"),
        ("E-mail", "email"),
        ("Email Address", "email"),
        ("微信", "wechat"),
        ("微信号", "wechat"),
        ("WeChat ID", "wechat"),
        ("公司", "company_name"),
        ("公司名称", "company_name"),
        ("单位", "company_name"),
        ("Organisation", "company_name"),
        ("职位", "title"),
        ("职务", "title"),
        ("Job title", "title"),
        ("来源", "channel"),
        ("渠道", "channel"),
        ("origin", "channel"),
        ("Lead Source", "channel"),
        ("活动", "campaign"),
        ("landing_page_id", "campaign"),
        ("备注", "note"),
        ("成本", "cost"),
        ("成本(元)", "cost"),
        ("首次接触时间", "acquired_at"),
        ("first_contact_date", "acquired_at"),
        ("mql_id", "reference"),
        ("天气", ""),
        ("", ""),
        ("()", ""),
    ],
)
def test_a_heading_is_known(heading, field):
    assert field_of(heading) == field


def test_the_headings_of_olist():
    assert fields(
        ["mql_id", "first_contact_date", "landing_page_id", "origin"], ["x", "2018-01-01", "y", "z"]
    ) == [
        "reference",
        "acquired_at",
        "campaign",
        "channel",
    ]


def test_two_phones_are_two_phones_and_two_names_are_not():
    found = fields(["姓名", "手机", "电话", "客户姓名"], ["张三", "13800138000", "0755-88886666", "张三"])
    assert found == ["name", "phone", "phone", ""]


def test_the_head_is_found_under_a_title():
    sample = [Row(1, ["客户名单 2026"]), Row(3, ["姓名", "手机", ""]), Row(4, ["张三", "13800138000"])]
    assert find_head(sample) == (["姓名", "手机"], 3)


def test_a_file_without_headings_is_known_by_what_stands_in_it():
    sample = [
        Row(1, ["张三", "13800138000", "a@b.cn", "腾讯有限公司"]),
        Row(2, ["李四", "13900139000", "", ""]),
    ]
    head = find_head(sample)
    assert head == (["", "", "", ""], 0)
    found = recognise(head, sample)
    assert [(column.field, column.by) for column in found] == [
        ("name", "content"),
        ("phone", "content"),
        ("email", "content"),
        ("company_name", "content"),
    ]


def test_a_column_of_phones_is_only_a_suggestion_where_a_heading_reaches_people():
    sample = [Row(1, ["邮箱", "其它"]), Row(2, ["a@b.cn", "13800138000"])]
    columns = recognise(find_head(sample), sample)
    assert [(column.field, column.suggestion) for column in columns] == [("email", "email"), ("", "phone")]


def test_a_vague_heading_means_what_stands_under_it():
    assert fields(["联系方式"], ["a@b.cn"], ["c@d.cn"]) == ["email"]
    assert fields(["客户名称", "手机"], ["腾讯有限公司", "1"]) == ["company_name", "phone"]
    assert fields(["Contact", "手机"], ["Ann", "1"]) == ["name", "phone"]


def test_what_is_given_counts_and_the_rest_is_recognised():
    assert fields(["甲", "手机", "备注"], ["x", "1", "y"], given={"甲": "name", "备注": ""}) == [
        "name",
        "phone",
        "",
    ]
    assert fields(["甲", "姓名"], ["x", "1"], given={"#1": "name"}) == ["name", ""]


def test_what_was_chosen_before_counts_over_the_heading():
    assert fields(["姓名", "号"], ["x", "1"], remembered={"号": "phone"}) == ["", "phone"]
    assert fields(["号"], ["1"], remembered={"号": "phone"}, given={"号": "wechat"}) == ["wechat"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"没有": "phone"}, "mapping_unknown_heading"),
        ({"#9": "phone"}, "mapping_unknown_heading"),
        ({"甲": "owner"}, "mapping_unknown_field"),
        ({"甲": "email@"}, "mapping_unknown_field"),
    ],
)
def test_a_wrong_mapping_is_refused(given, code):
    with pytest.raises(Refused) as refused:
        fields(["甲"], ["x"], given=given)
    assert refused.value.code == code


def test_an_email_can_be_made_of_an_identifier():
    assert fields(["mql_id"], ["x"], given={"mql_id": "email@olist.example"}) == ["email@olist.example"]


def test_the_fingerprint_forgives_order_width_and_case():
    assert fingerprint(["Phone", "姓名 "]) == fingerprint(["姓名", "ＰＨＯＮＥ"])
    assert fingerprint(["Phone"]) != fingerprint(["Phone", "姓名"])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["13800138000", "+86 139 0013 9000", "0755-8888 6666 转 12"], "phone"),
        (["１３８００１３８０００"], "phone"),
        (["a@b.cn", "c@d.com", "x"], "email"),
        (["2026-01-01", "2026年1月2日"], "acquired_at"),
        (["wxid_abc123"], "wechat"),
        (["总经理", "经理"], ""),
        (["张伟", "李娜"], "name"),
        (["1", "2"], ""),
        ([], ""),
    ],
)
def test_what_a_column_seems_to_hold(values, kind):
    assert suggest(values) == kind


def test_fold_keeps_what_is_only_in_brackets():
    assert fold("（手机）") == "手机"
