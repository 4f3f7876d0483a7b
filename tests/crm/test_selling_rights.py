"""Q16, R8.6, R9.5, R15.2: who may do what to a quote, an opportunity, a request to presales, the catalogue, by the pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from catalogue.services import save_case, save_price
from core import clock
from opportunities import services as selling
from opportunities.models import Opportunity, Quote
from orders import services as ordering
from tests.cast import Firm, Watch, fresh, person
from tests.crm.page_rules import ALL
from tests.crm.test_deal_rights import SEES, SELLS, tried
from tests.opportunities.deals import head_fields, line_fields
from tests.pages import browser
from tests.sizes import in_turn

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


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


@pytest.mark.parametrize("state", in_turn(["draft", "sent", "revised", "accepted"], {"sent"}))
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
