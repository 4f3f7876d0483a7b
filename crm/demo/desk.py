"""How people come in, and what the telemarketers make of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from calling.services import log_call, next_lead
from contacts.rules import parse_point
from core import clock, events
from crm.demo import firm, scripts
from crm.demo.people import CALLERS
from crm.demo.persons import Person
from crm.demo.world import World
from leads.models import Lead
from leads.services import Capture, capture_many

NO_NEED = ["not_now", "other_supplier", "too_expensive", "wrong_audience", "private_person", "", ""]

# How the desk ends with a person, and by which conversations.
FATES: dict[str, float] = {
    "interested": 50,
    "no_need": 13,
    "refused": 6,
    "unreachable": 8,
    "empty_number": 5,
    "wrong_number": 4,
}
VIA_IMPORT = {"import": events.IMPORT, "third_party_list": events.IMPORT, "api": events.API}


def plan(world: World, person: Person, fate: str = "") -> None:
    """Decide what the desk will hear from this person."""
    fate = fate or world.draw({**FATES, "interested": FATES["interested"] * scripts.pull(world, person)})
    if "phone" not in person.points and fate in ("unreachable", "empty_number", "wrong_number"):
        fate = "interested"
    steps: list[str] = []
    if fate == "unreachable":
        steps = ["no_answer"] * 3
    elif fate in ("empty_number", "wrong_number"):
        steps = [fate]
        if person.spare_phone:
            steps.append("interested")
    else:
        steps += ["no_answer"] * world.draw_count((60, 28, 12)) if "phone" in person.points else []
        steps += ["call_back"] if world.chance(0.18) else []
        steps.append(fate)
    person.plan = steps


def arrivals(world: World, count: int) -> None:
    """A few people come in, by all the ways there are."""
    rng = world.rng
    sources = rng.choices(firm.SOURCES, [s[4] for s in firm.SOURCES], k=count)
    groups: dict[str, list[tuple[Person, Any]]] = {}
    for source in sources:
        groups.setdefault(VIA_IMPORT.get(source[1], events.API), []).append((world.crowd.person(), source))
    for way, rows in sorted(groups.items()):
        with events.way(way):
            captured(world, [(p, row_of(world, p, s)) for p, s in rows])
    for rows in groups.values():
        for person, _source in rows:
            plan(world, person)
            world.at(world.soon(0.1, 7), call, person)


def row_of(world: World, person: Person, source: Any) -> Capture:
    """One capture of a person from a source, some minutes ago."""
    channel, medium, campaign, cost = source[:4]
    asks = medium in ("form", "chat", "inbound_call", "live_stream")
    return Capture(
        person.parsed() + spare(person),
        channel,
        medium,
        name=person.name,
        title=person.title,
        company_name=person.company if world.chance(0.85) else "",
        language="" if person.zh else "en",
        campaign=campaign,
        cost=Decimal(cost) if cost else None,
        note=world.say(person, "form") if asks else "",
        at=world.now - timedelta(minutes=world.rng.randint(1, 55)),
    )


def spare(person: Person) -> list[Any]:
    """The second number of those who have one."""
    return [parse_point("phone", person.spare_phone)] if person.spare_phone else []


def captured(world: World, rows: list[tuple[Person, Capture]]) -> None:
    """Run the captures and remember which lead is whose."""
    answers = capture_many([row for _p, row in rows], by=world.people["max"])
    for (person, _row), answer in zip(rows, answers, strict=True):
        person.lead_id, person.contact_id = answer.lead_id, answer.contact_id
        world.persons[answer.lead_id] = person


def third_party(world: World, n: int, count: int) -> None:
    """A bought list goes straight into the pool; a few of it are called all the same."""
    channel, campaign, cost = firm.LISTS[n % len(firm.LISTS)]
    source = (channel, "third_party_list", campaign, cost)
    people = [world.crowd.person(reach="phone") for _ in range(count)]
    with events.way(events.IMPORT):
        captured(world, [(p, row_of(world, p, source)) for p in people])
    for person in people[: count // 4]:
        person.plan = [
            world.draw({"interested": 4, "no_need": 3, "refused": 1, "call_back": 2, "no_answer": 2})
        ]
        if person.plan == ["call_back"]:
            person.plan.append("interested")
        world.at(world.soon(4, 200), call, person)


def call(world: World, person: Person, rep: str = "") -> None:
    """A telemarketer's next conversation: with whom the desk hands out, or with somebody whom it does not have."""
    caller = world.people[world.rng.choice(CALLERS)]
    # Who is arranged, lies in the pool, or has no telephone is not waited for at the desk.
    by_name = rep or person.staged or "phone" not in person.points
    # Every second of the others is called by name: the desk's question costs the most of all that happens here.
    by_name = by_name or (world.chance(0.5) and person.plan and _is(person, "new"))
    if not by_name and not (person.plan and _is(person, "pooled")):
        lead = next_lead(by=caller, skip=[p.lead_id for p in world.persons.values() if p.staged])
        if lead is None:  # all of them did not answer just now
            if _is(person, "new"):
                world.at(world.soon(2, 6), call, person)
            return
        person = world.persons[lead.pk]
        if not person.plan:
            plan(world, person)
    if person.plan:
        talk(world, person, caller, rep)


