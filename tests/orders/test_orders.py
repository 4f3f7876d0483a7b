"""R9.1, R9.4: from a contract to a signed order, and the next chance with that customer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalogue.services import save_price, save_product
from core.errors import Forbidden, RuleRefused, TransitionNotAllowed
from core.models import EventText
from core.web.phrases import PHRASES
from leads.rules import State as LeadState
from opportunities.services import draft_quote, lose, send_quote
from orders.models import Order
from orders.rules import State
from orders.selectors import allowed_actions
from orders.services import Line, accept_quote, cancel, draft, sign, update
from tests.cast import MONDAY, Firm, Watch, fresh
from tests.content import Log, faults, nothing_changes, refused

TODAY = MONDAY.date()


def test_R9_1_a_draft_takes_its_lines_from_the_needs(firm: Firm, watch: Watch, log: Log) -> None:
    order = firm.an_order(term_months=12)
    line = order.lines.get()
    assert (line.product, line.quantity, line.unit_price, line.discount, line.total) == (
        firm.product,
        10,
        Decimal("100.00"),
        Decimal(0),
        Decimal("1000.00"),
    )
    assert (order.state, order.total, order.owner, order.company, order.number) == (
        "draft",
        Decimal("1000.00"),
        firm.rita,
        order.opportunity.company,
        "2026-00001",
    )
    event = log.only("drafted")
    assert (event.by_id, event.to_state, event.data) == (firm.rita.pk, "draft", {"total": "1000.00"})
    assert not Order.objects.signed().exists()


@pytest.mark.parametrize(
    ("amount", "lines"),
    [
        ("1000.00", [(10, "100.00")]),
        ("900.00", [(10, "90.00")]),
        ("0.00", [(10, "0.00")]),
        ("1000.01", [(9, "100.00"), (1, "100.01")]),
    ],
)
def test_R9_1_a_single_product_costs_what_was_agreed(
    firm: Firm, watch: Watch, amount: str, lines: list[tuple[int, str]]
) -> None:
    order = firm.an_order(opportunity=firm.an_opportunity(amount=Decimal(amount)))
    assert [(x.quantity, x.unit_price) for x in order.lines.all()] == [(n, Decimal(p)) for n, p in lines]
    assert order.total == Decimal(amount)


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "total"),
    [
        (3, "33.33", "0", "99.99"),
        (3, "33.33", "10", "89.99"),
        (1, "0.05", "50", "0.03"),
        (7, "19.90", "12.5", "121.89"),
        (1, "100.00", "100", "0.00"),
        (2, None, "0", "200.00"),
    ],
)
def test_R9_3_money_is_exact(
    firm: Firm, watch: Watch, quantity: int, price: str | None, discount: str, total: str
) -> None:
    line = Line(firm.product, quantity, Decimal(price) if price else None, Decimal(discount))
    assert firm.an_order(lines=[line]).total == Decimal(total)


WRONG: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"lines": 0}, [("lines", "required")]),
    ({"quantity": 0}, [("lines.0.quantity", "out_of_range")]),
    ({"unit_price": Decimal(-1)}, [("lines.0.unit_price", "out_of_range")]),
    ({"discount": Decimal(101)}, [("lines.0.discount", "out_of_range")]),
    ({"discount": Decimal(-1), "quantity": -5, "term_months": 0},
     [("lines.0.quantity", "out_of_range"), ("lines.0.discount", "out_of_range"), ("term.months", "out_of_range")]),
    ({"term_months": 601}, [("term.months", "out_of_range")]),
    ({"term_days": 0}, [("term.days", "out_of_range")]),
    ({"term_days": 18_301}, [("term.days", "out_of_range")]),
    ({"term_months": 1, "term_days": 1}, [("term", "invalid")]),
    ({"unit_price": Decimal("999999999999.99"), "quantity": 2}, [("lines", "out_of_range")]),
]  # fmt: skip


@pytest.mark.parametrize(("values", "errors"), WRONG, ids=[str(v) for v, _e in WRONG])
def test_R9_1_what_is_wrong_with_a_contract_is_said_at_once(
    firm: Firm, watch: Watch, values: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    chance = firm.an_opportunity()
    terms = {k: v for k, v in values.items() if k.startswith("term")}
    of_line = {k: v for k, v in values.items() if k in ("quantity", "unit_price", "discount")}
    lines = [] if "lines" in values else [Line(firm.product, **of_line)]
    with refused(RuleRefused) as caught:
        draft(chance, by=firm.rita, lines=lines, **terms)
    assert faults(caught) == errors


def test_R9_1_one_contract_an_opportunity_until_it_is_cancelled(firm: Firm, watch: Watch) -> None:
    order = firm.an_order()
    with refused(TransitionNotAllowed):
        draft(order.opportunity, by=firm.rita)
    cancel(order, by=firm.rita)
    assert draft(order.opportunity, by=firm.rita).number == "2026-00002"


@pytest.mark.parametrize("stage", ["won", "lost"])
def test_R9_1_no_contract_for_what_is_closed(firm: Firm, watch: Watch, stage: str) -> None:
    chance = firm.chance_at(stage)
    with refused(TransitionNotAllowed):
        draft(chance, by=firm.rita)


def test_R9_1_a_draft_can_be_changed_until_it_is_signed(firm: Firm, watch: Watch, log: Log) -> None:
    order = firm.an_order(term_months=12)
    changed = update(
        order,
        by=firm.rita,
        lines=[Line(firm.product, 5)],
        term_months=None,
        term_days=45,
        starts_on=date(2026, 4, 1),
    )
    assert (changed.total, changed.term_months, changed.term_days, changed.ends_on) == (
        Decimal("500.00"),
        None,
        45,
        date(2026, 5, 15),
    )
    assert log.only("order_changed").data["term_days"] == ["None", "45"]
    with refused(RuleRefused) as caught:
        update(order, by=firm.rita, term_months=3)
    assert faults(caught) == [("term", "invalid")]
    sign(order, by=firm.rita)
    with refused(TransitionNotAllowed):
        update(order, by=firm.rita, term_days=10)


def test_R8_8_signing_wins_the_opportunity_and_makes_a_customer(firm: Firm, watch: Watch, log: Log) -> None:
    order = firm.an_order(term_months=12, lines=[Line(firm.product, 8)])
    log = type(log)()
    watch.go(days=3)
    signed = sign(order, by=firm.rita)
    assert (signed.state, signed.signed_on, signed.signed_at, signed.starts_on, signed.ends_on) == (
        State.SIGNED,
        date(2026, 3, 5),
        watch.now,
        date(2026, 3, 5),
        date(2027, 3, 4),
    )
    won = fresh(order.opportunity)
    assert (won.stage, won.amount, won.closed_at) == ("won", Decimal("800.00"), watch.now)
    company = fresh(order.company)
    assert (company.customer_since, company.owner) == (watch.now, firm.rita)
    assert fresh(won.lead).state == LeadState.CONVERTED
    assert list(Order.objects.signed()) == [signed]
    assert [(e.verb, e.subject_type, e.from_state, e.to_state) for e in log.new()] == [
        # Standard terms are agreed to at once: a move of its own, told as one.
        ("approved", "order", "draft", "approved"),
        ("won", "opportunity", "confirmed", "won"),
        ("signed", "order", "approved", "signed"),
        ("scheduled", "opportunity", "", "scheduled"),
    ]
    assert log.only("signed").data == {"total": "800.00", "signed_on": "2026-03-05"}


def test_R9_1_a_contract_is_signed_once_and_not_in_the_future(firm: Firm, watch: Watch) -> None:
    order = firm.an_order()
    with refused(RuleRefused) as caught:
        sign(order, by=firm.rita, signed_on=TODAY + timedelta(days=1))
    assert faults(caught) == [("signed_on", "future")]
    sign(order, by=firm.rita, signed_on=TODAY)
    with refused(TransitionNotAllowed):
        sign(order, by=firm.rita)
    with refused(TransitionNotAllowed):
        cancel(order, by=firm.rita)


def test_R9_1_the_day_of_signing_is_the_firms(firm: Firm, watch: Watch) -> None:
    watch.to(MONDAY.replace(hour=0, minute=30))
    assert firm.a_signed_order().signed_on == TODAY


def test_R9_1_the_contract_of_a_lost_opportunity_is_not_signed(firm: Firm, watch: Watch) -> None:
    order = firm.an_order()
    lose(order.opportunity, reason="price", by=firm.rita)
    with refused(TransitionNotAllowed):
        sign(order, by=firm.rita)


def test_R9_1_cancelled_before_signature(firm: Firm, watch: Watch, log: Log) -> None:
    order = cancel(firm.an_order(), by=firm.rita)
    assert (order.state, order.closed_at) == (State.CANCELLED, watch.now)
    assert (log.only("cancelled").from_state, log.only("cancelled").to_state) == ("draft", "cancelled")
    assert fresh(order.opportunity).stage == "confirmed"
    for attempt in (lambda: sign(order, by=firm.rita), lambda: cancel(order, by=firm.rita)):
        with refused(TransitionNotAllowed):
            attempt()


WORKERS = {"rita", "mark", "ada"}


@pytest.mark.parametrize("name", ["update", "sign", "cancel"])
def test_R15_1_the_owner_or_a_manager_above_works_on_it(firm: Firm, watch: Watch, name: str) -> None:
    verbs: dict[str, Any] = {
        "update": lambda o, by: update(o, by=by, term_days=30),
        "sign": lambda o, by: sign(o, by=by),
        "cancel": lambda o, by: cancel(o, by=by),
    }
    order = firm.an_order()
    with nothing_changes():
        for login, by in firm.people.items():
            if login not in WORKERS:
                with pytest.raises(Forbidden):
                    verbs[name](order, by)
    for login in sorted(WORKERS):
        with transaction.atomic():
            verbs[name](order, firm.people[login])
            transaction.set_rollback(True)


def test_allowed_actions_are_what_the_verbs_take(firm: Firm, watch: Watch) -> None:
    order = firm.an_order()
    assert allowed_actions(order, firm.rita) == ["edit", "submit", "cancel", "sign"]
    assert allowed_actions(order, firm.rob) == []
    assert allowed_actions(sign(order, by=firm.rita), firm.rita) == ["terminate", "pay"]
    assert allowed_actions(fresh(order), firm.sue) == ["pay"]


IMPOSSIBLE = [
    ("orders_order", "total = -0.01, net = -0.01, tax = 0", "order_total_not_negative"),
    ("orders_order", "total = 900", "order_adds_up"),
    ("orders_order", "submitted_by_id = owner_id, decided_by_id = owner_id", "nobody_approves_their_own"),
    ("orders_orderline", "periods = 0", "line_periods"),
    ("orders_order", "term_days = 3", "order_one_kind_of_term"),
    ("orders_order", "signed_on = NULL", "signed_order_has_day"),
    ("orders_order", "signed_at = NULL", "signed_order_has_day"),
    ("orders_orderline", "quantity = 0", "line_quantity"),
    ("orders_orderline", "unit_price = -1", "line_money_not_negative"),
    ("orders_orderline", "discount = 100.01", "line_discount_percent"),
]


@pytest.mark.reduced
@pytest.mark.parametrize(("table", "change", "name"), IMPOSSIBLE)
def test_the_database_refuses_the_impossible(
    firm: Firm, watch: Watch, table: str, change: str, name: str
) -> None:
    firm.a_signed_order(term_months=12)
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change}")


@pytest.mark.reduced
def test_the_database_knows_one_contract_an_opportunity(firm: Firm, watch: Watch) -> None:
    firm.an_order()
    copy = (
        "INSERT INTO orders_order SELECT (jsonb_populate_record(o, "
        "jsonb_build_object('id', gen_random_uuid(), 'number', '2026-99999'))).* FROM orders_order o"
    )
    with pytest.raises(IntegrityError, match="one_order_an_opportunity"), transaction.atomic():
        connection.cursor().execute(copy)


def test_what_is_not_sold_any_more_can_still_be_signed(firm: Firm, watch: Watch) -> None:
    """A product leaves the catalogue: what was agreed before can still be signed."""
    order = firm.an_order()
    save_product(firm.product, by=firm.max, active=False)
    assert sign(order, by=firm.rita).state == State.SIGNED


def test_R9_2_what_was_off_the_list_stays_when_only_the_term_changes(firm: Firm, watch: Watch) -> None:
    """The prices of the day it was written hold for the lines that stay; new lines cost what the day says."""
    quote = draft_quote(firm.an_opportunity(), by=firm.rita, discount=Decimal(10))
    order = accept_quote(quote, by=firm.rita)
    assert (order.listed, order.reduction) == (Decimal("1000.00"), Decimal("10.00"))
    save_product(firm.product, by=firm.max, price=Decimal("200.00"))
    update(order, by=firm.rita, term_months=24)
    row = fresh(order)
    assert (row.listed, row.total, row.reduction) == (Decimal("1000.00"), Decimal("900.00"), Decimal("10.00"))
    update(order, by=firm.rita, lines=[Line(fresh(firm.product), 10, Decimal("100.00"))])
    assert fresh(order).reduction == Decimal("55.00")


@pytest.mark.parametrize("sent", [False, True])
def test_R9_5_a_contract_given_up_leaves_its_quote_to_be_accepted_again(
    firm: Firm, watch: Watch, sent: bool
) -> None:
    quote = draft_quote(firm.an_opportunity(), by=firm.rita)
    if sent:
        send_quote(quote, to="li@example.com", by=firm.rita)
    cancel(accept_quote(quote, by=firm.rita), by=firm.rita)
    assert (fresh(quote).state, fresh(quote).decided_at) == ("sent" if sent else "draft", None)
    other = draft_quote(fresh(quote).opportunity, by=firm.rita, discount=Decimal(5))
    assert accept_quote(other, by=firm.rita).total == Decimal("950.00")


def test_R9_1_other_terms_are_told_as_text_and_not_in_the_event(firm: Firm, watch: Watch, log: Log) -> None:
    order = update(firm.an_order(), by=firm.rita, other_terms="  Pays in May ")
    assert order.other_terms == "Pays in May"
    event = log.only("order_changed")
    assert event.data == {"total": "1000.00"}
    assert list(EventText.objects.filter(event=event.pk).values_list("field", "old", "new")) == [
        ("other_terms", "", "Pays in May")
    ]


def test_R9_1_the_prices_of_the_day_hold_and_an_agreed_amount_more(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    save_price(None, by=firm.max, product=firm.product, basis="once", amount=Decimal(90), valid_from=TODAY)
    order = draft(chance, by=firm.rita)
    assert (order.total, order.listed) == (Decimal("1000.00"), Decimal("900.00"))


def test_every_verb_of_an_order_has_its_words() -> None:
    verbs = {
        "drafted", "order_changed", "quote_accepted", "submitted", "approved", "rejected", "signed", "in_force", "ended",
        "terminated", "cancelled", "scheduled_payments", "paid", "refunded", "document_added", "document_removed",
    }  # fmt: skip
    for name in verbs:
        say = PHRASES[name].say
        assert str(say({}, {}) if callable(say) else say)
