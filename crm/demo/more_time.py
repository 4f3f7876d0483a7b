"""Special cases: a rep asks for another week, and a manager decides, or nobody does (R7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crm.demo import desk, reps
from crm.demo.persons import Person
from crm.demo.reps import SAME_TEAM
from crm.demo.texts import say
from crm.demo.world import World
from leads.models import Extension, Lead
from leads.services import approve_extension, ask_extension, reject_extension

ANSWERS = {"approve": 64, "reject": 20, "nothing": 16}
AFTER = {"convert": 48, "worked": 22, "release": 14, "extended": 16}


def ask(world: World, person: Person, rep: str) -> None:
    """The rep says what the extra week is for; the manager answers in time, or does not."""
    asked = ask_extension(desk.stub(person), reason=world.say(person, "extend"), by=world.people[rep])
    answer = world.draw(ANSWERS)
    left = (asked.due_before - world.now).total_seconds() / 3600
    if answer != "nothing":
        world.at(world.soon(0.2, max(0.4, min(14.0, left * 0.8))), decide, person, rep, asked, answer)


def decide(world: World, person: Person, rep: str, asked: Extension, answer: str) -> None:
    """The manager of the team decides; what follows is a new week, or the end of the old one."""
    boss = world.people[SAME_TEAM[rep][1]]
    if answer == "approve":
        text = world.say(person, "extend_yes") if world.chance(0.6) else ""
        approve_extension(asked, by=boss, comment=text)
        lead = Lead.objects.select_related("owner").get(pk=person.lead_id)
        reps.week(world, person, lead, "held" if person.staged else world.draw(AFTER))
        return
    reject_extension(asked, by=boss, comment=world.say(person, "extend_no"))
    if world.chance(0.4) and not person.staged:
        from crm.demo import deals

        world.at(world.soon(0.5, 5), deals.convert_lead, person, rep)


# Who waits for a decision now: the rep, which of the week's arranged leads, hours since it was asked.
WAITING = (
    ("rita", 0, 0.6),
    ("rita", 2, 5),
    ("rita", 5, 21),
    ("rob", 1, 1.3),
    ("rob", 3, 9),
    ("wei", 0, 0.9),
    ("wei", 3, 7),
    ("wang", 2, 3.5),
)


def arranged(world: World, staged: dict[str, list[Any]]) -> None:
    """The requests that lie on the managers' desks now, and two that were answered yesterday."""
    said: set[str] = set()
    for rep, n, hours in WAITING:
        world.at(world.end - timedelta(hours=hours), waits, rep, staged[rep], n, said)
    for rep, answer, hours in (("rita", "approve", 30), ("rob", "reject", 22), ("wei", "approve", 19)):
        world.at(world.end - timedelta(hours=hours), answered, rep, staged[rep], answer)


def waits(world: World, rep: str, people: list[Person], n: int, said: set[str]) -> None:
    """Asked, each for a reason of its own, and not decided yet."""
    reason = say(world.rng, people[n].language, "extend", said)
    ask_extension(desk.stub(people[n]), reason=reason, by=world.people[rep])


def answered(world: World, rep: str, people: list[Person], answer: str) -> None:
    """Asked yesterday, decided an hour later."""
    person = people[4]
    asked = ask_extension(desk.stub(person), reason=world.say(person, "extend"), by=world.people[rep])
    world.at(world.now + timedelta(minutes=70), decide, person, rep, asked, answer)
