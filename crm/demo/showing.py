"""What a customer is shown before there is a price: meetings, visits, trials; and what presales is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core import clock
from crm.demo.persons import Person
from crm.demo.world import World
from opportunities.models import ExperienceEvent, Opportunity, PresalesRequest
from opportunities.rules import ExperienceKind
from opportunities.services import answer_presales, ask_presales, plan_experience, take_presales
from opportunities.services import change_experience as change

KINDS = {"online": 45, "visit": 28, "trial": 17, "remote": 10}
FELL_THROUGH = 0.1
LASTS = {"online": 45, "remote": 60, "visit": 120}


def times(world: World, kind: str, about: datetime) -> dict[str, Any]:
    """When it begins, at a full or half hour, and ends."""
    local = about.astimezone(clock.firm_tz())
    starts = local.replace(minute=30 * (local.minute // 30), second=0, microsecond=0)
    if kind == ExperienceKind.TRIAL:
        return {"starts_at": starts, "ends_at": starts + timedelta(days=world.rng.choice([7, 10, 14]))}
    return {"starts_at": starts, "ends_at": starts + timedelta(minutes=LASTS[kind])}


def plan(world: World, person: Person, opportunity: Opportunity, about: datetime) -> None:
    """The rep agrees on a day with the customer."""
    from crm.demo.deals import owner_of

    by = owner_of(world, opportunity)
    if by is None:
        return
    kind = world.draw(KINDS)
    note = world.say(person, f"plan_{kind}")
    plan_experience(opportunity, by=by, kind=kind, note=note, **times(world, kind, about))


def hold(world: World, person: Person, opportunity: Opportunity, by: Any) -> bool:
    """What was planned takes place, or falls through; whether the customer has seen something now."""
    waiting = ExperienceEvent.objects.filter(
        opportunity=opportunity, held=None, starts_at__lte=world.now
    ).first()
    if waiting is None:
        about = world.now - timedelta(hours=2)
        note = world.say(person, "held")
        plan_experience(
            opportunity, by=by, kind="online", held=True, note=note, **times(world, "online", about)
        )
        return True
    if world.chance(FELL_THROUGH):
        change(waiting, by=by, held=False, note=world.say(person, "fell_through"))
        return False
    if waiting.kind == ExperienceKind.TRIAL and waiting.ends_at:
        world.at(waiting.ends_at + timedelta(minutes=20), trial_over, person, waiting)
        return True
    change(waiting, by=by, held=True, note=world.say(person, "held"))
    return True


def trial_over(world: World, person: Person, trial: ExperienceEvent) -> None:
    """The trial has run; what they thought of it is written down."""
    from crm.demo.deals import owner_of

    by = owner_of(world, trial.opportunity)
    if by is not None:
        change(trial, by=by, held=True, note=world.say(person, "held"))


def ask(world: World, person: Person, opportunity: Opportunity) -> None:
    """The rep asks presales for a solution, and gets it some days later."""
    from crm.demo.deals import owner_of

    by = owner_of(world, opportunity)
    if by is None:
        return
    due = clock.firm_day(world.now) + timedelta(days=world.rng.randint(2, 5))
    asked = ask_presales(opportunity, text=world.say(person, "presales"), due_on=due, by=by)
    world.at(world.soon(1, 60), answered, person, asked)


def taken(world: World, asked: PresalesRequest) -> None:
    """Presales has it in hand."""
    take_presales(asked, by=world.people["pia"])


def answered(world: World, person: Person, asked: PresalesRequest) -> None:
    """Presales says how it can be done."""
    answer_presales(asked, answer=world.say(person, "presales_answer"), by=world.people["pia"])
