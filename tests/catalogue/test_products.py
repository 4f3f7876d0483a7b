"""Products: who keeps them, what is wrong with one, what is written of a change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalogue.models import Product
from catalogue.services import save_price, save_product
from core import rulebook
from core.errors import Forbidden, RuleRefused
from opportunities.services import Need
from tests.cast import CAST, MONDAY, Firm, Watch, fresh
from tests.content import Log, faults, refused


@pytest.mark.parametrize("login", list(CAST))
def test_R15_1_marketing_and_administrators_keep_the_catalogue(firm: Firm, login: str) -> None:
    by = firm.people[login]
    if login in ("max", "ada"):
        assert save_product(None, by=by, name="Course", price=Decimal("1.50"), unit="day").currency == "CNY"
    else:
        with refused(Forbidden):
            save_product(None, by=by, name="Course", price=Decimal("1.50"))
        with refused(Forbidden):
            save_product(firm.product, by=by, active=False)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": "", "price": Decimal(1)}, ("name", "required")),
        ({"name": "  ", "price": Decimal(1)}, ("name", "required")),
        ({"name": "SEATS", "price": Decimal(1)}, ("name", "taken")),
        ({"name": "Course", "price": None}, ("price", "required")),
        ({"name": "Course", "price": Decimal("-0.01")}, ("price", "required")),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_product(firm: Firm, fields: dict[str, Any], fault: tuple[str, str]) -> None:
    with refused(RuleRefused) as caught:
        save_product(None, by=firm.max, **fields)
    assert faults(caught) == [fault]


def test_R15_4_a_change_is_an_event(firm: Firm, log: Log) -> None:
    made = save_product(None, by=firm.max, name="Course", price=Decimal("0.00"))
    save_product(made, by=firm.max, name="Course", price=Decimal("2.00"), active=False)
    assert log.verbs() == ["product_made", "product_changed"]
    assert log.only("product_changed").data == {"price": ["0.00", "2.00"], "active": ["True", "False"]}
    assert fresh(made).version == 2


def test_R9_3_the_currency_is_the_firms(firm: Firm) -> None:
    firm.set_rules(currency="EUR")
    assert save_product(None, by=firm.max, name="Course", price=Decimal(1)).currency == "EUR"


def test_R9_3_no_price_counts_in_a_currency_that_it_was_not_made_in(firm: Firm, watch: Watch) -> None:
    sql = firm.an_sql()
    firm.set_rules(currency="EUR")
    with refused(RuleRefused) as told:
        firm.an_opportunity(lead=sql)
    assert faults(told) == [("products.0.product", "currency")]
    assert save_product(firm.product, by=firm.max, unit="desk").currency == "CNY"
    priced = save_product(firm.product, by=firm.max, price=Decimal("90.00"))
    chance = firm.an_opportunity(lead=sql, products=[Need(priced)])
    assert (priced.currency, chance.currency, chance.amount) == ("EUR", "EUR", Decimal("900.00"))


@pytest.mark.parametrize("made", ["opportunity", "price"])
def test_R9_3_the_currency_stays_once_something_is_priced_or_agreed_in_it(
    firm: Firm, watch: Watch, made: str
) -> None:
    if made == "opportunity":
        firm.an_opportunity()
    else:
        save_price(
            None,
            by=firm.max,
            product=firm.product,
            basis="user_month",
            amount=Decimal(9),
            valid_from=MONDAY.date(),
        )
    with refused(RuleRefused) as told:
        firm.set_rules(currency="USD")
    assert faults(told) == [("currency", "stays")]
    firm.set_rules(currency="CNY", capacity=50)
    assert rulebook.get("capacity") == 50


@pytest.mark.reduced
@pytest.mark.parametrize(
    ("change", "name"),
    [({"price": -1}, "product_price_not_negative"), ({"name": "Seats"}, "catalogue_product_name")],
)
def test_the_database_refuses_the_impossible(firm: Firm, change: dict[str, Any], name: str) -> None:
    other = save_product(None, by=firm.max, name="Course", price=Decimal(1))
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Product.objects.filter(pk=other.pk).update(**change)
