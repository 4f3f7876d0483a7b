"""R9.5: what an offer comes to, against the same reckoned in whole numbers; and that no float is near it."""

from __future__ import annotations

import ast
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import models
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalogue.rules import MONEY_MOST, PERIODS_MOST, QUANTITY_MOST, effective_discount, line_total, sums
from opportunities.rules import weighted
from orders.rules import balance
from orders.schedules import Split, split, usual
from tests.cast import MONDAY
from tests.money.offers import CENTS_MOST, Item, Offer, half_up, money, offers

TODAY = MONDAY.date()
USUAL = {"once": 9_999, "user_month": 3_333, "user_year": 40_000}


@settings(max_examples=250)
@given(offer=offers())
@example(Offer((Item(1, 5, 5000, "once", 1),), 0, 600, True))  # a half of five cents
@example(Offer((Item(3, 33, 3333, "user_month", 7),), 3333, 1300, False))
@example(Offer((Item(1, 1, 0, "once", 1),) * 6, 5000, 10_000, False))
def test_R9_5_any_offer_comes_to_the_cent(offer: Offer) -> None:
    totals = [item.cents(USUAL) for item in offer.items]
    for item, total in zip(offer.items, totals, strict=True):
        price = money(USUAL[item.basis] if item.price is None else item.price)
        assert line_total(item.quantity, price, money(item.off), item.periods) == money(total)
    terms = {"discount": money(offer.off), "tax_rate": money(offer.tax), "with_tax": offer.with_tax}
    found = sums([money(total) for total in totals], **terms)
    lines, off, net, tax, gross = offer.sums(totals)
    assert found == type(found)(money(lines), money(off), money(net), money(tax), money(gross))
    assert found.net + found.tax == found.gross
    assert found.lines - found.discount == (found.gross if offer.with_tax else found.net)
    # A tax that is taken out of a price and one that is put on it agree to half a cent.
    assert abs(tax * 10_000 - net * offer.tax) <= (10_000 + offer.tax) // 2
    assert all(amount.as_tuple().exponent == -2 for amount in vars(found).values())


def test_R9_5_the_largest_there_can_be_is_reckoned_exactly() -> None:
    """As many as a line may hold at the highest price: no digit is lost on the way to the refusal."""
    price = MONEY_MOST
    whole = QUANTITY_MOST * PERIODS_MOST * CENTS_MOST
    assert line_total(QUANTITY_MOST, price, Decimal(0), PERIODS_MOST) == money(whole)
    assert line_total(1, price, Decimal("0.01")) == money(half_up(part_of(CENTS_MOST, 9_999)))
    found = sums([price], discount=Decimal(0), tax_rate=Decimal(100), with_tax=False)
    assert (found.net, found.tax, found.gross) == (price, price, 2 * price)


def part_of(cents: int, hundredths: int) -> Fraction:
    """So many hundredths of a percent of an amount."""
    return Fraction(cents * hundredths, 10_000)


@settings(max_examples=150)
@given(total=st.integers(0, CENTS_MOST), months=st.one_of(st.none(), st.integers(1, 600)))
def test_R9_3_a_usual_schedule_adds_up_and_no_part_is_a_cent_more_than_another(
    total: int, months: int | None
) -> None:
    for kind in Split.values:
        parts = usual(kind, money(total), TODAY, TODAY, months)
        amounts = [part.amount for part in parts]
        assert sum(amounts, Decimal(0)) == money(total)
        assert all(amount > 0 for amount in amounts)
        assert not amounts or max(amounts) - min(amounts) <= Decimal("0.01")
        assert [part.due_on for part in parts] == sorted(part.due_on for part in parts)
        assert len(parts) <= 120


