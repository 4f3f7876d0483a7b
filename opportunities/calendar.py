"""Each person's calendar feed: experience events of the own opportunities, by a secret address (R8.1)."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from icalendar import Calendar, Event

from accounts.models import User
from core import clock, events, hooks, rulebook
from core.locking import verb
from opportunities.models import CalendarFeed, ExperienceEvent
from opportunities.rules import OPEN, ExperienceKind

SALT = "trunk.calendar"
BEHIND, MOST = timedelta(days=90), 2000
AS_LONG = timedelta(hours=1)
AGAIN = timedelta(hours=1)  # how often a calendar program may ask


def address_of(user: User) -> str:
    """The path of a person's feed, empty as long as none was made; who knows it reads it (`renew_address`)."""
    feed = CalendarFeed.objects.filter(user=user).first()
    if feed is None:
        return ""
    token = signing.dumps([str(user.pk), feed.serial], salt=SALT)
    return reverse("opportunities:calendar", args=[token])


@verb
def renew_address(user: User) -> str:
    """Make the old address void and answer a new one."""
    CalendarFeed.objects.get_or_create(user=user)
    feed = CalendarFeed.objects.select_for_update(no_key=True).get(user=user)
    feed.serial += 1
    feed.save(update_fields=["serial"])
    events.record(events.Fact("calendar_renewed", user, clock.now(), user))
    return address_of(user)


def user_of(token: str) -> User | None:
    """Whose feed an address is, or None: wrong, void, or the person has left."""
    try:
        pk, serial = signing.loads(token, salt=SALT)
        rows = CalendarFeed.objects.filter(user=UUID(pk), serial=int(serial), user__is_active=True)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    found = rows.select_related("user").first()
    return found.user if found else None


def feed_of(user: User, site: str = "") -> bytes:
    """The feed as iCalendar (RFC 5545): what lies ahead and the last 90 days; `site` is where its links begin."""
    since = clock.now() - BEHIND
    rows = (
        ExperienceEvent.objects.filter(opportunity__owner=user, starts_at__gte=since)
        .filter(Q(opportunity__stage__in=OPEN) | Q(held=True))
        .select_related("opportunity__company", "opportunity__contact")
        .order_by("starts_at", "id")[:MOST]
    )
    listed = list(rows)
    hidden: set[Any] = set().union(*hooks.masked_contacts([row.opportunity.contact_id for row in listed]))
    calendar = Calendar()
    calendar.add("prodid", "-//Trunk CRM//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{rulebook.get('firm_name')} · {user.name}")
    calendar.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    with translation.override(user.language):
        for row in listed:
            calendar.add_component(_event(row, site, row.opportunity.contact_id in hidden))
    return bytes(calendar.to_ical())


def _event(row: Any, site: str, masked: bool) -> Event:
    opportunity = row.opportunity
    event = Event()
    event.add("uid", f"{row.pk}@trunk")
    # A program takes the higher number for the newer: what was moved moves there, too.
    event.add("sequence", row.version)
    event.add("dtstamp", row.created_at.astimezone(UTC))
    event.add("dtstart", row.starts_at.astimezone(UTC))
    event.add("dtend", (row.ends_at or row.starts_at + AS_LONG).astimezone(UTC))
    event.add("summary", f"{ExperienceKind(row.kind).label}: {opportunity.company.name}")
    event.add("status", "CANCELLED" if row.held is False else "CONFIRMED")
    # A trial runs for weeks: nobody is busy all that time.
    free = row.kind == ExperienceKind.TRIAL or row.held is False
    event.add("transp", "TRANSPARENT" if free else "OPAQUE")
    # What was said of who lies in the pool is not told, as of calls and notes (R10.4).
    lines = [str(opportunity.contact or ""), "" if masked else row.note]
    if any(lines):
        event.add("description", "\n".join(line for line in lines if line))
    event.add("url", f"{site}{reverse('opportunities:opportunity', args=[opportunity.pk])}")
    return event
