"""Quotes: numbered without gaps, versioned, valid for a time, refused with everything that is wrong (R9.5)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalogue.rules import Basis
from catalogue.services import save_price, save_product
from core.errors import AlreadyClaimed, Forbidden, RuleRefused, TransitionNotAllowed
from core.models import Event
from opportunities import services
from opportunities.models import Quote
from opportunities.services import Need
from orders.services import accept_quote
from outreach.models import Message
from tests.cast import Firm, Watch, fresh
from tests.opportunities.deals import a_line


def a_quote(firm: Firm, **more: Any) -> Quote:
    return services.draft_quote(firm.an_opportunity(), by=firm.rita, **more)


def test_R9_5_a_quote_begins_with_the_needs_at_the_prices_of_the_day(firm: Firm, watch: Watch) -> None:
    save_price(
        None, by=firm.ada, product=firm.product, basis=Basis.ONCE, amount=Decimal("90.00"),
        valid_from=date(2026, 3, 2), valid_until=date(2026, 3, 9),
    )  # fmt: skip
    quote = a_quote(firm)
    line = quote.lines.get()
    assert (line.quantity, line.unit_price, line.list_price, line.total) == (
        10,
        Decimal("90.00"),
        Decimal("90.00"),
        Decimal("900.00"),
    )
    assert (quote.total, quote.net, quote.tax) == (Decimal("900.00"), Decimal("849.06"), Decimal("50.94"))
    assert quote.valid_until == date(2026, 4, 1) and quote.headcount == 10
    watch.go(days=10)
    assert a_quote(firm).total == Decimal("1000.00"), "after its last day the list price holds again"
    assert fresh(quote).total == Decimal("900.00"), "what was quoted stays"


def test_R9_5_what_is_sold_by_month_is_quoted_by_month(firm: Firm, watch: Watch) -> None:
    save_price(
        None, by=firm.ada, product=firm.product, basis=Basis.USER_MONTH, amount=Decimal("12.50"),
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    line = a_quote(firm, term_months=24).lines.get()
    assert (line.basis, line.periods, line.total) == ("user_month", 24, Decimal("3000.00"))
    assert a_quote(firm).lines.get().periods == 12
    save_price(
        None, by=firm.ada, product=firm.product, basis=Basis.USER_YEAR, amount=Decimal("120.00"),
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    line = a_quote(firm, term_months=24).lines.get()
    assert (line.basis, line.periods, line.total) == ("user_year", 2, Decimal("2400.00"))
    assert a_quote(firm, term_months=18).lines.get().basis == "user_month"


def test_R9_5_numbers_have_no_gaps_even_where_a_quote_was_refused(firm: Firm, watch: Watch) -> None:
    first = a_quote(firm)
    chance = firm.an_opportunity()
    with pytest.raises(RuleRefused):
        services.draft_quote(chance, by=firm.rita, discount=Decimal(101))
    second = services.draft_quote(chance, by=firm.rita)
    again = services.revise_quote(second, by=firm.rita)
    third = a_quote(firm)
    numbers = [first.title, second.title, again.title, third.title]
    assert numbers == ["Q-2026-00001", "Q-2026-00002", "Q-2026-00002/2", "Q-2026-00003"]


def test_R9_5_sums_are_exact_to_the_cent(firm: Firm, watch: Watch) -> None:
    lines = [
        a_line(firm.product, 3, "33.33", discount=Decimal("12.5")),
        a_line(firm.product, 7, "0.05", periods=3),
    ]
    quote = a_quote(firm, lines=lines, discount=Decimal("3"), tax_rate=Decimal("13"))
    assert [x.total for x in quote.lines.all()] == [Decimal("87.49"), Decimal("1.05")]
    assert (quote.total, quote.net, quote.tax) == (Decimal("85.88"), Decimal("76.00"), Decimal("9.88"))
    firm.set_rules(prices_include_tax=False)
    beside = a_quote(firm, lines=lines, discount=Decimal("3"), tax_rate=Decimal("13"))
    assert (beside.net, beside.tax, beside.total) == (Decimal("85.88"), Decimal("11.16"), Decimal("97.04"))


def test_R9_5_everything_that_is_wrong_is_said_at_once(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    with pytest.raises(RuleRefused) as told:
        services.draft_quote(
            chance,
            by=firm.rita,
            lines=[
                a_line(firm.product, 0),
                a_line(firm.product, 1, "1.005", periods=601, discount=Decimal(-1)),
            ],
            discount=Decimal("100.01"),
            tax_rate=Decimal(-1),
            term_months=601,
            valid_until=date(2026, 3, 1),
            language="fr",
        )
    assert {e.field for e in told.value.errors} == {
        "lines.0.quantity",
        "lines.1.periods",
        "lines.1.unit_price",
        "lines.1.discount",
        "discount",
        "tax_rate",
        "term_months",
        "valid_until",
        "language",
    }
    with pytest.raises(RuleRefused) as empty:
        services.draft_quote(chance, by=firm.rita, lines=[])
    assert [e.field for e in empty.value.errors] == ["lines"]
    assert not Quote.objects.exists()


def test_R9_5_what_was_sent_stays_and_a_version_takes_its_place(firm: Firm, watch: Watch) -> None:
    quote = a_quote(firm, note="With training")
    sent = services.send_quote(quote, to=" li@example.com ", by=firm.rita)
    mail = Message.objects.get()
    assert (sent.state, sent.sent_to, mail.to) == ("sent", "li@example.com", "li@example.com")
    with pytest.raises(TransitionNotAllowed):
        services.update_quote(sent, by=firm.rita, discount=Decimal(5))
    new = services.revise_quote(sent, by=firm.rita)
    assert (fresh(quote).state, new.state, new.revision, new.number) == ("revised", "draft", 2, quote.number)
    assert [x.total for x in new.lines.all()] == [
        x.total for x in quote.lines.all()
    ] and new.note == quote.note
    services.update_quote(new, by=firm.rita, discount=Decimal(10))
    assert fresh(new).total == Decimal("900.00") and fresh(quote).total == Decimal("1000.00")
    with pytest.raises(TransitionNotAllowed):
        services.revise_quote(quote, by=firm.rita)
    with pytest.raises(TransitionNotAllowed):
        services.send_quote(quote, to="li@example.com", by=firm.rita)
    verbs = list(
        Event.objects.filter(subject_id=quote.opportunity_id).order_by("id").values_list("verb", flat=True)
    )
    assert verbs[-4:] == ["quoted", "quote_sent", "quoted", "quote_changed"]


def test_R9_5_after_its_last_day_it_is_neither_sent_nor_accepted(firm: Firm, watch: Watch) -> None:
    quote = a_quote(firm)
    watch.go(days=30)
    services.send_quote(quote, to="li@example.com", by=firm.rita)
    watch.go(days=1)
    for act in (
        lambda: services.send_quote(quote, to="li@example.com", by=firm.rita),
        lambda: accept_quote(quote, by=firm.rita),
    ):
        with pytest.raises(RuleRefused):
            act()
    assert fresh(quote).state == "sent"
    new = services.revise_quote(quote, by=firm.rita)
    assert new.valid_until == watch.now.date() + timedelta(days=30)
    order = accept_quote(new, by=firm.rita)
    assert order.total == new.total and fresh(new).state == "accepted"


def test_R9_5_only_an_address_is_written_to(firm: Firm, watch: Watch) -> None:
    quote = a_quote(firm)
    for to in ("", "nobody", "a@b@c"):
        with pytest.raises(RuleRefused) as told:
            services.send_quote(quote, to=to, by=firm.rita)
        assert [e.field for e in told.value.errors] == ["to"]
    assert not Message.objects.exists() and fresh(quote).state == "draft"


def test_R15_1_who_may_write_a_quote(firm: Firm, watch: Watch) -> None:
    quote = a_quote(firm)
    chance = quote.opportunity
    for login in ("rita", "mark"):
        services.draft_quote(chance, by=getattr(firm, login))
    for login, refusal in (("max", Forbidden), ("wei", AlreadyClaimed), ("pia", AlreadyClaimed)):
        by = getattr(firm, login)
        for act in (
            lambda by=by: services.draft_quote(chance, by=by),
            lambda by=by: services.update_quote(quote, by=by, discount=Decimal(1)),
            lambda by=by: services.revise_quote(quote, by=by),
            lambda by=by: services.send_quote(quote, to="li@example.com", by=by),
            lambda by=by: accept_quote(quote, by=by),
            lambda by=by: services.set_needs(chance, products=[Need(firm.product)], by=by),
        ):
            with pytest.raises(refusal):
                act()
    seen = {login for login, user in firm.people.items() if Quote.objects.visible_to(user).exists()}
    assert seen == {"rita", "mark", "max", "ada", "ivy", "tina"}


def test_a_closed_opportunity_gets_no_quote(firm: Firm, watch: Watch) -> None:
    quote = a_quote(firm)
    services.lose(quote.opportunity, reason="price", by=firm.rita)
    for act in (
        lambda: services.draft_quote(quote.opportunity, by=firm.rita),
        lambda: services.revise_quote(quote, by=firm.rita),
        lambda: accept_quote(quote, by=firm.rita),
        lambda: services.send_quote(quote, to="li@example.com", by=firm.rita),
        lambda: services.update_quote(quote, discount=Decimal(1), by=firm.rita),
    ):
        with pytest.raises(TransitionNotAllowed):
            act()


# What they need


def test_R5_1_needs_are_told_anew(firm: Firm, watch: Watch) -> None:
    other = save_product(None, by=firm.ada, name="Training", price=Decimal(50), unit="day", active=True)
    chance = firm.an_opportunity()
    row = services.set_needs(
        chance, products=[Need(other, " two days ", 2), Need(firm.product)], by=firm.rita
    )
    assert [(n.product.name, n.purpose, n.quantity) for n in row.needs.all()] == [
        ("Training", "two days", 2),
        ("Seats", "", 10),
    ]
    assert Event.objects.filter(subject_id=chance.pk, verb="opportunity_changed").count() == 1
    services.set_needs(chance, products=[Need(other, "two days", 2), Need(firm.product)], by=firm.rita)
    assert Event.objects.filter(subject_id=chance.pk, verb="opportunity_changed").count() == 1, (
        "nothing changed"
    )
    for wrong in ([], [Need(other), Need(other)], [Need(other, "", 0)]):
        with pytest.raises(RuleRefused):
            services.set_needs(chance, products=wrong, by=firm.rita)
    save_product(other, by=firm.ada, active=False)
    services.set_needs(chance, products=[Need(fresh(other), "still", 3)], by=firm.rita)
    services.set_needs(chance, products=[Need(firm.product)], by=firm.rita)
    with pytest.raises(RuleRefused) as told:
        services.set_needs(chance, products=[Need(fresh(other))], by=firm.rita)
    assert [e.code for e in told.value.errors] == ["inactive"]
    won = firm.a_signed_order().opportunity
    with pytest.raises(TransitionNotAllowed):
        services.set_needs(won, products=[Need(firm.product, "", 3)], by=firm.rita)


# What it comes to is what the opportunity is worth


def test_R8_3_the_forecast_counts_with_the_quote_that_was_accepted(firm: Firm, watch: Watch) -> None:
    quote = a_quote(firm, discount=Decimal(5))
    assert fresh(quote.opportunity).amount == Decimal("1000.00"), "writing a quote changes nothing"
    accept_quote(quote, by=firm.rita)
    assert fresh(quote.opportunity).amount == quote.total == Decimal("950.00")
    told = Event.objects.filter(verb="opportunity_changed").latest("id")
    assert told.data["amount"] == ["1000.00", "950.00"]


def test_R8_3_the_amount_is_taken_from_a_quote_by_who_works_on_it(firm: Firm, watch: Watch) -> None:
    quote = a_quote(firm, discount=Decimal(5))
    with pytest.raises(Forbidden):
        services.take_amount(quote, by=firm.max)
    assert services.take_amount(quote, by=firm.rita).amount == Decimal("950.00")
    services.revise_quote(quote, by=firm.rita)
    with pytest.raises(TransitionNotAllowed):
        services.take_amount(quote, by=firm.rita)
