"""Which imports a person sees."""

from __future__ import annotations

from typing import Any

from django.db import models


class ImportQuerySet(models.QuerySet[Any]):
    """Imports, with their jobs."""

    def visible_to(self, user: Any) -> ImportQuerySet:
        """Marketing and administrators see all, a manager the own ones, nobody else any (R15.2)."""
        rows = self.select_related("job", "job__by")
        if user.wears("marketer", "admin"):
            return rows
        return rows.filter(job__by=user) if user.wears("manager") else rows.none()
