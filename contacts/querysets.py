"""Sets of companies, contacts and contact points."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.permissions import team_ids
from core import hooks
from core.models import Event

if TYPE_CHECKING:
    from accounts.models import User

ALL_SEEING = ("marketer", "admin", "integration")
AFTER_THE_SIGNATURE = ("success", "service")
# Who lost sight of a record so lately is told what happened to it, not that there is none.
RECENTLY = timedelta(hours=24)


def widened(base: Q | None, extra: list[Any]) -> Q:
    """The union of what a user may see; with nothing at all, the empty set."""
    parts = [part for part in [base, *extra] if part is not None]
    return reduce(or_, parts) if parts else Q(pk__in=[])


def with_a_customer(user: User) -> list[Q]:
    """R15.2 for what hangs on a company: own records and customers, a manager's teams, customers after the signature."""
    parts = [Q(owner=user), Q(company__owner=user)]
    if user.wears("manager"):
        parts.append(Q(team__in=team_ids(user)))
    if user.wears(*AFTER_THE_SIGNATURE):
        parts.append(Q(company__customer_since__isnull=False))
    return parts


def lately_taken(user: User, at: datetime, verb: str = "assigned") -> Exists:
    """Records that were given from this user to somebody else within the last 24 h."""
    given = Event.objects.filter(subject_id=OuterRef("pk"), verb=verb, at__gte=at - RECENTLY)
    return Exists(given.filter(data__from=str(user.pk)))


class CompanyQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> CompanyQuerySet:
        """R15.2: marketing and administrators all, success and service the customers, others their own."""
        if user.wears(*ALL_SEEING):
            return self
        base = Q(owner=user)
        if user.wears(*AFTER_THE_SIGNATURE):
            base |= Q(customer_since__isnull=False)
        return self.filter(widened(base, hooks.company_visibility(user)))


class ContactQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> ContactQuerySet:
        """R15.2; whoever sees a lead or an opportunity sees its contact (added from above)."""
        live = self.filter(merged_into__isnull=True)
        if user.wears(*ALL_SEEING):
            return live
        base = Q(company__owner=user)
        if user.wears(*AFTER_THE_SIGNATURE):
            base |= Q(company__customer_since__isnull=False)
        return live.filter(widened(base, hooks.contact_visibility(user)))


class PointQuerySet(models.QuerySet):
    def live(self) -> PointQuerySet:
        """Ways that still work."""
        return self.filter(dead_at__isnull=True)
