"""The year before: customers of then, whose contracts run, run out, were renewed or not; and some who did not buy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from calling.services import log_call
from core import clock
from crm.demo import contracts, deals, desk, firm, money, offers, shop, showing
from crm.demo.people import CALLERS, REPS
from crm.demo.persons import Person
from crm.demo.reps import SAME_TEAM
from crm.demo.world import World
from leads.models import Lead
from leads.services import accept
from opportunities.models import Opportunity
from opportunities.services import Need, advance, convert, update
from orders.models import Order
from orders.services import accept_quote, approve, must_be_approved, submit


@dataclass(frozen=True)
class Then:
    """A customer of then: days before the end, product, heads, term in months, and what became of it."""

    ago: int
    product: str
    heads: int
    term: int | None
    fate: str = ""
    percent: int | None = None


# Renewals open 120 days before the end of a term, or when a third of it is left.
CUSTOMERS = (
    Then(412, "cloud", 18, 12, "renewed"),
    Then(404, "imaging", 6, 12, "not renewed"),
    Then(391, "cloud", 42, 12, "renewed"),
    Then(374, "booking", 15, 12, "late", 40),
    Then(351, "cloud", 24, 12, "negotiated", 85),
    Then(333, "cloud", 8, 12, "open", 60),
    Then(318, "imaging", 10, 12, "open", 90),
    Then(296, "cloud", 30, 12, "open", 75),
    Then(262, "booking", 20, 12, ""),
    Then(240, "cloud", 5, 6, "renewed"),
    Then(212, "cloud", 12, 24),
    Then(196, "cloud", 9, 12, "terminated"),
    Then(171, "imaging", 4, 36),
    Then(158, "ultrasound", 2, None, "refund"),
    Then(139, "cloud", 16, 12),
    Then(121, "kiosk", 3, None),
    Then(46, "cloud", 11, 12, "owes"),
    Then(5, "booking", 14, 12, "later"),
)
LATER = 19  # days from a signature to the first day
# Days before the end, and how far it came.
NOT_BOUGHT = (
    (398, ""),
    (369, "experience"),
    (344, "experience"),
    (311, "negotiation"),
    (287, "experience"),
    (249, "experience"),
    (223, ""),
    (189, "experience"),
    (163, "experience"),
    (131, ""),
    (112, "negotiation"),
)
FEW = (
    "negotiated",
    "terminated",
    "owes",
    "later",
)  # a firm of some days has only these, and nobody who did not buy


def days(world: World) -> None:
    """Put them into the queue."""
    full = world.days >= 30
    for n, then in enumerate(x for x in CUSTOMERS if full or x.fate in FEW):
        world.at(_day(world, then.ago + 16), comes, REPS[n % len(REPS)], then)
    for n, (ago, stage) in enumerate(NOT_BOUGHT if full else ()):
        world.at(_day(world, ago + 16), goes, REPS[(n + 1) % len(REPS)], stage)


def _day(world: World, ago: int, hour: float = 10) -> Any:
    """That many days before the end, in the morning."""
    return world.moment(clock.firm_day(world.end) - timedelta(days=ago), hour, hour + 1)


def met(world: World, rep: str, needs: list[Need], heads: int) -> tuple[Person, Opportunity]:
    """Somebody comes in, is called, accepted and understood on one day."""
    person = world.crowd.person(reach="phone email")
    person.staged = True
    desk.captured(world, [(person, desk.row_of(world, person, world.rng.choice(firm.SOURCES[2:9])))])
    caller = world.people[world.rng.choice(CALLERS)]
    by = world.people[rep]
    _call, lead = log_call(
        desk.stub(person),
        outcome="interested",
        by=caller,
        duration=world.rng.randint(60, 500),
        note=world.say(person, "interested"),
        rep=by,
    )
    if lead.state == "mql":
        # The customer of a colleague goes to that colleague.
        by = world.people[Lead.objects.values_list("owner__login", flat=True).get(pk=lead.pk)]
        accept(lead, by=by)
    opportunity = convert(
        desk.stub(person),
        by=by,
        company=person.company,
        products=deals.with_purpose(world, person, needs),
        headcount=heads,
        expected_close=clock.firm_day(world.now) + timedelta(days=30),
    )
    shop.say_industry(world, opportunity.company, by.login)
    return person, opportunity


def comes(world: World, rep: str, then: Then) -> None:
    """A customer of then, from the first call to the quote."""
    needs = [Need(world.products[then.product], "", then.heads)]
    person, opportunity = met(world, rep, needs, then.heads)
    world.at(_day(world, then.ago + 9), shown, person, opportunity, then)


def shown(world: World, person: Person, opportunity: Opportunity, then: Then) -> None:
    """They have seen it, and get their quote."""
    by = deals.owner_of(world, opportunity)
    deals.forward(world, person, opportunity, by)
    off = Decimal(world.rng.choice([0, 0, 3, 5]))
    quote = offers.write(
        world, person, opportunity, by, term_months=then.term, discount=off, valid_until=_until(world)
    )
    offers.send(world, person, opportunity, quote, haggles=False)
    advance(opportunity, by=by)
    world.at(_day(world, then.ago), buys, person, opportunity, then)


def _until(world: World) -> date:
    return clock.firm_day(world.now) + timedelta(days=30)


def buys(world: World, person: Person, opportunity: Opportunity, then: Then) -> None:
    """The signature; some contracts begin some days later."""
    by = deals.owner_of(world, opportunity)
    quote = offers.standing(opportunity)
    assert quote is not None
    later = timedelta(days=LATER) if then.fate == "later" else timedelta()
    order = accept_quote(quote, by=by, starts_on=clock.firm_day(world.now) + later)
    if must_be_approved(order):
        submit(order, by=by)
        approve(order, by=world.people[SAME_TEAM[by.login][1]])
    contracts.signed(
        world, person, order, by, days_ago=0, plan=money.OWES if then.fate == "owes" else "once", more=False
    )
    if then.fate == "terminated":
        world.at(_day(world, then.ago - 80), money.end_early, person, order)
        world.at(_day(world, then.ago - 86, 15), money.give_back, person, order, 40)
    elif then.fate == "refund":
        world.at(_day(world, then.ago - 60, 15), money.give_back, person, order, 15)
    elif then.fate not in ("", "later", money.OWES):
        world.at(_day(world, _renewal(world, order)), renewal, person, order, then)


def _renewal(world: World, order: Order) -> int:
    """How many days before the end somebody looks at the renewal: some days after it has opened."""
    opens = Opportunity.objects.values_list("active_on", flat=True).get(
        signed_before=order.opportunity_id, stage="scheduled"
    )
    assert opens is not None
    return max(2, (clock.firm_day(world.end) - opens).days - 4)


def renewal(world: World, person: Person, order: Order, then: Then) -> None:
    """The renewal is looked at, judged, and goes its way."""
    row = Opportunity.objects.select_related("owner").get(signed_before=order.opportunity_id, kind="renewal")
    if row.stage != "confirmed":
        return
    by = world.people[row.owner.login]
    deals.judge(world, row, then.percent or 80)
    if then.fate == "open":
        deals.set_step(world, person, row)
    elif then.fate == "negotiated":
        deals.forward(world, person, row, by, "negotiation")
        deals.risks(world, person, row, by)
    elif then.fate == "late":
        update(row, by=by, risk=world.say(person, "risk"))
    elif then.fate == "not renewed":
        world.at(world.soon(500, 700), deals.move, person, row, ["lose"])
    else:
        world.at(_end_of(world, order), renews, person, row, order)


def _end_of(world: World, order: Order) -> Any:
    ends = Order.objects.values_list("ends_on", flat=True).get(pk=order.pk)
    assert ends is not None
    return world.moment(ends - timedelta(days=5), 14, 15)


def renews(world: World, person: Person, row: Opportunity, before: Order) -> None:
    """The next year: the same contract from the day after the last."""
    by = deals.owner_of(world, row)
    ends = Order.objects.values_list("ends_on", flat=True).get(pk=before.pk)
    assert ends is not None
    showing.hold(world, person, row, by)
    quote = offers.write(
        world, person, row, by, term_months=before.term_months, discount=Decimal(0), plain=True
    )
    order = accept_quote(quote, by=by, starts_on=ends + timedelta(days=1))
    contracts.signed(world, person, order, by, days_ago=0, plan="once", more=False)


def goes(world: World, rep: str, stage: str) -> None:
    """Somebody of then who did not buy."""
    needs, heads = deals.needs(world)
    person, opportunity = met(world, rep, needs[:1], heads)
    by = deals.owner_of(world, opportunity)
    if stage:
        showing.hold(world, person, opportunity, by)
        advance(opportunity, by=by)
    if stage == "negotiation":
        offers.write(world, person, opportunity, by)
        advance(opportunity, by=by)
    world.at(world.now + timedelta(days=16), deals.move, person, opportunity, ["lose"])
