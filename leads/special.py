"""What may be done with leads beside the daily way: more time, the manager's word, a missed call, a contest, merging.

Asked for many leads at once, and only of the database where a lead's state makes it possible.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.models import Hat, User
from core import rulebook
from core.models import Event
from leads import permissions
from leads.models import Dispute, Extension, Holding, Lead
from leads.rules import SETTLED, Ended, Reason, State


def special_actions(leads: Iterable[Lead], user: User, at: datetime) -> dict[Any, list[str]]:
    """extend, object, settle, contest, take, merge: lead id → those that the verb would accept now, limits of the rep
    aside (R3.2, R4.1, R4.2, R7)."""
    listed = list(leads)
    found: dict[Any, list[str]] = {lead.pk: [] for lead in listed}
    about = [lead for lead in listed if _may_have_dispute(lead, user)]
    disputes = _open_disputes(about) if about else []
    for name, ids in (
        ("extend", _extend(listed, user)),
        ("object", _object(listed, user, disputes)),
        ("settle", _settle(user, disputes)),
        ("contest", _contest(listed, user)),
        ("take", _take(listed, user, at)),
        ("merge", {lead.pk for lead in listed if permissions.may_edit(user, lead)}),
    ):
        for pk in ids:
            found[pk].append(name)
    return found


def _may_have_dispute(lead: Lead, user: User) -> bool:
    if user.wears(Hat.MANAGER, Hat.ADMIN):
        return lead.state != State.NEW
    return lead.state == State.MQL and permissions.may_object(user, lead)


def _extend(leads: list[Lead], user: User) -> set[Any]:
    most = rulebook.get("extensions_a_lead")
    ids = {
        lead.pk
        for lead in leads
        if lead.state == State.SQL and permissions.may_ask(user, lead) and lead.extensions_used < most
    }
    if not ids:
        return ids
    if all(hasattr(lead, "asked") for lead in leads):  # Today has asked already
        return ids - {lead.pk for lead in leads if lead.asked}  # type: ignore[attr-defined]
    if all(_at_hand(lead, "extensions") for lead in leads):
        return ids - {
            row.lead_id for lead in leads for row in lead.extensions.all() if row.state == "pending"
        }
    return ids - set(Extension.objects.pending().filter(lead__in=ids).values_list("lead_id", flat=True))


def _at_hand(lead: Lead, name: str) -> bool:
    """Whether a page has read them with the lead: then the database is not asked again."""
    return name in getattr(lead, "_prefetched_objects_cache", {})


def _open_disputes(leads: list[Lead]) -> list[Dispute]:
    if all(_at_hand(lead, "disputes") for lead in leads):
        return [row for lead in leads for row in lead.disputes.all() if row.verdict == Dispute.Verdict.OPEN]
    return list(Dispute.objects.open().filter(lead__in=[lead.pk for lead in leads]))


def _object(leads: list[Lead], user: User, disputes: list[Dispute]) -> set[Any]:
    ids = {lead.pk for lead in leads if lead.state == State.MQL and permissions.may_object(user, lead)}
    return ids - {row.lead_id for row in disputes}


def _settle(user: User, disputes: list[Dispute]) -> set[Any]:
    # Of a contest the lead does not wait for the verdict: it may be anywhere by now.
    on = rulebook.get("contesting")
    kinds = {Dispute.Kind.OBJECTION, Dispute.Kind.CONTEST} if on else {Dispute.Kind.OBJECTION}
    return {row.lead_id for row in disputes if row.kind in kinds and permissions.may_settle(user, row)}


def _contest(leads: list[Lead], user: User) -> set[Any]:
    """Leads of which the latest return may still be contested, once."""
    if not rulebook.get("contesting") or not user.wears(Hat.MARKETER):
        return set()
    ids = [
        lead.pk
        for lead in leads
        if lead.state == State.POOLED
        and lead.pool_reason == Reason.RETURNED
        and lead.pool_detail != SETTLED
        and permissions.may_contest(user, lead)
    ]
    if not ids:
        return set()
    later = Holding.objects.filter(lead=OuterRef("lead"), stage=State.MQL, from_at__gt=OuterRef("from_at"))
    contested = Dispute.objects.filter(holding=OuterRef("pk"), kind=Dispute.Kind.CONTEST)
    rows = Holding.objects.filter(lead__in=ids, stage=State.MQL, ended=Ended.RETURNED)
    rows = rows.exclude(detail=SETTLED).filter(~Exists(later), ~Exists(contested))
    return set(rows.values_list("lead_id", flat=True))


def _take(leads: list[Lead], user: User, at: datetime) -> set[Any]:
    ids = {lead.pk for lead in leads if lead.owner_id != user.pk and permissions.may_take(user, lead, at)}
    if not ids:
        return ids
    called = Event.objects.filter(subject_id=OuterRef("pk"), verb="called", at__gt=OuterRef("handed_at"))
    had = Holding.objects.filter(lead=OuterRef("pk"), stage=State.MQL, run=OuterRef("run"), user=user)
    return set(Lead.objects.filter(~Exists(called), ~Exists(had), pk__in=ids).values_list("pk", flat=True))
