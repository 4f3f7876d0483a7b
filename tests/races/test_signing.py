"""From the conversion to the money at the same instant: each is done once, and the loser is told the truth (R5, R8, R9)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Notice
from contacts.models import Company
from core import clock
from core.models import Event
from core.services import run_sweeps
from leads.models import Lead
from opportunities.models import Opportunity, Quote
from opportunities.services import convert, draft_quote, revise_quote, send_quote
from orders.models import BankImport, Instalment, Order, Payment
from orders.services import (
    accept_quote,
    approve,
    begin_due,
    book_rows,
    cancel,
    draft,
    end_due,
    pay,
    read_bank_list,
    refund,
    reject,
    set_instalments,
    sign,
    signing,
    submit,
    terminate,
    update,
)
from orders.services.paying import Part
from outreach.models import Message
from tests import invariants
from tests.cast import Firm
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 16
DAY = timedelta(days=1)
LOST = "transition_not_allowed"


@pytest.fixture(autouse=True)
def _no_printing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is raced here is the sending, not the drawing of the paper."""
    monkeypatch.setattr("opportunities.paper.quote_pdf", lambda quote: b"%PDF-")


def today() -> Any:
    return clock.firm_day(clock.now())


def happened(*verbs: str) -> Counter[str]:
    return Counter(Event.objects.filter(verb__in=verbs).values_list("verb", flat=True))


def a_chance(firm: Firm) -> Opportunity:
    """With somebody who can be thanked by e-mail."""
    lead = firm.capture(name="Li Lei", phone="13900001111", email="li@example.com")
    return firm.an_opportunity(lead=firm.an_sql(lead=lead))


def test_R5_2_convert_clicked_sixteen_times_opens_one_opportunity(firm: Firm) -> None:
    lead, need = firm.an_sql(), firm.need()
    outcomes = race(partial(convert, lead, by=firm.rita, **need) for _ in range(MANY))
    assert outcomes.count(outcomes[0]) <= MANY and tally(outcomes)["won"] >= 1
    assert {o.value.pk for o in outcomes if o.won} == {Opportunity.objects.get().pk}
    assert happened("converted", "opened")["converted"] == 1
    assert Company.objects.count() == 1
    invariants.check()


def test_R8_8_R9_4_sign_clicked_sixteen_times_does_everything_once(firm: Firm) -> None:
    order = draft(a_chance(firm), by=firm.rita, term_months=12)
    outcomes = race(partial(sign, order, by=firm.rita) for _ in range(MANY))
    assert tally(outcomes) == {"won": 1, LOST: MANY - 1}
    assert happened("signed", "won", "scheduled") == {"signed": 1, "won": 1, "scheduled": 1}
    assert Opportunity.objects.filter(signed_before=order.opportunity).count() == 1
    assert list(Message.objects.values_list("kind", "to", "state")) == [
        ("thank_you", "li@example.com", "queued")
    ]
    invariants.check()


