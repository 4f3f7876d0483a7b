"""What of quotes, contracts and money lies on the desks right now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from core import clock
from crm.demo import deals, history, offers, showing
from crm.demo.people import REPS
from crm.demo.persons import Person
from crm.demo.reps import SAME_TEAM
from crm.demo.world import World
from opportunities.models import ExperienceEvent, Opportunity, PresalesRequest
from opportunities.rules import OPEN, QuoteState, Stage
from opportunities.services import ask_presales
from orders.models import Order
from orders.services import accept_quote, approve, submit
from orders.services import update as update_order

# Who waits for the manager's yes: percent off, and whether the terms are others, too.
WAITING = (("wang", 12, False), ("rita", 15, False), ("rob", 6, True), ("wei", 18, False))
AGREED = "wang"  # has the manager's yes, and waits for the customer's signature
SHORT = 7  # days of a quote whose day is over by now


def days(world: World) -> None:
    """The last weeks' arranged moments."""
    for n, rep in enumerate(REPS):
        world.at(world.end - timedelta(days=16, hours=n), runs_out, rep)
        world.at(world.end - timedelta(hours=6, minutes=5 * n), on_the_move, rep)
        world.at(world.end - timedelta(hours=3.9, minutes=6 * n), ahead, rep)
        world.at(world.end - timedelta(hours=3.2, minutes=6 * n), quoted, rep)
    for n, (rep, percent, terms) in enumerate(WAITING):
        world.at(world.end - timedelta(hours=2.7 - 0.4 * n), waits_for_yes, rep, percent, terms)
    world.at(world.end - timedelta(hours=1), just_sent)
    world.at(world.end - timedelta(minutes=35), haggled)
    world.at(world.end - timedelta(days=6), late_request)
    world.at(world.end - timedelta(hours=3), requests)


def open_ones(world: World, *stages: str, rep: str = "") -> list[tuple[Opportunity, Person]]:
    """Open opportunities of these stages without a contract, with whom they are about; oldest first."""
    taken = Order.objects.exclude(state="cancelled").values("opportunity")
    rows: Iterable[Opportunity] = (
        Opportunity.objects.filter(stage__in=stages, owner__is_active=True)
        .exclude(pk__in=taken)
        .select_related("owner")
        .order_by("created_at", "id")
    )
    found = [(row, world.persons.get(row.lead_id)) for row in rows if not rep or row.owner.login == rep]
    return [(row, person) for row, person in found if person is not None]


def ready(world: World, rep: str) -> tuple[Opportunity, Person]:
    """The youngest of a rep that can have a contract; where the last weeks left none, somebody new is that far."""
    for stage in (Stage.NEGOTIATION, Stage.EXPERIENCE, Stage.CONFIRMED):
        if rows := open_ones(world, stage, rep=rep):
            return rows[-1]
    person, row = history.met(world, rep, *deals.needs(world))
    return row, person


def on_the_move(world: World, rep: str) -> None:
    """Of each rep some stand in every stage."""
    first = open_ones(world, Stage.CONFIRMED, rep=rep)
    shown = open_ones(world, Stage.EXPERIENCE, rep=rep)
    by = world.people[rep]
    moved = first[2 : 2 + max(0, 4 - len(shown))]
    for row, person in moved:
        deals.forward(world, person, row, by)
    there = len(open_ones(world, Stage.NEGOTIATION, rep=rep))
    for row, person in shown[: max(0, 3 - there)]:
        deals.forward(world, person, row, by)


def ahead(world: World, rep: str) -> None:
    """What is in the calendar: today still, tomorrow, and in the days after."""
    planned = ExperienceEvent.objects.filter(held=None, starts_at__gt=world.end)
    known = set(planned.values_list("opportunity_id", flat=True))
    rows = [x for x in open_ones(world, *OPEN, rep=rep) or [ready(world, rep)] if x[0].pk not in known]
    for n, (row, person) in enumerate(rows[:4]):
        day = clock.firm_day(world.end) + timedelta(days=(0, 1, 2, 5)[n])
        about = world.moment(day, 9, 17) if n else world.end + timedelta(hours=2.5)
        showing.plan(world, person, row, about)


