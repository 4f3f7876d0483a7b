"""Worn leads: expired on several reps in a row, they rest, and marketing decides (R10.7, a branch)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Exists, Max, OuterRef, Q, QuerySet, Subquery

from accounts.models import Hat, Notice, User
from accounts.notices import over
from accounts.services import notify
from core import clock, events, rulebook
from core.errors import Forbidden, NotFound, TransitionNotAllowed
from core.locking import lock, verb
from core.models import Event
from leads.models import Holding, Lead
from leads.rules import Ended, State
from leads.services.common import fact, leads
from pool import permissions

FREED = "worn_freed"
# What became worn while nothing was swept for days is in the list; nobody is told of old news.
LATELY, BATCH = timedelta(days=1), 200
# A week that went on with a colleague, or with the person's other record, was neither lost nor a success.
PASSES = (Ended.EXPIRED, Ended.GIVEN, Ended.LEFT, Ended.MERGED)


def is_on() -> bool:
    """Whether the branch is on."""
    return bool(rulebook.get("worn_leads"))


def _in_a_row() -> QuerySet[Any]:
    """Of each lead that expired since it last came to anything else: on how many reps, and when last."""
    weeks = Holding.objects.filter(stage=Holding.Stage.SQL, to_at__isnull=False)
    other = weeks.filter(lead=OuterRef("lead"), to_at__gt=OuterRef("to_at")).exclude(ended__in=PASSES)
    lost = weeks.filter(~Exists(other), ended=Ended.EXPIRED).order_by().values("lead")
    return lost.annotate(reps=Count("user", distinct=True), last=Max("to_at"))


def worn(at: datetime) -> QuerySet[Any]:
    """Leads of the pool that rest at this moment, each with `worn_since`, the last time it expired."""
    values = rulebook.values()
    rested = at - timedelta(days=values["worn_days"])
    tired = _in_a_row().filter(reps__gte=values["worn_reps"], last__gt=rested)
    since = tired.filter(lead=OuterRef("pk")).values("last")
    freed = Event.objects.filter(subject_id=OuterRef("pk"), verb=FREED, at__gte=OuterRef("worn_since"))
    return (
        Lead.objects.filter(state=State.POOLED, pk__in=tired.values("lead"))
        .annotate(worn_since=Subquery(since, output_field=DateTimeField()))
        .filter(~Exists(freed))
    )


def resting(lead_ids: Collection[Any], at: datetime) -> dict[Any, datetime]:
    """Of these leads those that rest, and until when; nothing while the branch is off. One query."""
    if not is_on() or not lead_ids:
        return {}
    days = timedelta(days=rulebook.get("worn_days"))
    rows = worn(at).filter(pk__in=list(lead_ids)).values_list("pk", "worn_since")
    return {pk: since + days for pk, since in rows}


def rests() -> Q:
    """Whether a lead of a list rests now, as a condition; matches nothing while the branch is off."""
    return Q(pk__in=worn(clock.now()).values("pk")) if is_on() else Q(pk__in=[])


@verb
def tell_worn(at: datetime) -> int:
    """Tell marketing, who decides, of each lead that has become worn, once; answers of how many (R10.7)."""
    told = Notice.objects.filter(kind="lead_worn", subject_id=OuterRef("pk"), at__gte=OuterRef("worn_since"))
    rows = list(worn(at).filter(~Exists(told), worn_since__gt=at - LATELY)[:BATCH])
    marketers = list(User.objects.active().wearing(Hat.MARKETER)) if rows else []
    for lead in rows:
        notify(marketers, "lead_worn", lead, at=at, once=lead.worn_since.isoformat())
    return len(rows)


@verb
def free_worn(lead: Lead | Any, *, by: User) -> Lead:
    """Marketing lets a worn lead be claimed at once; should it expire again, it rests again (R10.7).

    Raises Forbidden, NotFound (not there, or the branch is off), TransitionNotAllowed (it does not rest).
    """
    if not permissions.may_hand_out(by):
        raise Forbidden()
    found = lock(leads(), [getattr(lead, "pk", lead)]) if is_on() else []
    if not found or found[0].state == State.MERGED:
        raise NotFound()
    row, at = found[0], clock.now()
    if row.pk not in resting([row.pk], at):
        raise TransitionNotAllowed(row.state)
    row.store()
    over(("lead_worn",), row, at=at)
    events.record(fact(FREED, row, at, by, row.state))
    return row
