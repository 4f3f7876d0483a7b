"""Q16, R9.2, R15.2: who may do what to an order in every state, by the pages.

The tables say it by the rulebook, not by the code: the owner and the managers above write, sign and give up; a manager
above decides, never what is the own; success books money and papers of customers.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from core import clock
from orders import services as ordering
from orders.models import Order
from orders.selectors import allowed_actions
from tests.cast import Firm, Watch, fresh, person
from tests.crm.page_rules import ALL
from tests.opportunities.deals import line_fields
from tests.pages import browser
from tests.sizes import in_turn

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Whose records are Rita's: herself, Mark who manages her team, and the administrator above all.
SELLS = {"rita", "mark", "ada"}
DECIDES = {"mark", "ada"}
BOOKS = {*SELLS, "sue"}  # success has the customers after the signature
# Tina follows what became of her calls, marketing its leads to the order.
SEES = {*SELLS, "tina", "max", "ivy"}
STATES = [
    "draft",
    "off_standard",
    "in_approval",
    "approved",
    "signed",
    "in_force",
    "ended",
    "terminated",
    "cancelled",
]
OPEN_TO_SIGN = {"draft", "approved"}
UNSIGNED = {"draft", "off_standard", "in_approval", "approved"}
RUNNING = {"signed", "in_force"}
SIGNED = {*RUNNING, "ended", "terminated"}
# A post, who may do it, and in which states; what the API calls it among `allowed`.
POSTS: dict[str, tuple[set[str], set[str], str]] = {
    "edit": (SELLS, UNSIGNED - {"in_approval"}, "edit"),
    "submit": (SELLS, {"draft", "off_standard"}, "submit"),
    "sign": (SELLS, OPEN_TO_SIGN, "sign"),
    "cancel": (SELLS, UNSIGNED, "cancel"),
    "approve": (DECIDES, {"in_approval"}, "approve"),
    "reject": (DECIDES, {"in_approval"}, "reject"),
    "terminate": (SELLS, RUNNING, "terminate"),
    "pay": (BOOKS, SIGNED, "pay"),
    "refund": (BOOKS, SIGNED, ""),
    "schedule": (BOOKS, UNSIGNED | RUNNING, ""),
    "papers": (BOOKS, set(STATES), ""),
    "chance": (BOOKS, SIGNED, ""),
}


def order_in(firm: Firm, watch: Watch, state: str) -> Order:
    """A contract of Rita's in this state; one that needs a manager's yes was submitted by her."""
    firm.set_rules(order_approval=True)
    off = {"discount": Decimal(30)} if state in ("off_standard", "in_approval", "approved") else {}
    order = firm.an_order(firm.rita, term_months=1, **off)
    if state in ("in_approval", "approved"):
        order = ordering.submit(order, by=firm.rita)
    if state == "approved":
        order = ordering.approve(order, by=firm.mark)
    if state == "cancelled":
        order = ordering.cancel(order, by=firm.rita)
    if state in SIGNED:
        ahead = clock.firm_day(watch.now) + timedelta(days=3 if state == "signed" else 0)
        order = ordering.update(order, by=firm.rita, starts_on=ahead)
        order = ordering.sign(order, by=firm.rita)
        ordering.pay(order, by=firm.rita, amount=Decimal(100), paid_on=clock.firm_day(watch.now))
        ordering.begin_due(watch.now)
    if state == "ended":
        ordering.end_due(watch.go(days=40))
    if state == "terminated":
        ordering.terminate(order, reason="They moved away", by=firm.rita)
    wanted = "draft" if state == "off_standard" else state
    order = fresh(order)
    assert order.state == wanted, (order.state, state)
    return order


def body_of(post: str, order: Order, firm: Firm) -> dict[str, Any]:
    """A form that is right, so that only the right to send it is in question."""
    line = line_fields({"product": firm.product, "quantity": 10})
    need = {
        "products-TOTAL_FORMS": "1",
        "products-INITIAL_FORMS": "0",
        "products-0-product": str(firm.product.pk),
    }
    paid = {"amount": "10.00", "paid_on": str(clock.firm_day(clock.now())), "method": "cash"}
    parts = {"parts-TOTAL_FORMS": "1", "parts-INITIAL_FORMS": "0", "parts-0-due_on": "2026-12-01"}
    return {
        "edit": {"term_months": "2", **line},
        "reject": {"comment": "Too much"},
        "terminate": {"reason": "They moved away"},
        "pay": paid,
        "refund": paid,
        "schedule": {**parts, "parts-0-amount": str(order.total)},
        "papers": {"file": SimpleUploadedFile("scan.pdf", b"%PDF-1.7 signed")},
        "chance": {"kind": "upsell", "stage": "confirmed", "headcount": "5", **need},
    }.get(post, {})


def tried(client: Client, path: str, body: dict[str, Any]) -> int:
    """The status of a post; afterwards everything is as before."""
    with transaction.atomic():
        client.raise_request_exception = False
        status = client.post(path, body).status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize("state", in_turn(STATES, {"in_approval", "signed"}))
def test_Q16_R15_2_who_may_do_what_to_an_order(firm: Firm, watch: Watch, state: str) -> None:
    order = order_in(firm, watch, state)
    sees = SEES | ({"sue"} if state in SIGNED else set())
    wrong = []
    for login in sorted(ALL):
        client, user = browser(firm.people[login]), person(firm.people[login])
        seen = Order.objects.visible_to(user).filter(pk=order.pk).exists()
        assert seen == (login in sees), (login, state)
        assert client.get(f"/orders/{order.pk}").status_code == (200 if seen else 404), login
        offered = allowed_actions(fresh(order), user)
        for post, (who, when, name) in POSTS.items():
            status = tried(client, f"/orders/{order.pk}/{post}/", body_of(post, order, firm))
            may = login in who and login in sees and state in when
            fine = status < 400 if may else status == 404 if not seen else status in (403, 409)
            if login not in who and login in sees:
                fine = status == 403
            elif post == "chance" and state not in SIGNED and seen:
                fine = status in (403, 422)  # not a customer yet
            if not fine:
                wrong.append((post, login, status))
            if name and (name in offered) != may:
                wrong.append((post, login, "offered" if name in offered else "not offered"))
    assert wrong == []


def test_R9_2_nobody_decides_what_is_the_own(firm: Firm, watch: Watch) -> None:
    """Not what one owns, not what one has submitted, not what lies with another team."""
    order = order_in(firm, watch, "off_standard")
    order = ordering.submit(order, by=firm.mark)
    answers = {
        login: tried(browser(firm.people[login]), f"/orders/{order.pk}/approve/", {})
        for login in ("rita", "mark", "olga", "rob", "max", "sue", "ada")
    }
    assert answers == {"rita": 403, "mark": 403, "olga": 404, "rob": 404, "max": 403, "sue": 404, "ada": 302}
    mine = firm.an_order(firm.mark, firm.an_opportunity(firm.rita), discount=Decimal(20))
    Order.objects.filter(pk=mine.pk).update(owner=firm.mark, team=firm.east)
    mine = ordering.submit(fresh(mine), by=firm.mark)
    assert tried(browser(firm.mark), f"/orders/{mine.pk}/approve/", {}) == 403
    assert tried(browser(firm.ada), f"/orders/{mine.pk}/approve/", {}) == 302


def test_R15_2_a_paper_is_taken_home_by_who_sees_the_order_and_taken_away_by_who_books(
    firm: Firm, watch: Watch
) -> None:
    order = order_in(firm, watch, "signed")
    other = firm.a_signed_order(firm.wei)
    scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.7 signed")
    paper = ordering.add_document(order, file=scan, by=firm.rita)
    for login in sorted(ALL):
        client, sees = browser(firm.people[login]), login in {*SEES, "sue"}
        assert client.get(f"/orders/{order.pk}/papers/{paper.pk}/").status_code == (200 if sees else 404)
        # Through an order that one sees, no paper of another order is reached.
        assert client.get(f"/orders/{other.pk}/papers/{paper.pk}/").status_code == 404
        status = tried(client, f"/orders/{order.pk}/papers/{paper.pk}/remove/", {})
        assert status == (302 if login in BOOKS else 403 if sees else 404), login
        assert tried(client, f"/orders/{other.pk}/papers/{paper.pk}/remove/", {}) == 404
