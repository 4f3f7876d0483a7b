"""The queue of the calling desk: the next lead, leased to one telemarketer at a time (R2.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from calling.models import Lease
from core import clock, events, rulebook
from core.errors import AlreadyClaimed, Forbidden
from core.locking import lock_one, verb
from leads.models import Lead
from leads.services.common import fact, leads

# A row that another telemarketer is being given at this instant is locked and skipped, so two never get the same one.
_FREE = """
SELECT l.id FROM leads_lead l JOIN contacts_contact c ON c.id = l.contact_id
WHERE l.state = 'new' AND {part} AND NOT c.do_not_call
  AND (l.call_after IS NULL OR l.call_after <= %(at)s) AND NOT (l.id = ANY(%(skip)s::uuid[]))
  AND NOT EXISTS (SELECT 1 FROM calling_lease s WHERE s.lead_id = l.id AND s.until > %(at)s AND s.user_id <> %(user)s)
  AND EXISTS (SELECT 1 FROM contacts_contactpoint p WHERE p.contact_id = c.id AND p.kind = 'phone' AND p.dead_at IS NULL)
ORDER BY {order}
LIMIT 1
FOR NO KEY UPDATE OF l SKIP LOCKED
"""
_IN_PEACE = "(c.no_phone_until IS NULL OR c.no_phone_until <= %(at)s)"
# Promised call-backs that are due, then reactivated leads, then new ones, newest first (R2.2): one question each, so
# that each is answered from its own index. Who refused is left in peace, unless a call was promised since (R2.3).
_QUEUES = (
    _FREE.format(part="l.call_back_at <= %(at)s", order="l.call_back_at, l.id"),
    _FREE.format(
        part=f"l.call_back_at IS NULL AND l.back_at IS NOT NULL AND {_IN_PEACE}",
        order="l.back_at DESC, l.id DESC",
    ),
    _FREE.format(
        part=f"l.call_back_at IS NULL AND l.back_at IS NULL AND {_IN_PEACE}",
        order="l.created_at DESC, l.id DESC",
    ),
)
TRIES = 50


@verb
def next_lead(*, by: User, skip: list[Any] | None = None) -> Lead | None:
    """Lease and answer the next lead for a telemarketer, or None (R2.2); a lease still open is answered again.

    Raises Forbidden.
    """
    if not by.wears(Hat.TELEMARKETER):
        raise Forbidden()
    # One telemarketer's two windows must not lease two leads: the own row is the lock.
    if not lock_one(User.objects.all(), by.pk).is_active:
        raise Forbidden()
    at = clock.now()
    skipped = [str(pk) for pk in skip or []]
    held = held_lead(by, at)
    if held is not None and str(held.pk) not in skipped:
        return held
    for _try in range(TRIES):
        pk = _first_free({"at": at, "user": str(by.pk), "skip": skipped})
        if pk is None:
            break
        try:
            lead = leads().get(pk=pk)
            lead.lease = take_lease(lead, by=by, at=at)  # type: ignore[attr-defined]
        except AlreadyClaimed:
            # Leased between this question's snapshot and its lock: the lock came free, the lease tells the truth.
            skipped.append(str(pk))
        else:
            return lead
    Lease.objects.filter(user=by).delete()
    return None


def held_lead(user: User, at: datetime) -> Lead | None:
    """The lead that this telemarketer has in hand now, with its lease."""
    return leads().select_related("lease").filter(lease__user=user, lease__until__gt=at, state="new").first()


def _first_free(values: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        for queue in _QUEUES:
            cursor.execute(queue, values)
            row = cursor.fetchone()
            if row is not None:
                return row[0]
    return None


def require_free(lead: Lead, *, by: User, at: datetime) -> Lease | None:
    """The lease of a lead that the caller has locked. Raises AlreadyClaimed while a colleague has it (R2.2)."""
    held = Lease.objects.select_for_update(no_key=True).filter(lead=lead).first()
    if held and held.user_id != by.pk and held.until > at:
        message = _("A colleague is talking to them now: this lead is already taken.")
        raise AlreadyClaimed(detail=message)
    return held


def take_lease(lead: Lead, *, by: User, at: datetime) -> Lease:
    """The lead, locked by the caller, is in this telemarketer's hands now. Raises AlreadyClaimed (R2.2)."""
    require_free(lead, by=by, at=at)
    until = at + timedelta(minutes=rulebook.get("lease_minutes"))
    Lease.objects.filter(user=by).exclude(lead=lead).delete()
    lease, _made = Lease.objects.update_or_create(
        lead=lead, defaults={"user": by, "since": at, "until": until}
    )
    return lease


@verb
def drop_lease(*, by: User) -> list[Any]:
    """The telemarketer puts the lead back, also when its time has run out meanwhile (R2.2); answers its id."""
    at = clock.now()
    dropped = []
    # Locked, for one that ran out may be a colleague's in this moment.
    held = Lease.objects.filter(user=by).select_related("lead__contact")
    for lease in held.select_for_update(no_key=True, of=("self",)):
        events.record(fact("put_back", lease.lead, at, by, lease.lead.state))
        dropped.append(lease.lead_id)
        lease.delete()
    return dropped
