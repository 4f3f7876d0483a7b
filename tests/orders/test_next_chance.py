"""R9.4: the next chance with a customer who has signed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.errors import Forbidden, RuleRefused
from core.models import Event
from core.services import run_sweeps
from opportunities.models import Opportunity
from opportunities.services import Need, open_next
from orders.models import Order
from orders.services import Line, draft, sign
from tests.cast import MONDAY, Firm, Watch, fresh
from tests.content import Log, content, faults, nothing_changes, refused, swept

TODAY = MONDAY.date()


def next_of(order: Order) -> Opportunity:
    return Opportunity.objects.get(signed_before=order.opportunity)


def test_R9_4_the_next_chance_comes_from_the_order(firm: Firm, watch: Watch, log: Log) -> None:
    order = firm.a_signed_order(term_months=12, lines=[Line(firm.product, 8)])
    chance = next_of(order)
    assert (chance.kind, chance.stage, chance.owner, chance.company, chance.contact, chance.headcount) == (
        "renewal",
        "scheduled",
        firm.rita,
        order.company,
        order.contact,
        10,
    )
    assert (chance.amount, chance.expected_close) == (Decimal("800.00"), order.ends_on)
    assert [(n.product, n.quantity) for n in chance.needs.all()] == [(firm.product, 8)]
    assert log.only("scheduled").data == {"kind": "renewal", "active_on": str(chance.active_on)}


def test_R9_4_it_becomes_active_on_its_day_with_its_owner_told(firm: Firm, watch: Watch, log: Log) -> None:
    chance = next_of(firm.a_signed_order())
    assert (chance.kind, chance.active_on) == ("repurchase", TODAY + timedelta(days=90))
    midnight = MONDAY.replace(hour=0) + timedelta(days=90)
    run_sweeps(watch.now)  # the order is in force from its first day on
    with nothing_changes():
        run_sweeps(midnight - timedelta(microseconds=1))
    run_sweeps(midnight + timedelta(hours=50))
    after = fresh(chance)
    assert (after.stage, after.stage_since) == ("confirmed", midnight)
    event = log.only("activated")
    assert (event.at, event.by_id, event.way, event.from_state, event.to_state) == (
        midnight,
        None,
        "rule",
        "scheduled",
        "confirmed",
    )
    assert list(firm.rita.notices.filter(kind="next_chance").values_list("at", flat=True)) == [midnight]


def test_R9_4_a_renewal_is_signed_and_opens_the_next_one(firm: Firm, watch: Watch) -> None:
    first = next_of(firm.a_signed_order(term_months=1))
    signed = sign(draft(first, by=firm.rita, term_months=1), by=firm.rita)
    assert (fresh(first).stage, next_of(signed).kind) == ("won", "renewal")


def upsell(firm: Firm, order: Order, **more: Any) -> Opportunity:
    values = {"by": firm.rita, "kind": "upsell", "products": [Need(firm.product)], "headcount": 3, **more}
    return open_next(order.company, **values)


@pytest.mark.parametrize("stage", ["confirmed", "experience", "negotiation"])
@pytest.mark.parametrize("kind", ["upsell", "repurchase"])
def test_R9_4_by_hand_at_any_stage(firm: Firm, watch: Watch, kind: str, stage: str) -> None:
    order = firm.a_signed_order()
    chance = upsell(firm, order, kind=kind, stage=stage)
    assert (chance.kind, chance.stage, chance.furthest, chance.amount, chance.owner) == (
        kind,
        stage,
        stage,
        Decimal("300.00"),
        firm.rita,
    )


def test_R9_4_only_with_a_customer_and_only_by_those_who_may(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    stranger = firm.an_opportunity()
    with refused(RuleRefused, "gate_not_met") as caught:
        open_next(
            stranger.company, by=firm.ada, kind="renewal", products=[], headcount=0, stage="won",
            contact=order.contact, amount=Decimal(-1),
        )  # fmt: skip
    assert {f for f, _c in faults(caught)} == {
        "products",
        "headcount",
        "amount",
        "kind",
        "stage",
        "company",
        "contact",
    }
    for login in ("tina", "rob", "wei", "olga", "max", "pia", "ivy"):
        with refused(Forbidden):
            upsell(firm, order, by=firm.people[login])
    for login in ("rita", "mark", "sue", "ada"):
        assert upsell(firm, order, by=firm.people[login]).owner == firm.rita


def test_Q5_opened_late_and_twice_it_is_the_same_database(firm: Firm, watch: Watch) -> None:
    firm.a_signed_order(firm.rita)
    watch.go(days=1)
    firm.a_signed_order(firm.wei, term_days=45)
    days = [MONDAY.replace(hour=0, minute=1) + timedelta(days=n) for n in range(0, 96, 5)]
    punctual = swept(days)
    assert punctual != content(by_chance=False)
    assert swept([days[-1]]) == punctual
    assert swept([days[8], days[-1], days[-1] + timedelta(hours=48)]) == punctual


def test_a_pooled_person_whose_company_signs_another_way_is_back(firm: Firm) -> None:
    """pooled → converted: the company is a customer, so its people lie in no pool."""
    order = firm.a_signed_order()
    lead = firm.pooled("released")
    lead.contact.company = order.company
    lead.contact.store("company")
    chance = open_next(
        order.company,
        by=firm.rita,
        kind="upsell",
        products=[Need(firm.product)],
        headcount=3,
        contact=lead.contact,
    )
    sign(draft(chance, by=firm.rita), by=firm.rita)
    row = fresh(lead)
    assert (row.state, row.owner, row.pool_reason, row.pooled_at) == ("converted", firm.rita, "", None)
    (said,) = Event.objects.filter(subject_id=lead.pk, verb="regained")
    assert (said.from_state, said.to_state, "order" in said.data) == ("pooled", "converted", True)
