"""What is going on at this very minute: who has to be called, what was missed, what a manager has to settle."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.services import set_away
from calling.services import next_lead
from core import clock, rulebook
from crm.demo import desk, ending, verdicts
from crm.demo.people import EAST, REPS, WEST
from crm.demo.persons import Person
from crm.demo.texts import say
from crm.demo.world import World, sweep
from leads.models import Dispute, Lead
from leads.rules import span_of
from leads.services import contest, object_to

MISSED = ("rita", "wei")
PASSED_ON_FROM = "rob"
OBJECTS = ("rob", "wang")


def days(world: World) -> None:
    """The last hours."""
    missed = in_business(world, world.end - timedelta(minutes=47))
    for n, rep in enumerate(REPS):
        world.at(world.end - timedelta(minutes=2 + 2 * n), hand_over, rep)
        if rep in MISSED:
            world.at(missed - timedelta(minutes=3 * n), hand_over, rep)
    world.at(world.end - timedelta(hours=27), hand_over, PASSED_ON_FROM)
    for n, rep in enumerate(OBJECTS):
        world.at(world.end - timedelta(hours=5 + n), hand_over, rep, "objection")
    world.at(world.end - timedelta(hours=4), contests)
    world.at(world.end - timedelta(hours=1), away)
    world.at(world.end - timedelta(minutes=4), takes_up, "theo")
    for minutes in (165, 1):
        world.at(world.end - timedelta(minutes=minutes), sweep)


def in_business(world: World, latest: datetime) -> datetime:
    """The latest instant in business hours up to then, with half an hour of them left."""
    opens, closes = span_of(rulebook.RULES["business_hours"].default)
    local = latest.astimezone(clock.firm_tz())
    first = local.replace(hour=opens.hour, minute=2)
    last = local.replace(hour=closes.hour - 1, minute=30)
    if local < first:
        return last - timedelta(days=1)
    return min(local, last)


def hand_over(world: World, rep: str, then: str = "") -> None:
    """Somebody who filled in a form this morning is interested, and handed to this rep."""
    person = ending.fresh(world)
    person.plan = ["interested"]
    desk.call(world, person, rep)
    if then:
        world.at(world.now + timedelta(minutes=9), rung, person)
        world.at(world.now + timedelta(minutes=25), objects, person, rep)


def rung(world: World, person: Person) -> None:
    """The rep called as promised, and has not judged yet."""
    lead = Lead.objects.select_related("owner").get(pk=person.lead_id)
    if lead.state == "mql" and lead.owner is not None:
        verdicts.first_call(world, person, lead, world.people[lead.owner.login], "objection")


def objects(world: World, person: Person, rep: str) -> None:
    """None of the five reasons, and yet wrong: the manager settles it (R4.1)."""
    object_to(desk.stub(person), text=world.say(person, "objection"), by=world.people[rep])


def contests(world: World) -> None:
    """Marketing does not believe one return of each team (R4.2)."""
    rows = Lead.objects.filter(state="pooled", pool_reason="returned").exclude(
        pk__in=Dispute.objects.values("lead")
    )
    rows = rows.exclude(pool_detail__in=["duplicate", "settled"])
    said: set[str] = set()
    for team in (EAST, WEST):
        lead = (
            rows.filter(holdings__ended="returned", holdings__user__team__name=team)
            .order_by("-pooled_at", "-id")
            .first()
        )
        if lead is not None:
            text = say(world.rng, world.persons[lead.pk].language, "contest", said)
            contest(lead, text=text, by=world.people["max"])


def away(world: World) -> None:
    """One is at a trade fair until tomorrow, one on leave for some days."""
    tomorrow = clock.day_starts(clock.firm_day(world.now) + timedelta(days=1))
    set_away(world.people["wang"], tomorrow + timedelta(hours=14), by=world.people["wang"])
    set_away(world.people["pia"], tomorrow + timedelta(days=3, hours=9), by=world.people["pia"])


def takes_up(world: World, caller: str) -> None:
    """A telemarketer has just got a lead from the desk."""
    next_lead(by=world.people[caller])