def quoted(world: World, rep: str) -> None:
    """One quote is being written; of the others those have it who can be written to."""
    by: Any = world.people[rep]
    for n, (row, person) in enumerate(open_ones(world, Stage.EXPERIENCE, Stage.NEGOTIATION, rep=rep)):
        held = offers.standing(row)
        if held is not None and held.state == QuoteState.SENT:
            continue
        if held is None and n < 5:
            held = offers.write(world, person, row, by)
        if held is not None and n and "email" in person.points:
            offers.send(world, person, row, held)


def just_sent(world: World) -> None:
    """A few customers have a quote on their desks since an hour ago."""
    rows = [x for x in open_ones(world, *OPEN) if "email" in x[1].points]
    for row, person in rows[-3:]:
        by: Any = row.owner
        held = offers.standing(row) or offers.write(world, person, row, by)
        if held.state == QuoteState.DRAFT:
            offers.send(world, person, row, held, haggles=False)


def haggled(world: World) -> None:
    """One of them has rung and wants something off: there is a second version of the quote (R9.5)."""
    rows = [x for x in open_ones(world, *OPEN) if "email" in x[1].points]
    if not rows:
        row, person = ready(world, REPS[0])
        rows = [(row, person)]
    held = [(row, person, offers.standing(row)) for row, person in rows]
    sent = [x for x in held if x[2] is not None and x[2].state == QuoteState.SENT]
    row, person, quote = sent[0] if sent else held[0]
    by: Any = row.owner
    if quote is None or quote.state != QuoteState.SENT:
        quote = quote or offers.write(world, person, row, by)
        offers.send(world, person, row, quote, haggles=False)
    offers.send(world, person, row, offers.again(world, person, quote, by, quote.discount + 2), haggles=False)


def runs_out(world: World, rep: str) -> None:
    """A quote that is good for a week only; when nobody answers, its day is over."""
    rows = [
        x for x in open_ones(world, Stage.NEGOTIATION, Stage.EXPERIENCE, rep=rep) if x[1].points.get("email")
    ]
    for row, person in rows[-2:]:
        if offers.standing(row) is None:
            until = clock.firm_day(world.now) + timedelta(days=SHORT)
            made = offers.write(world, person, row, world.people[rep], valid_until=until)
            offers.send(world, person, row, made, haggles=False)


def waits_for_yes(world: World, rep: str, percent: int, terms: bool) -> None:
    """More off than a rep may give away, or other terms: it waits for the manager (R9.2)."""
    row, person = ready(world, rep)
    world.kept.add(row.pk)
    by: Any = row.owner
    held = offers.standing(row)
    if held is not None and held.state == QuoteState.SENT:
        held = offers.again(world, person, held, by, Decimal(percent))
    else:
        held = offers.write(world, person, row, by, discount=Decimal(percent), plain=True)
    order = accept_quote(held, by=by)
    if terms:
        update_order(order, by=by, other_terms=world.say(person, "other_terms"))
    submit(order, by=by)
    if rep == AGREED:
        world.at(world.now + timedelta(minutes=30), agreed, order, person)


def agreed(world: World, order: Order, person: Person) -> None:
    """The manager has said yes an hour ago."""
    boss = world.people[SAME_TEAM[order.owner.login][1]]
    approve(order, by=boss, comment=world.say(person, "approve_yes"))


def late_request(world: World) -> None:
    """Presales was asked for something that is late by now."""
    for row, person in open_ones(world, Stage.EXPERIENCE, Stage.NEGOTIATION)[-2:]:
        due = clock.firm_day(world.now) + timedelta(days=3)
        ask_presales(row, text=world.say(person, "presales"), due_on=due, by=row.owner)


def requests(world: World) -> None:
    """Presales was asked this morning: one is in hand already, two nobody has looked at."""
    asked = set(PresalesRequest.objects.open().values_list("opportunity_id", flat=True))
    rows = [x for x in open_ones(world, Stage.EXPERIENCE, Stage.NEGOTIATION) if x[0].pk not in asked]
    for n, (row, person) in enumerate(rows[::3][:3]):
        text, due = world.say(person, "presales"), clock.firm_day(world.now) + timedelta(days=n + 1)
        asked = ask_presales(row, text=text, due_on=due, by=row.owner)
        if n == 0:
            world.at(world.now + timedelta(minutes=25), showing.taken, asked)
