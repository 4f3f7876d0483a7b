"""The firm itself: people, teams, products, what it spends money on."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.hashers import make_password

from accounts.models import Team, User
from accounts.services import save_person
from accounts.teams import save_team
from catalogue.services import save_product
from crm.demo import people
from crm.demo.world import World

# key: name, price, unit, sold by the head
PRODUCTS = {
    "cloud": ("诊所云 Clinic Cloud", "1680.00", ""),
    "imaging": ("影像云 Imaging Cloud", "2400.00", ""),
    "booking": ("预约助手 Booking Assistant", "480.00", ""),
    "kiosk": ("自助挂号机 Check-in Kiosk", "12800.00", ""),
    "ultrasound": ("手持超声 Handheld Ultrasound", "29800.00", ""),
    "printer": ("标签打印机 Label Printer", "1280.00", ""),
    "training": ("上门培训 On-site Training", "6000.00", "天 day"),
    "course": ("在线课程 Online Course", "320.00", ""),
}
OLD_PRODUCT = ("诊所通 Clinic Desk 2", "980.00", "")
BY_HEAD = ("cloud", "imaging", "booking", "course")
DEVICES = ("kiosk", "ultrasound", "printer")

PURPOSES = {
    "zh": {
        "cloud": "预约、病历、收费一套系统",
        "imaging": "影像归档和手机阅片",
        "booking": "微信预约，减少爽约",
        "kiosk": "前台自助挂号",
        "ultrasound": "出诊和床旁检查",
        "printer": "检验标签打印",
        "training": "上线前给全体员工培训",
        "course": "新员工学习",
    },
    "en": {
        "cloud": "booking, records and billing in one",
        "imaging": "archive images, read them on the phone",
        "booking": "fewer no-shows",
        "kiosk": "check-in without a queue",
        "ultrasound": "home visits",
        "printer": "lab labels",
        "training": "train everybody before the start",
        "course": "for new staff",
    },
}

# channel: medium, campaign, cost, weight
SOURCES = [
    ("baidu", "ad", "春季搜索推广 Spring search", "86.00", 14),
    ("baidu", "form", "春季搜索推广 Spring search", "120.00", 9),
    ("official_website", "form", "", "35.00", 14),
    ("official_website", "chat", "", "20.00", 6),
    ("wechat_channels", "live_stream", "每周三直播 Wednesday live", "48.00", 12),
    ("douyin", "live_stream", "每周三直播 Wednesday live", "55.00", 6),
    ("expo", "conference", "口腔展 Dental Expo", "210.00", 9),
    ("salon", "salon", "院长沙龙 Owners' salon", "180.00", 6),
    ("hotline", "inbound_call", "", "12.00", 6),
    ("xiaohongshu", "social", "诊所故事 Clinic stories", "40.00", 6),
    ("official_website", "website", "", "15.00", 4),
    ("mini_program", "app", "", "18.00", 4),
    ("partner_portal", "api", "", "60.00", 3),
    ("old_address_book", "import", "", "", 5),
    ("customers", "referral", "老客户推荐 Refer a friend", "0.00", 6),
]
LISTS = [
    ("data_broker", "华南诊所名录 South China list", "6.50"),
    ("chamber_of_commerce", "合作名单 Partner list", "3.00"),
    ("expo", "展会扫码名单 Badge scans", "9.00"),
]


def found(world: World) -> None:
    """Make people, teams and catalogue on the first morning."""
    # One costly hash for all: the demo's password is no secret.
    secret = make_password(people.PASSWORD)
    boss = None
    teams: dict[str, Team] = {}
    for member in (*people.CAST, people.LEFT):
        row = User.objects.create(
            login=member.login, name=member.name, hats=list(member.hats), password=secret
        )
        boss = boss or row
        if member.team and member.team not in teams:
            teams[member.team] = save_team(None, by=boss, name=member.team)
        world.people[member.login] = save_person(
            row,
            by=boss,
            login=member.login,
            name=member.name,
            hats=list(member.hats),
            team=teams.get(member.team),
            email=f"{member.login}@{people.DOMAIN}",
            language=member.language,
        )
    marketing = world.people["max"]
    for key, (name, price, unit) in PRODUCTS.items():
        world.products[key] = save_product(None, by=marketing, name=name, price=Decimal(price), unit=unit)
    name, price, unit = OLD_PRODUCT
    old = save_product(None, by=marketing, name=name, price=Decimal(price), unit=unit)
    save_product(old, by=marketing, active=False)


def reload(world: World, *logins: str) -> None:
    """Read people again whose hats or duty have changed."""
    for row in User.objects.select_related("team").filter(login__in=logins):
        world.people[row.login] = row
