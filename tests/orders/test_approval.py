"""R9.2: larger discounts and other terms need a manager's yes; a branch, off for a new firm."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from catalogue.rules import is_more_off
from catalogue.services import save_product
from core.errors import AlreadyDecided, Forbidden, RuleRefused, TransitionNotAllowed
from orders.models import Order
from orders.rules import State, needs_approval
from orders.selectors import allowed_actions
from orders.services import Line, approve, cancel, draft, reject, sign, submit, update
from orders.services.drafting import lines_as_they_are
from tests.cast import Firm, Watch, fresh
from tests.content import Log, faults, nothing_changes, refused
from tests.pages import browser, tap, words


@pytest.fixture
def firm(firm: Firm) -> Firm:
    firm.set_rules(order_approval=True)
    return firm


def off(firm: Firm, percent: str, **terms: Any) -> Order:
    """A draft of Rita's with this discount on all."""
    return draft(firm.an_opportunity(), by=firm.rita, discount=Decimal(percent), **terms)


def asked(firm: Firm, percent: str = "25") -> Order:
    return submit(off(firm, percent), by=firm.rita)


@pytest.mark.parametrize(
    ("total", "terms", "needed"),
    [
        ("100.00", "", False),
        ("90.00", "", False),
        ("90.00", "  \n", False),
        ("89.99", "", False),  # a cent may be rounding's
        ("89.97", "", True),
        ("100.00", "pays in a year", True),
        ("0.00", "", True),
    ],
)
def test_R9_2_over_the_limit_or_other_terms(total: str, terms: str, needed: bool) -> None:
    over = is_more_off(Decimal(100), Decimal(total), Decimal(10), lines=1)
    assert needs_approval(over, terms) is needed


@pytest.mark.parametrize(
    ("price", "quantity", "unit_price", "discount", "state"),
    [
        ("19.99", 1, None, "10", "approved"),  # 17.99 is 10.005 % off: the cent is rounding's
        ("9.99", 1, None, "10", "approved"),
        ("0.99", 7, None, "10", "approved"),
        ("100000.00", 1, "90000.00", "0", "approved"),
        ("100000.00", 1, "89999.00", "0", "in_approval"),  # 10.001 %: rounded to two places it is 10
        ("9.99", 1000, "8.99", "0", "in_approval"),
    ],
)
def test_R9_2_the_limit_is_exact_but_for_what_rounding_takes(
    firm: Firm, watch: Watch, price: str, quantity: int, unit_price: str | None, discount: str, state: str
) -> None:
    product = save_product(firm.product, by=firm.max, price=Decimal(price))
    agreed = Decimal(unit_price) if unit_price else None
    by_line = [Line(product, quantity, agreed, Decimal(discount))]
    on_all = [Line(product, quantity, agreed)]
    orders = (
        draft(firm.an_opportunity(), by=firm.rita, lines=by_line),
        draft(firm.an_opportunity(), by=firm.rita, lines=on_all, discount=Decimal(discount)),
    )
    assert [submit(order, by=firm.rita).state for order in orders] == [state, state]


@pytest.mark.parametrize(("percent", "state"), [("10", "approved"), ("10.01", "in_approval")])
def test_R9_2_up_to_the_limit_it_is_approved_at_once(
    firm: Firm, watch: Watch, log: Log, percent: str, state: str
) -> None:
    order = submit(off(firm, percent), by=firm.rita)
    assert order.state == state
    if state == "approved":
        assert (order.decided_by, log.only("approved").data) == (None, {"standard": True})
        assert not firm.mark.notices.filter(kind="approval_asked").exists()
    else:
        assert (order.submitted_by, order.submitted_at) == (firm.rita, watch.now)
        assert log.only("submitted").data == {"total": "899.90", "reduction": "10.01"}
        assert firm.mark.notices.filter(kind="approval_asked", subject_id=order.pk).count() == 1
        assert not firm.olga.notices.exists() and not firm.ada.notices.exists()


def test_R9_2_a_discount_is_what_is_off_the_list_however_it_is_given(firm: Firm, watch: Watch) -> None:
    """By line, by price, on all, or together: the sum counts."""
    for line, on_all in [
        (Line(firm.product, 10, Decimal("85.00")), "0"),
        (Line(firm.product, 10, None, Decimal(15)), "0"),
        (Line(firm.product, 10, Decimal("95.00"), Decimal(5)), "6"),
    ]:
        order = draft(firm.an_opportunity(), by=firm.rita, lines=[line], discount=Decimal(on_all))
        assert order.reduction > 10
        with refused(TransitionNotAllowed):
            sign(order, by=firm.rita)
        assert submit(order, by=firm.rita).state == State.IN_APPROVAL


