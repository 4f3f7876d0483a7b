"""R5: an opportunity exists when the customer can be quoted; all together, or nothing changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalogue.models import Product
from catalogue.services import save_product
from contacts.models import Company
from contacts.services import save_company
from core.errors import RuleRefused, TransitionNotAllowed, TrunkError
from leads.models import Holding
from leads.rules import State
from opportunities.models import Opportunity
from opportunities.selectors import old_facts
from opportunities.services import Need, convert
from pool.services import claim
from tests.cast import Firm, Watch, fresh
from tests.content import Log, faults, nothing_changes, refused


def test_R5_2_converting_opens_the_opportunity_and_ends_the_clock(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.an_sql()
    log = type(log)()
    watch.go(days=2)
    chance = convert(
        lead,
        by=firm.rita,
        company="深圳市蓝鲸科技有限公司",
        products=[Need(firm.product, "training")],
        headcount=12,
    )
    after = fresh(lead)
    assert (after.state, after.owner, after.due_at) == (State.CONVERTED, firm.rita, None)
    assert (
        chance.kind,
        chance.stage,
        chance.furthest,
        chance.owner,
        chance.team,
        chance.lead_id,
        chance.run,
    ) == (
        "new_business",
        "confirmed",
        "confirmed",
        firm.rita,
        firm.east,
        lead.pk,
        1,
    )
    assert (chance.amount, chance.headcount, chance.currency) == (Decimal("1200.00"), 12, "CNY")
    need = chance.needs.get()
    assert (need.product, need.purpose, need.quantity) == (firm.product, "training", 12)
    contact = fresh(lead.contact)
    assert (contact.company, contact.company_name) == (chance.company, "深圳市蓝鲸科技有限公司")
    assert log.verbs() == ["company_made", "contact_changed", "converted", "opened"]
    assert (log.only("converted").from_state, log.only("converted").to_state) == ("sql", "converted")
    assert log.only("opened").data == {"kind": "new_business", "headcount": 12, "amount": "1200.00"}
    assert log.only("opened").company_id == chance.company_id
    held = Holding.objects.get(lead=lead, stage="sql")
    assert (held.ended, held.to_at) == ("converted", watch.now)


MISSING: list[tuple[dict[str, Any], list[str]]] = [
    ({"products": []}, ["products"]),
    ({"headcount": None}, ["headcount"]),
    ({"company": ""}, ["company"]),
    ({"company": "  "}, ["company"]),
    ({"products": [], "headcount": None}, ["products", "headcount"]),
    ({"products": [], "company": ""}, ["products", "company"]),
    ({"headcount": None, "company": ""}, ["headcount", "company"]),
    ({"products": [], "headcount": None, "company": ""}, ["products", "headcount", "company"]),
]


@pytest.mark.parametrize(("gap", "fields"), MISSING, ids=[",".join(f) for _g, f in MISSING])
def test_R5_1_everything_that_is_missing_is_said_at_once(
    firm: Firm, watch: Watch, gap: dict[str, Any], fields: list[str]
) -> None:
    lead = firm.an_sql()
    with refused(RuleRefused, "gate_not_met") as caught:
        convert(lead, by=firm.rita, **firm.need(**gap))
    assert faults(caught) == [(field, "required") for field in fields]


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"headcount": 0}, ("headcount", "out_of_range")),
        ({"headcount": -3}, ("headcount", "out_of_range")),
        ({"headcount": 10_000_001}, ("headcount", "out_of_range")),
        ({"company": "!"}, ("company", "not_a_name")),
        ({"company": "12345"}, ("company", "not_a_name")),
        ({"amount": Decimal("-0.01")}, ("amount", "out_of_range")),
        ({"amount": Decimal("1000000000000.00")}, ("amount", "out_of_range")),
    ],
    ids=str,
)
def test_R5_1_what_is_there_must_be_right(
    firm: Firm, watch: Watch, wrong: dict[str, Any], fault: tuple[str, str]
) -> None:
    lead = firm.an_sql()
    with refused(RuleRefused, "gate_not_met") as caught:
        convert(lead, by=firm.rita, **firm.need(**wrong))
    assert faults(caught) == [fault]


def test_R5_1_products_must_be_sold_and_named_once(firm: Firm, watch: Watch) -> None:
    old = save_product(None, by=firm.ada, name="Old", price=Decimal(1), active=False)
    needs = [Need(firm.product), Need(firm.product, quantity=0), Need(old)]
    lead = firm.an_sql()
    with refused(RuleRefused, "gate_not_met") as caught:
        convert(lead, by=firm.rita, **firm.need(products=needs))
    assert faults(caught) == [
        ("products.1.quantity", "out_of_range"),
        ("products.1.product", "duplicate"),
        ("products.2.product", "inactive"),
    ]


@pytest.mark.parametrize("headcount", [1, 10_000_000])
def test_R5_1_the_smallest_and_the_largest_headcount(firm: Firm, watch: Watch, headcount: int) -> None:
    assert firm.an_opportunity(headcount=headcount).headcount == headcount


def test_R5_1_what_for_is_optional_and_an_amount_of_ones_own_is_kept(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity(amount=Decimal("0.00"), products=[Need(firm.product, quantity=3)])
    assert (chance.amount, chance.needs.get().quantity) == (Decimal("0.00"), 3)


def test_R5_2_the_company_is_found_whatever_case_or_width(firm: Firm, watch: Watch) -> None:
    acme = save_company(None, by=firm.ada, name="Acme (Shanghai) Ltd")
    assert firm.an_opportunity(company="ＡＣＭＥ（Shanghai） ltd").company == acme
    assert firm.an_opportunity(company=acme).company == acme
    assert Company.objects.count() == 1


def test_R5_2_a_name_without_its_legal_form_is_never_taken_silently(firm: Firm, watch: Watch) -> None:
    save_company(None, by=firm.ada, name="蓝鲸科技有限公司")
    firm.an_opportunity(company="蓝鲸科技")
    assert Company.objects.filter(core_name="蓝鲸科技").count() == 2


@pytest.mark.parametrize("state", ["new", "mql", "waiting", "converted", "pooled", "invalid"])
def test_R5_only_an_sql_is_converted(firm: Firm, watch: Watch, state: str) -> None:
    lead = firm.in_state(state)
    with nothing_changes(), pytest.raises(TrunkError) as caught:
        convert(lead, by=firm.rita, **firm.need())
    assert caught.value.status in (403, 409)
    if state in ("mql", "converted"):
        assert isinstance(caught.value, TransitionNotAllowed)


MAY = {"rita", "mark", "ada"}


def test_R5_the_owner_or_a_manager_above_converts_and_the_owner_stays(firm: Firm, watch: Watch) -> None:
    for login, by in firm.people.items():
        lead = firm.an_sql(firm.rita)
        need = firm.need()
        if login in MAY:
            chance = convert(lead, by=by, **need)
            assert (chance.owner, fresh(lead).owner) == (firm.rita, firm.rita)
        else:
            with nothing_changes(), pytest.raises(TrunkError) as caught:
                convert(lead, by=by, **need)
            assert caught.value.status in (403, 409)


def test_R8_7_what_comes_back_brings_the_old_facts_and_is_a_new_opportunity(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("lost", detail="price")
    first = Opportunity.objects.get(lead=lead)
    assert old_facts(lead) == first
    mine = claim(lead, by=firm.wei)
    second = firm.an_opportunity(firm.wei, lead=mine, company=first.company)
    assert (second.run, second.owner, second.company, second.stage) == (
        2,
        firm.wei,
        first.company,
        "confirmed",
    )
    assert fresh(first).stage == "lost"


def test_a_product_costs_more_than_an_amount_can_be(firm: Firm, watch: Watch) -> None:
    Product.objects.filter(pk=firm.product.pk).update(price=Decimal("999999999999.99"))
    chance = firm.an_opportunity(products=[Need(fresh(firm.product))])
    assert chance.amount is None
