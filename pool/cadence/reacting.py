"""What people did ends the silence, wakes who sleeps, and brings back to the desk (R10.2, R10.6).

A reaction is a row that the layer below has written; it is taken here within a minute, once, in the order in which it
happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.models import Hat, User
from accounts.services import notify
from contacts.models import Contact, ContactPoint
from core.locking import lock, verb
from leads.models import Holding, Lead
from leads.rules import Segment, State, segment_of
from leads.services import Move, change_segments, reactivate
from leads.services.common import leads
from outreach.models import Arrival, Reaction
from pool.cadence.plan import wakes_to
from pool.models import Entry

BATCH = 500
Kind = Reaction.Kind
# Straight back to the desk; into some interest; and what a rep is told of people the rep has (R10.2, R10.6).
STRONG = frozenset([Kind.FORM, Kind.REPLY, Kind.CALL_ME])
SHOWS_INTEREST = frozenset([Kind.CLICK, Kind.EVENT])
TOLD = frozenset([Kind.CLICK, Kind.REPLY, Kind.CALL_ME, Kind.FORM, Kind.EVENT])
# A form or an event is captured as an arrival as well (R1.3), which does and tells the same.
CAPTURED = frozenset([Kind.FORM, Kind.EVENT])
NEAR = timedelta(minutes=5)


def take_reactions(at: datetime, *, batch: int = BATCH) -> int:
    """Take every reaction up to `at` that nobody has taken; answers how many. Safe twice, late, and from two machines."""
    taken = 0
    while True:
        count = _take_batch(at, batch)
        taken += count
        if count < batch:
            return taken


@verb
def _take_batch(at: datetime, batch: int) -> int:
    waiting = Reaction.objects.filter(taken_at__isnull=True, at__lte=at).order_by("at", "pk")
    rows = waiting.select_related("contact")
    held = list(rows.select_for_update(no_key=True, of=("self", "contact"), skip_locked=True)[:batch])
    if not held:
        return 0
    contact_ids = {row.contact_id for row in held}
    wanted = Lead.objects.exclude(state=State.MERGED).filter(contact_id__in=contact_ids)
    of_contact = {lead.contact_id: lead for lead in lock(leads(), wanted.values_list("pk", flat=True))}
    arrived = _arrived(held)
    for row in held:
        lead = of_contact.get(row.contact_id)
        if lead is not None and lead.state != State.MERGED:
            _Taken(row, lead, row.pk in arrived, at).take()
    Reaction.objects.filter(pk__in=[row.pk for row in held]).update(taken_at=at)
    return len(held)


def _arrived(held: list[Reaction]) -> set[Any]:
    """Which forms and events were captured as arrivals too."""
    asked = [row for row in held if row.kind in CAPTURED]
    if not asked:
        return set()
    times: dict[Any, list[datetime]] = {}
    near = Q(at__gte=min(row.at for row in asked) - NEAR, at__lte=max(row.at for row in asked) + NEAR)
    for contact_id, moment in Arrival.objects.filter(
        near, contact_id__in=[row.contact_id for row in asked]
    ).values_list("contact_id", "at"):
        times.setdefault(contact_id, []).append(moment)
    return {
        row.pk
        for row in asked
        if any(abs(moment - row.at) <= NEAR for moment in times.get(row.contact_id, ()))
    }


@dataclass
class _Taken:
    """One reaction and the locked lead of who reacted."""

    row: Reaction
    lead: Lead
    captured: bool
    at: datetime

    def take(self) -> None:
        lead, kind = self.lead, self.row.kind
        if lead.state == State.POOLED:
            self._in_pool()
        elif lead.state == State.NEW and kind == Kind.CALL_ME and lead.call_back_at is None:
            lead.call_back_at = self.row.at  # asked for, and due at once (R2.2)
            lead.store("call_back_at")
        elif lead.owner_id and kind in TOLD and not self.captured:
            notify([lead.owner_id], "reacted", lead, at=self.row.at, reaction=kind)

    def _in_pool(self) -> None:
        lead, kind = self.lead, self.row.kind
        assert lead.pooled_at is not None
        if self.row.at < lead.pooled_at and kind not in (Kind.REPLY, Kind.CALL_ME):
            return  # it belongs to an earlier time; what asks for an answer is never lost
        Entry.objects.filter(lead=lead, state=Entry.State.RUNNING).update(reacted_at=self.row.at)
        if kind in STRONG and not self.captured:
            cannot = self._cannot_be_called()
            if not cannot:
                self._to_the_desk()
                return
            data = {"reaction": kind, "why": cannot}
            notify(_marketers(), "cannot_be_called", lead, at=self.row.at, **data)
        self._stays(kind in SHOWS_INTEREST or kind in STRONG)

    def _stays(self, interest: bool) -> None:
        """In the pool: interest shown, or only awake again; silence is over."""
        lead = self.lead
        entry = Entry.objects.filter(lead=lead, state=Entry.State.RUNNING).first()
        known = segment_of(lead.pool_reason, lead.pool_detail)
        awake = wakes_to(lead.pool_segment, entry.from_segment if entry else "", known)
        segment = Segment.SOME_INTEREST if interest else awake
        if segment != lead.pool_segment:
            # Taken late, it may be older than what has happened since.
            since = entry.started_at if entry else lead.pooled_at
            when = max(self.row.at, since or self.row.at)
            change_segments([Move(lead, segment, when, self.row.kind, reacted=True)], by=None)
        elif lead.silent_touches:
            lead.silent_touches = 0
            lead.store("silent_touches")

    def _to_the_desk(self) -> None:
        last = Holding.objects.filter(lead=self.lead).order_by("-from_at", "-pk").first()
        reactivate(self.lead, by=None, at=self.at, why=self.row.kind)
        also = {last.user_id} if last and last.user.is_active else set()
        told = sorted({*_marketers(), *also})
        notify(told, "back_on_desk", self.lead, at=self.row.at, reaction=self.row.kind)

    def _cannot_be_called(self) -> str:
        """Why the desk would never be given this person (R2.2, R11.2), or an empty text."""
        contact: Contact = self.lead.contact
        if contact.do_not_call:
            return "do_not_call"
        # Who asks for a call takes back that calls are not wanted for now (R2.3).
        if self.row.kind == Kind.CALL_ME and contact.no_phone_until is not None:
            contact.no_phone_until = None
            contact.store("no_phone_until")
        if contact.no_phone_until is not None and contact.no_phone_until > self.at:
            return "no_phone"
        living = ContactPoint.objects.filter(contact=contact, kind="phone", dead_at__isnull=True)
        return "" if living.exists() else "no_number"


def _marketers() -> list[Any]:
    return list(User.objects.active().wearing(Hat.MARKETER).values_list("pk", flat=True))
