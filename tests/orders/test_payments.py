"""R9.3: the schedule, receipts and refunds; paid, open and overdue are exact decimals."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Forbidden, RuleRefused, TransitionNotAllowed
from leads.services import leave
from orders.models import Order
from orders.rules import balance
from orders.schedules import Split, months_later, split, usual
from orders.selectors import parts_of
from orders.services import Line, balances, cancel, pay, refund, set_instalments, terminate, update
from orders.services.paying import Part
from tests.cast import MONDAY, Firm, Watch, fresh, person
from tests.content import Log, faults, nothing_changes, refused
from tests.pages import browser, tap, words

TODAY = MONDAY.date()
CENT = Decimal("0.01")
amounts = st.decimals(0, 10_000_000, places=2)


def parts(*rows: tuple[int, str]) -> list[Part]:
    """Parts due so many days from Monday."""
    return [Part(TODAY + timedelta(days=days), Decimal(amount)) for days, amount in rows]


# Pure


@given(amounts, st.integers(1, 120))
def test_R9_3_a_total_in_equal_parts_is_the_total_to_the_cent(total: Decimal, many: int) -> None:
    found = split(total, many)
    assert sum(found, Decimal(0)) == total
    assert all(part > 0 for part in found)
    assert not found or max(found) - min(found) <= CENT


@given(
    st.sampled_from([s.value for s in Split]),
    st.decimals("0.01", 10_000_000, places=2),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.integers(-400, 400),
    st.one_of(st.none(), st.integers(1, 600)),
)
def test_R9_3_every_usual_schedule_adds_up(
    kind: str, total: Decimal, today: date, away: int, months: int | None
) -> None:
    found = usual(kind, total, today, today + timedelta(days=away), months)
    assert sum((p.amount for p in found), Decimal(0)) == total
    assert [p.due_on for p in found] == sorted(p.due_on for p in found)
    assert 1 <= len(found) <= 120


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [("2026-01-31", 1, "2026-02-28"), ("2028-01-31", 1, "2028-02-29"), ("2026-12-15", 3, "2027-03-15")],
)
def test_R9_3_a_month_later(day: str, months: int, later: str) -> None:
    assert months_later(date.fromisoformat(day), months) == date.fromisoformat(later)


@given(
    amounts,
    st.lists(st.tuples(st.integers(-90, 90), amounts), max_size=6),
    amounts,
    amounts,
)
def test_R9_3_paid_open_and_overdue_agree(
    total: Decimal, due: list[tuple[int, Decimal]], received: Decimal, back: Decimal
) -> None:
    back = min(back, received)
    found = balance(total, [(TODAY + timedelta(days=n), a) for n, a in due], received, back, TODAY)
    assert found.paid + found.open - found.over == found.total
    assert Decimal(0) <= found.overdue <= found.open


# The schedule


def test_R9_3_all_parts_add_up_to_the_total(firm: Firm, watch: Watch, log: Log) -> None:
    order = firm.a_signed_order()
    set_instalments(order, parts=parts((0, "333.34"), (30, "333.33"), (60, "333.33")), by=firm.rita)
    assert [p.amount for p in order.instalments.all()] == [Decimal(x) for x in ("333.34", "333.33", "333.33")]
    assert log.only("scheduled_payments").data == {"parts": 3, "total": "1000.00"}
    with nothing_changes(), refused(RuleRefused) as caught:
        set_instalments(order, parts=parts((0, "500"), (30, "499.99")), by=firm.rita)
    assert faults(caught) == [("parts", "sum")]
    set_instalments(order, parts=[], by=firm.rita)
    assert not order.instalments.exists()


WRONG: list[tuple[Part, list[tuple[str, str]]]] = [
    (Part(None, Decimal(1000)), [("parts.0.due_on", "required")]),
    (Part(TODAY, None), [("parts.0.amount", "required")]),
    (Part(TODAY, Decimal(0)), [("parts.0.amount", "out_of_range")]),
    (Part(TODAY, Decimal(-1)), [("parts.0.amount", "out_of_range")]),
    (Part(TODAY, Decimal("0.001")), [("parts.0.amount", "out_of_range")]),
    (Part(date(9999, 1, 1), Decimal(1000)), [("parts.0.due_on", "out_of_range")]),
]


@pytest.mark.parametrize(("part", "errors"), WRONG)
def test_R9_3_what_is_wrong_with_a_part(
    firm: Firm, watch: Watch, part: Part, errors: list[tuple[str, str]]
) -> None:
    order = firm.an_order()
    with refused(RuleRefused) as caught:
        set_instalments(order, parts=[part], by=firm.rita)
    assert faults(caught) == errors


def test_R9_3_a_schedule_that_does_not_add_up_any_more_goes(firm: Firm, watch: Watch, log: Log) -> None:
    order = firm.an_order()
    set_instalments(order, parts=parts((0, "1000")), by=firm.rita)
    update(order, by=firm.rita, term_days=30)
    assert order.instalments.count() == 1
    update(order, by=firm.rita, lines=[Line(firm.product, 5)])
    assert order.instalments.count() == 0
    assert [e.data.get("schedule_gone") for e in log.new() if e.verb == "order_changed"] == [None, True]


def test_R9_3_a_closed_contract_has_no_schedule_to_change(firm: Firm, watch: Watch) -> None:
    order = cancel(firm.an_order(), by=firm.rita)
    with refused(TransitionNotAllowed):
        set_instalments(order, parts=parts((0, "1000")), by=firm.rita)


# Money in and out


def of(order: Order, watch: Watch) -> tuple[str, str, str]:
    found = balances([order], watch.now.date())[order.pk]
    row = Order.objects.with_money(watch.now.date()).get(pk=order.pk)
    assert (row.paid, row.open, row.overdue) == (found.paid, found.open, found.overdue)  # type: ignore[attr-defined]
    return str(found.paid), str(found.open), str(found.overdue)


def test_R9_3_paid_open_and_overdue_of_an_order(firm: Firm, watch: Watch, log: Log) -> None:
    order = firm.an_order()
    assert of(order, watch) == ("0.00", "0.00", "0.00")
    order = firm.a_signed_order()
    set_instalments(order, parts=parts((0, "400"), (10, "600")), by=firm.rita)
    assert of(order, watch) == ("0.00", "1000.00", "0.00")
    watch.go(days=1)
    assert of(order, watch) == ("0.00", "1000.00", "400.00")
    payment = pay(order, amount=Decimal("399.99"), paid_on=TODAY, by=firm.rita, reference="A1")
    assert of(order, watch) == ("399.99", "600.01", "0.01")
    assert log.only("paid").data == {
        "payment": str(payment.pk),
        "amount": "399.99",
        "paid_on": str(TODAY),
    }
    pay(order, amount=Decimal("700"), paid_on=TODAY, by=firm.rita)
    assert of(order, watch) == ("1099.99", "0.00", "0.00")
    refund(order, amount=Decimal("99.99"), paid_on=TODAY, by=firm.rita)
    assert of(order, watch) == ("1000.00", "0.00", "0.00")
    watch.go(days=30)
    refund(order, amount=Decimal("100"), paid_on=TODAY, by=firm.rita)
    assert of(order, watch) == ("900.00", "100.00", "100.00")


BAD: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"amount": None}, ("amount", "required")),
    ({"amount": Decimal(0)}, ("amount", "out_of_range")),
    ({"amount": Decimal("-5")}, ("amount", "out_of_range")),
    ({"amount": Decimal("0.005")}, ("amount", "out_of_range")),
    ({"paid_on": None}, ("paid_on", "required")),
    ({"paid_on": TODAY + timedelta(days=1)}, ("paid_on", "out_of_range")),
    ({"method": "barter"}, ("method", "invalid")),
    ({"reference": "A1"}, ("reference", "taken")),
]


@pytest.mark.parametrize(("wrong", "error"), BAD)
def test_R9_3_a_receipt_that_cannot_be(
    firm: Firm, watch: Watch, wrong: dict[str, Any], error: tuple[str, str]
) -> None:
    order = firm.a_signed_order()
    values: dict[str, Any] = {"amount": Decimal(10), "paid_on": TODAY, "by": firm.rita}
    pay(order, **values, reference="A1")
    with nothing_changes(), refused(RuleRefused) as caught:
        pay(order, **{**values, **wrong})
    assert faults(caught) == [error]


def test_R9_3_no_more_goes_back_than_came_in(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    pay(order, amount=Decimal("10"), paid_on=TODAY, by=firm.rita)
    with refused(RuleRefused) as caught:
        refund(order, amount=Decimal("10.01"), paid_on=TODAY, by=firm.rita)
    assert faults(caught) == [("amount", "out_of_range")]


BOOKERS = {"rita", "mark", "sue", "ada"}


def test_R15_1_who_books_payments(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    values: dict[str, Any] = {"amount": Decimal(1), "paid_on": TODAY}
    with nothing_changes():
        for login, by in firm.people.items():
            if login not in BOOKERS:
                for verb in (pay, refund):
                    with pytest.raises(Forbidden):
                        verb(order, by=by, **values)
                with pytest.raises(Forbidden):
                    set_instalments(order, parts=[], by=by)
    for login in sorted(BOOKERS):
        pay(order, by=firm.people[login], **values)
    draft = firm.an_order()
    with nothing_changes():
        for verb in (pay, refund):
            with pytest.raises(TransitionNotAllowed):
                verb(draft, by=firm.rita, **values)


def test_R15_3_who_took_the_customer_over_books_what_comes_in(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    leave(firm.rita, by=firm.ada, to="person", person=firm.rob)
    assert fresh(order).owner == firm.rita, "who sold it stays"
    pay(order, by=person(firm.rob), amount=Decimal(1), paid_on=TODAY)
    with pytest.raises(Forbidden):
        pay(order, by=firm.wei, amount=Decimal(1), paid_on=TODAY)


# Its page


def test_the_payments_of_an_order_in_place(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order(term_months=12)
    client = browser(firm.rita)
    form = client.get(f"/orders/{order.pk}/do/schedule/?split=quarterly").content.decode()
    assert form.count('value="250.00"') == 4 and "2026-12-02" in form
    data = {"parts-TOTAL_FORMS": "3", "parts-INITIAL_FORMS": "0", "parts-0-due_on": "2026-03-01",
            "parts-0-amount": "400", "parts-1-due_on": "2026-04-01", "parts-1-amount": "600"}  # fmt: skip
    page = words(tap(client, f"/orders/{order.pk}/schedule/", data))
    assert "¥400 overdue" in page
    bad = tap(client, f"/orders/{order.pk}/schedule/", data | {"parts-0-amount": "1"})
    assert bad.status_code == 422 and "The parts come to 601.00" in words(bad)
    gap = tap(client, f"/orders/{order.pk}/schedule/", data | {"parts-2-amount": "3"})
    assert gap.status_code == 422 and 'data-field="parts-2-due_on"' in gap.content.decode()
    form = client.get(f"/orders/{order.pk}/do/pay/").content.decode()
    assert 'value="400.00"' in form and f'name="version" value="{fresh(order).version}"' in form
    paid = {"amount": "400", "paid_on": "2026-03-02", "method": "transfer", "reference": "B7"}
    page = words(tap(client, f"/orders/{order.pk}/pay/", paid))
    assert "¥400 received on" in page and "overdue" not in page.split("What happened")[0].split("Open")[-1]
    twice = tap(client, f"/orders/{order.pk}/pay/", paid)
    assert twice.status_code == 422 and 'data-field="reference"' in twice.content.decode()
    assert (
        tap(client, f"/orders/{order.pk}/refund/", paid | {"amount": "1", "reference": ""}).status_code == 200
    )
    seen = {"amount": "5", "paid_on": "2026-03-02", "method": "cash", "version": str(fresh(order).version)}
    clicks = [tap(client, f"/orders/{order.pk}/pay/", seen).status_code for _click in range(2)]
    assert clicks == [200, 412], "twice sent, once booked"
    assert tap(browser(firm.max), f"/orders/{order.pk}/pay/", paid).status_code == 403
    assert tap(browser(firm.wei), f"/orders/{order.pk}/pay/", paid).status_code == 404
    assert fresh(order).payments.count() == 3


def test_overdue_is_found_in_the_list_and_on_today(firm: Firm, watch: Watch) -> None:
    late, other = firm.a_signed_order(), firm.a_signed_order()
    set_instalments(late, parts=parts((-3, "1000")), by=firm.rita)
    client = browser(firm.rita)
    page = words(client.get("/orders/?due=overdue"))
    assert late.number in page and other.number not in page
    assert "overdue on 1 order" in page and "¥2 k open" in page
    assert "¥1,000 is overdue: ask your customer" in words(client.get("/"))
    assert client.get("/orders/?due=nonsense").status_code == 200


def test_R9_3_of_what_was_terminated_nothing_is_late_that_was_paid_back_or_due_only_later(
    firm: Firm, watch: Watch
) -> None:
    order = firm.a_signed_order(term_months=12)
    set_instalments(order, parts=parts((0, "400"), (10, "350"), (60, "250")), by=firm.rita)
    pay(order, amount=Decimal(500), paid_on=TODAY, by=firm.rita)
    watch.go(days=20)
    terminate(order, reason="They close the shop.", by=firm.rita)
    refund(order, amount=Decimal(300), paid_on=TODAY, by=firm.rita)
    later = TODAY + timedelta(days=90)
    found = balances([fresh(order)], later)[order.pk]
    # 750 were due until it ended and 500 had come in; what went back is not asked for again.
    assert (found.paid, found.open, found.overdue) == (Decimal(200), Decimal(800), Decimal(250))
    row = Order.objects.with_money(later).get(pk=order.pk)
    assert (row.paid, row.open, row.overdue, row.covered) == (
        found.paid,
        found.open,
        found.overdue,
        found.covered,
    )
    shown = parts_of(row, found, later)
    assert [(one["open"], one["late"]) for one in shown] == [
        (Decimal(0), False),
        (Decimal(250), True),
        (Decimal(250), False),
    ]
