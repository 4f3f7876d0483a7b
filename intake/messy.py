"""A file as people really send it, made by a seed: what must come of it is known row by row."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华建国文辉玲志鹏晨欣怡子涵雨泽宇轩梓堃喆"
FIRMS = ("鼎盛科技", "华信贸易", "蓝海教育", "云帆物流", "金桥建材", "新禾农业", "锐思软件", "恒远机电")
CITIES = ("深圳市", "上海", "北京", "广州市", "杭州", "成都市", "")
CHANNELS = ("百度推广", "抖音", "老客户介绍", "官网", "广交会", "")
TITLES = ("总经理", "采购经理", "IT 主管", "运营总监", "")
HEADINGS = [
    "序号",
    "姓名",
    "手机号码",
    "电子邮箱",
    "微信号",
    "公司名称",
    "职位",
    "来源渠道",
    "活动",
    "备注",
    "成本",
    "首次接触时间",
]
FULL_WIDTH = str.maketrans("0123456789@.", "０１２３４５６７８９＠．")


@dataclass
class Expectation:
    """What an import of the file into an empty database must count."""

    created: int = 0
    known: int = 0
    rejected: int = 0
    empty: int = 0

    @property
    def total(self) -> int:
        """The rows that are not empty."""
        return self.created + self.known + self.rejected


def make(rows: int = 1000, seed: int = 7, encoding: str = "gb18030") -> tuple[bytes, Expectation]:
    """The file's bytes and what must come of it; the same for the same arguments on every machine."""
    dice = random.Random(seed)
    table: list[list[str]] = [["客户名单（内部）"], HEADINGS]
    expected = Expectation()
    people: list[tuple[str, str, str]] = []
    for number in range(1, rows + 1):
        kind = dice.random()
        if kind < 0.03:
            table.append([""] * dice.choice((0, 3, len(HEADINGS))))
            expected.empty += 1
        elif kind < 0.13 and people:
            table.append(_again(dice, number, dice.choice(people)))
            expected.known += 1
        elif kind < 0.20:
            table.append(_wrong(dice, number))
            expected.rejected += 1
        else:
            person = _person(dice, number)
            people.append(person)
            table.append(_row(dice, number, person))
            expected.created += 1
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(table)
    return out.getvalue().encode(encoding), expected


def _person(dice: random.Random, number: int) -> tuple[str, str, str]:
    """A phone, an e-mail and a WeChat id of their own; at least one of them is filled."""
    phone = dice.choice(("138", "139", "150", "186")) + f"{number:08d}"
    mail = f"user{number}@example.com" if dice.random() < 0.6 else ""
    wechat = f"wx_id_{number}" if dice.random() < 0.4 else ""
    if dice.random() < 0.15 and (mail or wechat):
        phone = ""
    return phone, mail, wechat


def _name(dice: random.Random) -> str:
    return dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, dice.choice((1, 2))))


def _phone(dice: random.Random, phone: str) -> str:
    """Three ways to write one number, each also in full-width digits."""
    if not phone:
        return ""
    parts = phone[:3], phone[3:7], phone[7:]
    text = dice.choice((phone, "+86 " + "-".join(parts), " ".join(parts)))
    return text.translate(FULL_WIDTH) if dice.random() < 0.3 else text


def _mail(dice: random.Random, mail: str) -> str:
    text = dice.choice((mail, mail.upper(), f" {mail} "))
    return text.translate(FULL_WIDTH) if dice.random() < 0.1 else text


def _row(dice: random.Random, number: int, person: tuple[str, str, str]) -> list[str]:
    phone, mail, wechat = person
    form = dice.choice(("有限公司", "股份有限公司", ""))
    firm = f"{dice.choice(CITIES)}{dice.choice(FIRMS)}{number}号{form}"
    day = dice.choice(("2026-01-{:02d}", "2026/1/{}", "2026年1月{}日")).format(dice.randint(1, 28))
    cost = dice.choice(("", "12.5", "￥１２．５０", "1,200元"))
    note = dice.choice(("", "要求“尽快”联系", "两行\n备注", '引号"中间"', "逗号, 在此"))
    row = [
        str(number),
        _name(dice),
        _phone(dice, phone),
        _mail(dice, mail),
        wechat,
        firm,
        dice.choice(TITLES),
        dice.choice(CHANNELS),
        dice.choice(("春季沙龙", "")),
        note,
        cost,
        dice.choice((day, "")),
    ]
    return row[: dice.choice((len(row), len(row), 5))]


def _again(dice: random.Random, number: int, person: tuple[str, str, str]) -> list[str]:
    """Somebody from further up, in another format, by one of the ways."""
    phone, mail, wechat = person
    ways = [(phone, "", ""), ("", mail, ""), ("", "", wechat.upper())]
    return _row(dice, number, dice.choice([way for way in ways if any(way)]))


def _wrong(dice: random.Random, number: int) -> list[str]:
    """A row that must be refused."""
    fresh = ("186" + f"{number:08d}", "", "")
    row = _row(dice, number, fresh)
    row += [""] * (len(HEADINGS) - len(row))
    kind = dice.randrange(6)
    if kind == 0:
        row[2] = ""
    elif kind == 1:
        row[2] = dice.choice(("12345", "电话", "1380013800012345", "1.38E+10"))
    elif kind == 2:
        row[3] = dice.choice(("zhang@", "没有", "a@b", "x y z"))
    elif kind == 3:
        row += ["多", "余"]
    elif kind == 4:
        row[11] = dice.choice(("2026-13-01", "昨天", "2099-01-01"))
    else:
        row[10] = dice.choice(("-5", "很多"))
    return row
