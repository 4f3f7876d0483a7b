"""What every verb of an opportunity does the same way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events
from core.errors import AlreadyClaimed, Forbidden, NotFound
from core.locking import lock_one
from opportunities.models import Opportunity


def opportunities() -> QuerySet[Opportunity]:
    """Opportunities with what a verb reads of them."""
    return Opportunity.objects.select_related("company", "contact", "lead", "owner", "team")


def locked(opportunity: Opportunity | Any) -> Opportunity:
    """The opportunity as it is now, locked. Raises NotFound."""
    try:
        return lock_one(opportunities(), getattr(opportunity, "pk", opportunity))
    except Opportunity.DoesNotExist:
        raise NotFound() from None


def require(allowed: bool, opportunity: Opportunity, by: User) -> None:
    """Refuse who may not. Raises Forbidden, or AlreadyClaimed when it has gone to somebody else."""
    if allowed:
        return
    if Opportunity.objects.visible_to(by).filter(pk=opportunity.pk).exists():
        raise Forbidden()
    raise AlreadyClaimed(detail=_("A colleague has this opportunity now."))


def fact(
    verb: str, row: Opportunity, at: datetime, by: User | None, was: str = "", **more: Any
) -> events.Fact:
    """An event of this opportunity, with its contact and company."""
    return events.Fact(
        verb,
        row,
        at,
        by,
        from_state=was,
        to_state=row.stage,
        contact=row.contact_id,
        company=row.company_id,
        **more,
    )
