"""What people do about what they are sent: they open, click, reply, ask for a call, opt out (R10.2, R10.6, R11.2)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from core import clock
from core.errors import TrunkError
from crm.demo import desk
from crm.demo.world import World
from leads.models import Lead
from outreach.channels.base import Inbound, Receipt
from outreach.models import Message
from outreach.rules import ChannelKind
from outreach.services.channels import save_channel, use_channel
from outreach.services.groups import save_group
from outreach.services.messages import do_task
from outreach.services.reactions import react
from outreach.services.receiving import take_inbound, take_receipts

SEED = 113  # of its own: what happens here moves nothing else
PRICES = {"sms": Decimal("0.0450"), "call": Decimal("0.1200"), "email": Decimal("0.0040")}
SAID = {
    "zh": [
        "可以，明天上午给我打电话",
        "你们现在支持医保对接吗？",
        "发一份报价给我看看",
        "下周我有时间，约一下",
    ],
    "en": [
        "Please call me tomorrow morning",
        "What does it cost for four chairs?",
        "Yes, next week suits me",
    ],
}
OPEN_DAYS = 3  # what the last days ask for still waits: there is something to do
BUSY = ["在忙", "加了微信，已通过", "发了案例，说看看", "约了下周语音"]


def days(world: World) -> None:
    """The channels on the first morning; every afternoon what came of yesterday's messages."""
    rng = Random(SEED)
    world.at(world.opening + timedelta(minutes=5), set_up)
    for n in range(1, world.days + 1):
        if n <= world.days - OPEN_DAYS:
            world.at(world.moment(world.day(n), 14, 14.5), work_through, rng)
        world.at(world.moment(world.day(n), 16, 17), look_back, rng)


def set_up(world: World) -> None:
    """Nothing leaves the demo: each message becomes a file, at the price that a provider would ask."""
    names = {"sms": "短信 SMS", "call": "机器人外呼 Robot calls", "email": "邮件 E-mail"}
    for kind, name in names.items():
        made = save_channel(
            None, by=world.people["ada"], kind=kind, driver="file", name=name, values={}, price=PRICES[kind]
        )
        use_channel(made, by=world.people["ada"])
    for manager, name in (("mark", "东区销售群 East sales"), ("olga", "西区销售群 West sales")):
        group = save_channel(None, by=world.people["ada"], kind="wechat", driver="file", name=name, values={})
        group = save_group(group, team=world.people[manager].team, told=group.told, by=world.people["ada"])
        use_channel(group, by=world.people["ada"])


def work_through(world: World, rng: Random) -> None:
    """Marketing writes to people on WeChat, as the cadences ask; some of it stays for tomorrow."""
    waiting = Message.objects.filter(state=Message.State.TO_DO, channel=ChannelKind.WECHAT).order_by(
        "due_at", "id"
    )
    # What came up in the last two days is still to be done.
    for row in waiting.filter(created_at__lt=world.end - timedelta(days=2))[:40]:
        if rng.random() < 0.85:
            try:
                do_task(row, by=world.people["max"], outcome="done", note=rng.choice(BUSY))
            except TrunkError:
                continue  # the person was reached otherwise meanwhile


def look_back(world: World, rng: Random) -> None:
    """Reports of the providers, and what people did, of what left since yesterday."""
    since = world.now - timedelta(hours=26)
    rows = Message.objects.filter(
        state=Message.State.SENT, sent_at__gt=since, contact__isnull=False, asked_for=False
    )
    for row in rows.select_related("contact").order_by("sent_at", "id"):
        _one(world, rng, row)


def _one(world: World, rng: Random, row: Message) -> None:
    luck = rng.random()
    at = min(row.sent_at + timedelta(minutes=rng.uniform(2, 300)), world.now)  # type: ignore[operator]
    by_machine = row.channel in (ChannelKind.EMAIL, ChannelKind.SMS)
    if by_machine:
        what = "bounced" if luck > 0.985 else "delivered"
        take_receipts(
            row.via,
            [Receipt(what, key=str(row.pk), at=at, why="mailbox full" if what == "bounced" else "")],
            at,
        )
        if what == "bounced":
            return
    with clock.at(at):
        if luck < 0.012 and row.channel == ChannelKind.SMS:
            take_inbound(row.via, [Inbound(row.to, "TD", at=at, id=f"in-{row.number}")], at, kind=row.channel)
        elif luck < 0.022 and by_machine:
            zh = rng.choice(SAID["zh" if row.language != "en" else "en"])
            take_inbound(
                row.via,
                [Inbound(row.to, zh, answers=[str(row.pk)], at=at, id=f"in-{row.number}")],
                at,
                kind=row.channel,
            )
            _rings(world, row)
        elif luck < 0.032 and by_machine:
            react(row, "call_me", at=at)
            _rings(world, row)
        elif luck < 0.095 and by_machine and row.links:
            react(row, "click", at=at)
        elif luck < 0.34 and row.channel == ChannelKind.EMAIL:
            react(row, "open", at=at)


def _rings(world: World, row: Message) -> None:
    """Who asked to be called is called by the desk, soon."""
    lead = Lead.objects.filter(contact=row.contact_id).exclude(state="merged").first()
    if lead is not None and lead.pk in world.persons:
        world.at(world.soon(0.3, 5), desk.call, world.persons[lead.pk])
