"""Who held a lead, from when to when, under which limits, how it began and ended, as a page tells it (R10.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from leads.models import Holding, Lead
from leads.rules import ReleaseReason, ReturnReason

DETAILS: dict[str, Any] = {
    **dict(ReleaseReason.choices),
    **dict(ReturnReason.choices),
    "not_called": _("no first call"),
    "not_judged": _("not judged in time"),
}


@dataclass(frozen=True)
class Stretch:
    """One stretch, and the reason given at its end, in words."""

    holding: Holding
    detail: Any


def of_lead(lead: Lead) -> list[Stretch]:
    """Everybody who held it, latest first. One query."""
    rows = lead.holdings.select_related("user").order_by("-from_at", "-id")
    return [Stretch(row, DETAILS.get(row.detail, "")) for row in rows]
