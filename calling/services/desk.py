"""The queue of the calling desk: the next lead, leased to one telemarketer at a time (R2.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models import Hat, User
from calling.models import Lease
from core import clock, events, rulebook
from core.errors import AlreadyClaimed, Forbidden
from core.locking import lock_one, verb
from leads.models import Lead
from leads.services.common import fact, leads

# Promised call-backs that are due, then reactivated leads, then new ones, newest first (R2.2). A row that another
# telemarketer is being given at this instant is locked and skipped, so two never get the same one.
_NEXT = """
SELECT l.id FROM leads_lead l JOIN contacts_contact c ON c.id = l.contact_id
WHERE l.state = 'new' AND NOT c.do_not_call AND (c.no_phone_until IS NULL OR c.no_phone_until <= %(at)s)
  AND (l.call_after IS NULL OR l.call_after <= %(at)s)
  AND (l.call_back_at IS NULL OR l.call_back_at <= %(at)s)
  AND NOT (l.id = ANY(%(skip)s::uuid[]))
  AND NOT EXISTS (SELECT 1 FROM calling_lease s WHERE s.lead_id = l.id AND s.until > %(at)s AND s.user_id <> %(user)s)
  AND EXISTS (SELECT 1 FROM contacts_contactpoint p WHERE p.contact_id = c.id AND p.kind = 'phone' AND p.dead_at IS NULL)
ORDER BY (l.call_back_at IS NULL), l.call_back_at, (l.back_at IS NULL), l.back_at, l.created_at DESC, l.id DESC
LIMIT 1
FOR NO KEY UPDATE OF l SKIP LOCKED
"""


@verb
def next_lead(*, by: User, skip: list[Any] | None = None) -> Lead | None:
    """Lease and answer the next lead for a telemarketer, or None (R2.2); a lease still open is answered again.

    Raises Forbidden.
    """
    if not by.wears(Hat.TELEMARKETER):
        raise Forbidden()
    # One telemarketer's two windows must not lease two leads: the own row is the lock.
    lock_one(User.objects.all(), by.pk)
    at = clock.now()
    held = Lease.objects.filter(user=by, until__gt=at, lead__state="new").first()
    skipped = [str(pk) for pk in skip or []]
    if held and str(held.lead_id) not in skipped:
        return leads().get(pk=held.lead_id)
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"at": at, "user": str(by.pk), "skip": skipped})
        row = cursor.fetchone()
    if row is None:
        Lease.objects.filter(user=by).delete()
        return None
    lead = leads().get(pk=row[0])
    take_lease(lead, by=by, at=at)
    return lead


def take_lease(lead: Lead, *, by: User, at: datetime) -> Lease:
    """The lead, locked by the caller, is in this telemarketer's hands now. Raises AlreadyClaimed (R2.2)."""
    held = Lease.objects.select_for_update(no_key=True).filter(lead=lead).first()
    if held and held.user_id != by.pk and held.until > at:
        raise AlreadyClaimed()
    until = at + timedelta(minutes=rulebook.get("lease_minutes"))
    Lease.objects.filter(user=by).exclude(lead=lead).delete()
    lease, _made = Lease.objects.update_or_create(
        lead=lead, defaults={"user": by, "since": at, "until": until}
    )
    return lease


@verb
def drop_lease(*, by: User) -> None:
    """The telemarketer puts the lead back (R2.2)."""
    at = clock.now()
    for lease in Lease.objects.filter(user=by).select_related("lead__contact"):
        events.record(fact("put_back", lease.lead, at, by, lease.lead.state))
        lease.delete()
