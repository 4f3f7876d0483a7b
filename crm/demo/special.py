"""Things that happen once: a person with both hats, a day on which no rep is free, a rule that is changed and back."""

from __future__ import annotations

from datetime import timedelta

from accounts.models import Team
from accounts.services import set_duty
from contacts.services import update_contact
from core import clock, rulebook
from crm.demo import desk, firm, people
from crm.demo.people import REPS
from crm.demo.world import World
from leads.models import Lead


def days(world: World) -> None:
    """Put them into the queue, as far as the days reach."""
    world.at(world.moment(world.day(2), 8, 8.5), hats, "wang", ("rep", "telemarketer"))
    world.at(world.moment(world.day(2), 11, 11.5), both_hats)
    world.at(world.moment(world.day(3), 11, 11.5), both_hats)
    world.at(world.moment(world.day(4), 18, 18.5), hats, "wang", ("rep",))
    world.at(world.moment(world.day(5), 9.6, 9.7), duty, False)
    world.at(world.moment(world.day(5), 10, 11), no_rep_free)
    world.at(world.moment(world.day(5), 15.2, 15.3), duty, True)
    for n in range(6, world.days, 4):
        world.at(world.moment(world.day(n), 9, 17), correct_title)
    if world.days > 60:
        world.at(world.moment(world.day(40), 10, 11), change_rule, {"claims_a_day": 6})
        world.at(world.moment(world.day(54), 10, 11), change_rule, {"claims_a_day": None})


def hats(world: World, login: str, wanted: tuple[str, ...]) -> None:
    """The administrator gives somebody other hats."""
    from accounts.services import save_person

    member = next(m for m in people.CAST if m.login == login)
    save_person(
        world.people[login],
        by=world.people["ada"],
        login=login,
        name=member.name,
        hats=list(wanted),
        team=Team.objects.get(name=member.team),
        email=f"{login}@{people.DOMAIN}",
        language=member.language,
    )
    firm.reload(world, login)


def both_hats(world: World) -> None:
    """Who wears both hats qualifies and accepts with one key (R3.3)."""
    from calling.services import log_call
    from crm.demo import reps

    person = world.crowd.person(reach="phone wechat")
    desk.captured(world, [(person, desk.row_of(world, person, firm.SOURCES[8]))])
    _call, lead = log_call(
        desk.stub(person),
        outcome="interested",
        by=world.people["wang"],
        step=3,
        duration=640,
        note=world.say(person, "first_call"),
    )
    reps.week(world, person, lead)


def duty(world: World, on: bool) -> None:
    """All reps leave for a training day, or come back from it."""
    for login in REPS:
        set_duty(world.people[login], on, by=world.people[login])
    firm.reload(world, *REPS)


def no_rep_free(world: World) -> None:
    """While nobody is on duty, who is interested waits in a team's queue (R3.1)."""
    for _ in range(3):
        person = world.crowd.person(reach="phone")
        person.plan = ["interested"]
        desk.captured(world, [(person, desk.row_of(world, person, firm.SOURCES[0]))])
        world.at(world.now + timedelta(minutes=30), desk.call, person)


def change_rule(world: World, new: dict[str, object]) -> None:
    """The administrator tries another number for two weeks."""
    rulebook.change(new, by=world.people["ada"])


def correct_title(world: World) -> None:
    """A rep corrects what is known of a person."""
    lead = (
        Lead.objects.filter(state="sql", due_at__gt=clock.now(), contact__title="")
        .select_related("contact", "owner")
        .order_by("created_at", "id")
        .first()
    )
    if lead is not None and lead.owner is not None:
        title = "院长" if world.persons[lead.pk].zh else "Owner"
        update_contact(lead.contact, by=world.people[lead.owner.login], title=title)
