"""Verbs on campaigns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from outreach.models import Campaign


def campaigns_named(names: Iterable[str], *, at: datetime) -> dict[str, Campaign]:
    """The campaigns of these names, made where there is none: name → campaign (R1.4)."""
    wanted = sorted({name[:120] for name in names})
    if not wanted:
        return {}
    found = {c.name: c for c in Campaign.objects.filter(name__in=wanted)}
    missing = [name for name in wanted if name not in found]
    if missing:
        rows = [Campaign(name=name, created_at=at) for name in missing]
        Campaign.objects.bulk_create(rows, ignore_conflicts=True)
        found.update({c.name: c for c in Campaign.objects.filter(name__in=missing)})
    return found
