"""What reps do with a hand-over and in the week that follows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from calling.services import log_call
from core import clock
from crm.demo import desk
from crm.demo.people import REPS
from crm.demo.persons import Person
from crm.demo.world import World
from leads.models import Lead
from leads.services import accept, add_note, assign, release, return_mql, set_next_step
from pool.services import claim_many

VERDICTS = {
    "accept": 76,
    "no_need": 7,
    "unreachable": 4,
    "duplicate": 2,
    "wrong_number": 2.5,
    "empty_number": 2,
    "refused": 2,
    "dead": 2,
    "given": 4,
}
WEEKS = {"convert": 46, "neglected": 14, "worked": 12, "release": 17, "refused": 3, "given": 6}
OPEN_ENDED = ("neglected", "worked", "held")
RELEASES = {"no_time": 2, "no_fit": 2, "no_need": 3, "unreachable": 2, "other": 1}
SAME_TEAM = {
    "rita": ("rob", "mark"),
    "rob": ("rita", "mark"),
    "wei": ("wang", "olga"),
    "wang": ("wei", "olga"),
}
LAST_JUDGING = timedelta(hours=16)


def expect(world: World, person: Person, lead: Lead) -> None:
    """A rep has somebody new: an MQL to judge soon, or, wearing both hats, an SQL at once."""
    if lead.state == "sql":
        week(world, person, lead)
        return
    when = world.soon(0.1, 7 if world.chance(0.9) else 20)
    if when < world.end - LAST_JUDGING and not person.staged:
        world.at(when, judge, person)


def judge(world: World, person: Person, verdict: str = "") -> None:
    """The rep calls, then accepts it or gives it back as illegal."""
    lead = Lead.objects.select_related("owner", "team").get(pk=person.lead_id)
    if lead.state != "mql":
        return
    if lead.owner is None:
        world.at(world.soon(1, 5), judge, person, verdict)
        return
    rep = world.people[lead.owner.login]
    verdict = verdict or world.draw(VERDICTS)
    if verdict == "unreachable" and "phone" not in person.points:
        verdict = "no_need"
    if verdict == "given":
        other, boss = SAME_TEAM[rep.login]
        assign(lead, rep=world.people[other], by=world.people[boss])
        world.at(world.soon(0.5, 6), judge, person, "accept")
        return
    _first_call(world, person, lead, rep, verdict)
    if verdict == "accept":
        row = accept(lead, by=rep)
        week(world, person, row)
    elif verdict not in ("refused", "dead"):
        return_mql(lead, reason=verdict, text=world.say(person, f"return_{verdict}"), by=rep)


def _first_call(world: World, person: Person, lead: Lead, rep: Any, verdict: str) -> None:
    outcome = {
        "accept": "interested" if world.chance(0.7) else "",
        "no_need": "no_need",
        "unreachable": "no_answer",
        "refused": "refused",
        "dead": "empty_number",
        "wrong_number": "wrong_number",
    }.get(verdict, "")
    if not outcome or ("phone" not in person.points and verdict != "accept"):
        return
    kind = {"interested": "first_call"}.get(outcome, outcome)
    note = "" if outcome in ("no_answer", "empty_number") else world.say(person, _note_kind(kind))
    channel = "phone" if "phone" in person.points else ("wechat" if "wechat" in person.points else "email")
    log_call(lead, outcome=outcome, by=rep, channel=channel, duration=world.rng.randint(10, 900), note=note)


def _note_kind(kind: str) -> str:
    return "wrong" if kind == "wrong_number" else kind


def week(world: World, person: Person, lead: Lead, fate: str = "") -> None:
    """Plan the week of an SQL: what is done, and how it ends if the rule does not end it."""
    from crm.demo import deals

    assert lead.owner is not None and lead.due_at is not None
    rep, due = lead.owner.login, lead.due_at
    fate = fate or world.draw(WEEKS)
    left = (due - world.now).total_seconds() / 3600
    ends = due if fate in OPEN_ENDED else world.soon(left * 0.2, left * 0.8)
    if fate != "neglected":
        world.at(world.soon(0.1, 3), plan_step, person, rep, min(ends, due))
    for _ in range(world.rng.choice([0, 0, 1]) if fate == "neglected" else world.rng.randint(1, 3)):
        world.at(world.soon(1, left * 0.7), touch, person, rep, min(ends, due))
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
        )
    else:
        add_note(desk.stub(person), text=world.say(person, "touch", product=_product(world)), by=by)


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
    """A manager gives it to another rep of the team; the week goes on."""
    other, boss = SAME_TEAM[rep]
    row = assign(desk.stub(person), rep=world.people[other], by=world.people[boss])
    week(world, person, row, world.draw({"convert": 5, "worked": 3, "release": 2}))


def claim_some(world: World, rep: str, count: int, fate: str = "") -> None:
    """A rep looks through the pool and takes a few."""
    ids = list(
        Lead.objects.filter(state="pooled", claimable=True, contact__do_not_call=False)
        .order_by("created_at", "id")
        .values_list("pk", flat=True)
    )
    if not ids:
        return
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
            if world.chance(0.42):
                world.at(world.moment(day, 9, 17.5), claim_some, rep, world.rng.choice([1, 1, 2, 3]))
