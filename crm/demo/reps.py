"""What reps do in the week of an SQL, and what they claim from the pool."""

from __future__ import annotations

from datetime import datetime, timedelta

from calling.services import log_call
from core import clock
from crm.demo import desk
from crm.demo.people import REPS
from crm.demo.persons import Person
from crm.demo.world import World
from leads.models import Lead
from leads.services import add_note, assign, release, set_next_step
from pool.services import claim_many, limits_of

WEEKS = {
    "convert": 44,
    "neglected": 13,
    "worked": 11,
    "release": 16,
    "refused": 3,
    "given": 6,
    "extended": 11,
}
OPEN_ENDED = ("neglected", "worked", "held", "extended")
RELEASES = {"no_time": 2, "no_fit": 2, "no_need": 3, "unreachable": 2, "other": 1}
SAME_TEAM = {
    "rita": ("rob", "mark"),
    "rob": ("rita", "mark"),
    "wei": ("wang", "olga"),
    "wang": ("wei", "olga"),
    "leo": ("rita", "mark"),
}


def week(world: World, person: Person, lead: Lead, fate: str = "") -> None:
    """Plan the week of an SQL: what is done, and how it ends if the rule does not end it."""
    from crm.demo import deals, lists, more_time

    assert lead.owner is not None and lead.due_at is not None
    rep, due = lead.owner.login, lead.due_at
    fate = fate or world.draw(WEEKS)
    left = (due - world.now).total_seconds() / 3600
    ends = due if fate in OPEN_ENDED else world.soon(left * 0.2, left * 0.8)
    if fate != "neglected":
        world.at(world.soon(0.1, 3), plan_step, person, rep, min(ends, due))
    for _ in range(world.rng.choice([0, 0, 1]) if fate == "neglected" else world.rng.randint(1, 3)):
        world.at(world.soon(1, left * 0.7), touch, person, rep, min(ends, due))
    if world.chance(0.3):
        world.at(world.soon(0.2, 4), lists.label, person, rep)
    if fate == "extended":
        world.at(world.soon(left * 0.5, left * 0.95), more_time.ask, person, rep)
    if ends >= due:
        return
    if fate == "convert":
        world.at(ends, deals.convert_lead, person, rep)
    elif fate == "release":
        world.at(ends, give_back, person, rep)
    elif fate == "refused":
        world.at(ends, angry, person, rep)
    elif fate == "given":
        world.at(ends, pass_on, person, rep)


def touch(world: World, person: Person, rep: str, until: datetime) -> None:
    """A note or a call within the week."""
    if world.now >= until:
        return
    by = world.people[rep]
    if world.chance(0.35) and "phone" in person.points:
        outcome = world.draw({"interested": 5, "call_back": 2, "no_answer": 3})
        text = world.say(person, "touch" if outcome == "interested" else "call_back")
        back = world.soon(2, 40)
        log_call(
            desk.stub(person),
            outcome=outcome,
            by=by,
            duration=world.rng.randint(20, 900),
            note="" if outcome == "no_answer" else text,
            call_back_at=back if outcome == "call_back" else None,
            rep=by,
        )
        if outcome == "call_back":
            world.at(back + timedelta(minutes=world.rng.randint(0, 20)), as_promised, person)
    else:
        add_note(desk.stub(person), text=world.say(person, "touch", product=_product(world)), by=by)


def as_promised(world: World, person: Person) -> None:
    """The rep calls back, whoever has the customer by now."""
    lead = Lead.objects.select_related("owner").get(pk=person.lead_id)
    if lead.owner is None or lead.call_back_at is None or "phone" not in person.points:
        return
    by = world.people[lead.owner.login]
    text = world.say(person, "touch", product=_product(world))
    log_call(lead, outcome="interested", by=by, duration=world.rng.randint(60, 900), note=text, rep=by)


def _product(world: World) -> str:
    return world.rng.choice(list(world.products.values())).name


def plan_step(world: World, person: Person, rep: str, until: datetime) -> None:
    """What is to be done next, and when."""
    if world.now < until:
        on = clock.firm_day(world.now) + timedelta(days=world.rng.randint(0, 5))
        set_next_step(desk.stub(person), text=world.say(person, "next_lead"), on=on, by=world.people[rep])


def give_back(world: World, person: Person, rep: str) -> None:
    """The rep lets it go."""
    reason = world.draw(RELEASES)
    release(
        desk.stub(person), reason=reason, text=world.say(person, f"release_{reason}"), by=world.people[rep]
    )


def angry(world: World, person: Person, rep: str) -> None:
    """They do not want to hear from us any more."""
    if "phone" in person.points:
        log_call(
            desk.stub(person),
            outcome="refused",
            by=world.people[rep],
            note=world.say(person, "refused"),
            do_not_call=world.chance(0.2),
        )


def pass_on(world: World, person: Person, rep: str) -> None:
    """A manager gives it to another rep of the team; the week goes on, or the other one judges it first."""
    from crm.demo import verdicts

    other, boss = SAME_TEAM[rep]
    row = assign(desk.stub(person), rep=world.people[other], by=world.people[boss])
    if row.due_at is None:
        verdicts.expect(world, person, row)
        return
    week(world, person, row, world.draw({"convert": 5, "worked": 3, "release": 2}))


def claim_some(world: World, rep: str, count: int, fate: str = "") -> None:
    """A rep looks through the pool and takes a few."""
    ids = list(
        Lead.objects.filter(state="pooled", claimable=True, contact__do_not_call=False)
        .exclude(contact__no_phone_until__gt=world.now)
        .exclude(pool_detail="pseudo_need")
        .order_by("created_at", "id")
        .values_list("pk", flat=True)
    )
    if fate:  # today's claims are arranged: none of them meets a cool-down
        cooling = limits_of(world.people[rep], ids, world.now).cooling
        ids = [pk for pk in ids if pk not in cooling]
    chosen = world.rng.sample(ids, min(count, len(ids)))
    for answer in claim_many(chosen, by=world.people[rep]):
        if answer.lead is not None:
            person = world.persons[answer.lead.pk]
            week(world, person, answer.lead, fate or world.draw({**WEEKS, "convert": 30}))
        elif answer.error is not None:
            world.refused[f"claim: {answer.error.code}"] += 1


def days(world: World) -> None:
    """Claims of all days but the last, which the ending plans."""
    for n in range(8, world.days):
        day = world.day(n)
        if day.weekday() == 6:
            continue
        for rep in REPS:
            if world.chance(0.34):
                world.at(world.moment(day, 9, 17.5), claim_some, rep, world.rng.choice([1, 1, 2, 3]))
