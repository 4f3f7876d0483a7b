"""Sets of orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.permissions import team_ids
from contacts.querysets import AFTER_THE_SIGNATURE, ALL_SEEING, widened

if TYPE_CHECKING:
    from accounts.models import User

SIGNED_STATES = ("signed", "in_force", "ended", "terminated")


class OrderQuerySet(models.QuerySet):
    def signed(self) -> OrderQuerySet:
        """Orders in the sense of R9.1: signed, whatever came after."""
        return self.filter(state__in=SIGNED_STATES)

    def visible_to(self, user: User) -> OrderQuerySet:
        """R15.2: own ones and those of own customers, a manager the teams below, marketing all, success customers'."""
        if user.wears(*ALL_SEEING):
            return self
        parts = [Q(owner=user), Q(company__owner=user)]
        if user.wears("manager"):
            parts.append(Q(team__in=team_ids(user)))
        if user.wears(*AFTER_THE_SIGNATURE):
            parts.append(Q(company__customer_since__isnull=False))
        if user.wears("telemarketer"):
            parts.append(Q(opportunity__lead__calls__by=user, opportunity__lead__calls__outcome="interested"))
            return self.filter(widened(None, parts)).distinct()
        return self.filter(widened(None, parts))
