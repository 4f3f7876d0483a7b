"""What people of the firm do for themselves: they read their notices, are away, and one leaves."""

from __future__ import annotations

from datetime import timedelta

from accounts.notices import read
from accounts.services import read_notices, set_away
from core import clock
from crm.demo import firm, reps, verdicts
from crm.demo.people import CAST, LEFT
from crm.demo.world import World
from leads.models import Lead
from leads.services import leave


def days(world: World) -> None:
    """Put it into the queue."""
    for n in range(0, world.days, 5):
        world.at(world.moment(world.day(n), 17.9, 18), read_all)
    world.at(world.end - timedelta(hours=7), read_all)
    world.at(world.end - timedelta(hours=2.2), read_some)
    world.at(world.moment(world.day(int(world.days * 0.4)), 8, 8.5), on_leave, "wang", 4)
    world.at(world.moment(world.day(int(world.days * 0.5)), 8, 8.5), on_leave, "rita", 3)
    world.at(world.moment(world.day(int(world.days * 0.69)), 17, 17.5), leaves)


def read_all(world: World) -> None:
    """Once in a while everybody has read what there was."""
    for member in (*CAST, LEFT):
        read_notices(world.people[member.login])


def read_some(world: World) -> None:
    """Today each has opened a few."""
    for member in CAST:
        for notice in world.people[member.login].notices.filter(read_at=None).order_by("at", "id")[:2]:
            read(notice, by=world.people[member.login])


def on_leave(world: World, login: str, days: int) -> None:
    """Somebody takes some days off; no hand-over comes meanwhile (R3.1)."""
    set_away(world.people[login], world.now + timedelta(days=days), by=world.people[login])
    firm.reload(world, login)


def leaves(world: World) -> None:
    """A rep leaves the firm, and all of it goes on by the rules of hand-over (R15.3)."""
    held = list(
        Lead.objects.filter(owner=world.people[LEFT.login])
        .order_by("created_at", "id")
        .values_list("pk", flat=True)
    )
    leave(world.people[LEFT.login], by=world.people["ada"], to="rules")
    world.gone.add(LEFT.login)
    for lead in Lead.objects.filter(pk__in=held).select_related("owner").order_by("created_at", "id"):
        person = world.persons[lead.pk]
        if lead.state == "sql" and lead.due_at and lead.due_at > clock.now() + timedelta(hours=3):
            reps.week(world, person, lead)
        elif lead.state == "mql":
            person.rung = ""
            world.at(world.soon(0.2, 5), verdicts.judge, person)
