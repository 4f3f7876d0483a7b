"""From a need that can be quoted to a signed order, or not; and the next chance after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from calling.services import log_call
from core import clock
from crm.demo import contracts, firm, offers, shop, showing
from crm.demo.persons import Person
from crm.demo.texts import competitor
from crm.demo.world import World
from leads.models import Lead
from leads.services import add_note
from opportunities.models import Opportunity
from opportunities.services import Need, advance, back, convert, lose, open_next, reopen, update
from orders.models import Order
from orders.services import cancel
from orders.services import update as update_order

# How an opportunity goes: the moves, one after the other.
PATHS: dict[str, tuple[float, list[str]]] = {
    "straight": (11, ["advance", "advance", "sign"]),
    "quick": (4, ["skip", "sign"]),
    "at once": (2, ["sign"]),
    "second try": (3, ["advance", "advance", "back", "advance", "sign"]),
    "paper twice": (3, ["advance", "advance", "draft", "cancel", "sign"]),
    "paper lies": (3, ["advance", "advance", "draft", "change"]),
    "mistake": (3, ["advance", "lose", "reopen", "advance", "sign"]),
    "lost early": (44, ["lose"]),
    "lost later": (34, ["advance", "lose"]),
    "lost late": (14, ["advance", "advance", "lose"]),
    "lies at first": (4, []),
    "lies in trial": (6, ["advance"]),
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
    shop.say_industry(world, opportunity.company, rep)
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
    for _ in range(world.rng.choice([0, 1, 1, 1])):
        world.at(world.soon(4, 260), remark, person, opportunity)
    _next(world, person, opportunity, moves)


def _next(world: World, person: Person, opportunity: Opportunity, moves: list[str]) -> None:
    if not moves:
        return
    when = world.soon(*PAUSE.get(moves[0], (20, 100)))
    if moves[0] in ("advance", "skip"):
        _prepare(world, person, opportunity, moves[0], when)
    world.at(when, move, person, opportunity, moves)


def _prepare(world: World, person: Person, opportunity: Opportunity, kind: str, when: datetime) -> None:
    """What goes with the next stage is on its way: a day to see the product, a quote (R8.2)."""
    stage = Opportunity.objects.values_list("stage", flat=True).get(pk=opportunity.pk)
    wait = when - world.now
    if stage == "confirmed":
        world.at(
            world.now + wait * 0.15,
            showing.plan,
            person,
            opportunity,
            when - min(wait / 4, timedelta(hours=2)),
        )
    if stage == "experience" or kind == "skip":
        world.at(world.now + wait * 0.5, offers.quote, person, opportunity)
        if world.chance(0.3):
            world.at(world.now + wait * 0.3, showing.ask, person, opportunity)


def owner_of(world: World, opportunity: Opportunity) -> Any:
    """Whose it is now; None once it is lost."""
    row = Opportunity.objects.select_related("owner").only("stage", "owner__login").get(pk=opportunity.pk)
    return None if row.stage == "lost" else world.people[row.owner.login]


def move(world: World, person: Person, opportunity: Opportunity, moves: list[str]) -> None:
    """The next step on the way of an opportunity."""
    if opportunity.pk in world.kept:
        return
    kind, rest = moves[0], moves[1:]
    by = owner_of(world, opportunity) or world.people[opportunity.owner.login]
    if kind in ("advance", "skip"):
        if not forward(world, person, opportunity, by, "negotiation" if kind == "skip" else ""):
            _next(world, person, opportunity, moves)  # it fell through: another day
            return
    elif kind == "back":
        back(opportunity, by=by, reason=world.say(person, "back"))
    elif kind == "lose":
        give_up(world, person, opportunity, by)
    elif kind == "reopen":
        reopen(opportunity, by=by)
    elif kind == "draft":
        contracts.write(world, person, opportunity, by)
    elif kind in ("change", "cancel"):
        change_paper(world, opportunity, by, kind)
    elif kind == "sign":
        contracts.conclude(world, person, opportunity, by)
        return
    if kind in ("skip", "reopen") or (kind == "advance" and world.chance(0.3)):
        set_step(world, person, opportunity)
    _next(world, person, opportunity, rest)


def change_paper(world: World, opportunity: Opportunity, by: Any, kind: str) -> None:
    """The contract that is being written begins later and runs longer, or is put away; unless it is gone by now."""
    order = Order.objects.filter(opportunity=opportunity, state="draft").first()
    if order is not None and kind == "cancel":
        cancel(order, by=by)
    elif order is not None:
        starts = clock.firm_day(world.now) + timedelta(days=10)
        update_order(order, by=by, starts_on=starts, term_months=24, term_days=None)


def forward(world: World, person: Person, opportunity: Opportunity, by: Any, to: str = "") -> bool:
    """To the next stage with what goes with it; False when the day fell through."""
    stage = Opportunity.objects.values_list("stage", flat=True).get(pk=opportunity.pk)
    if stage == "confirmed" and not showing.hold(world, person, opportunity, by):
        return False
    if (stage == "experience" or to) and offers.standing(opportunity) is None:
        offers.write(world, person, opportunity, by)
    advance(opportunity, by=by, to=to)
    if (stage == "experience" or to) and world.chance(0.7):
        risks(world, person, opportunity, by)
    return True


def risks(world: World, person: Person, opportunity: Opportunity, by: Any) -> None:
    """In the negotiation it is written down who else is in it, and what may go wrong (R8.6)."""
    known: dict[str, Any] = {}
    if world.chance(0.6):
        known["competitor"] = competitor(world.rng, person.language)
    if world.chance(0.4):
        known["over_expectation"] = True
    if world.chance(0.5) or not known:
        known["risk"] = world.say(person, "risk")
    update(opportunity, by=by, **known)


def give_up(world: World, person: Person, opportunity: Opportunity, by: Any) -> None:
    """Lost, with its reason."""
    reason = world.draw(LOST)
    other = competitor(world.rng, person.language) if reason == "competitor" else ""
    text = world.say(person, f"lost_{reason}", competitor=other)
    lose(opportunity, reason=reason, text=text, competitor=other, by=by)


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
        .select_related("owner")
        .filter(signed_before__isnull=False, next_step="", stage="confirmed")
        .order_by("created_at", "id")
    )
    for row in rows:
        person = world.persons.get(row.lead_id)
        if person is not None and not person.staged:
            judge(world, row)
            moves = world.rng.choice(
                [["skip", "sign"], ["advance", "advance", "sign"], ["advance"], ["lose"], []]
            )
            go(world, person, row, list(moves))


def judge(world: World, renewal: Opportunity, percent: int | None = None) -> None:
    """The rep says how likely this renewal is; it is reckoned with that (R8.3)."""
    if renewal.kind == "renewal":
        chance = percent if percent is not None else world.rng.choice([40, 60, 75, 80, 90])
        update(renewal, by=world.people[renewal.owner.login], probability=chance)


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
        log_call(lead, outcome="interested", by=by, note=text, rep=by, duration=world.rng.randint(60, 2400))
    else:
        add_note(lead, text=text, by=by)


def days(world: World) -> None:
    """The weekly look at renewals."""
    for n in range(3, world.days, 3):
        world.at(world.moment(world.day(n), 9, 10), look_after)
