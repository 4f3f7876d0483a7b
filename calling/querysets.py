"""Sets of conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from accounts.models import User


class CallQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> CallQuerySet:
        """The conversations on leads that the user sees."""
        from leads.models import Lead

        return self.filter(lead__in=Lead.objects.visible_to(user))
