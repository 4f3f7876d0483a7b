"""What can be done with the money and the papers of an order; these forms open beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import clock
from core.web.panels import Panel
from orders import money_forms, permissions, schedules
from orders.models import Order
from orders.rules import SIGNED, Balance, State

CLOSED = (State.CANCELLED, State.ENDED, State.TERMINATED)
PAYMENT = "orders/panels/payment.html"


def of_money(order: Order, user: Any, balance: Balance, split: str = "") -> list[Panel]:
    """Receipt, refund and schedule, where this user may book them now."""
    if not permissions.may_book(user, order):
        return []
    found = []
    if order.state in SIGNED:
        found.append(
            Panel(
                "pay", _("Book a payment"), "coin", _url(order, "pay"), 10, PAYMENT,
                lambda: {"form": _payment(order, balance)}, key="p", first=balance.open > 0,
            )
        )  # fmt: skip
    if order.state not in CLOSED:
        label = _("Change the schedule") if order.instalments.all() else _("Plan the payments")
        found.append(
            Panel(
                "schedule", label, "calendar-due", _url(order, "schedule"), 20, "orders/panels/schedule.html",
                lambda: schedule_context(order, split), key="d",
            )
        )  # fmt: skip
    if order.state in SIGNED and balance.paid > 0:
        found.append(
            Panel(
                "refund", _("Book a refund"), "arrow-back-up", _url(order, "refund"), 30, PAYMENT,
                lambda: {"form": money_forms.PaymentForm(initial={"paid_on": _today()}), "back": True},
            )
        )  # fmt: skip
    return found


def _payment(order: Order, balance: Balance) -> money_forms.PaymentForm:
    """What is due next and not covered, else all that is open."""
    amount = balance.open
    covered = balance.paid
    for part in order.instalments.all():
        covered -= part.amount
        if covered < 0:
            amount = min(-covered, part.amount, balance.open)
            break
    return money_forms.PaymentForm(initial={"amount": amount or None, "paid_on": _today()})


def schedule_context(order: Order, split: str) -> dict[str, Any]:
    """The schedule as it is, or as it is usually split."""
    if split in schedules.Split.values:
        parts = schedules.usual(split, order.total, _today(), order.starts_on, order.term_months)
        initial = [{"due_on": p.due_on, "amount": p.amount, "note": p.note} for p in parts]
    else:
        initial = [{"due_on": p.due_on, "amount": p.amount, "note": p.note} for p in order.instalments.all()]
    return {
        "parts": money_forms.Parts(prefix="parts", initial=initial),
        "splits": [(kind.value, kind.label, kind.value == split) for kind in schedules.Split],
    }


def _today() -> date:
    return clock.firm_day(clock.now())


def _url(order: Order, name: str) -> str:
    return reverse(f"orders:{name}", args=[order.pk])
