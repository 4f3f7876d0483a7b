"""What an opportunity is worth: with whose judgement it weighs, and that its amount follows the quote (R8.3)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalogue.services import save_product
from opportunities import rules, services
from opportunities.rules import Kind
from opportunities.services import Need
from tests.cast import Firm, Watch, fresh
from tests.pages import browser, tap, words

VALUES = {"win_rate_confirmed": 10}


@pytest.mark.parametrize(
    ("kind", "judged", "expected"),
    [
        (Kind.RENEWAL, 85, 85),
        (Kind.RENEWAL, 0, 0),
        (Kind.RENEWAL, None, 10),
        (Kind.NEW_BUSINESS, 85, 10),
        (Kind.UPSELL, None, 10),
    ],
)
def test_R8_3_a_renewal_weighs_with_its_own_judgement(kind: str, judged: int | None, expected: int) -> None:
    assert rules.chance(kind, "confirmed", judged, VALUES) == expected


def test_R8_3_the_page_offers_to_count_with_the_quote_that_was_sent(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    quote = services.draft_quote(chance, by=firm.rita, discount=Decimal(5))
    client, where, post = browser(firm.rita), f"/opportunities/{chance.pk}/", f"/quotes/{quote.pk}/amount/"
    assert post not in client.get(where).content.decode(), "a draft is not what the customer was told"
    services.send_quote(quote, to="li@example.com", by=firm.rita)
    assert post in client.get(where).content.decode()
    assert post not in browser(firm.max).get(where).content.decode()
    answer = tap(client, post, on=where)
    assert answer.status_code == 200 and "¥950" in words(answer)
    assert f'hx-post="{post}"' not in answer.content.decode()
    assert fresh(chance).amount == Decimal("950.00")
    assert tap(browser(firm.max), post).status_code == 403
    assert tap(browser(firm.wei), post).status_code == 404


@pytest.mark.parametrize(("ticked", "amount"), [({"amount": "on"}, "950.00"), ({}, "1000.00")])
def test_R8_3_sending_sets_the_amount_if_one_leaves_the_tick(
    firm: Firm, watch: Watch, ticked: dict[str, str], amount: str
) -> None:
    chance = firm.an_opportunity()
    quote = services.draft_quote(chance, by=firm.rita, discount=Decimal(5))
    where = f"/quotes/{quote.pk}"
    client = browser(firm.rita)
    assert 'name="amount"' in client.get(where).content.decode()
    assert tap(client, f"{where}/send/", {"to": "li@example.com", **ticked}, on=where).status_code == 200
    assert fresh(chance).amount == Decimal(amount)


def test_R5_1_an_amount_that_is_the_list_price_follows_the_needs(firm: Firm, watch: Watch) -> None:
    other = save_product(None, by=firm.ada, name="Training", price=Decimal(50), unit="day", active=True)
    chance = firm.an_opportunity()
    wanted = [Need(firm.product, "", 10), Need(other, "", 2)]
    assert services.set_needs(chance, products=wanted, by=firm.rita).amount == Decimal("1100.00")
    services.update(fresh(chance), by=firm.rita, amount=Decimal("900.00"))
    kept = services.set_needs(chance, products=[Need(firm.product)], by=firm.rita)
    assert fresh(kept).amount == Decimal("900.00"), "what was agreed on stays"
