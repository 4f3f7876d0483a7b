"""What is read of a person: the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from contacts.models import Contact
from core.models import Event, EventText


@dataclass
class Entry:
    """One line of a timeline."""

    event: Event
    by: User | None
    texts: dict[str, tuple[str, str]]


def timeline(
    contact_id: Any = None,
    *,
    company_id: Any = None,
    masked: bool = False,
    before: tuple[datetime, Any] | None = None,
    limit: int = 50,
) -> list[Entry]:
    """What happened with a person or a company, latest first (R15.4); masked: kind, outcome and date only (R10.4)."""
    rows = (
        Event.objects.filter(contact_id=contact_id)
        if contact_id
        else Event.objects.filter(company_id=company_id)
    )
    if before:
        at, pk = before
        rows = rows.filter(at__lte=at).exclude(at=at, pk__gte=pk)
    listed = list(rows.order_by("-at", "-id")[:limit])
    texts: dict[Any, dict[str, tuple[str, str]]] = {}
    if not masked:
        for text in EventText.objects.filter(event__in=[e.pk for e in listed]):
            texts.setdefault(text.event_id, {})[text.field] = (text.old, text.new)
    people = User.objects.in_bulk({e.by_id for e in listed if e.by_id})
    return [Entry(e, people.get(e.by_id), texts.get(e.pk, {})) for e in listed]


def same_person(contact_id: Any) -> list[Any]:
    """This contact and all that were merged into it: one person's history is all of theirs (R1.6)."""
    found, last = [contact_id], [contact_id]
    while last:
        last = list(Contact.objects.filter(merged_into__in=last).values_list("pk", flat=True))
        found += last
    return found
