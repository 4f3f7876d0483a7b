"""From a need that can be quoted to a signed order, or not; and the next chance after it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from calling.services import log_call
from core import clock
from crm.demo import firm
from crm.demo.persons import Person
from crm.demo.texts import competitor
from crm.demo.world import World
from leads.models import Lead
from leads.services import add_note
from opportunities.models import Opportunity
from opportunities.services import Need, advance, back, convert, lose, open_next, reopen, update
from orders.models import Order
from orders.services import Line, cancel, draft, sign
from orders.services import update as update_order

# How an opportunity goes: the moves, one after the other.
PATHS: dict[str, tuple[float, list[str]]] = {
    "straight": (20, ["advance", "advance", "sign"]),
    "quick": (8, ["skip", "sign"]),
    "at once": (3, ["sign"]),
    "second try": (5, ["advance", "advance", "back", "advance", "sign"]),
    "paper twice": (4, ["advance", "advance", "draft", "cancel", "sign"]),
    "paper lies": (5, ["advance", "advance", "draft", "change"]),
    "mistake": (4, ["advance", "lose", "reopen", "advance", "sign"]),
    "lost early": (10, ["lose"]),
    "lost later": (14, ["advance", "lose"]),
    "lost late": (9, ["advance", "advance", "lose"]),
    "lies at first": (5, []),
    "lies in trial": (7, ["advance"]),
    "lies at the end": (6, ["advance", "advance"]),
}
LOST = {
    "pseudo_need": 2,
    "no_budget": 3,
    "price": 3,
    "competitor": 4,
    "timing": 3,
    "no_answer": 3,
    "other": 1,
}
PAUSE = {
    "advance": (20, 150),
    "skip": (20, 90),
    "sign": (40, 200),
    "lose": (30, 220),
    "reopen": (1, 5),
    "back": (30, 90),
}


def needs(world: World) -> tuple[list[Need], int]:
    """What they want and for how many people."""
    rng = world.rng
    people = rng.choice([2, 3, 4, 5, 6, 8, 8, 10, 12, 15, 18, 24, 30, 42])
    keys = [rng.choice(["cloud", "cloud", "cloud", "imaging", "booking", "kiosk", "ultrasound"])]
    more = [k for k in world.products if k not in keys]
    keys += rng.sample(more, rng.choice([0, 0, 1, 1, 2]))
    counts = {"training": rng.randint(1, 3), **{k: rng.randint(1, 4) for k in firm.DEVICES}}
    return [Need(world.products[k], "", counts.get(k)) for k in keys], people


def with_purpose(world: World, person: Person, wanted: list[Need]) -> list[Need]:
    """The same needs, most of them with what for."""
    keys = {product.pk: key for key, product in world.products.items()}
    words = firm.PURPOSES[person.language]
    return [
        Need(n.product, words[keys[n.product.pk]] if world.chance(0.7) else "", n.quantity) for n in wanted
    ]


def convert_lead(world: World, person: Person, rep: str, path: str = "") -> None:
    """The SQL can be quoted: an opportunity opens, unless this firm has one already or it has left the rep."""
    wanted, people = needs(world)
    close = clock.firm_day(world.now) + timedelta(days=world.rng.randint(12, 60))
    opportunity = convert(
        Lead(pk=person.lead_id, contact_id=person.contact_id),
        by=world.people[rep],
        company=person.company,
        products=with_purpose(world, person, wanted),
        headcount=people,
        amount=_round_amount(world, wanted, people),
        expected_close=close if world.chance(0.9) else None,
    )
    go(world, person, opportunity, list(PATHS[path or draw_path(world)][1]))


def _round_amount(world: World, wanted: list[Need], people: int) -> Decimal | None:
    if not world.chance(0.3):
        return None
    full = sum((n.product.price * (n.quantity or people) for n in wanted), Decimal(0))
    return (full * world.rng.choice([85, 90, 95]) / 100).quantize(Decimal(100))


def draw_path(world: World) -> str:
    """One of the ways an opportunity can go."""
    return world.draw({name: weight for name, (weight, _moves) in PATHS.items()})


def go(world: World, person: Person, opportunity: Opportunity, moves: list[str]) -> None:
    """Plan what happens with an opportunity."""
    world.at(world.soon(0.1, 2), set_step, person, opportunity)
    for _ in range(world.rng.choice([0, 1, 1, 2])):
        world.at(world.soon(4, 260), remark, person, opportunity)
    _next(world, person, opportunity, moves)


def _next(world: World, person: Person, opportunity: Opportunity, moves: list[str]) -> None:
    if moves:
        world.at(world.soon(*PAUSE.get(moves[0], (20, 100))), move, person, opportunity, moves)


def owner_of(world: World, opportunity: Opportunity) -> Any:
    """Whose it is now; None once it is lost."""
    row = Opportunity.objects.select_related("owner").only("stage", "owner__login").get(pk=opportunity.pk)
    return None if row.stage == "lost" else world.people[row.owner.login]


def move(world: World, person: Person, opportunity: Opportunity, moves: list[str]) -> None:
    """The next step on the way of an opportunity."""
    kind, rest = moves[0], moves[1:]
    by = owner_of(world, opportunity) or world.people[opportunity.owner.login]
    if kind == "advance":
        advance(opportunity, by=by)
    elif kind == "skip":
        advance(opportunity, by=by, to="negotiation")
    elif kind == "back":
        back(opportunity, by=by, reason=world.say(person, "back"))
    elif kind == "lose":
        give_up(world, person, opportunity, by)
    elif kind == "reopen":
        reopen(opportunity, by=by)
    elif kind == "draft":
        _draft(world, opportunity, by)
    elif kind == "change":
        order = Order.objects.get(opportunity=opportunity, state="draft")
        update_order(order, by=by, starts_on=clock.firm_day(world.now) + timedelta(days=10), term_months=24)
    elif kind == "cancel":
        cancel(Order.objects.get(opportunity=opportunity, state="draft"), by=by)
    elif kind == "sign":
        _sign(world, person, opportunity, by)
        return
    if kind in ("advance", "skip", "reopen") and world.chance(0.6):
        set_step(world, person, opportunity)
    _next(world, person, opportunity, rest)


def give_up(world: World, person: Person, opportunity: Opportunity, by: Any) -> None:
    """Lost, with its reason."""
    reason = world.draw(LOST)
    other = competitor(world.rng, person.language) if reason == "competitor" else ""
    text = world.say(person, f"lost_{reason}", competitor=other)
    lose(opportunity, reason=reason, text=text, competitor=other, by=by)


def _terms(world: World) -> dict[str, Any]:
    """A year mostly; short pilots whose renewal is soon; devices alone have no term."""
    kind = world.draw({"year": 50, "pilot": 25, "none": 25})
    if kind == "year":
        return {"term_months": world.rng.choice([12, 12, 12, 24, 36])}
    return {"term_days": world.rng.choice([30, 45, 60])} if kind == "pilot" else {}


def _draft(world: World, opportunity: Opportunity, by: Any) -> Order:
    lines = None
    if world.chance(0.35):
        off = Decimal(world.rng.choice([3, 5, 8]))
        wanted = opportunity.needs.select_related("product")
        lines = [Line(n.product, n.quantity, None, off) for n in wanted]
    return draft(opportunity, by=by, lines=lines, **_terms(world))


def _sign(world: World, person: Person, opportunity: Opportunity, by: Any) -> None:
    order = _draft(world, opportunity, by)
    # Paper that came by post was signed some days before; in the first weeks also long before.
    early = world.now - world.start < timedelta(days=30) and world.chance(0.4)
    days = world.rng.randint(8, 24) if early else world.rng.choice([0, 0, 0, 1, 2])
    sign(order, by=by, signed_on=clock.firm_day(world.now) - timedelta(days=days))
    if world.chance(0.4):
        world.at(world.soon(100, 700), more, person, opportunity)


def more(world: World, person: Person, won: Opportunity) -> None:
    """The customer wants more: an upsell or a repurchase, opened by hand."""
    row = Opportunity.objects.select_related("company", "owner").get(pk=won.pk)
    wanted, people = needs(world)
    by = world.people["sue"] if world.chance(0.3) else world.people[row.owner.login]
    kind = "upsell" if world.chance(0.6) else "repurchase"
    stage = "confirmed" if world.chance(0.7) else "negotiation"
    opened = open_next(
        row.company,
        by=by,
        kind=kind,
        products=with_purpose(world, person, wanted[:1]),
        headcount=people,
        stage=stage,
        expected_close=clock.firm_day(world.now) + timedelta(days=world.rng.randint(10, 40)),
    )
    moves = world.rng.choice([["advance", "sign"], ["sign"], ["lose"], []])
    go(world, person, opened, moves if stage == "confirmed" else [m for m in moves if m != "advance"])


def look_after(world: World) -> None:
    """Once a week: renewals and repurchases that became active get a plan of their own."""
    rows = (
        Opportunity.objects.open()
        .filter(signed_before__isnull=False, next_step="", stage="confirmed")
        .order_by("created_at", "id")
    )
    for row in rows:
        person = world.persons.get(row.lead_id)
        if person is not None:
            moves = world.rng.choice(
                [["skip", "sign"], ["advance", "advance", "sign"], ["advance"], ["lose"], []]
            )
            go(world, person, row, list(moves))


def set_step(world: World, person: Person, opportunity: Opportunity) -> None:
    """What is to be done next; some days pass without its being done."""
    by = owner_of(world, opportunity)
    if by is None:
        return
    on = clock.firm_day(world.now) + timedelta(days=world.rng.randint(1, 9))
    update(opportunity, by=by, next_step=world.say(person, "next_deal"), next_step_on=on)


def remark(world: World, person: Person, opportunity: Opportunity) -> None:
    """A note or a call on the way."""
    by = owner_of(world, opportunity)
    if by is None:
        return
    lead = Lead(pk=person.lead_id, contact_id=person.contact_id)
    text = world.say(person, "note_deal")
    if world.chance(0.3) and "phone" in person.points:
        log_call(lead, outcome="interested", by=by, note=text, duration=world.rng.randint(60, 2400))
    else:
        add_note(lead, text=text, by=by)


def days(world: World) -> None:
    """The weekly look at renewals."""
    for n in range(3, world.days, 3):
        world.at(world.moment(world.day(n), 9, 10), look_after)
