"""Quotes: written, sent, written anew when the customer haggles (R9.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from catalogue.pricing import Line
from core import clock
from crm.demo import firm
from crm.demo.persons import Person
from crm.demo.world import World
from opportunities.models import Opportunity, Quote
from opportunities.services import draft_quote, revise_quote, send_quote, update, update_quote
from opportunities.services.quoting import lines_of_needs

# What is off a line, and off the whole; both together can be more than a rep may give away.
LINE_OFF = (0, 0, 0, 5, 5, 8, 10)
OFF = (0, 0, 0, 0, 2, 3, 5)


def term_of(world: World, lines: list[Line]) -> int | None:
    """Software for a year mostly; devices and training have no term."""
    software = {world.products[key].pk for key in firm.BY_HEAD}
    if not any(line.product.pk in software for line in lines):
        return None
    return world.rng.choice([12, 12, 12, 12, 24, 36, 6])


def write(
    world: World, person: Person, opportunity: Opportunity, by: Any, *, plain: bool = False, **more: Any
) -> Quote:
    """The rep writes a quote from the needs, with something off some lines unless it is a plain one."""
    row = Opportunity.objects.get(pk=opportunity.pk)
    today = clock.firm_day(world.now)
    term = more["term_months"] if "term_months" in more else term_of(world, lines_of_needs(row, today))
    lines = lines_of_needs(row, today, term)
    if not plain:
        lines = [replace(line, discount=Decimal(world.rng.choice(LINE_OFF))) for line in lines]
    given = {"discount": Decimal(world.rng.choice(OFF)), "term_months": term} | more
    note = world.say(person, "quote_note") if world.chance(0.4) else ""
    language = "zh-hans" if person.zh else "en"
    return draft_quote(row, by=by, lines=lines, language=language, note=note, **given)


def quote(world: World, person: Person, opportunity: Opportunity) -> None:
    """A quote is written, and sent an hour later where there is an address."""
    from crm.demo.deals import owner_of

    by = owner_of(world, opportunity)
    if by is None:
        return
    made = write(world, person, opportunity, by)
    if "email" in person.points and world.chance(0.9):
        world.at(world.now + timedelta(minutes=world.rng.randint(4, 70)), send, person, opportunity, made)


def send(
    world: World, person: Person, opportunity: Opportunity, made: Quote, *, haggles: bool = True
) -> None:
    """It goes out by e-mail; from now on the opportunity is worth what was offered."""
    from crm.demo.deals import owner_of

    by = owner_of(world, opportunity)
    if by is None:
        return
    send_quote(made, to=person.points["email"], by=by)
    on = clock.firm_day(world.now) + timedelta(days=world.rng.randint(2, 7))
    step = world.say(person, "next_quote")
    update(opportunity, by=by, amount=made.total, next_step=step, next_step_on=on)
    if haggles and world.chance(0.18):
        world.at(world.soon(4, 40), haggle, person, opportunity, made)


def haggle(world: World, person: Person, opportunity: Opportunity, made: Quote) -> None:
    """The customer wants something off: a second version of the same quote."""
    from crm.demo.deals import owner_of

    by = owner_of(world, opportunity)
    if by is None or not Quote.objects.filter(pk=made.pk, state="sent").exists():
        return
    new = again(world, person, made, by, made.discount + Decimal(world.rng.choice([2, 3, 5])))
    world.at(world.now + timedelta(minutes=world.rng.randint(5, 50)), send, person, opportunity, new)


def again(world: World, person: Person, made: Quote, by: Any, off: Decimal) -> Quote:
    """A second version with that much off the whole."""
    new = revise_quote(made, by=by)
    return update_quote(new, by=by, discount=off, note=world.say(person, "quote_note"))


def standing(opportunity: Opportunity) -> Quote | None:
    """The quote that holds: the latest that is neither revised nor accepted."""
    rows = Quote.objects.filter(opportunity=opportunity, state__in=["draft", "sent"])
    return rows.order_by("-created_at", "-id").first()
