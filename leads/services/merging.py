"""Two contacts that are one person become one; nothing of either history is lost (R1.6)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Notice, User
from accounts.permissions import manages
from accounts.services import notify
from contacts.models import Contact, ContactPoint, MergeSuggestion
from contacts.rules import Point
from contacts.services import lock_identity, suggest_merge
from core import clock, events, hooks
from core.errors import FieldError, Forbidden, Overdue, RuleRefused
from core.locking import lock, verb
from leads import permissions
from leads.models import Dispute, Extension, Holding, Lead, Note
from leads.rules import Began, Ended, Reason, State, is_overdue
from leads.services.common import begin_holding, end_holding, fact, leads, require, require_state, store
from leads.services.extensions import require_place
from outreach.models import Arrival

# Of two leads the one further on the trunk stays (R1.6).
FURTHER: list[str] = [
    State.MERGED,
    State.INVALID,
    State.POOLED,
    State.NEW,
    State.MQL,
    State.SQL,
    State.CONVERTED,
]
LIVING = [state for state in State if state != State.MERGED]
FILLED = ("name", "title", "company_name", "language", "timezone")
TOLD = ("name", "title", "company_name")


def keeper_of(one: Lead, other: Lead) -> tuple[Lead, Lead]:
    """(the lead that stays, the one that goes): the further on the trunk, else the older (R1.6)."""
    rank = FURTHER.index
    if rank(one.state) != rank(other.state):
        return (one, other) if rank(one.state) > rank(other.state) else (other, one)
    return (one, other) if (one.created_at, one.pk) <= (other.created_at, other.pk) else (other, one)


def needs_manager(one: Lead, other: Lead) -> bool:
    """Two owners, or two open opportunities: a manager decides (R1.6)."""
    both_owned = one.owner_id is not None and other.owner_id is not None
    return both_owned and (one.owner_id != other.owner_id or one.state == other.state == State.CONVERTED)


def may_merge(user: User, one: Lead, other: Lead) -> bool:
    """Who may merge two leads that this user sees (R1.6).

    With two owners a manager above both. Else who works on both; on one of them is enough for a manager, and where the
    pair was put up for merging: nobody gets at masked details by calling two people one (R10.4).
    """
    if needs_manager(one, other):
        return manages(user, one.team_id) and manages(user, other.team_id)
    works = [permissions.may_edit(user, row) for row in (one, other)]
    if all(works):
        return True
    return any(works) and (user.wears("manager") or bool(_pairs(one.contact_id, other.contact_id)))


@verb
def merge(lead: Lead, *, other: Lead, by: User, keep: Lead | None = None) -> Lead:
    """Merge the persons of two leads; answers the lead that stays, at the further of both places (R1.6).

    Where a manager decides, `keep` says whose it is from then on: the owner, and of two open opportunities the one.
    Raises Forbidden, NotFound, Overdue, TransitionNotAllowed, RuleRefused.
    """
    _require_two(lead, other, keep)
    owners = {pk for pk in _two(lead, other).values_list("owner_id", flat=True) if pk}
    lock(User.objects.all(), owners)
    lock_people([lead.contact_id, other.contact_id])
    rows = {row.pk: row for row in lock(leads(), [lead.pk, other.pk])}
    at = clock.now()
    one, two = rows[lead.pk], rows[other.pk]
    _require(one, two, by, at)
    stays, goes = keeper_of(one, two)
    chosen = keep and rows[keep.pk]
    if chosen is not None and chosen.pk != stays.pk:
        if not needs_manager(one, two):
            message = _("The one further on the trunk stays, else the older one: there is nothing to choose.")
            raise RuleRefused(errors=[FieldError("keep", "not_to_choose", message)])
        if chosen.state == stays.state:
            stays, goes = chosen, stays
    owner = chosen.owner if chosen is not None else stays.owner
    _one_lead(stays, goes, by, at)
    hooks.merged(stays, goes, by)
    if stays.owner_id:
        _one_owner(stays, owner or stays.owner, by, at)
    _one_contact(stays.contact, goes.contact, by, at)
    without = owners - {stays.owner_id, by.pk}
    notify(without, "merged", stays, at=at, by=str(by.pk))
    return stays


def _two(lead: Lead, other: Lead) -> Any:
    return Lead.objects.filter(pk__in=[lead.pk, other.pk])


def _require_two(lead: Lead, other: Lead, keep: Lead | None) -> None:
    if lead.pk == other.pk:
        raise RuleRefused(errors=[FieldError("other", "same", _("That is the same lead."))])
    if keep is not None and keep.pk not in (lead.pk, other.pk):
        raise RuleRefused(errors=[FieldError("keep", "invalid", _("Choose one of the two."))])


def lock_people(contact_ids: Collection[Any]) -> None:
    """Hold these people and every way to reach them: whoever captures one of them waits, and then finds who stays."""
    while True:
        held = _points_of(contact_ids)
        before = transaction.savepoint()
        lock_identity(held)
        lock(Contact.objects.all(), contact_ids)
        if _points_of(contact_ids) <= held:
            transaction.savepoint_commit(before)
            return
        # A way was added in between: let go, so that the order of the locks stays, and hold that one too.
        transaction.savepoint_rollback(before)


def _points_of(contact_ids: Collection[Any]) -> set[Point]:
    rows = ContactPoint.objects.filter(contact_id__in=list(contact_ids))
    return {Point(*key) for key in rows.values_list("kind", "value", "extension")}


def _require(one: Lead, two: Lead, by: User, at: datetime) -> None:
    for row in (one, two):
        require(Lead.objects.visible_to(by).filter(pk=row.pk).exists(), row, by, at)
    if due := [row.pk for row in (one, two) if is_overdue(row.state, row.due_at, at)]:
        raise Overdue(due)
    for row in (one, two):
        require_state(row, at, *LIVING)
    if may_merge(by, one, two):
        return
    if needs_manager(one, two):
        raise Forbidden(
            detail=_("Two owners or two opportunities: a manager above both decides which stays.")
        )
    raise Forbidden(detail=_("Only who works on both may make them one."))


def _one_lead(stays: Lead, goes: Lead, by: User, at: datetime) -> None:
    was, claimable, planned = goes.state, goes.claimable, (goes.next_step, goes.next_step_on)
    call_back, owner = goes.call_back_at, goes.owner_id
    end_holding(goes, Ended.MERGED, at)
    goes.merge_away()
    store(goes)
    # What was held, written, asked and settled is the person's history: it goes along.
    for rows in (Holding, Note, Extension):
        rows.objects.filter(lead=goes).update(lead=stays)
    _one_dispute(stays, goes, at)
    for label in goes.labels.all():
        label.leads.remove(goes)
        label.leads.add(stays)
    # A warning names its moment and is given once: it stays where it was; the others lead to who stays.
    told = Notice.objects.filter(subject_type="lead", subject_id=goes.pk)
    told.exclude(data__has_key="once").update(subject_id=stays.pk)
    _carry(stays, goes, claimable=claimable, planned=planned, call_back=call_back)
    data = {"into": str(stays.pk)}
    if owner:
        data["from"] = str(owner)
    events.record(fact("merged_away", goes, at, by, was, data=data))
    events.record(fact("merged", stays, at, by, stays.state, data={"other": str(goes.pk), "was": was}))


def _carry(stays: Lead, goes: Lead, *, claimable: bool, planned: tuple[str, Any], call_back: Any) -> None:
    """What the lead that stays takes over where it has nothing of its own."""
    stays.acquired_at = min(stays.acquired_at, goes.acquired_at)
    stays.last_touch_at = max(filter(None, (stays.last_touch_at, goes.last_touch_at)), default=None)
    stays.product_id = stays.product_id or goes.product_id
    if not stays.next_step and stays.state not in (State.POOLED, State.INVALID):
        stays.next_step, stays.next_step_on = planned
    if stays.state == State.NEW and call_back:
        stays.call_back_at = min(filter(None, (stays.call_back_at, call_back)))
    if stays.state == State.POOLED and stays.pool_reason != Reason.RETURNED:
        stays.claimable = stays.claimable or claimable
    store(stays, "acquired_at", "last_touch_at", "product")


def _one_dispute(stays: Lead, goes: Lead, at: datetime) -> None:
    """One lead has one open dispute: of two, the one of the lead that goes lapses (R4.2)."""
    if Dispute.objects.open().filter(lead=stays).exists():
        waiting = Dispute.objects.open().filter(lead=goes)
        waiting.update(verdict=Dispute.Verdict.LAPSED, settled_at=at)
    Dispute.objects.filter(lead=goes).update(lead=stays)


def _one_owner(lead: Lead, owner: Any, by: User, at: datetime) -> None:
    """Whose the lead is from now on; its opportunity and open contracts have the same owner (R1.6, R6.5)."""
    before = lead.owner_id
    if owner.pk != before:
        if lead.state == State.MQL:
            lead.owner, lead.team = owner, owner.team
        elif lead.state == State.SQL:
            if lead.extensions_used:
                require_place(owner, lead, at)
            lead.give(rep=owner)
        else:
            lead.owner, lead.team = owner, owner.team
        end_holding(lead, Ended.GIVEN, at)
        store(lead)
        if lead.state in (State.MQL, State.SQL):
            begin_holding(lead, owner, lead.state, Began.GIVEN, at)
        data = {"from": str(before), "rep": str(owner.pk)}
        events.record(fact("assigned", lead, at, by, lead.state, data=data))
    if lead.state == State.CONVERTED:
        hooks.owner_changed([lead.pk], owner, by, at)


def _one_contact(kept: Contact, gone: Contact, by: User, at: datetime) -> None:
    """Ways to reach them, arrivals and facts go to the person who stays; upper apps move theirs."""
    first = set(ContactPoint.objects.filter(contact=kept, first_choice=True).values_list("kind", flat=True))
    ContactPoint.objects.filter(contact=gone, kind__in=first).update(first_choice=False)
    ContactPoint.objects.filter(contact=gone).update(contact=kept)
    Arrival.objects.filter(contact=gone).update(contact=kept)
    # What was different with the one who goes stands on the timeline.
    other = {n: (getattr(gone, n), getattr(kept, n) or getattr(gone, n)) for n in TOLD}
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
    # Who went into the one who goes now belongs to who stays: one step leads there, ever.
    Contact.objects.filter(merged_into=gone).update(merged_into=kept)
    _pass_on_suggestions(kept, gone, at)
    events.record(
        events.Fact(
            "contacts_merged",
            kept,
            at,
            by,
            contact=kept,
            company=kept.company_id,
            data={"gone": str(gone.pk)},
            texts={name: pair for name, pair in other.items() if pair[0] and pair[0] != pair[1]},
        )
    )


def _pass_on_suggestions(kept: Contact, gone: Contact, at: datetime) -> None:
    rows = MergeSuggestion.objects.filter(Q(one=gone) | Q(other=gone), settled_at__isnull=True)
    others = {row.other_id if row.one_id == gone.pk else row.one_id for row in rows} - {kept.pk}
    rows.update(settled_at=at)
    suggest_merge([(kept.pk, other) for other in others], at)


@verb
def keep_apart(lead: Lead, *, other: Lead, by: User) -> None:
    """Two leads that were put up for merging are two people; it is not asked again (R1.3, R1.6).

    Raises Forbidden, TransitionNotAllowed (nobody asks, or it is settled).
    """
    rows = {row.pk: row for row in lock(leads(), [lead.pk, other.pk])}
    at = clock.now()
    for row in rows.values():
        require(Lead.objects.visible_to(by).filter(pk=row.pk).exists(), row, by, at)
    one, two = rows[lead.pk], rows[other.pk]
    if not (permissions.may_edit(by, one) or permissions.may_edit(by, two)):
        raise Forbidden()
    pairs = _pairs(one.contact_id, two.contact_id)
    require_state(one, at, *(LIVING if pairs else ()))
    pairs.update(settled_at=at)
    for row, beside in ((one, two), (two, one)):
        events.record(fact("kept_apart", row, at, by, row.state, data={"other": str(beside.pk)}))


def _pairs(one_id: Any, other_id: Any) -> Any:
    """The open question whether these two contacts are one person."""
    pair = {"one_id": min(one_id, other_id), "other_id": max(one_id, other_id)}
    return MergeSuggestion.objects.filter(**pair, settled_at__isnull=True)


def suggestions_for(lead: Lead, user: User) -> list[dict[str, Any]]:
    """The leads that may be the same person as this one, as far as the user sees them (R1.3)."""
    pairs = MergeSuggestion.objects.filter(settled_at__isnull=True)
    others = Q(contact__in=pairs.filter(one=lead.contact_id).values("other_id"))
    others |= Q(contact__in=pairs.filter(other=lead.contact_id).values("one_id"))
    seen = Lead.objects.visible_to(user).filter(others).select_related("contact", "owner")
    return [{"lead": other, "needs_manager": needs_manager(lead, other)} for other in seen[:20]]
