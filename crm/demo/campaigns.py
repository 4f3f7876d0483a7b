"""What marketing does beside the trunk: campaigns with goals and money, templates of its own, mailings to saved views."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

from accounts.models import SavedView
from accounts.saved import save_view
from crm.demo import desk, firm
from crm.demo.world import World
from outreach.models import Campaign, Template
from outreach.services.campaigns import save_campaign
from outreach.services.mailings import save_mailing, start
from outreach.services.templates import Wording, save_template
from outreach.services.trying import send_test

# name: kind, goal, budget, part of it that is spent, first and last day as parts of the time (none: it goes on)
CAMPAIGNS: dict[str, tuple[str, str, str, str, float, float | None]] = {
    "春季搜索推广 Spring search": ("campaign", "acquire", "20000", "14380.50", 0.0, None),
    "每周三直播 Wednesday live": ("community", "acquire", "8000", "5200", 0.0, None),
    "口腔展 Dental Expo": ("campaign", "order", "30000", "31250", 0.2, 0.25),
    "院长沙龙 Owners' salon": ("campaign", "order", "12000", "6400", 0.4, 1.1),
    "诊所故事 Clinic stories": ("campaign", "spread", "3000", "900", 0.1, None),
    "老客户推荐 Refer a friend": ("campaign", "acquire", "", "", 0.0, None),
    "老朋友回访 Old friends": ("campaign", "spread", "2000", "420", 0.4, 1.2),
}
VIEWS = {
    "公海：暂不考虑 Pool, not now": {"state": "pooled", "segment": "not_now"},
    "公海：有意向 Pool, some interest": {"state": "pooled", "segment": "some_interest"},
    "直播来的，还没成交 From live streams": {"medium": "live_stream"},
}
INVITATION = {
    "en": Wording(
        "Hello {{ name | there }},\n\non Wednesday at 20:00 we show how a dental clinic with five branches keeps one diary. "
        "Half an hour, with questions.\n\nhttps://www.kangqi.example/live\n\nPlease call me: {{ call_me }}\n\n"
        "No more mails: {{ unsubscribe }}\n\n{{ firm }}",
        "Wednesday, 20:00: five branches, one diary",
    ),
    "zh-hans": Wording(
        "{{ name }}您好：\n\n本周三晚八点直播：五家分店的口腔连锁怎样共用一本预约簿。半小时，现场答疑。\n\n"
        "https://www.kangqi.example/live\n\n请给我回电：{{ call_me }}\n\n退订：{{ unsubscribe }}\n\n{{ firm }}",
        "周三晚八点：五家店，一本预约簿",
    ),
}
SALON = {
    "en": Wording(
        "{{ firm }}: {{ name | Hello }}, owners' salon on Saturday 14:00, eight seats. Details: "
        "https://www.kangqi.example/salon Reply STOP to opt out."
    ),
    "zh-hans": Wording(
        "【{{ firm }}】{{ name }}您好，周六下午两点院长沙龙，只设八席，详情：https://www.kangqi.example/salon 回T退订"
    ),
}
# when as a part of the time, campaign, view, template
MAILINGS = [
    (0.45, "老朋友回访 Old friends", 0, "not_now_email"),
    (0.55, "每周三直播 Wednesday live", 2, "直播邀请 Live stream invitation"),
    (0.72, "院长沙龙 Owners' salon", 2, "沙龙邀请 Salon invitation"),
    (0.86, "老朋友回访 Old friends", 1, "inactive_email"),
]

ON_WECHAT = 4


def days(world: World) -> None:
    """Campaigns from the beginning, what was spent near the end; templates and views, then the mailings."""
    world.at(world.opening + timedelta(minutes=5), make_campaigns)
    world.at(world.moment(world.day(world.days // 3), 10, 11), write)
    for part, *what in MAILINGS:
        world.at(world.moment(world.day(int(world.days * part)), 10, 11), mail, *what)
    world.at(world.moment(world.day(world.days - 2), 15, 16), count_money)
    world.at(world.moment(world.day(world.days - 1), 8, 8.8), add_each_other)
    world.at(world.end - timedelta(hours=3), last)


def make_campaigns(world: World) -> None:
    """Max plans the year."""
    for name, (kind, goal, budget, _cost, first, last_part) in CAMPAIGNS.items():
        save_campaign(
            Campaign.objects.filter(name=name).first(),  # leads may have come by it before
            by=world.people["max"],
            name=name,
            kind=kind,
            goal=goal,
            budget=Decimal(budget) if budget else None,
            starts_on=world.day(int(world.days * first)),
            ends_on=world.day(int(world.days * last_part)) if last_part else None,
        )


def count_money(world: World) -> None:
    """What was spent so far."""
    for name, row in CAMPAIGNS.items():
        if row[3]:
            save_campaign(Campaign.objects.get(name=name), by=world.people["max"], cost=Decimal(row[3]))


def write(world: World) -> None:
    """Invitations of the firm's own, tried on oneself first; views to send them to."""
    user = world.people["max"]
    for name, channel, texts in (
        ("直播邀请 Live stream invitation", "email", INVITATION),
        ("沙龙邀请 Salon invitation", "sms", SALON),
    ):
        row = save_template(None, by=user, name=name, channel=channel, texts=texts)
        if channel == "email":
            send_test(row, to=user.email, by=user)
    for name, asked in VIEWS.items():
        save_view(by=user, page="leads", name=name, query=urlencode(asked), shared=True)


def mail(world: World, campaign: str, view: int, template: str, begin: bool = True) -> None:
    """One message to everybody in a view; the sweep decides who gets it."""
    user = world.people["max"]
    rows = Template.objects.filter(code=template) or Template.objects.filter(name=template)
    made = save_mailing(
        None,
        by=user,
        campaign=Campaign.objects.get(name=campaign),
        template=rows[0],
        view=SavedView.objects.get(user=user, name=list(VIEWS)[view]),
    )
    if begin:
        start(made, by=user)


def add_each_other(world: World) -> None:
    """Yesterday's stream brought some who have left their WeChat only; all of its people are to be written to by hand."""
    people = [world.crowd.person(reach="wechat") for _ in range(ON_WECHAT)]
    for person in people:
        person.staged = True
    desk.captured(world, [(person, desk.row_of(world, person, firm.SOURCES[4])) for person in people])
    mail(world, "每周三直播 Wednesday live", 2, "interest_wechat")


def last(world: World) -> None:
    """One that has just begun, and one that is still being written."""
    mail(world, "每周三直播 Wednesday live", 2, "直播邀请 Live stream invitation")
    mail(world, "老朋友回访 Old friends", 1, "dormant_sms", False)
