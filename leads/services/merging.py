"""Two contacts that are one person become one; nothing of either history is lost (R1.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from accounts.permissions import manages
from contacts.models import Contact, ContactPoint, MergeSuggestion
from core import clock, events, hooks
from core.errors import FieldError, Forbidden, NotFound, Overdue, RuleRefused
from core.locking import lock, verb
from leads import permissions
from leads.models import Dispute, Extension, Holding, Lead, Note
from leads.rules import Ended, State, is_overdue
from leads.services.common import end_holding, fact, leads
from outreach.models import Arrival

# Of two leads the one further on the trunk stays (R1.6).
FURTHER = [State.MERGED, State.INVALID, State.POOLED, State.NEW, State.MQL, State.SQL, State.CONVERTED]
FILLED = ("name", "title", "company_name", "language", "timezone")


def keeper_of(one: Lead, other: Lead) -> tuple[Lead, Lead]:
    """(the lead that stays, the one that goes): the further on the trunk, else the older (R1.6)."""
    rank = FURTHER.index
    if rank(one.state) != rank(other.state):  # type: ignore[arg-type]
        return (one, other) if rank(one.state) > rank(other.state) else (other, one)  # type: ignore[arg-type]
    return (one, other) if (one.created_at, one.pk) <= (other.created_at, other.pk) else (other, one)


def needs_manager(one: Lead, other: Lead) -> bool:
    """Two owners, or two open opportunities: a manager decides (R1.6)."""
    both_owned = one.owner_id is not None and other.owner_id is not None
    return both_owned and (one.owner_id != other.owner_id or one.state == other.state == State.CONVERTED)


@verb
def merge(lead: Lead, *, other: Lead, by: User, keep: Lead | None = None) -> Lead:
    """Merge the persons of two leads; answers the lead that stays (R1.6). A manager may say which with `keep`.

    Raises Forbidden, NotFound, Overdue, RuleRefused.
    """
    if lead.pk == other.pk:
        raise RuleRefused(errors=[FieldError("other", "same", _("That is the same lead."))])
    lock(Contact.objects.all(), [lead.contact_id, other.contact_id])
    rows = {row.pk: row for row in lock(leads(), [lead.pk, other.pk])}
    if len(rows) != 2 or any(row.state == State.MERGED for row in rows.values()):
        raise NotFound()
    at = clock.now()
    due = [row.pk for row in rows.values() if is_overdue(row.state, row.due_at, at)]
    if due:
        raise Overdue(due)
    one, two = rows[lead.pk], rows[other.pk]
    _require(one, two, by)
    stays, goes = keeper_of(one, two)
    if keep is not None and needs_manager(one, two):
        stays, goes = (one, two) if keep.pk == one.pk else (two, one)
    _one_lead(stays, goes, by, at)
    hooks.merged(stays, goes, by)
    _one_contact(stays.contact, goes.contact, by, at)
    return stays


def _require(one: Lead, two: Lead, by: User) -> None:
    if needs_manager(one, two):
        allowed = manages(by, one.team_id) and manages(by, two.team_id)
        if not allowed:
            raise Forbidden(detail=_("Both have an owner: a manager above decides which one stays."))
        return
    seen = Lead.objects.visible_to(by).filter(pk__in=[one.pk, two.pk]).count() == 2
    if not seen:
        raise Forbidden()
    if by.wears(Hat.MARKETER, Hat.ADMIN):
        return
    if not (permissions.may_edit(by, one) or permissions.may_edit(by, two)):
        raise Forbidden()


def _one_lead(stays: Lead, goes: Lead, by: User, at: datetime) -> None:
    was = goes.state
    end_holding(goes, Ended.MERGED, at)
    goes.merge_away()
    goes.store(
        *[
            "state",
            "owner",
            "team",
            "due_at",
            "judge_by",
            "call_by",
            "call_back_at",
            "call_after",
            "pool_reason",
            "pool_detail",
            "pool_segment",
        ],
        *["pooled_at", "next_touch_at", "claimable", "silent_touches"],
    )
    # Closed holdings, notes and extensions are the person's history: they go along.
    for rows in (Holding, Note, Extension, Dispute):
        rows.objects.filter(lead=goes).update(lead=stays)
    stays.acquired_at = min(stays.acquired_at, goes.acquired_at)
    stays.extensions_used = max(stays.extensions_used, goes.extensions_used)
    stays.store("acquired_at", "extensions_used")
    events.record(fact("merged_away", goes, at, by, was, data={"into": str(stays.pk)}))
    events.record(fact("merged", stays, at, by, stays.state, data={"other": str(goes.pk), "was": was}))


def _one_contact(kept: Contact, gone: Contact, by: User, at: datetime) -> None:
    """Points, arrivals and facts go to the person who stays; upper apps move theirs."""
    first = set(ContactPoint.objects.filter(contact=kept, first_choice=True).values_list("kind", flat=True))
    ContactPoint.objects.filter(contact=gone, kind__in=first).update(first_choice=False)
    ContactPoint.objects.filter(contact=gone).update(contact=kept)
    Arrival.objects.filter(contact=gone).update(contact=kept)
    for name in FILLED:
        if not getattr(kept, name):
            setattr(kept, name, getattr(gone, name))
    kept.company_id = kept.company_id or gone.company_id
    for flag in ("do_not_call", "do_not_sms", "do_not_email"):
        setattr(kept, flag, getattr(kept, flag) or getattr(gone, flag))
    if gone.no_phone_until and (kept.no_phone_until is None or gone.no_phone_until > kept.no_phone_until):
        kept.no_phone_until = gone.no_phone_until
    kept.store(*FILLED, "company", "do_not_call", "do_not_sms", "do_not_email", "no_phone_until")
    gone.merged_into = kept
    gone.store("merged_into")
    pair = Q(one_id=min(kept.pk, gone.pk), other_id=max(kept.pk, gone.pk))
    MergeSuggestion.objects.filter(pair, settled_at__isnull=True).update(settled_at=at)
    events.record(
        events.Fact(
            "contacts_merged",
            kept,
            at,
            by,
            contact=kept,
            company=kept.company_id,
            data={"gone": str(gone.pk)},
        )
    )


def suggestions_for(lead: Lead, user: User) -> list[dict[str, Any]]:
    """The contacts that may be the same person as this lead's, as far as the user sees them (R1.3)."""
    rows = MergeSuggestion.objects.filter(settled_at__isnull=True)
    pairs = rows.filter(Q(one_id=lead.contact_id) | Q(other_id=lead.contact_id))
    ids = {p.other_id if p.one_id == lead.contact_id else p.one_id for p in pairs}
    seen = Lead.objects.visible_to(user).filter(contact_id__in=ids).select_related("contact", "owner")
    return [{"lead": other, "needs_manager": needs_manager(lead, other)} for other in seen]
