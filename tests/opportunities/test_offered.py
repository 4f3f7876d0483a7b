"""R9.5: a quote is offered to be accepted only while no contract stands for its opportunity."""

from __future__ import annotations

from core import clock
from opportunities.models import Quote
from opportunities.selectors import allowed_on_quote
from opportunities.services import draft_quote
from orders.services import accept_quote, cancel
from tests.cast import Firm, Watch, person
from tests.pages import browser


def offered(firm: Firm, quote: Quote) -> list[str]:
    row = Quote.objects.get(pk=quote.pk)
    return allowed_on_quote(row, person(firm.rita), clock.firm_day(clock.now()))


def test_R9_5_accepting_is_offered_while_no_contract_stands(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    one, two = (draft_quote(chance, by=firm.rita) for _n in range(2))
    client = browser(firm.rita)
    page = f"/quotes/{two.pk}/"
    assert "accept" in offered(firm, two) and "/accept/" in client.get(page).content.decode()
    order = accept_quote(one, by=firm.rita)
    assert offered(firm, one) == [] and offered(firm, two) == ["edit", "revise", "send"]
    assert "/accept/" not in client.get(page).content.decode()
    assert "accept" not in client.get(f"/api/v1/quotes/{two.pk}/").json()["allowed"]
    cancel(order, by=firm.rita)
    assert "accept" in offered(firm, one) and "accept" in offered(firm, two)
    assert accept_quote(two, by=firm.rita).quote == two
