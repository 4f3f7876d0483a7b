"""Forms of the firm's own and its events: a form on the website, a salon that was, a live stream to come (R1, R10.6)."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from crm.demo.persons import Crowd, Person
from crm.demo.world import World
from intake.models import LandingForm, Registration
from intake.services import attend, fill_in, save_form
from leads.models import Lead
from outreach.models import Campaign

SEED = 71  # of its own, as is the crowd: what happens here draws nothing from the others
CONSENT_ZH = "我同意贵公司用以上联系方式与我联系，可随时退订。"
CONSENT_EN = "You may contact me by these details. I can opt out at any time."
SALON_AGO, STREAM_IN = 12, 5


def days(world: World) -> None:
    """The form from the first days on; the salon two weeks ago; the live stream next week."""
    crowd = Crowd(Random(SEED), world.crowd.taken)
    salon = world.day(world.days - SALON_AGO)
    for day, least, act, *what in (
        (world.day(2), 10, put_online),
        (world.day(world.days - SALON_AGO - 16), 9, invite_salon, salon),
        (world.day(world.days - 6), 14, announce_stream),
    ):
        world.at(world.moment(day, least, least + 1, crowd.rng), act, crowd, *what)


def _forms(world: World, title: str) -> LandingForm:
    return LandingForm.objects.select_related("campaign", "product").get(title=title)


def put_online(world: World, crowd: Crowd) -> None:
    """A form on the website; a few people fill it in each week."""
    form = save_form(
        None,
        by=world.people["max"],
        title="预约演示 Book a demo",
        text="留下电话，我们的顾问当天与您联系。\nLeave your number, we call you back the same day.",
        slug="demo",
        channel="official_website",
        asked={"name": True, "phone": True, "company_name": False, "note": False},
        consent=CONSENT_ZH,
        thanks="我们会在当天给您回电。",
    )
    for n in range(3, world.days, 5):
        world.at(world.moment(world.day(n), 9, 20, crowd.rng), somebody_asks, form.title, crowd)


def somebody_asks(world: World, title: str, crowd: Crowd) -> None:
    """Half of them are new, the others lie in the pool and are back on the desk by it."""
    form = _forms(world, title)
    known = _pooled(world, crowd.rng) if crowd.rng.random() < 0.5 else None
    _fills_in(world, form, known or crowd.person(reach="phone"))


def _fills_in(world: World, form: LandingForm, person: Person) -> None:
    """Somebody fills it in; from then on the simulation knows them by the lead that this gave."""
    values = {"name": person.name, "company_name": person.company, **person.points}
    made = fill_in(form, values, agreed=True)
    person.contact_id = made.contact_id
    person.lead_id = Lead.objects.live().get(contact_id=made.contact_id).pk
    world.persons[person.lead_id] = person


def _pooled(world: World, rng: Random) -> Person | None:
    """Somebody in the pool who can be rung."""
    rows = Lead.objects.filter(state="pooled", contact__do_not_call=False).order_by("created_at", "id")
    known = (world.persons[pk] for pk in rows.values_list("pk", flat=True) if pk in world.persons)
    people = [person for person in known if "phone" in person.points]
    return rng.choice(people) if people else None


def invite_salon(world: World, crowd: Crowd, day: Any) -> None:
    """A salon for clinics: known people and strangers register, most of them come."""
    campaign, _made = Campaign.objects.get_or_create(
        name="诊所增长沙龙 Clinic growth salon", defaults={"created_at": world.now}
    )
    form = save_form(
        None,
        by=world.people["max"],
        kind="salon",
        title="诊所增长沙龙 Clinic growth salon",
        text="三位诊所老板分享怎么把老客户请回来。下午茶，限 40 人。",
        slug="salon",
        channel="salon",
        campaign=campaign,
        starts_at=world.moment(day, 14, 14),
        ends_at=world.moment(day, 17, 17),
        place="深圳市南山区科兴科学园 B 座 3 楼",
        asked={"name": True, "phone": True, "company_name": False},
        consent=CONSENT_ZH,
        thanks="入场时出示二维码即可。",
    )
    for _n in range(14):
        world.at(world.now + timedelta(hours=crowd.rng.uniform(1, 14 * 24)), registers, form.title, crowd)
    world.at(form.starts_at - timedelta(minutes=20), opens, form.title, crowd.rng)  # type: ignore[operator]


def registers(world: World, title: str, crowd: Crowd) -> None:
    """Somebody registers, every second of them known from the pool."""
    known = _pooled(world, crowd.rng) if crowd.rng.random() < 0.5 else None
    _fills_in(world, _forms(world, title), known or crowd.person(reach="phone"))


def opens(world: World, title: str, rng: Random) -> None:
    """The door: four of five come, most with their ticket."""
    rows = Registration.objects.filter(form__title=title).order_by("at", "id")
    for row in [row for row in rows if rng.random() < 0.8]:
        way = "ticket" if rng.random() < 0.8 else "hand"
        attend(row, way=way, by=world.people["rita"])
    LandingForm.objects.filter(title=title).update(active=False)


def announce_stream(world: World, crowd: Crowd) -> None:
    """A live stream next week, open for registration."""
    campaign, _made = Campaign.objects.get_or_create(
        name="直播：老客户激活 Live: win them back", defaults={"created_at": world.now}
    )
    begins = world.moment(world.day(world.days + STREAM_IN), 20, 20)
    form = save_form(
        None,
        by=world.people["max"],
        kind="live_stream",
        title="直播：老客户激活 Live: win them back",
        text="40 minutes, three clinics, real figures. Questions welcome.",
        slug="live",
        language="en",
        channel="live_stream",
        campaign=campaign,
        starts_at=begins,
        link="https://live.example.com/win-them-back",
        asked={"name": True, "phone": False, "email": True, "company_name": False},
        consent=CONSENT_EN,
    )
    for _n in range(5):
        world.at(world.now + timedelta(hours=crowd.rng.uniform(2, 120)), watches, form.title, crowd)


def watches(world: World, title: str, crowd: Crowd) -> None:
    """Somebody registers for the live stream."""
    _fills_in(world, _forms(world, title), crowd.person(reach="email"))
