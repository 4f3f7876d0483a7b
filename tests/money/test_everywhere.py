"""R9.3, R9.5: the sums of any offer are the same to the cent wherever they are read: verb, database, page in both
languages, paper, API, contract, schedule, receipts, list, forecast."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pypdf
import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalogue.models import Price, Product
from catalogue.rules import MONEY_MOST
from core.errors import RuleRefused
from core.web import words
from opportunities.forecast import forecast
from opportunities.models import Opportunity, Quote
from opportunities.paper import quote_pdf
from opportunities.services import draft_quote, send_quote, take_amount, update
from orders.models import Order
from orders.schedules import Split, usual
from orders.services import accept_quote, balances, pay, refund, set_instalments, sign
from orders.services.paying import Part
from tests.cast import MONDAY, Firm, Watch
from tests.money.offers import COUNTS, Item, Offer, items, money, offers
from tests.opportunities.deals import head_fields, line_fields
from tests.pages import browser, tap

pytestmark = pytest.mark.django_db

TODAY = MONDAY.date()
USUAL = {"once": 12_345, "user_month": 3_333, "user_year": 39_999}
# Percentages of two places are JSON numbers; nothing else is.
NUMBERS = {"discount", "tax_rate", "reduction"}


def ours(examples: int) -> settings:
    """So many examples on one database; each takes back what it did."""
    return settings(
        max_examples=examples,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # a page takes long: what fails is shown as it was found
    )


class World:
    """A firm that sells one product on every basis, in two languages."""

    def __init__(self, firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("opportunities.paper.quote_pdf", lambda quote: b"%PDF-")
        self.firm = firm
        self.product = Product.objects.create(name="Any", price=money(USUAL["once"]), unit="seat")
        for basis in ("user_month", "user_year"):
            Price.objects.create(
                product=self.product, basis=basis, price=money(USUAL[basis]), valid_from=TODAY
            )
        for person, language in ((firm.rita, "en"), (firm.mark, "zh-hans")):
            person.language = language
            person.save(update_fields=["language"])
        self.readers = {"en": browser(firm.rita), "zh-hans": browser(firm.mark)}
        self.chance = firm.an_opportunity()

    def quote(self, offer: Offer, **more: Any) -> Quote:
        """The offer as a quote of a fresh opportunity."""
        self.firm.set_rules(prices_include_tax=offer.with_tax)
        lines = [item.line(self.product) for item in offer.items]
        return draft_quote(self.chance, by=self.firm.rita, lines=lines, **offer.terms, **more)


@pytest.fixture
def world(firm: Firm, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(firm, monkeypatch)


def shown(cents: int) -> str:
    return words.money(money(cents), "CNY")


def figures(html: str, name: str = "t-sums") -> list[str]:
    """The amounts of a list of sums, in order."""
    (part,) = re.findall(rf'<dl class="{name}">(.*?)</dl>', html, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", dd).strip() for dd in re.findall(r"<dd[^>]*>(.*?)</dd>", part, re.DOTALL)]


def expected(offer: Offer) -> list[str]:
    """What the sums of a quote's page are: the discount and the tax where there is one."""
    lines, off, net, tax, gross = offer.of(USUAL)
    rows = [shown(lines), f"−{shown(off)}"] if offer.off else []
    return [*rows, *([shown(net), shown(tax)] if offer.tax else []), shown(gross)]


