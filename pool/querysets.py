"""Sets of cadences: whoever reads marketing's work reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from outreach.permissions import may_look

if TYPE_CHECKING:
    from accounts.models import User


class CadenceQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> CadenceQuerySet:
        """All for marketing, managers, administrators and other programs; none for the rest."""
        return self if may_look(user) else self.none()
