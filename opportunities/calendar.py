"""Each person's calendar feed: experience events of the own opportunities, by a secret address (R8.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import signing
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from icalendar import Calendar, Event

from accounts.models import User
from core import clock, rulebook
from core.locking import verb
from opportunities.models import CalendarFeed, ExperienceEvent
from opportunities.rules import OPEN, ExperienceKind

SALT = "trunk.calendar"
BEHIND, MOST = timedelta(days=90), 2000
AS_LONG = timedelta(hours=1)


def address_of(user: User) -> str:
    """The path of a person's feed; who knows it reads it, so it can be made void by `renew_address`."""
    feed, _made = CalendarFeed.objects.get_or_create(user=user)
    token = signing.dumps([str(user.pk), feed.serial], salt=SALT)
    return reverse("opportunities:calendar", args=[token])


@verb
def renew_address(user: User) -> str:
    """Make the old address void and answer a new one."""
    CalendarFeed.objects.get_or_create(user=user)
    feed = CalendarFeed.objects.select_for_update(no_key=True).get(user=user)
    feed.serial += 1
    feed.save(update_fields=["serial"])
    return address_of(user)


def user_of(token: str) -> User | None:
    """Whose feed an address is, or None: wrong, void, or the person has left."""
    try:
        pk, serial = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    feed = CalendarFeed.objects.filter(user=pk, serial=serial, user__is_active=True).select_related("user")
    found = feed.first()
    return found.user if found else None


def feed_of(user: User) -> bytes:
    """The feed as iCalendar (RFC 5545): what lies ahead and the last 90 days."""
    since = clock.now() - BEHIND
    rows = (
        ExperienceEvent.objects.filter(opportunity__owner=user, starts_at__gte=since)
        .exclude(held=False)
        .filter(Q(opportunity__stage__in=OPEN) | Q(held=True))
        .select_related("opportunity__company", "opportunity__contact")
        .order_by("starts_at", "id")[:MOST]
    )
    calendar = Calendar()
    calendar.add("prodid", "-//Trunk CRM//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{rulebook.get('firm_name')} · {user.name}")
    with translation.override(user.language):
        for row in rows:
            calendar.add_component(_event(row))
    return bytes(calendar.to_ical())


def _event(row: Any) -> Event:
    opportunity = row.opportunity
    event = Event()
    event.add("uid", f"{row.pk}@trunk")
    event.add("sequence", row.version)
    event.add("dtstamp", row.created_at)
    event.add("dtstart", row.starts_at)
    event.add("dtend", row.ends_at or row.starts_at + AS_LONG)
    event.add("summary", f"{ExperienceKind(row.kind).label}: {opportunity.company.name}")
    lines = [str(opportunity.contact or ""), row.note]
    event.add("description", "\n".join(line for line in lines if line))
    event.add("url", reverse("opportunities:opportunity", args=[opportunity.pk]))
    return event
