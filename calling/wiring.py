"""What calling adds to leads, through core.hooks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from core import hooks


def _own_calls(user: Any) -> Q | None:
    """A telemarketer sees own calls and what became of them (R15.2)."""
    from calling.models import Call

    if not user.wears("telemarketer"):
        return None
    return Q(Exists(Call.objects.filter(lead=OuterRef("pk"), by=user)))


def _actions(leads: list[Any], user: Any, at: datetime) -> dict[Any, list[str]]:
    from calling.models import Lease
    from calling.permissions import may_log

    mine = [lead for lead in leads if may_log(user, lead)]
    # Whom a colleague at the desk is talking to is not to be called by others (R2.2).
    new = [lead.pk for lead in mine if lead.state == "new"]
    held = Lease.objects.filter(lead__in=new, until__gt=at).exclude(user=user)
    taken = set(held.values_list("lead_id", flat=True)) if new else set()
    return {lead.pk: ["call"] for lead in mine if lead.pk not in taken}


def _merged(stays: Any, goes: Any, by: Any) -> None:
    """The conversations go along with the person."""
    from calling.models import Call, Lease

    Call.objects.filter(lead=goes).update(lead=stays)
    Lease.objects.filter(lead=goes).delete()


def _leaving(user: Any, by: Any, successor: Any, at: datetime) -> None:
    from calling.models import Lease

    Lease.objects.filter(user=user).delete()


def connect() -> None:
    """Fill the points."""
    hooks.lead_visibility.register(_own_calls)
    hooks.lead_actions.register(_actions)
    hooks.merged.register(_merged)
    hooks.leaving.register(_leaving)