def test_R9_2_off_nobody_is_asked(firm: Firm, watch: Watch) -> None:
    firm.set_rules(order_approval=False)
    order = off(firm, "90", other_terms="pays when it pleases")
    assert "submit" in allowed_actions(order, firm.rita)
    assert sign(order, by=firm.rita).state == State.SIGNED


def test_R9_2_agreed_to_it_is_signed(firm: Firm, watch: Watch, log: Log) -> None:
    order = asked(firm)
    watch.go(hours=1)
    approve(order, by=firm.mark, comment=" Fine ")
    row = fresh(order)
    assert (row.state, row.decided_by, row.decided_at, row.comment) == (
        "approved",
        firm.mark,
        watch.now,
        "Fine",
    )
    event = log.only("approved")
    assert (event.from_state, event.to_state, event.by_id) == ("in_approval", "approved", firm.mark.pk)
    assert firm.rita.notices.filter(kind="approval_approved").count() == 1
    assert sign(row, by=firm.rita).total == Decimal("750.00")


def test_R9_2_sent_back_it_says_why_and_may_be_written_anew(firm: Firm, watch: Watch) -> None:
    order = asked(firm)
    with refused(RuleRefused, "reason_required") as caught:
        reject(order, by=firm.mark, comment="  ")
    assert faults(caught) == [("comment", "required")]
    reject(order, by=firm.mark, comment="Not before the quarter ends")
    row = fresh(order)
    assert (row.state, row.comment, row.decided_by) == ("draft", "Not before the quarter ends", firm.mark)
    assert firm.rita.notices.filter(kind="approval_rejected").count() == 1
    update(row, by=firm.rita, discount=Decimal(5))
    row = submit(fresh(row), by=firm.rita)
    row = fresh(row)
    assert (row.state, row.decided_by, row.comment) == ("approved", None, "")


def test_R9_2_what_was_agreed_to_and_is_not_changed_stays_agreed_to(firm: Firm, watch: Watch) -> None:
    row = fresh(approve(asked(firm), by=firm.mark))
    lines = lines_as_they_are(row)
    with nothing_changes():
        update(row, by=firm.rita)
        update(row, by=firm.rita, discount=Decimal(25), other_terms=" ", lines=lines)
    lines = [replace(lines[0], quantity=lines[0].quantity + 1)]
    assert update(row, by=firm.rita, lines=lines).state == "draft"


def test_R9_2_what_was_agreed_to_and_is_changed_is_a_draft_again(firm: Firm, watch: Watch) -> None:
    order = approve(asked(firm), by=firm.mark)
    update(order, by=firm.rita, discount=Decimal(40))
    row = fresh(order)
    assert (row.state, row.decided_by, row.total) == ("draft", None, Decimal("600.00"))
    with refused(TransitionNotAllowed):
        sign(row, by=firm.rita)


DECIDERS = {"mark", "ada"}


@pytest.mark.parametrize("name", ["approve", "reject"])
def test_R9_2_only_who_stands_above_decides_and_nobody_the_own(firm: Firm, watch: Watch, name: str) -> None:
    verb: Any = {"approve": approve, "reject": reject}[name]
    order = asked(firm)
    with nothing_changes():
        for login, by in firm.people.items():
            if login not in DECIDERS:
                with pytest.raises(Forbidden):
                    verb(order, by=by, comment="no")
    for login in sorted(DECIDERS):
        with transaction.atomic():
            verb(order, by=firm.people[login], comment="no")
            transaction.set_rollback(True)
    # A manager who asked for somebody else's contract does not decide on it either.
    mine = submit(off(firm, "30"), by=firm.mark)
    with refused(Forbidden):
        verb(mine, by=firm.mark, comment="no")
    assert firm.ada.notices.filter(kind="approval_asked", subject_id=mine.pk).exists()


@pytest.mark.parametrize("name", ["approve", "reject"])
def test_R9_2_nothing_is_decided_twice(firm: Firm, watch: Watch, name: str) -> None:
    verb: Any = {"approve": approve, "reject": reject}[name]
    order, plain = approve(asked(firm), by=firm.mark), off(firm, "0")
    with refused(AlreadyDecided):
        verb(order, by=firm.ada, comment="no")
    with refused(TransitionNotAllowed):
        verb(plain, by=firm.mark, comment="no")