def no_float(answer: Any, key: str = "") -> None:
    """No amount of an answer is a number."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            no_float(value, name)
    elif isinstance(answer, list):
        for value in answer:
            no_float(value, key)
    else:
        assert not isinstance(answer, float) or key in NUMBERS, key


def of_api(answer: dict[str, Any], *names: str) -> list[Decimal]:
    no_float(answer)
    assert {answer[name]["currency"] for name in names} == {"CNY"}
    return [Decimal(answer[name]["amount"]) for name in names]


def same(row: Quote | Order, offer: Offer) -> None:
    """The record and its lines are what was reckoned."""
    row.refresh_from_db()
    _lines, _off, net, tax, gross = offer.of(USUAL)
    assert (row.net, row.tax, row.total, row.listed) == (
        money(net),
        money(tax),
        money(gross),
        money(offer.listed(USUAL)),
    )
    kept = [(x.quantity, x.periods, x.basis, x.total) for x in row.lines.all()]
    assert kept == [(x.quantity, x.periods, x.basis, money(x.cents(USUAL))) for x in offer.items]


def is_read_everywhere(world: World, quote: Quote, offer: Offer) -> None:
    _lines, _off, net, tax, gross = offer.of(USUAL)
    totals = [item.cents(USUAL) for item in offer.items]
    for client in world.readers.values():
        html = client.get(f"/quotes/{quote.pk}").content.decode()
        assert figures(html) == expected(offer)
        assert f"<b>{shown(gross)}</b>" in html
    answer = world.readers["en"].get(f"/api/v1/quotes/{quote.pk}/").json()
    assert of_api(answer, "net", "tax", "total") == [money(net), money(tax), money(gross)]
    assert [Decimal(line["total"]["amount"]) for line in answer["lines"]] == [money(x) for x in totals]
    assert [Decimal(str(answer[name])) for name in ("discount", "tax_rate")] == [
        money(offer.off),
        money(offer.tax),
    ]


def is_reckoned_while_it_is_typed(world: World, quote: Quote, offer: Offer) -> None:
    lines = [
        {"product": world.product, "basis": x.basis, "quantity": x.quantity, "periods": x.periods}
        | {"unit_price": "" if x.price is None else money(x.price), "discount": money(x.off)}
        for x in offer.items
    ]
    data = line_fields(*lines) | head_fields(**offer.terms)
    html = tap(world.readers["en"], f"/quotes/{quote.pk}/reckon/", data).content.decode()
    assert figures(html) == expected(offer)
    outputs = re.findall(r'<output class="t-qline__sum"[^>]*>(.*?)</output>', html)
    assert outputs == [shown(item.cents(USUAL)) for item in offer.items]


@ours(5)
@given(offer=offers())
def test_R9_5_a_quote_says_the_same_on_every_page_and_in_the_api(world: World, offer: Offer) -> None:
    says_the_same(world, offer)


@pytest.mark.slow
@ours(100)
@given(offer=offers())
def test_R9_5_a_hundred_quotes_say_the_same_on_every_page(world: World, offer: Offer) -> None:
    says_the_same(world, offer)


def says_the_same(world: World, offer: Offer) -> None:
    with transaction.atomic():
        quote = world.quote(offer)
        same(quote, offer)
        is_read_everywhere(world, quote, offer)
        is_reckoned_while_it_is_typed(world, quote, offer)
        send_quote(quote, to="li@example.com", by=world.firm.rita)
        is_read_everywhere(world, quote, offer)
        html = world.readers["en"].get(f"/quotes/{quote.pk}").content.decode()
        cells = re.findall(r'<td class="t-num">([^<]*)</td></tr>', html)
        assert cells == [shown(item.cents(USUAL)) for item in offer.items]
        transaction.set_rollback(True)


MONEY_MOVES = {
    "offer": offers(4),
    "kind": st.sampled_from(Split.values),
    "shares": st.lists(st.integers(1, 120), min_size=1, max_size=3),
    "back": st.integers(0, 100),
}


@ours(6)
@given(**MONEY_MOVES)
def test_R9_3_from_the_quote_to_the_last_receipt_it_is_the_same_money(world: World, **moves: Any) -> None:
    is_the_same_money(world, **moves)


@pytest.mark.slow
@ours(100)
@given(**MONEY_MOVES)
def test_R9_3_a_hundred_times_it_is_the_same_money(world: World, **moves: Any) -> None:
    is_the_same_money(world, **moves)


def is_the_same_money(world: World, offer: Offer, kind: str, shares: list[int], back: int) -> None:
    with transaction.atomic():
        order = accept_quote(world.quote(offer, term_months=12), by=world.firm.rita)
        same(order, offer)
        _lines, off, net, tax, gross = offer.of(USUAL)
        assert Opportunity.objects.get(pk=world.chance.pk).amount == order.total
        plan = usual(kind, order.total, TODAY - timedelta(days=40), None, 12)
        if plan:
            parts = [Part(part.due_on, part.amount) for part in plan]
            set_instalments(order, parts=parts, by=world.firm.rita)
            assert sum(part.amount for part in order.instalments.all()) == order.total
        order = sign(order, by=world.firm.rita)
        came = went = 0
        for share in shares:
            if amount := gross * share // 100:
                pay(order, amount=money(amount), paid_on=TODAY, by=world.firm.rita)
                came += amount
        if went := came * back // 100:
            refund(order, amount=money(went), paid_on=TODAY, by=world.firm.rita)
        paid = came - went
        with pytest.raises(RuleRefused):
            refund(order, amount=money(paid + 1), paid_on=TODAY, by=world.firm.rita)
        owed = sum(int(part.amount * 100) for part in plan if part.due_on < TODAY)
        late = min(max(owed - paid, 0), max(gross - paid, 0))
        found = balances([order], TODAY)[order.pk]
        assert found.paid == money(paid) and found.open == money(max(gross - paid, 0))
        assert found.overdue == money(late) and found.over == money(max(paid - gross, 0))
        row = Order.objects.with_money(TODAY).get(pk=order.pk)
        assert (row.paid, row.open, row.overdue) == (found.paid, found.open, found.overdue)
        for client in world.readers.values():
            html = client.get(f"/orders/{order.pk}/").content.decode()
            sums = figures(html, "t-ordersums")
            assert shown(gross) in sums and (not off or f"−{shown(off)}" in sums)
            assert not tax or shown(tax) in sums
            top = figures(html, "t-figures")
            assert top[:2] == [shown(paid), shown(max(gross - paid, 0))]
        answer = world.readers["en"].get(f"/api/v1/orders/{order.pk}/").json()
        names = ("net", "tax", "total", "paid", "open", "overdue")
        assert of_api(answer, *names) == [
            *(money(x) for x in (net, tax, gross)), found.paid, found.open, found.overdue,
        ]  # fmt: skip
        assert sum(Decimal(part["amount"]["amount"]) for part in answer["schedule"]) in (0, order.total)
        transaction.set_rollback(True)


def amounts_of(paper: bytes) -> list[Decimal]:
    """The amounts on a paper, in the order of reading."""
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages)
    found = re.findall(r"(−?)\s*¥\s*([\d,]+\.\d\d)", text)
    return [Decimal(sign.replace("−", "-") + figure.replace(",", "")) for sign, figure in found]


@ours(3)
@given(offer=offers(5))
def test_R9_5_the_paper_says_the_same_in_both_languages(world: World, offer: Offer) -> None:
    lines, off, net, tax, gross = (money(x) for x in offer.of(USUAL))
    sums = [lines, -off] if offer.off else []
    sums = [*sums, *([net, tax] if offer.tax else []), gross]
    with transaction.atomic():
        for language in ("en", "zh-hans"):
            quote = Quote.objects.get(pk=world.quote(offer, language=language).pk)
            found = amounts_of(quote_pdf(quote))
            kept = [(line.unit_price, line.total) for line in quote.lines.all()]
            assert found[: 2 * len(kept)] == [amount for pair in kept for amount in pair]
            assert found[2 * len(kept) :] == [abs(x) if x == 0 else x for x in sums]
        transaction.set_rollback(True)


@ours(8)
@given(made=st.lists(st.tuples(offers(2), st.integers(0, 3), st.booleans()), min_size=1, max_size=5))
def test_R8_3_the_forecast_adds_up_to_the_quotes_it_rests_on(
    world: World, made: list[tuple[Offer, int, bool]]
) -> None:
    """By month, by stage, for the firm, in the API and on the page, weighted to the cent in each part."""
    with transaction.atomic():
        Opportunity.objects.exclude(pk=world.chance.pk).delete()
        whole: dict[date, int] = {}
        rows = [world.chance, *[world.firm.an_opportunity() for _offer in made[1:]]]
        for chance, (offer, month, dated) in zip(rows, made, strict=True):
            world.chance = chance
            take_amount(world.quote(offer), by=world.firm.rita)
            close = date(2026, 4 + month, 15) if dated else None
            update(chance, by=world.firm.rita, expected_close=close)
            if close:
                whole.setdefault(close.replace(day=1), 0)
                whole[close.replace(day=1)] += offer.of(USUAL)[4]
        world.chance = rows[0]
        seen = Opportunity.objects.all()
        found = forecast(seen, MONDAY, seen)
        assert {month.month: month.total for month in found.months if month.count} == {
            month: money(total) for month, total in whole.items()
        }
        for month in found.months:
            assert abs(month.nominal - month.total / 10) <= Decimal("0.005") * month.count, "10 % at stage 1"
        answer = world.readers["en"].get("/api/v1/reports/forecast/").json()
        said = {row["month"]: row["stages"] for row in answer["months"]}
        sums = {key: sum(Decimal(stage["sum"]["amount"]) for stage in stages) for key, stages in said.items()}
        assert {key: total for key, total in sums.items() if total} == {
            str(month): money(total) for month, total in whole.items() if total
        }
        assert Decimal(answer["nominal"]["amount"]) == sum(month.nominal for month in found.months)
        transaction.set_rollback(True)


# At the limit of the field

HUGE = [
    Item(10_000_000, 99_999_999_999_999, 0, "user_month", 600),
    Item(1, 99_999_999_999_999, 0, "once", 1),
    Item(10_000_000, 1_000_000_000, 0, "once", 1),
    Item(2, 99_999_999_999_999, 0, "once", 1),
]


@pytest.mark.parametrize("item", HUGE)
@pytest.mark.parametrize(("tax", "with_tax"), [(0, False), (1300, True), (1300, False)])
def test_R9_5_what_is_too_large_is_refused_in_words_by_verb_page_and_api(
    world: World, item: Item, tax: int, with_tax: bool
) -> None:
    """Just fits, or is refused as too large: nothing between, and never a fault of the server."""
    offer = Offer((item,), 0, tax, with_tax)
    usual_prices = USUAL | {"once": item.price or 0}
    fits = max(offer.of(usual_prices)[4], offer.listed(USUAL)) <= int(MONEY_MOST * 100)
    small = world.quote(Offer((Item(1, 100, 0, "once", 1),), 0, tax, with_tax))
    line = {"quantity": item.quantity, "periods": item.periods, "basis": item.basis}
    body = line | {
        "product": str(world.product.pk),
        "unit_price": {"amount": f"{money(item.price or 0)}", "currency": "CNY"},
    }
    url = f"/api/v1/quotes/{small.pk}/"
    etag = f'"{Quote.objects.get(pk=small.pk).version}"'
    api = world.readers["en"].patch(
        url, {"lines": [body]}, content_type="application/json", headers={"If-Match": etag}
    )
    data = line_fields(line | {"product": world.product, "unit_price": money(item.price or 0)})
    for act in ("edit", "reckon"):
        page = tap(world.readers["zh-hans"], f"/quotes/{small.pk}/{act}/", data | head_fields(**offer.terms))
        assert page.status_code in ((200, 204, 302) if fits or act == "reckon" else (422,)), act
    if fits:
        assert api.status_code == 200 and Decimal(api.json()["total"]["amount"]) == money(offer.of(USUAL)[4])
        paper = amounts_of(quote_pdf(Quote.objects.get(pk=small.pk)))
        assert paper[-1] == money(offer.of(USUAL)[4])
    else:
        assert api.status_code == 422 and "too large" in str(api.json())
        with pytest.raises(RuleRefused, match="too large"):
            world.quote(offer)


@ours(3)
@given(item=items(), count=COUNTS)
def test_R9_3_receipts_and_refunds_at_the_limit_are_refused_in_words(
    world: World, item: Item, count: int
) -> None:
    with transaction.atomic():
        order = sign(
            accept_quote(world.quote(Offer((item,), 0, 600, True)), by=world.firm.rita), by=world.firm.rita
        )
        with translation.override("en"):
            for amount in (
                Decimal(0),
                MONEY_MOST + Decimal("0.01"),
                Decimal("0.001"),
                Decimal(10) ** 20 * count,
            ):
                for verb in (pay, refund):
                    with pytest.raises(RuleRefused):
                        verb(order, amount=amount, paid_on=TODAY, by=world.firm.rita)
        pay(order, amount=MONEY_MOST, paid_on=TODAY, by=world.firm.rita)
        pay(order, amount=MONEY_MOST, paid_on=TODAY, by=world.firm.rita)
        found = balances([order], TODAY)[order.pk]
        assert (found.paid, found.open) == (2 * MONEY_MOST, 0)
        row = Order.objects.with_money(TODAY).get(pk=order.pk)
        assert (row.paid, row.open, row.overdue) == (2 * MONEY_MOST, 0, 0)
        html = world.readers["en"].get(f"/orders/{order.pk}/").content.decode()
        assert words.money(2 * MONEY_MOST, "CNY") in html
        assert world.readers["en"].get("/orders/").status_code == 200
        transaction.set_rollback(True)
