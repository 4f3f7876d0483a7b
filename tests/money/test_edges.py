"""R9: what is no amount, no percentage, no day of ours is refused by the verb itself, whichever edge let it through; and
a law that nothing breaks proves nothing: each is broken here once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from catalogue.pricing import Line
from core.errors import RuleRefused
from core.services import run_sweeps
from opportunities.services import draft_quote
from orders.services import accept_quote, draft, pay, refund, set_instalments, sign
from orders.services.paying import Part
from tests import invariants
from tests.cast import MONDAY, Firm, Watch
from tests.content import faults, refused

pytestmark = pytest.mark.django_db

TODAY = MONDAY.date()
NO_AMOUNTS = [Decimal(x) for x in ("NaN", "sNaN", "-Infinity", "-0.01", "0.001", "1e30")]
NO_PERCENTS = [Decimal(x) for x in ("NaN", "-1", "100.01", "0.001")]


@pytest.mark.parametrize("bad", NO_AMOUNTS, ids=str)
def test_R9_3_what_is_no_amount_is_refused(firm: Firm, watch: Watch, bad: Decimal) -> None:
    chance, order = firm.an_opportunity(), firm.a_signed_order()
    with refused(RuleRefused) as caught:
        draft_quote(chance, by=firm.rita, lines=[Line(firm.product, 1, bad)])
    assert faults(caught) == [("lines.0.unit_price", "out_of_range")]
    for verb in (pay, refund):
        with refused(RuleRefused) as caught:
            verb(order, amount=bad, paid_on=TODAY, by=firm.rita)
        assert faults(caught) == [("amount", "out_of_range")]
    with refused(RuleRefused) as caught:
        set_instalments(order, parts=[Part(TODAY, bad)], by=firm.rita)
    assert faults(caught) == [("parts.0.amount", "out_of_range")]


@pytest.mark.parametrize("bad", NO_PERCENTS, ids=str)
def test_R9_5_what_is_no_percentage_is_refused(firm: Firm, watch: Watch, bad: Decimal) -> None:
    chance = firm.an_opportunity()
    for terms in ({"discount": bad}, {"tax_rate": bad}, {"lines": [Line(firm.product, 1, discount=bad)]}):
        with refused(RuleRefused) as caught:
            draft_quote(chance, by=firm.rita, **terms)
        assert [code for _field, code in faults(caught)] == ["out_of_range"]
    with refused(RuleRefused):
        draft(chance, by=firm.rita, discount=bad)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(2200, 1, 1), date(9999, 12, 31)], ids=str)
def test_R9_1_a_contract_of_no_year_of_ours_is_refused(firm: Firm, watch: Watch, day: date) -> None:
    """Its term would run out of the calendar, and the sweep that ends it with it."""
    chance = firm.an_opportunity()
    for term in ({"term_months": 600}, {"term_days": 18_300}, {}):
        with refused(RuleRefused) as caught:
            draft(chance, by=firm.rita, starts_on=day, **term)
        assert faults(caught) == [("starts_on", "out_of_range")]
    order = draft(chance, by=firm.rita)
    with refused(RuleRefused) as caught:
        sign(order, by=firm.rita, signed_on=day)
    assert [field for field, _code in faults(caught)] == ["signed_on"]


def test_R9_5_numbers_begin_anew_with_the_firms_year(firm: Firm, watch: Watch) -> None:
    midnight = MONDAY.replace(year=2027, month=1, day=1, hour=0)
    watch.to(midnight - timedelta(hours=1))
    chance = firm.an_opportunity()
    found = [draft_quote(chance, by=firm.rita).number for _n in range(2)] + [firm.an_order().number]
    watch.to(midnight)
    found += [draft_quote(chance, by=firm.rita).number, firm.an_order().number]
    assert found == ["Q-2026-00001", "Q-2026-00002", "2026-00001", "Q-2027-00001", "2027-00001"]


# Each of these is a fault that no constraint of the database catches by itself.
BREAK = {
    "R9.5 a quote adds up": "UPDATE opportunities_quote SET net = net + 0.01, total = total + 0.01",
    "R9.3 a contract adds up": "UPDATE orders_orderline SET total = total + 0.01",
    "R9.5 numbers of quotes": "UPDATE opportunities_quote SET number = 'Q-2026-00009'",
    "R9.5 revisions of a quote": "UPDATE opportunities_quote SET revision = revision + 1",
    "R9.5 a quote is accepted exactly": "UPDATE opportunities_quote SET state = 'draft'",
    "R9.5 what was accepted is": "UPDATE opportunities_quote SET listed = listed + 1",
    "R9.5 each sending of a quote": "UPDATE opportunities_quote SET sent_at = created_at, sent_to = 'x'",
    "R11.4 what was taken was tried": "UPDATE outreach_message SET state = 'sent'",
    "R9.4 a signature is thanked": "UPDATE outreach_message SET about_id = r.opportunity_id FROM orders_order r",
    "R9.1 in force from": "UPDATE orders_order SET starts_on = starts_on + 1",
    "R9.3 never more went back": "UPDATE orders_payment SET kind = 'refund'",
    "R9.3 each payment is one event": "UPDATE orders_payment SET amount = amount - 0.01",
    "R9.3 the parts of a schedule": "UPDATE orders_instalment SET amount = amount + 0.01",
    "R9.4 of what was terminated": "UPDATE orders_order SET state = 'terminated', terminated_on = starts_on",
    "R9.4 what is scheduled": "UPDATE opportunities_opportunity SET signed_before_id = NULL",
    "R9.4 after the signature there is one next chance":
        "UPDATE opportunities_opportunity SET signed_before_id = NULL",
}  # fmt: skip


def test_each_law_of_money_is_one_that_can_be_broken(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(name="Li Lei", phone="13900001111", email="li@example.com")
    quote = draft_quote(firm.an_opportunity(lead=firm.an_sql(lead=lead)), by=firm.rita, discount=Decimal(3))
    order = accept_quote(quote, by=firm.rita)
    set_instalments(order, parts=[Part(TODAY, order.total)], by=firm.rita)
    order = sign(order, by=firm.rita)
    pay(order, amount=Decimal("10.00"), paid_on=TODAY, by=firm.rita)
    run_sweeps()
    invariants.check()
    for law, statement in BREAK.items():
        assert law in broken_by(statement), law


def broken_by(statement: str) -> str:
    """The laws that this statement breaks, in one text; afterwards all is as before."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)
        found = " | ".join(rule for rule, _pk in invariants.broken())
        transaction.set_rollback(True)
    return found
