"""Sets of orders."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest, Least

from accounts.permissions import team_ids
from contacts.querysets import ALL_SEEING, lately_taken, widened, with_a_customer

if TYPE_CHECKING:
    from accounts.models import User

MONEY = models.DecimalField(max_digits=16, decimal_places=2)
NOTHING = Value(Decimal("0.00"), output_field=MONEY)
SIGNED_STATES = ("signed", "in_force", "ended", "terminated")


def _sum(model: str, wanted: Q) -> Coalesce:
    rows = apps.get_model(model)._default_manager.filter(wanted, order=OuterRef("pk")).order_by()
    sums = rows.values("order").annotate(_sum=models.Sum("amount")).values("_sum")
    return Coalesce(Subquery(sums, output_field=MONEY), NOTHING)


class OrderQuerySet(models.QuerySet):
    def signed(self) -> OrderQuerySet:
        """Orders in the sense of R9.1: signed, whatever came after."""
        return self.filter(state__in=SIGNED_STATES)

    def visible_to(self, user: User) -> OrderQuerySet:
        """R15.2: own ones and those of own customers, a manager the teams below, marketing all, success customers'."""
        if user.wears(*ALL_SEEING):
            return self
        parts = with_a_customer(user)
        if user.wears("telemarketer"):
            parts.append(Q(opportunity__lead__calls__by=user, opportunity__lead__calls__outcome="interested"))
            return self.filter(widened(None, parts)).distinct()
        return self.filter(widened(None, parts))

    def for_decision_by(self, user: User) -> OrderQuerySet:
        """What this person may decide: of the teams below, for an administrator all; never the own (R9.2)."""
        rows = self.filter(state="in_approval").exclude(owner=user).exclude(submitted_by=user)
        return rows if user.wears("admin") else rows.filter(team__in=team_ids(user))

    def with_money(self, today: date) -> OrderQuerySet:
        """With `paid`, `open`, `overdue` and `covered` of each, as `rules.balance` reckons them (R9.3)."""
        asked = Q(order__terminated_on=None) | Q(due_on__lte=F("order__terminated_on"))
        due = _sum("orders.Instalment", Q(due_on__lt=today) & asked)
        received, refunded = (
            _sum("orders.Payment", Q(kind="receipt")),
            _sum("orders.Payment", Q(kind="refund")),
        )
        signed = Q(state__in=SIGNED_STATES)
        rows = self.annotate(_received=received, paid=F("_received") - refunded, _due=due)
        left = Greatest(F("total") - F("paid"), NOTHING)
        covered = Case(When(terminated_on=None, then=F("paid")), default=F("_received"))
        rows = rows.annotate(covered=covered)
        late = Least(Greatest(F("_due") - F("covered"), NOTHING), left)
        return rows.annotate(
            open=Case(When(signed, then=left), default=NOTHING),
            overdue=Case(When(signed, then=late), default=NOTHING),
        )

    def actionable_by(self, user: User, at: datetime) -> OrderQuerySet:
        """What this user sees, or held within the last 24 h: who lost it is told the truth, not 404."""
        return self.filter(Q(pk__in=self.visible_to(user).values("pk")) | Q(lately_taken(user, at)))
