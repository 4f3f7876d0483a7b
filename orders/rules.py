"""States of an order, its terms and its money (R9): pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.rulebook import rule

rule(
    "renewal_days_most",
    120,
    "R9.4",
    _("Days before the end of a term at which a renewal opens at the earliest"),
    most=3650,
    least=1,
)
rule(
    "renewal_part", 3, "R9.4", _("A renewal opens when one part in … of the term is left"), least=1, most=100
)
rule(
    "repurchase_days",
    90,
    "R9.4",
    _("Days after signing at which a repurchase opens"),
    unit=_("days"),
    least=1,
    most=3650,
)

rule(
    "order_approval",
    False,
    "R9.2",
    _("A manager approves larger discounts and other terms"),
    kind="bool",
    branch=True,
)
rule(
    "discount_limit",
    10,
    "R9.2",
    _("Discount over which a manager has to approve"),
    kind="percent",
    unit="%",
    most=100,
)
rule("thank_you", True, "R9.4", _("Signing sends the thank-you that says who helps"), kind="bool")


class State(models.TextChoices):
    """A contract until it is signed; an order from then on (R9.1)."""

    DRAFT = "draft", _("draft")
    IN_APPROVAL = "in_approval", _("in approval")
    APPROVED = "approved", _("approved")
    SIGNED = "signed", _("signed")
    IN_FORCE = "in_force", _("in force")
    ENDED = "ended", _("ended")
    CANCELLED = "cancelled", _("cancelled")
    TERMINATED = "terminated", _("terminated")


BEFORE_SIGNATURE = (State.DRAFT, State.IN_APPROVAL, State.APPROVED)
SIGNED = (State.SIGNED, State.IN_FORCE, State.ENDED, State.TERMINATED)

# The only moves there are; FSM, trigger and drawn graph say the same.
MOVES: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.IN_APPROVAL, State.APPROVED, State.CANCELLED}),
    State.IN_APPROVAL: frozenset({State.APPROVED, State.DRAFT, State.CANCELLED}),
    State.APPROVED: frozenset({State.SIGNED, State.DRAFT, State.CANCELLED}),
    State.SIGNED: frozenset({State.IN_FORCE, State.TERMINATED}),
    State.IN_FORCE: frozenset({State.ENDED, State.TERMINATED}),
    State.ENDED: frozenset(),
    State.CANCELLED: frozenset(),
    State.TERMINATED: frozenset(),
}


class PaymentKind(models.TextChoices):
    """Money in, or back."""

    RECEIPT = "receipt", _("received")
    REFUND = "refund", _("refund")


class Method(models.TextChoices):
    """How it was paid."""

    TRANSFER = "transfer", _("bank transfer")
    CARD = "card", _("card")
    CASH = "cash", _("cash")
    ALIPAY = "alipay", _("Alipay")
    WECHAT = "wechat", _("WeChat Pay")
    OTHER = "other", _("another way")


@dataclass(frozen=True)
class Balance:
    """Exact money of an order: total = paid + open while nothing is overpaid; overdue is part of open; covered is what
    parts of the schedule are held against (R9.3)."""

    total: Decimal
    paid: Decimal
    open: Decimal
    overdue: Decimal
    covered: Decimal

    @property
    def over(self) -> Decimal:
        """What was paid too much."""
        return max(self.paid - self.total, Decimal("0.00"))


def balance(
    total: Decimal,
    due: Iterable[tuple[date, Decimal]],
    received: Decimal,
    refunded: Decimal,
    today: date,
    terminated_on: date | None = None,
) -> Balance:
    """Paid, open and overdue of an order: overdue is what is due before today and not covered by what was paid.

    Of what was terminated nothing is late that was due only later, nor what came in and was paid back.
    """
    paid = received - refunded
    left = max(total - paid, Decimal("0.00"))
    asked = [(on, amount) for on, amount in due if terminated_on is None or on <= terminated_on]
    late = sum((amount for on, amount in asked if on < today), Decimal("0.00"))
    covered = paid if terminated_on is None else received
    return Balance(total, paid, left, min(max(late - covered, Decimal("0.00")), left), covered)


def needs_approval(more_off: bool, other_terms: str) -> bool:
    """Whether a manager has to agree: more off than the limit in percent, or terms off the standard (R9.2)."""
    return more_off or bool(other_terms.strip())


def ends_on(starts_on: date, months: int | None, days: int | None) -> date | None:
    """The last day of a term; None without one. A month ends the day before the same day of the next, or on its
    last day where that day does not exist."""
    if days:
        return starts_on + timedelta(days=days - 1)
    if not months:
        return None
    month = starts_on.month - 1 + months
    year, month = starts_on.year + month // 12, month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    if starts_on.day > last:
        return date(year, month, last)
    return date(year, month, starts_on.day) - timedelta(days=1)
