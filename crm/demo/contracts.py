"""From a quote to a signature, with a manager's yes where one is needed (R9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core import clock
from crm.demo import money, offers
from crm.demo.persons import Person
from crm.demo.reps import SAME_TEAM
from crm.demo.world import World
from opportunities.models import Opportunity
from orders.models import Order
from orders.services import accept_quote, approve, draft, must_be_approved, reject, sign, submit
from orders.services import update as update_order
from orders.services.drafting import lines_as_they_are


def write(
    world: World, person: Person, opportunity: Opportunity, by: Any, *, starts_on: date | None = None
) -> Order:
    """The contract: from the quote that holds, or from the needs."""
    quote = offers.standing(opportunity)
    if quote is not None and quote.valid_until >= clock.firm_day(world.now):
        return accept_quote(quote, by=by, starts_on=starts_on)
    kind = world.draw({"pilot": 5, "none": 3, "year": 2})
    terms: dict[str, Any] = {}
    if kind == "pilot":
        terms["term_days"] = world.rng.choice([30, 45, 60])
    elif kind == "year":
        terms["term_months"] = 12
    return draft(opportunity, by=by, starts_on=starts_on, **terms)


def conclude(world: World, person: Person, opportunity: Opportunity, by: Any) -> None:
    """Contract and signature; more than a rep may give away waits for the manager's yes."""
    order = Order.objects.filter(opportunity=opportunity).exclude(state="cancelled").first()
    order = order or write(world, person, opportunity, by)
    if not must_be_approved(order):
        signed(world, person, order, by)
        return
    if order.state == "draft":
        if world.chance(0.25):
            update_order(order, by=by, other_terms=world.say(person, "other_terms"))
        submit(order, by=by)
    world.at(world.soon(0.5, 9), decide, person, order)


def decide(world: World, person: Person, order: Order) -> None:
    """The manager says yes, or what has to change."""
    row = Order.objects.select_related("owner").get(pk=order.pk)
    boss = world.people[SAME_TEAM[row.owner.login][1]]
    if world.chance(0.75):
        comment = world.say(person, "approve_yes") if world.chance(0.6) else ""
        approve(row, by=boss, comment=comment)
        world.at(world.soon(1, 40), sign_it, person, row)
        return
    reject(row, by=boss, comment=world.say(person, "approve_no"))
    world.at(world.soon(0.5, 8), write_anew, person, row)


def write_anew(world: World, person: Person, order: Order) -> None:
    """Less off, standard terms: nothing that needs another yes."""
    row = Order.objects.select_related("owner").get(pk=order.pk)
    by = world.people[row.owner.login]
    lines = [replace(line, unit_price=None, discount=Decimal(3)) for line in lines_as_they_are(row)]
    update_order(row, by=by, lines=lines, discount=Decimal(2), other_terms="")
    world.at(world.soon(2, 30), sign_it, person, row)


def sign_it(world: World, person: Person, order: Order) -> None:
    """The customer has signed."""
    row = Order.objects.select_related("owner").get(pk=order.pk)
    if row.state in ("draft", "approved"):
        signed(world, person, row, world.people[row.owner.login])


def signed(
    world: World,
    person: Person,
    order: Order,
    by: Any,
    *,
    days_ago: int | None = None,
    plan: str = "",
    more: bool = True,
) -> Order:
    """→ signed, now or some days ago; then the schedule of payments, and the scan."""
    from crm.demo import deals

    days = days_ago if days_ago is not None else world.rng.choice([0, 0, 0, 1, 2])
    row = sign(order, by=by, signed_on=clock.firm_day(world.now) - timedelta(days=days))
    world.at(world.now + timedelta(minutes=30), money.agree, person, row, plan)
    if more and world.chance(0.3):
        world.at(world.soon(100, 700), deals.more, person, row.opportunity)
    return row
