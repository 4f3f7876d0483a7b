"""States of an order, its terms and its money (R9): pure."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

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

# The only moves there are in this version; FSM, trigger and drawn graph say the same.
MOVES: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.APPROVED, State.CANCELLED}),
    State.IN_APPROVAL: frozenset({State.CANCELLED}),
    State.APPROVED: frozenset({State.SIGNED, State.CANCELLED}),
    State.SIGNED: frozenset(),
    State.IN_FORCE: frozenset(),
    State.ENDED: frozenset(),
    State.CANCELLED: frozenset(),
    State.TERMINATED: frozenset(),
}

CENT = Decimal("0.01")


def line_total(quantity: int, unit_price: Decimal, discount: Decimal) -> Decimal:
    """Quantity × unit price less the discount in percent, to the cent."""
    return (quantity * unit_price * (100 - discount) / 100).quantize(CENT, ROUND_HALF_UP)


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
