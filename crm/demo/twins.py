"""People who are in the books twice, and what becomes of it (R1.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from contacts.rules import parse_point
from crm.demo import desk, firm
from crm.demo.persons import Person
from crm.demo.world import World
from leads.models import Lead
from leads.services import merge

PAIRS = 4


def days(world: World) -> None:
    """The pairs are found out in the last days; one is merged, the others wait for somebody to look."""
    for n in range(PAIRS):
        when = world.moment(world.day(world.days - 2 - n), 9.5, 12)
        world.at(when, first, n)


def first(world: World, n: int) -> None:
    """Somebody leaves a phone number at the expo, and writes by e-mail some hours later."""
    one = world.crowd.person(reach="phone email")
    email = one.points.pop("email")
    two = replace(one, points={"email": email}, spare_phone="", plan=[], said=set(), staged=True)
    desk.captured(world, [(one, desk.row_of(world, one, firm.SOURCES[6]))])
    one.plan = ["call_back", "interested"] if n % 2 else ["interested"]
    world.at(world.soon(0.2, 3), desk.call, one)
    world.at(world.now + timedelta(hours=2), second, one, two, n)


def second(world: World, one: Person, two: Person, n: int) -> None:
    """The other way in: another lead; then a form with both, and the pair is put up for merging (R1.3)."""
    desk.captured(world, [(two, desk.row_of(world, two, firm.SOURCES[2]))])
    world.at(world.now + timedelta(hours=1.5), both, one, two, n)


def both(world: World, one: Person, two: Person, n: int) -> None:
    """A form names phone and e-mail."""
    phone, email = one.points.get("phone"), two.points["email"]
    if phone is None:
        return
    row = desk.row_of(world, one, firm.SOURCES[4])
    points = [parse_point("phone", phone), parse_point("email", email)]
    desk.captured(world, [(one, replace(row, points=points))])
    if n == PAIRS - 1:
        world.at(world.now + timedelta(hours=1), one_person, one, two)


def one_person(world: World, one: Person, two: Person) -> None:
    """Marketing sees that they are the same, and merges them."""
    merge(
        Lead(pk=one.lead_id, contact_id=one.contact_id),
        other=Lead(pk=two.lead_id, contact_id=two.contact_id),
        by=world.people["max"],
    )
