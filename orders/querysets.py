"""Sets of orders."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from contacts.querysets import ALL_SEEING, lately_taken, widened, with_a_customer

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
        parts = with_a_customer(user)
        if user.wears("telemarketer"):
            parts.append(Q(opportunity__lead__calls__by=user, opportunity__lead__calls__outcome="interested"))
            return self.filter(widened(None, parts)).distinct()
        return self.filter(widened(None, parts))

    def actionable_by(self, user: User, at: datetime) -> OrderQuerySet:
        """What this user sees, or held within the last 24 h: who lost it is told the truth, not 404."""
        return self.filter(Q(pk__in=self.visible_to(user).values("pk")) | Q(lately_taken(user, at)))
