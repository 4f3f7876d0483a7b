"""Price lists: what holds when, what is refused, and that no quote changes with a price (R9.5)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import pricelist
from catalogue.models import Price
from catalogue.rules import Basis
from catalogue.selectors import price_on, prices_on
from catalogue.services import drop_price, save_price
from core.errors import Forbidden, NotFound, RuleRefused
from opportunities import services as selling
from tests.cast import Firm, Watch, fresh

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def put(firm: Firm, amount: Any, start: int, end: int | None = None, **more: Any) -> Price:
    """A price of the firm's product from a day to a day, counted from today."""
    return save_price(
        more.pop("price", None),
        by=more.pop("by", firm.max),
        product=firm.product,
        basis=more.pop("basis", Basis.ONCE),
        amount=Decimal(amount),
        valid_from=TODAY + start * DAY,
        valid_until=None if end is None else TODAY + end * DAY,
        **more,
    )


def cost(firm: Firm, day: int) -> Decimal | None:
    return prices_on([firm.product.pk], TODAY + day * DAY).get((firm.product.pk, Basis.ONCE))


def faults(refused: Any) -> list[tuple[str, str]]:
    return [(e.field, e.code) for e in refused.value.errors]


def test_R9_5_the_price_that_began_last_holds_and_an_action_gives_it_back(firm: Firm, watch: Watch) -> None:
    put(firm, "90", -10)
    put(firm, "95", 30)
    put(firm, "80", 10, 19)
    days = {-11: None, -10: 90, 0: 90, 9: 90, 10: 80, 19: 80, 20: 90, 29: 90, 30: 95, 400: 95}
    assert {day: cost(firm, day) for day in days} == days


@pytest.mark.parametrize(
    ("start", "end", "fault"),
    [
        (10, None, ("valid_from", "taken")),
        (10, 12, ("valid_from", "taken")),
        (12, None, ("valid_from", "overlaps")),
        (19, 25, ("valid_from", "overlaps")),
        (5, 10, ("valid_until", "overlaps")),
        (5, 40, ("valid_until", "overlaps")),
        (6, 5, ("valid_until", "out_of_range")),
    ],
)
def test_R9_5_two_prices_of_a_day_are_refused(
    firm: Firm, watch: Watch, start: int, end: int | None, fault: tuple[str, str]
) -> None:
    put(firm, "80", 10, 19)
    with pytest.raises(RuleRefused) as refused:
        put(firm, "70", start, end)
    assert faults(refused) == [fault]
    assert Price.objects.count() == 1


@pytest.mark.parametrize(("start", "end"), [(5, 9), (20, None), (20, 30), (0, None)])
def test_R9_5_beside_it_a_price_has_room(firm: Firm, watch: Watch, start: int, end: int | None) -> None:
    put(firm, "80", 10, 19)
    put(firm, "70", start, end)
    put(firm, "60", 10, 19, basis=Basis.USER_MONTH)
    put(firm, "50", 10, 19, name="Partners")
    assert cost(firm, 12) == 80