def test_R9_4_without_the_locks_the_database_still_refuses_a_second_signature(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: read, then write. Two do meet, or the race above proves nothing; and a forgotten lock is an error, never
    two orders."""
    everything = Order.objects.select_related("company", "contact", "owner", "team", "opportunity")
    monkeypatch.setattr(signing, "locked_lead", lambda pk: Lead.objects.get(pk=pk))
    monkeypatch.setattr(signing, "locked_opportunity", lambda pk: Opportunity.objects.get(pk=pk))
    monkeypatch.setattr(signing, "locked", lambda order: everything.get(pk=order.pk))
    tries = 0
    with pytest.raises(ExceptionGroup) as caught:
        while True:  # until two have met, which is at once
            tries += 1
            order = draft(firm.an_opportunity(), by=firm.rita)
            race(partial(sign, order, by=firm.rita) for _ in range(MANY))
    assert "does not move from signed" in str(caught.value.exceptions[0])
    assert happened("signed")["signed"] == happened("scheduled")["scheduled"] == tries


def test_R9_5_accept_clicked_sixteen_times_makes_one_contract(firm: Firm) -> None:
    quote = draft_quote(firm.an_opportunity(), by=firm.rita)
    outcomes = race(partial(accept_quote, quote, by=firm.rita) for _ in range(MANY))
    assert tally(outcomes) == {"won": 1, LOST: MANY - 1}
    assert (Order.objects.get().quote, Order.objects.get().total) == (quote, quote.total)
    assert happened("quote_accepted", "drafted") == {"quote_accepted": 1, "drafted": 1}
    invariants.check()


def test_R9_5_of_sixteen_quotes_accepted_at_once_one_becomes_the_contract(firm: Firm) -> None:
    chance = firm.an_opportunity()
    quotes = [draft_quote(chance, by=firm.rita, discount=Decimal(n)) for n in range(MANY)]
    outcomes = race(partial(accept_quote, quote, by=firm.rita) for quote in quotes)
    assert tally(outcomes) == {"won": 1, LOST: MANY - 1}
    assert Quote.objects.get(state="accepted") == Order.objects.get().quote
    invariants.check()


@pytest.mark.parametrize("other", ["revise", "send", "draft", "cancel"])
def test_Q3_accepting_against_another_hand(firm: Firm, other: str) -> None:
    for n in range(4):
        chance = firm.an_opportunity()
        quote = draft_quote(chance, by=firm.rita)
        if other == "cancel":  # the contract of another quote is given up in this moment
            held = accept_quote(draft_quote(chance, by=firm.rita), by=firm.rita)
        against = {
            "revise": lambda: revise_quote(quote, by=firm.mark),  # noqa: B023
            "send": lambda: send_quote(quote, to="li@example.com", by=firm.mark),  # noqa: B023
            "draft": lambda: draft(chance, by=firm.mark),  # noqa: B023
            "cancel": lambda: cancel(held, by=firm.mark),  # noqa: B023
        }[other]
        calls = [partial(accept_quote, quote, by=firm.rita), against]
        accepted, beside = race(calls) if n % 2 else reversed(race(calls[::-1]))
        quote.refresh_from_db()
        assert accepted.won == (quote.state == "accepted")
        assert {accepted.code, beside.code} <= {"won", LOST}
        assert accepted.won or beside.won
        if other in ("revise", "draft"):
            assert accepted.won != beside.won
        standing = Order.objects.filter(opportunity=chance).exclude(state="cancelled")
        assert standing.count() == (other == "draft" or accepted.won)
    invariants.check()


def test_R9_2_approve_against_reject_is_one_word(firm: Firm) -> None:
    firm.set_rules(order_approval=True)
    for n in range(4):
        order = submit(firm.an_order(discount=Decimal(40)), by=firm.rita)
        calls = [partial(approve, order, by=firm.mark)] * 4
        calls += [partial(reject, order, comment="too much", by=firm.ada)] * 4
        outcomes = race(calls if n % 2 else calls[::-1])
        assert tally(outcomes) == {"won": 1, "already_decided": 7}
        said = Event.objects.filter(subject_id=order.pk, verb__in=["approved", "rejected"])
        order.refresh_from_db()
        assert order.state == {"approved": "approved", "rejected": "draft"}[said.get().verb]
        kinds = ["approval_approved", "approval_rejected"]
        assert Notice.objects.filter(subject_id=order.pk, kind__in=kinds).count() == 1
    invariants.check()


def test_R9_3_one_receipt_of_the_bank_is_booked_once_however_often_and_wherever(firm: Firm) -> None:
    one, two = firm.a_signed_order(), firm.a_signed_order()
    money = {"amount": Decimal("12.34"), "paid_on": today(), "reference": "T-1"}
    outcomes = race(partial(pay, (one, two)[n % 2], by=firm.rita, **money) for n in range(MANY))
    assert tally(outcomes) == {"won": 1, "invalid": MANY - 1}
    assert {e.code for o in outcomes if not o.won for e in o.refusal.errors} == {"taken"}
    assert Payment.objects.count() == happened("paid")["paid"] == 1
    invariants.check()


def test_R9_3_one_list_booked_eight_times_and_the_same_list_twice(firm: Firm, tmp_path: Path) -> None:
    orders = [firm.a_signed_order() for _n in range(3)]
    path = tmp_path / "list.csv"
    rows = [f"{today()},somebody,10.00,{order.number},T{n}" for n, order in enumerate(orders)]
    path.write_text("\n".join(["交易日期,对方户名,收入金额,摘要,交易流水号", *rows]), encoding="utf-8")
    made = [read_bank_list(path, name="a.csv", by=firm.mark) for _n in range(2)]

    def book(listed: BankImport) -> Any:
        chosen = {row.pk: row.order_id for row in listed.rows.all()}
        return book_rows(listed, chosen=chosen, by=firm.mark)

    assert all(row.order_id for row in made[0].rows.all())
    outcomes = race(partial(book, made[n % 2]) for n in range(8))
    assert tally(outcomes) == {"won": 2, LOST: 6}
    assert Payment.objects.count() == happened("paid")["paid"] == 3
    assert sorted(Payment.objects.values_list("order", flat=True)) == sorted(o.pk for o in orders)
    invariants.check()


def test_R9_3_never_more_goes_back_than_came_in(firm: Firm) -> None:
    order = firm.a_signed_order()
    pay(order, amount=Decimal("100.00"), paid_on=today(), by=firm.rita)
    back = {"amount": Decimal("30.00"), "paid_on": today()}
    outcomes = race(partial(refund, order, by=firm.rita, **back) for _ in range(MANY))
    assert tally(outcomes) == {"won": 3, "invalid": 13}
    invariants.check()


def test_R9_3_a_schedule_against_another_sum_never_lies(firm: Firm) -> None:
    for n in range(4):
        order = firm.an_order()
        parts = [Part(today(), order.total)]
        calls = [
            partial(set_instalments, order, parts=parts, by=firm.rita),
            partial(update, order, discount=Decimal(50), by=firm.mark),
        ]
        race(calls if n % 2 else calls[::-1])
        order.refresh_from_db()
        amounts = list(Instalment.objects.filter(order=order).values_list("amount", flat=True))
        assert amounts in ([], [order.total])
    invariants.check()


def test_R9_1_begun_and_ended_once_from_two_beats(firm: Firm) -> None:
    day = today() - 9 * DAY
    for _n in range(12):
        firm.a_signed_order(signed_on=day, term_days=5)
    firm.a_signed_order(term_days=5)
    race([partial(begin_due, clock.now())] * 4)
    begin_due(clock.now())
    race([partial(end_due, clock.now())] * 4)
    end_due(clock.now())
    race([run_sweeps] * 3)
    assert happened("in_force", "ended", "activated") == {"in_force": 13, "ended": 12, "activated": 12}
    assert Counter(Order.objects.values_list("state", flat=True)) == {"ended": 12, "in_force": 1}
    invariants.check()


def test_Q3_terminated_against_the_sweep_that_opens_its_renewal(firm: Firm) -> None:
    """Whichever is first: the contract is over, and no chance of it still waits."""
    for n in range(4):
        order = firm.a_signed_order(signed_on=today() - 40 * DAY, term_days=45)
        begin_due(clock.now())
        calls = [partial(terminate, order, reason="moved away", by=firm.rita), run_sweeps]
        race(calls if n % 2 else calls[::-1])
        order.refresh_from_db()
        assert order.state == "terminated"
        assert not Opportunity.objects.filter(signed_before=order.opportunity, stage="scheduled").exists()
    invariants.check()