def _is(person: Person, state: str) -> bool:
    return Lead.objects.filter(pk=person.lead_id, state=state).exists()


def talk(world: World, person: Person, caller: User, rep: str) -> None:
    """The next conversation with somebody, and what follows from it."""
    outcome = person.plan.pop(0)
    channel = "phone" if "phone" in person.points else ("wechat" if "wechat" in person.points else "email")
    heard = outcome not in ("no_answer", "empty_number")
    again = world.soon(1, 28)
    _call, lead = log_call(
        stub(person),
        outcome=outcome,
        by=caller,
        channel=channel,
        duration=world.rng.randint(25, 420) if heard else world.rng.randint(8, 40),
        note=note_of(world, person, outcome),
        call_back_at=again if outcome == "call_back" else None,
        reason=world.rng.choice(NO_NEED) if outcome == "no_need" else "",
        do_not_call=outcome == "refused" and world.chance(0.3),
        rep=world.people[rep] if rep else None,
        **(scripts.said(world, person, outcome) if channel == "phone" else {}),
    )
    follow(world, person, lead, outcome, again)


def follow(world: World, person: Person, lead: Lead, outcome: str, again: Any) -> None:
    """What happens next: the rep judges, or the desk rings again."""
    from crm.demo import verdicts

    if outcome in ("empty_number", "wrong_number"):
        number_gone(person)
    if lead.state in ("mql", "sql"):
        verdicts.expect(world, person, lead)
    elif lead.state == "new":
        person.plan = person.plan or [world.draw({"interested": 2, "no_need": 1})]
        world.at(again + timedelta(minutes=3) if outcome == "call_back" else world.soon(2, 27), call, person)


def number_gone(person: Person) -> None:
    """The number is dead: the spare one is used from now on, if there is one."""
    person.points.pop("phone", None)
    if person.spare_phone:
        person.points["phone"], person.spare_phone = person.spare_phone, ""


def note_of(world: World, person: Person, outcome: str) -> str:
    """What the caller writes down."""
    if outcome in ("no_answer", "empty_number"):
        return ""
    return world.say(person, "wrong" if outcome == "wrong_number" else outcome)


def stub(person: Person) -> Lead:
    """Enough of a lead for a verb, which reads it again under its lock."""
    return Lead(pk=person.lead_id, contact_id=person.contact_id)


def come_back(world: World) -> None:
    """Somebody known comes again: from the pool, from a rep's desk, a customer, or one given up as unreachable."""
    known = Lead.objects.filter(state__in=["pooled", "sql", "converted", "invalid"])
    leads = list(
        known.filter(contact__do_not_call=False).order_by("created_at", "id").values_list("pk", "state")
    )
    pooled = [pk for pk, state in leads if state == "pooled"]
    ids = pooled if pooled and world.chance(0.75) else [pk for pk, _s in leads]
    if not ids:
        return
    person = world.persons[world.rng.choice(ids)]
    source = world.rng.choice([s for s in firm.SOURCES if s[1] not in ("ad", "website")])
    points = person.parsed()
    if dict(leads)[person.lead_id] == "invalid":
        person.points["phone"] = world.crowd.phone("深圳" if person.zh else "HK")
        points.insert(0, parse_point("phone", person.points["phone"]))
    row = Capture(
        points,
        source[0],
        source[1],
        name=person.name,
        language="" if person.zh else "en",
        campaign=source[2],
        cost=Decimal(source[3]) if source[3] else None,
        note=world.say(person, "form"),
    )
    with events.way(VIA_IMPORT.get(source[1], events.API)):
        captured(world, [(person, row)])
    if Lead.objects.filter(pk=person.lead_id, state="new").exists():
        plan(world, person, world.draw({"interested": 7, "no_need": 2, "refused": 1}))
        world.at(world.soon(0.1, 6), call, person)


def days(world: World) -> None:
    """Put the arrivals of all days in the queue."""
    for n in range(world.days + 1):
        day = world.day(n)
        busy = 0.35 if day.weekday() >= 5 else 1.0
        for hour in (9.2, 11.5, 15.0):
            count = round(world.rng.uniform(0.5, 1.95) * busy)
            if count:
                world.at(clock.day_starts(day) + timedelta(hours=hour), arrivals, count)
        if n > 5:
            for _ in range(world.rng.choice([0, 1, 1, 2])):
                world.at(world.moment(day, 9, 20), come_back)
    for n, day_n in enumerate((4, 30, 58)):
        if day_n < world.days:
            world.at(world.moment(world.day(day_n), 10, 11), third_party, n, 36)