def test_a_price_is_changed_on_its_own_days_and_says_what_is_wrong(firm: Firm, watch: Watch) -> None:
    row = put(firm, "80", 10, 19)
    put(firm, "81", 10, 25, price=row)
    assert (fresh(row).price, fresh(row).version) == (81, 2)
    with pytest.raises(RuleRefused) as refused:
        save_price(None, by=firm.max, product=firm.product, basis="dozen", amount=None, valid_from=None)
    assert faults(refused) == [("basis", "invalid"), ("price", "required"), ("valid_from", "required")]
    for wrong in (Decimal("-1"), Decimal("1.001"), Decimal("1e15"), Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(RuleRefused):
            put(firm, wrong, 50)
    with pytest.raises(RuleRefused) as refused:
        put(firm, "1", 50, name="x" * 61)
    assert faults(refused) == [("name", "too_long")]


def test_only_marketing_and_administrators_set_prices(firm: Firm, watch: Watch) -> None:
    row = put(firm, "80", 10)
    for who in (firm.rita, firm.mark, firm.pia, firm.tina, firm.ivy):
        with pytest.raises(Forbidden):
            put(firm, "70", 20, by=who)
        with pytest.raises(Forbidden):
            drop_price(row, by=who)
    drop_price(row, by=firm.ada)
    assert not Price.objects.exists()
    with pytest.raises(NotFound):
        drop_price(row, by=firm.ada)
    with pytest.raises(NotFound):
        put(firm, "70", 20, price=row)


def test_R9_5_a_price_change_never_changes_a_quote_that_is_written(firm: Firm, watch: Watch) -> None:
    row = put(firm, "80", -10)
    quote = selling.draft_quote(firm.an_opportunity(), by=firm.rita)
    sent = selling.draft_quote(firm.an_opportunity(), by=firm.rita)
    sent = selling.send_quote(sent, to="li@example.com", by=firm.rita)
    before = [told(quote), told(sent)]
    put(firm, "200", -10, price=row)
    put(firm, "300", 0)
    assert [told(quote), told(sent)] == before
    drop_price(fresh(row), by=firm.max)
    assert [told(quote), told(sent)] == before
    revised = selling.revise_quote(sent, by=firm.rita)
    assert told(revised)[0] == before[1][0], "what was offered is offered on"
    new = selling.draft_quote(firm.an_opportunity(), by=firm.rita)
    assert new.lines.get().unit_price == 300


def told(quote: Any) -> list[Any]:
    row = fresh(quote)
    lines = list(row.lines.values_list("unit_price", "list_price", "total"))
    return [(row.net, row.tax, row.total, row.listed), lines]


def test_a_named_list_is_asked_for_and_falls_back_on_the_firms(firm: Firm, watch: Watch) -> None:
    put(firm, "80", -10)
    put(firm, "60", -5, name="Partners")
    assert price_on(firm.product, Basis.ONCE, TODAY, name="Partners") == 60
    assert price_on(firm.product, Basis.ONCE, TODAY - 6 * DAY, name="Partners") == 80
    assert price_on(firm.product, Basis.ONCE, TODAY) == 80
    assert price_on(firm.product, Basis.ONCE, TODAY - 60 * DAY) == 100, "the list price"
    assert price_on(firm.product, Basis.USER_YEAR, TODAY) is None


def test_the_list_tells_what_holds_what_comes_and_what_was(firm: Firm, watch: Watch) -> None:
    for amount, start, end in (
        ("70", -90, None),
        ("75", -60, -50),
        ("90", -30, None),
        ("80", -2, 5),
        ("95", 30, None),
    ):
        put(firm, amount, start, end)
    (one,) = pricelist.lists_of(Price.objects.all(), TODAY)
    assert one.now is not None
    assert (one.now.price.price, one.now.last) == (80, TODAY + 5 * DAY)
    assert [(s.price.price, s.state, s.last) for s in one.ahead] == [
        (90, "under", TODAY + 29 * DAY),
        (95, "ahead", None),
    ]
    assert [(s.price.price, s.last) for s in one.past] == [(75, TODAY - 50 * DAY), (70, TODAY - 31 * DAY)]


SPANS = st.lists(st.tuples(st.integers(-30, 30), st.none() | st.integers(0, 30)), max_size=12)


@given(SPANS)
def test_R9_5_whatever_is_let_in_a_day_has_one_price_and_the_page_tells_it(spans: list[Any]) -> None:
    """By hand, day by day: the price that began last; and what has an end holds on each of its days."""
    kept: list[Price] = []
    for n, (start, length) in enumerate(spans):
        first = TODAY + start * DAY
        last = None if length is None else first + length * DAY
        if not pricelist.clashes(kept, first, last):
            kept.append(Price(price=Decimal(n), basis=Basis.ONCE, valid_from=first, valid_until=last))
    for day in (TODAY + n * DAY for n in range(-32, 64)):
        valid = [p for p in kept if p.valid_from <= day and (p.valid_until is None or day <= p.valid_until)]
        holds = max(valid, key=lambda p: p.valid_from, default=None)
        ended = [p for p in valid if p.valid_until]
        assert ended in ([], [holds]), "an action holds on all its days"
        told = pricelist.lists_of(kept, day)
        assert (told[0].now.price if told and told[0].now else None) is holds
        shown = [s for one in told for s in ([one.now] if one.now else []) + one.ahead + one.past]
        assert len(shown) == len(kept)
