"""Sets of companies, contacts and contact points."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from core import hooks

if TYPE_CHECKING:
    from accounts.models import User

ALL_SEEING = ("marketer", "admin", "integration")
AFTER_THE_SIGNATURE = ("success", "service")


def widened(base: Q | None, extra: list[Any]) -> Q:
    """The union of what a user may see; with nothing at all, the empty set."""
    parts = [part for part in [base, *extra] if part is not None]
    return reduce(or_, parts) if parts else Q(pk__in=[])


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