@settings(max_examples=150)
@given(
    total=st.integers(0, 10_000_000),
    many=st.integers(1, 12),
    late=st.integers(0, 12),
    paid=st.integers(0, 12_000_000),
    back=st.integers(0, 12_000_000),
)
def test_R9_3_paid_open_and_overdue_are_exact(total: int, many: int, late: int, paid: int, back: int) -> None:
    back = min(back, paid)
    parts = split(money(total), many)
    due = [(TODAY.replace(month=1 if n < late else 12), amount) for n, amount in enumerate(parts)]
    found = balance(money(total), due, money(paid), money(back), TODAY)
    assert found.paid == money(paid - back)
    assert found.open - found.over == found.total - found.paid
    assert found.open == 0 or found.over == 0
    owed = sum((amount for on, amount in due if on < TODAY), Decimal(0))
    assert found.overdue == max(owed - found.paid, Decimal(0)) <= found.open


@settings(max_examples=100)
@given(listed=st.integers(0, CENTS_MOST), agreed=st.integers(0, CENTS_MOST))
def test_R9_2_a_discount_is_never_more_than_all_of_it(listed: int, agreed: int) -> None:
    off = effective_discount(money(listed), money(agreed))
    assert 0 <= off <= 100
    assert (off == 0) or agreed < listed
    if listed and agreed <= listed:
        assert off == money(half_up(Fraction((listed - agreed) * 10_000, listed)))


@settings(max_examples=100)
@given(amounts=st.lists(st.integers(0, CENTS_MOST), max_size=8), rate=st.integers(0, 100))
def test_R8_3_what_is_weighted_is_a_whole_number_of_cents(amounts: list[int], rate: int) -> None:
    for amount in amounts:
        assert weighted(money(amount), rate) == money(half_up(part_of(amount, rate * 100)))


# No float

# Shares, intervals and widths of bars are no money; percentages of two places go out as JSON numbers.
RATES = {"opportunities/rates.py", "opportunities/forecast_page.py", "outreach/sending.py"}
PERCENTAGES = {"float(line.discount)", "float(row.discount)", "float(row.tax_rate)", "float(row.reduction)"}
APPS = ("catalogue", "opportunities", "orders", "outreach")


def floats(path: Path) -> list[str]:
    """What in a file is a float, or makes one."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(repr(node.value))
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
            "float",
            "FloatField",
        ):
            found.append(ast.unparse(node))
    return found


def test_no_amount_is_ever_a_float() -> None:
    base = Path(django_settings.BASE_DIR)
    wrong = {}
    for app in APPS:
        for path in (base / app).rglob("*.py"):
            name = str(path.relative_to(base))
            # What drivers reckon with are seconds.
            if name in RATES or "shapes" in path.name or name.startswith("outreach/channels/"):
                continue
            if left := [found for found in floats(path) if found not in PERCENTAGES]:
                wrong[name] = left
    assert wrong == {}


def test_every_amount_is_kept_with_two_places() -> None:
    kept = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            assert not isinstance(field, models.FloatField), field
            if isinstance(field, models.DecimalField):
                kept[f"{model.__name__}.{field.name}"] = (field.max_digits, field.decimal_places)
    amounts = {name for name, size in kept.items() if size == (14, 2)}
    # One SMS costs less than a cent.
    small = {name for name, size in kept.items() if size == (10, 4)}
    assert small == {"Channel.price", "Message.cost"}
    assert {size for name, size in kept.items() if name not in amounts | small} <= {(5, 2)}, "percentages"
    assert {"Order.total", "Quote.total", "Payment.amount", "Instalment.amount", "Price.price"} <= amounts


@pytest.mark.parametrize("rate", [0, 6, 9, 13])
def test_R9_5_in_the_price_or_on_it_the_same_net_has_the_same_tax(rate: int) -> None:
    for cents in [*range(0, 3000, 7), 99_999_999]:
        on = sums([money(cents)], discount=Decimal(0), tax_rate=Decimal(rate), with_tax=False)
        within = sums([on.gross], discount=Decimal(0), tax_rate=Decimal(rate), with_tax=True)
        assert (within.net, within.tax) == (on.net, on.tax)
