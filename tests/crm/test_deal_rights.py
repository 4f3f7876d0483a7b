"""Q16, R9.2, R15.2: who may do what to an order in every state, to a quote and to a request to presales, by the pages.

The tables say it by the rulebook, not by the code: the owner and the managers above write, sign and give up; a manager
above decides, never what is the own; success books money and papers of customers; presales alone answers.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from catalogue.services import save_case, save_price
from core import clock
from opportunities import services as selling
from opportunities.models import Opportunity, Quote
from orders import services as ordering
from orders.models import Order
from orders.selectors import allowed_actions
from tests.cast import Firm, Watch, fresh, person
from tests.crm.page_rules import ALL
from tests.opportunities.deals import head_fields, line_fields
from tests.pages import browser

pytestmark = pytest.mark.django_db

# Whose records are Rita's: herself, Mark who manages her team, and the administrator above all.
SELLS = {"rita", "mark", "ada"}
DECIDES = {"mark", "ada"}
BOOKS = {*SELLS, "sue"}  # success has the customers after the signature
SEES = {
    *SELLS,
    "tina",
    "max",
    "ivy",
}  # Tina follows what became of her calls, marketing its leads to the order
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


@pytest.mark.parametrize("state", STATES)
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


def a_quote(firm: Firm, state: str) -> Quote:
    """A quote of Rita's in this state."""
    quote = selling.draft_quote(firm.an_opportunity(firm.rita), by=firm.rita)
    if state == "sent":
        return selling.send_quote(quote, to="buyer@example.com", by=firm.rita)
    if state == "revised":
        selling.revise_quote(quote, by=firm.rita)
    if state == "accepted":
        ordering.accept_quote(quote, by=firm.rita)
    return fresh(quote)


ON_QUOTES: dict[str, set[str]] = {
    "edit": {"draft"},
    "send": {"draft", "sent"},
    "revise": {"draft", "sent"},
    "accept": {"draft", "sent"},
    "amount": {"draft", "sent", "accepted"},
}


@pytest.mark.parametrize("state", ["draft", "sent", "revised", "accepted"])
def test_Q16_R9_5_who_may_do_what_to_a_quote(firm: Firm, watch: Watch, state: str) -> None:
    quote = a_quote(firm, state)
    line = line_fields({"product": firm.product, "quantity": 10})
    bodies = {"edit": {**head_fields(), **line}, "send": {"to": "buyer@example.com", "text": "Hello"}}
    wrong = []
    for login in sorted(ALL):
        client, sees = browser(firm.people[login]), login in SEES
        for page in ("", "/pdf/"):
            assert client.get(f"/quotes/{quote.pk}{page}").status_code == (200 if sees else 404), login
        for post, when in ON_QUOTES.items():
            status = tried(client, f"/quotes/{quote.pk}/{post}/", bodies.get(post, {}))
            done = login in SELLS and state in when
            fine = status < 400 if done else status == (404 if not sees else 409 if login in SELLS else 403)
            if not fine:
                wrong.append((post, login, status))
    assert wrong == []


ON_OPPORTUNITIES: dict[str, dict[str, str]] = {
    "quotes/new": {},
    "presales": {"text": "Two sites", "due_on": "2026-03-20"},
    "experience": {"kind": "online", "starts_at": "2026-03-10T10:00"},
    "risks": {"competitor": "Acme"},
    "facts": {"amount": "900.00", "headcount": "9"},
    "next": {"next_step": "Ring them", "next_step_on": "2026-03-05"},
    "advance": {},
    "move": {"stage": "confirmed", "reason": "Too early"},
    "lose": {"reason": "price"},
}


def test_Q16_R15_2_who_may_do_what_to_an_opportunity(firm: Firm, watch: Watch) -> None:
    firm.set_rules(presales=True)
    chance = selling.advance(firm.an_opportunity(firm.rita), by=firm.rita, to="experience")
    wrong = []
    for login in sorted(ALL):
        client = browser(firm.people[login])
        for post, body in ON_OPPORTUNITIES.items():
            status = tried(client, f"/opportunities/{chance.pk}/{post}/", body)
            fine = status < 400 if login in SELLS else status == (403 if login in SEES else 404)
            if not fine:
                wrong.append((post, login, status))
    assert wrong == []


def test_R8_6_presales_answers_and_sees_what_it_is_asked_for(firm: Firm, watch: Watch) -> None:
    firm.set_rules(presales=True)
    chance = selling.advance(firm.an_opportunity(firm.rita), by=firm.rita, to="experience")
    other = firm.an_opportunity(firm.rita)
    asked = selling.ask_presales(
        chance, by=firm.rita, text="Two sites", due_on=clock.firm_day(watch.now + timedelta(days=3))
    )
    for login in sorted(ALL):
        client = browser(firm.people[login])
        refused = 403 if login in SEES else 404
        for post, body in (("take", {}), ("answer", {"answer": "Like this"})):
            status = tried(client, f"/presales/{asked.pk}/{post}/", body)
            assert status == (302 if login == "pia" else refused), (post, login)
    pia = browser(firm.pia)
    assert pia.get(f"/opportunities/{chance.pk}").status_code == 200
    assert pia.get(f"/opportunities/{other.pk}").status_code == 404
    assert tried(pia, f"/opportunities/{chance.pk}/advance/", {}) == 403
    firm.set_rules(presales=False)  # R0.1: nothing of it is there any more
    assert pia.get(f"/opportunities/{chance.pk}").status_code == 404
    assert tried(pia, f"/presales/{asked.pk}/answer/", {"answer": "Like this"}) in (404, 409)
    assert not Opportunity.objects.visible_to(person(firm.pia)).exists()


def test_R15_2_the_catalogue_is_marketing_s_and_the_firm_s_head_the_administrator_s(
    firm: Firm, watch: Watch
) -> None:
    today = str(clock.firm_day(watch.now))
    price = save_price(
        None, by=firm.max, product=firm.product, basis="user_year", amount=Decimal(9), valid_from=clock.firm_day(watch.now)
    )  # fmt: skip
    case = save_case(None, by=firm.max, title="A dentist", summary="Half the calls")
    product = {"name": "Course", "price": "10.00", "unit": "day", "active": "on"}
    priced = {"basis": "user_month", "price": "3.00", "valid_from": today}
    filed = {"kind": "case", "title": "A school", "summary": "In a week", "active": "on"}
    posts: dict[str, tuple[dict[str, str], set[str]]] = {
        "/catalogue/new/": (product, {"max", "ada"}),
        f"/catalogue/products/{firm.product.pk}/save/": (product, {"max", "ada"}),
        f"/catalogue/products/{firm.product.pk}/price/": (priced, {"max", "ada"}),
        f"/catalogue/prices/{price.pk}/save/": (priced, {"max", "ada"}),
        "/catalogue/cases/new/": (filed, {"max", "ada"}),
        f"/catalogue/cases/{case.pk}/": (filed, {"max", "ada"}),
        "/letterhead/": ({"name": "Trunk Ltd"}, {"ada"}),
    }
    wrong = []
    for login in sorted(ALL):
        client = browser(firm.people[login])
        for path, (body, who) in posts.items():
            status = tried(client, path, body)
            if status != (302 if login in who else 403):
                wrong.append((path, login, status))
        # Prices and cases are read by who sells; what is written there is for who keeps them.
        assert client.get(f"/catalogue/products/{firm.product.pk}/").status_code == 200
        assert client.get(f"/catalogue/cases/{case.pk}/").status_code == 200
    assert wrong == []
