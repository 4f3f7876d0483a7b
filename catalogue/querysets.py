"""Sets of prices."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q


class PriceQuerySet(models.QuerySet):
    def on(self, day: date) -> PriceQuerySet:
        """The prices that hold on a day."""
        return self.filter(valid_from__lte=day).filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))