def test_R9_2_in_approval_it_may_only_be_given_up(firm: Firm, watch: Watch) -> None:
    order = asked(firm)
    assert allowed_actions(order, firm.rita) == ["cancel"]
    assert allowed_actions(order, firm.mark) == ["cancel", "approve", "reject"]
    for attempt in (
        lambda: update(order, by=firm.rita, discount=Decimal(0)),
        lambda: sign(order, by=firm.rita),
        lambda: submit(order, by=firm.rita),
    ):
        with refused(TransitionNotAllowed):
            attempt()
    assert cancel(order, by=firm.rita).state == State.CANCELLED


# Its pages


def test_the_approvals_page_shows_what_is_needed_and_counts_it(firm: Firm, watch: Watch) -> None:
    order = asked(firm)
    page = browser(firm.mark).get("/approvals/?show=discount")
    said = words(page)
    for part in (
        order.company.name,
        "25 % less than the list prices",
        "¥1,000",
        "¥750",
        "Rita asks for 25 % off",
    ):
        assert part in said, part
    assert "1 waits for your word" in said
    assert order.company.name not in words(browser(firm.olga).get("/approvals/"))
    assert order.company.name in words(browser(firm.ada).get("/approvals/"))
    assert browser(firm.rita).get("/approvals/").status_code == 403
    firm.set_rules(order_approval=False)
    assert order.company.name not in words(browser(firm.mark).get("/approvals/"))


def test_a_discount_is_decided_on_the_approvals_page(firm: Firm, watch: Watch) -> None:
    first, second = asked(firm), asked(firm, "50")
    client = browser(firm.mark)
    answer = tap(client, f"/orders/{first.pk}/approve/", {"next": "/approvals/"}, on="/approvals/")
    assert answer.status_code == 200 and fresh(first).state == "approved"
    assert second.company.name in words(answer)
    none = tap(client, f"/orders/{second.pk}/reject/", {"comment": ""}, on="/approvals/")
    assert none.status_code == 422 and 'data-field="comment"' in none.content.decode()
    assert tap(client, f"/orders/{second.pk}/reject/", {"comment": "Too much"}).status_code == 200
    again = tap(client, f"/orders/{second.pk}/approve/")
    assert again.status_code == 409
    past = words(client.get("/approvals/?show=decided"))
    assert first.number in past and "Too much" in past and "Rejected" in past
    assert tap(browser(firm.wei), f"/orders/{first.pk}/approve/").status_code == 404


def test_the_order_says_why_and_whom_it_waits_for(firm: Firm, watch: Watch) -> None:
    order = off(firm, "25", other_terms="Pays in a year")
    client = browser(firm.rita)
    page = words(client.get(f"/orders/{order.pk}/"))
    assert "25 % less than the list prices: over 10 % a manager has to approve" in page
    assert "Its terms are not the standard ones" in page and "Ask for approval" in page
    answer = tap(client, f"/orders/{order.pk}/submit/")
    assert answer.status_code == 200 and "Waits for Mark" in words(answer)
    theirs = words(browser(firm.mark).get(f"/orders/{order.pk}/"))
    assert "Approve" in theirs and "Reject" in theirs
    assert "your approval is needed" in words(browser(firm.mark).get("/notices/")).lower()
    tap(browser(firm.mark), f"/orders/{order.pk}/reject/", {"comment": "A month at most"})
    back = words(client.get(f"/orders/{order.pk}/"))
    assert "Sent back by Mark" in back and "A month at most" in back
    assert "Sent back by Mark: A month at most" in words(client.get("/"))


def test_today_tells_of_what_is_to_sign_and_to_decide(firm: Firm, watch: Watch) -> None:
    order = asked(firm)
    assert "1 contract to approve" in words(browser(firm.mark).get("/"))
    approve(order, by=firm.mark)
    assert "have the contract signed" in words(browser(firm.rita).get("/"))


def test_a_contract_is_drafted_and_asked_for_in_one_step(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    data = {
        "do": "submit", "discount": "20", "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0",
        "lines-0-product": str(firm.product.pk), "lines-0-quantity": "10",
    }  # fmt: skip
    where = f"/opportunities/{chance.pk}/contract/new/"
    refusal = tap(browser(firm.rita), where, data | {"do": "sign"})
    assert refusal.status_code == 409 and not Order.objects.exists()
    assert tap(browser(firm.rita), where, data).status_code == 200
    assert Order.objects.get().state == "in_approval"
