"""Moves of the state machine: quotes, approval, terms that begin and end, money in and back, the next chance by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from catalogue.pricing import Line
from core import clock
from opportunities import selectors as opportunities_read
from opportunities import services as selling
from opportunities.models import Opportunity, Quote
from orders import services as ordering
from orders.models import Order
from orders.rules import SIGNED
from orders.services.paying import Part
from outreach.sending import send_due
from tests.races.machine import ANY, REP, SELLER, Frame

PERCENT = st.sampled_from([Decimal(n) for n in ("0", "3.33", "12.5", "40", "40", "100", "101")])
AMOUNT = st.sampled_from(
    [Decimal("0.01"), Decimal("333.33"), Decimal("1000.00"), Decimal(0), Decimal("1.005")]
)
DECIDER = st.sampled_from(["mark", "olga", "ada", "rita", "wei"])
TERM = st.sampled_from([None, None, 1, 12, 12, 0])
REFERENCE = st.sampled_from(["", "", "T-1", "T-2"])


class Money(Frame):
    """From the quote to the money, and to what comes after the term."""

    # quotes

    def lines(self, n: int) -> list[Line] | None:
        made = [
            Line(self.firm.product, 1 + n % 3, Decimal("33.33"), Decimal(n % 7), "user_month", 1 + n % 12),
            Line(self.firm.product, 7, None, Decimal("12.5")),
        ]
        return [[], None, None, made, made, made[:1]][n % 6]

    def on_quote(self, n: int, login: str, action: str, call: Any) -> Any:
        quotes = Quote.objects.select_related("opportunity__owner", "opportunity__team").order_by(
            "created_at", "id"
        )
        held = list(quotes)[-4:] if n % 3 else list(quotes)
        if not held:
            return None
        quote = held[n % len(held)]
        by = self.who(login, quote.opportunity)
        today = clock.firm_day(clock.now())
        return self.do(lambda: call(quote, by), action, opportunities_read.allowed_on_quote(quote, by, today))

    @precondition(lambda self: self.chances)
    @rule(n=ANY, login=SELLER, discount=PERCENT, term=TERM)
    def quote(self, n: int, login: str, discount: Decimal, term: int | None) -> None:
        chance = Opportunity.objects.get(pk=self.chances[n % len(self.chances)])
        more = {"lines": self.lines(n), "discount": discount, "term_months": term}
        self.do(lambda: selling.draft_quote(chance, by=self.who(login, chance), **more))

    @rule(n=ANY, login=SELLER, discount=PERCENT)
    def change_quote(self, n: int, login: str, discount: Decimal) -> None:
        self.on_quote(
            n,
            login,
            "edit",
            lambda q, by: selling.update_quote(q, by=by, lines=self.lines(n), discount=discount),
        )

    @rule(n=ANY, login=SELLER)
    def revise_quote(self, n: int, login: str) -> None:
        self.on_quote(n, login, "revise", lambda quote, by: selling.revise_quote(quote, by=by))

    @rule(n=ANY, login=SELLER, to=st.sampled_from(["li@example.com", "nobody"]))
    def send_quote(self, n: int, login: str, to: str) -> None:
        self.on_quote(n, login, "send", lambda quote, by: selling.send_quote(quote, to=to, by=by))

    @rule(n=ANY, login=SELLER)
    def accept_quote(self, n: int, login: str) -> None:
        order = self.on_quote(n, login, "accept", lambda quote, by: ordering.accept_quote(quote, by=by))
        self.know(Order, self.orders, order and order.pk)

    @rule()
    def mail(self) -> None:
        send_due("email", clock.now())
        assert send_due("email", clock.now()) == 0, "a second worker found something to do"

    # approval

    @rule(on=st.sampled_from([True, True, False]))
    def approval_is_a_branch(self, on: bool) -> None:
        self.firm.set_rules(order_approval=on)

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=SELLER, discount=PERCENT, terms=st.sampled_from(["", "", "pays later"]))
    def change_order(self, n: int, login: str, discount: Decimal, terms: str) -> None:
        fields = {"discount": discount, "other_terms": terms, "lines": self.lines(n)}
        self.on_order(n, login, "edit", lambda order, by: ordering.update(order, by=by, **fields))

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=SELLER)
    def submit(self, n: int, login: str) -> None:
        self.on_order(n, login, "submit", lambda order, by: ordering.submit(order, by=by))

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=DECIDER)
    def approve(self, n: int, login: str) -> None:
        self.on_waiting(n, login, "approve", lambda order, by: ordering.approve(order, by=by))

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=DECIDER, comment=st.sampled_from(["too much", ""]))
    def reject(self, n: int, login: str, comment: str) -> None:
        self.on_waiting(n, login, "reject", lambda order, by: ordering.reject(order, by=by, comment=comment))

    def on_waiting(self, n: int, login: str, action: str, call: Any) -> None:
        waiting = Order.objects.filter(pk__in=self.orders, state="in_approval").order_by("created_at", "id")
        found = list(waiting.values_list("pk", flat=True))
        self.on_order(self.orders.index(found[n % len(found)]) if found else n, login, action, call)

    # the term

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=SELLER, ago=st.sampled_from([0, 1, 40, -1]))
    def sign_by_day(self, n: int, login: str, ago: int) -> None:
        """Entered later than it was signed: its term may be over already."""
        day = clock.firm_day(clock.now()) - timedelta(days=ago)
        signed = self.on_order(n, login, "sign", lambda order, by: ordering.sign(order, by=by, signed_on=day))
        if signed is not None:
            self.know(
                Opportunity, self.chances, Opportunity.objects.get(signed_before=signed.opportunity_id).pk
            )

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=SELLER, reason=st.sampled_from(["moved away", "moved away", ""]))
    def terminate(self, n: int, login: str, reason: str) -> None:
        self.on_order(
            n, login, "terminate", lambda order, by: ordering.terminate(order, reason=reason, by=by)
        )

    @rule(what=st.sampled_from(["active_on", "ends_on"]))
    def a_day_comes(self, what: str) -> None:
        """The first instant of the day on which something begins, or is over."""
        today = clock.firm_day(self.now)
        rows = Opportunity.objects.filter(stage="scheduled") if what == "active_on" else Order.objects.all()
        days = rows.filter(**{f"{what}__gte": today}).order_by(what).values_list(what, flat=True)
        for day in days[:1]:
            at = clock.day_starts(day + timedelta(days=what == "ends_on"))
            self.go(max(at, self.now))

    # money

    def signed(self, n: int) -> int:
        found = list(
            Order.objects.filter(pk__in=self.orders, state__in=SIGNED)
            .order_by("created_at", "id")
            .values_list("pk", flat=True)
        )
        return self.orders.index(found[n % len(found)]) if found and n % 5 else n

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=SELLER, amount=AMOUNT, reference=REFERENCE, ago=st.sampled_from([0, 0, 3, -1]))
    def pay(self, n: int, login: str, amount: Decimal, reference: str, ago: int) -> None:
        day = clock.firm_day(clock.now()) - timedelta(days=ago)
        money = {"amount": amount, "paid_on": day, "reference": reference}
        self.on_order(self.signed(n), login, "pay", lambda order, by: ordering.pay(order, by=by, **money))

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=SELLER, amount=AMOUNT)
    def refund(self, n: int, login: str, amount: Decimal) -> None:
        paid = list(
            Order.objects.filter(pk__in=self.orders, payments__isnull=False).values_list("pk", flat=True)
        )
        place = self.orders.index(sorted(paid)[n % len(paid)]) if paid else n
        money = {"amount": amount, "paid_on": clock.firm_day(clock.now())}
        self.on_order(place, login, "pay", lambda order, by: ordering.refund(order, by=by, **money))

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=SELLER, parts=st.integers(0, 3), short=st.sampled_from([0, 0, 1]))
    def schedule(self, n: int, login: str, parts: int, short: int) -> None:
        order = Order.objects.get(pk=self.orders[n % len(self.orders)])
        first = order.total - (parts - 1) * Decimal("0.01") - short
        amounts = [first, *[Decimal("0.01")] * (parts - 1)] if parts else []
        day = clock.firm_day(clock.now())
        asked = [Part(day + timedelta(days=30 * k), amount) for k, amount in enumerate(amounts)]
        self.do(lambda: ordering.set_instalments(order, parts=asked, by=self.who(login, order)))

    # the next chance by hand

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=REP, kind=st.sampled_from(["upsell", "repurchase", "renewal"]))
    def more(self, n: int, login: str, kind: str) -> None:
        company = Order.objects.get(pk=self.orders[n % len(self.orders)]).company
        chance = self.do(lambda: selling.open_again(company, by=self.who(login, company), kind=kind))
        self.know(Opportunity, self.chances, chance and chance.pk)
