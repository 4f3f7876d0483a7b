"""Moves of the state machine: opportunities and orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from opportunities import services as selling
from opportunities.models import Opportunity
from opportunities.rules import LostReason
from orders import services as ordering
from orders.models import Order
from tests.races.machine import ANY, SELLER, Frame


class Selling(Frame):
    """From the conversion to the signature."""

    # opportunities and orders

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SELLER, headcount=st.sampled_from([5, 1, None]))
    def convert(self, n: int, login: str, headcount: int | None) -> None:
        need = self.firm.need(company=next(self.companies), headcount=headcount)
        chance = self.on_lead(
            self.one(n, "sql"), login, "convert", lambda lead, by: selling.convert(lead, by=by, **need)
        )
        self.know(Opportunity, self.chances, chance and chance.pk)

    @precondition(lambda self: self.chances)
    @rule(n=ANY, login=SELLER, to=st.sampled_from(["", "", "negotiation", "won"]))
    def advance(self, n: int, login: str, to: str) -> None:
        self.chance_moves(n, login, "advance", to, lambda chance, by: selling.advance(chance, by=by, to=to))

    @precondition(lambda self: self.chances)
    @rule(n=ANY, login=SELLER, to=st.sampled_from(["", "", "confirmed"]))
    def back(self, n: int, login: str, to: str) -> None:
        self.chance_moves(
            n, login, "back", to, lambda chance, by: selling.back(chance, by=by, reason="not yet", to=to)
        )

    def chance_moves(self, n: int, login: str, action: str, to: str, call: Callable[..., Any]) -> None:
        if to:  # the button names no stage; a stage that cannot be reached is refused whoever asks
            chance = Opportunity.objects.get(pk=self.chances[n % len(self.chances)])
            self.do(lambda: call(chance, self.who(login, chance)))
        else:
            self.on_chance(n, login, action, call)

    @precondition(lambda self: self.chances)
    @rule(n=ANY, login=SELLER, reason=st.sampled_from(LostReason.values))
    def lose(self, n: int, login: str, reason: str) -> None:
        self.on_chance(
            n, login, "lose", lambda chance, by: selling.lose(chance, reason=reason, text="so", by=by)
        )

    @precondition(lambda self: self.chances)
    @rule(n=ANY, login=SELLER)
    def reopen(self, n: int, login: str) -> None:
        chance = Opportunity.objects.get(pk=self.chances[n % len(self.chances)])
        self.do(lambda: selling.reopen(chance, by=self.who(login, chance)))

    @precondition(lambda self: self.chances)
    @rule(n=ANY, login=SELLER, term=st.sampled_from([{}, {"term_months": 12}, {"term_days": 3}]))
    def draft(self, n: int, login: str, term: dict[str, int]) -> None:
        chance = Opportunity.objects.get(pk=self.chances[n % len(self.chances)])
        order = self.do(lambda: ordering.draft(chance, by=self.who(login, chance), **term))
        self.know(Order, self.orders, order and order.pk)

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=SELLER)
    def sign(self, n: int, login: str) -> None:
        order = Order.objects.get(pk=self.orders[n % len(self.orders)])
        signed = self.do(lambda: ordering.sign(order, by=self.who(login, order)))
        if signed is not None:
            next_one = Opportunity.objects.get(signed_before=signed.opportunity_id)
            self.know(Opportunity, self.chances, next_one.pk)

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=SELLER)
    def cancel(self, n: int, login: str) -> None:
        self.on_order(n, login, "cancel", lambda order, by: ordering.cancel(order, by=by))
