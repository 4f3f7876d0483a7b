"""What the firm sells and with what head: the letterhead, price lists, cases and videos."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import typst

from catalogue.models import Case
from catalogue.rules import Basis
from catalogue.services import save_case, save_price
from contacts.models import Company
from contacts.services import save_company
from core import clock
from crm.demo import people
from crm.demo.world import World
from opportunities.services import save_letterhead

HEAD = {
    "name": "深圳市康启医疗科技有限公司 Kangqi Medical Technology Co., Ltd.",
    "address": "深圳市南山区粤海街道科苑路 18 号康启大厦 12 层 · 12/F, 18 Keyuan Road, Nanshan, Shenzhen",
    "phone": "+86 755 8600 1234",
    "email": f"sales@{people.DOMAIN}",
    "website": f"www.{people.DOMAIN}",
    "tax_id": "91440300MA5DEM0X1K",
    "bank": "招商银行深圳科苑支行 China Merchants Bank, Shenzhen Keyuan Branch",
    "account": "7559 1234 5610 801",
    "terms": "软件自开通之日起计费，报价含安装、数据迁移和一年电话支持；设备自发货之日起质保 24 个月。"
    "签约后七日内付 50%，上线后三十日内付清。\n"
    "Software is charged from the day it is opened; installation, migration and a year of support by telephone are "
    "included; devices have a warranty of 24 months. 50 % within seven days of signing, the rest within thirty days of "
    "the start.",
}
# Two hills and a cross, drawn; no font is needed for it.
LOGO = """
#set page(width: 64mm, height: 40mm, margin: 0mm, fill: none)
#place(dx: 2mm, dy: 4mm, rect(width: 32mm, height: 32mm, radius: 8mm, fill: rgb("#0b6e6e")))
#place(dx: 15mm, dy: 11mm, rect(width: 6mm, height: 18mm, radius: 1.5mm, fill: white))
#place(dx: 9mm, dy: 17mm, rect(width: 18mm, height: 6mm, radius: 1.5mm, fill: white))
#place(dx: 38mm, dy: 24mm, circle(radius: 6mm, fill: rgb("#f0a13c")))
#place(dx: 44mm, dy: 8mm, circle(radius: 8mm, fill: rgb("#35a3a0")))
"""

# Sold by the head and the time; what is not named here has its list price, once.
PRICES = {
    "cloud": {Basis.USER_MONTH: "158.00", Basis.USER_YEAR: "1680.00"},
    "imaging": {Basis.USER_MONTH: "228.00", Basis.USER_YEAR: "2400.00"},
    "booking": {Basis.USER_MONTH: "45.00", Basis.USER_YEAR: "480.00"},
}
NEXT_MONTH = ("cloud", {Basis.USER_MONTH: "168.00", Basis.USER_YEAR: "1780.00"})
# What a device cost until the middle of the time.
BEFORE = ("kiosk", "13800.00")

# How a clinic is called, and what it is then.
INDUSTRIES = {
    "口腔": "口腔 Dental",
    "Dental": "口腔 Dental",
    "眼科": "眼科 Eye care",
    "Eye Care": "眼科 Eye care",
    "中医": "中医 Chinese medicine",
    "儿科": "儿科 Children",
    "Kids": "儿科 Children",
    "康复": "康复 Rehabilitation",
    "Physiotherapy": "康复 Rehabilitation",
    "宠物": "宠物 Veterinary",
    "Veterinary": "宠物 Veterinary",
    "皮肤": "皮肤 Skin",
    "Skin": "皮肤 Skin",
    "体检": "体检 Check-ups",
    "妇产": "妇产 Women's health",
    "综合": "综合 General practice",
    "Family": "综合 General practice",
    "Medical Group": "综合 General practice",
}
# kind, title, summary, product (none: all of them), industry (none: any)
CASES: list[tuple[str, str, str, str, str]] = [
    (
        "case",
        "明德口腔：爽约率从 19% 降到 6% · No-shows from 19 % to 6 %",
        "12 个椅位，三个月。A dental clinic with 12 chairs: reminders by WeChat, one calendar for all chairs.",
        "booking",
        "口腔 Dental",
    ),
    (
        "video",
        "诊所云三分钟 · Clinic Cloud in three minutes",
        "预约、病历、收费一条线走完。From the booking to the receipt in one take.",
        "cloud",
        "",
    ),
    (
        "case",
        "康宁口腔连锁：五家店一本账 · Five dental clinics, one set of books",
        "五家店、68 个账号，两周迁完旧病历。68 log-ins, old records moved within two weeks.",
        "cloud",
        "口腔 Dental",
    ),
    (
        "case",
        "Harbour View Family Clinic: two sites, one diary",
        "A family practice in Hong Kong opened its second site without a second front desk.",
        "cloud",
        "综合 General practice",
    ),
    (
        "case",
        "瑞康宠物医院：影像进手机 · A veterinary hospital reads images on the phone",
        "夜班医生在家阅片。The doctor on night duty reads at home.",
        "imaging",
        "宠物 Veterinary",
    ),
    (
        "video",
        "影像云演示 · Imaging Cloud, a walk through",
        "从拍片到报告。From the picture to the report.",
        "imaging",
        "",
    ),
    (
        "video",
        "自助挂号机开箱 · Unboxing the check-in kiosk",
        "一小时装好。Set up within an hour.",
        "kiosk",
        "",
    ),
    (
        "case",
        "春晖体检中心：早高峰不排队 · No queue at eight in the morning",
        "两台挂号机，早高峰等候从 25 分钟到 6 分钟。Two kiosks, 25 minutes of waiting became 6.",
        "kiosk",
        "体检 Check-ups",
    ),
    (
        "video",
        "预约助手和微信 · Booking Assistant and WeChat",
        "患者自己改期，前台少接一半电话。Patients move appointments themselves.",
        "booking",
        "",
    ),
    (
        "video",
        "标签打印机上手 · The label printer, first steps",
        "换纸、配对、打印。Paper, pairing, printing.",
        "printer",
        "",
    ),
    (
        "case",
        "松鹤康复：上门也能看 · Home visits with the handheld ultrasound",
        "四位治疗师，每周 60 次上门。Four therapists, 60 visits a week.",
        "ultrasound",
        "康复 Rehabilitation",
    ),
    (
        "case",
        "新悦宠物医院：手持超声进诊室 · Ultrasound in the consulting room",
        "术前五分钟出结果。A result five minutes before surgery.",
        "ultrasound",
        "宠物 Veterinary",
    ),
    (
        "case",
        "惠民综合门诊部：出诊带着走 · Ultrasound in the doctor's bag",
        "社区出诊两年。Two years of home visits.",
        "ultrasound",
        "综合 General practice",
    ),
    (
        "video",
        "上门培训的一天 · A day of training on site",
        "上午前台，下午医生。The front desk in the morning, the doctors in the afternoon.",
        "training",
        "",
    ),
    (
        "video",
        "新员工课程样课 · A lesson for new staff",
        "二十分钟学会排班。Rotas in twenty minutes.",
        "course",
        "",
    ),
]
OLD_CASE = 3  # taken out of use: the customer has moved


def open_shop(world: World) -> None:
    """The head of the paper, and what things cost, on the first morning."""
    logo = bytes(typst.compile(LOGO.encode(), format="png", ppi=220))
    save_letterhead(by=world.people["ada"], logo=logo, **HEAD)
    marketing, first = world.people["max"], clock.firm_day(world.now)
    for key, prices in PRICES.items():
        for basis, amount in prices.items():
            save_price(
                None,
                by=marketing,
                product=world.products[key],
                basis=basis,
                amount=Decimal(amount),
                valid_from=first,
            )
    key, amount = BEFORE
    save_price(
        None,
        by=marketing,
        product=world.products[key],
        basis=Basis.ONCE,
        amount=Decimal(amount),
        valid_from=first,
        valid_until=world.day(world.days // 2),
    )


def new_prices(world: World) -> None:
    """Next month software costs more; who gets a quote today still pays what it costs today."""
    marketing, today = world.people["max"], clock.firm_day(world.end)
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    key, prices = NEXT_MONTH
    product = world.products[key]
    for basis, amount in prices.items():
        save_price(None, by=marketing, product=product, basis=basis, amount=Decimal(amount), valid_from=first)


def file_case(world: World, n: int) -> None:
    """Marketing files one more."""
    kind, title, summary, product, industry = CASES[n]
    link = f"https://www.{people.DOMAIN}/{'videos' if kind == 'video' else 'cases'}/{n + 1}"
    row = save_case(
        None,
        by=world.people["max"],
        kind=kind,
        title=title,
        summary=summary,
        url=link,
        product=world.products[product],
        industry=industry,
    )
    if n == OLD_CASE:
        when = world.moment(world.day(world.days // 2), 10, 11)
        world.at(when, retire_case, row)


def retire_case(world: World, case: Case) -> None:
    """A case that is not shown any more."""
    save_case(
        case,
        by=world.people["max"],
        kind=case.kind,
        title=case.title,
        summary=case.summary,
        url=case.url,
        product=case.product,
        industry=case.industry,
        active=False,
    )


def industry_of(name: str) -> str:
    """What kind of clinic it is, by its name."""
    return next((industry for word, industry in INDUSTRIES.items() if word in name), "")


def say_industry(world: World, company: Company, by: str) -> None:
    """The rep writes down what kind of clinic it is: the cases that fit are offered by it (R8.6)."""
    if not company.industry and (industry := industry_of(company.name)):
        save_company(company, by=world.people[by], industry=industry)


def days(world: World) -> None:
    """Cases come one after the other; the new prices are known two weeks ahead."""
    world.at(world.opening, open_shop)
    for n in range(len(CASES)):
        day = max(0, (n - 8) * world.days // 8) if n >= 8 else 0
        world.at(world.moment(world.day(day), 10, 16) if n >= 8 else world.opening, file_case, n)
    world.at(world.moment(world.day(world.days - 5), 14, 15), new_prices)
