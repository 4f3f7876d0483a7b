"""What is read of the desk: what waits, what is due next, the figures of a day and of a script."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from accounts.models import User
from calling.models import Call, Lease
from calling.rules import ANSWERED, Outcome
from contacts.models import ContactPoint
from core import clock
from core.models import Event
from leads.models import Lead
from leads.rules import State

# What makes a lead an MQL: an interested answer while it was on the desk or in the pool.
MAKES_MQL = Q(outcome=Outcome.INTERESTED, state_before__in=(State.NEW, State.POOLED))


JUDGED = ("accepted", "returned")


def callable_leads(at: datetime) -> QuerySet[Lead]:
    """Leads of the desk that can be phoned, now or later (R2.5: without a living phone they do not come here)."""
    phone = ContactPoint.objects.filter(contact=OuterRef("contact"), kind="phone", dead_at=None)
    in_peace = Q(contact__no_phone_until=None) | Q(contact__no_phone_until__lte=at)
    rows = Lead.objects.filter(state=State.NEW, contact__do_not_call=False)
    return rows.filter(Exists(phone)).filter(Q(call_back_at__isnull=False) | in_peace)


def queue(user: User, at: datetime) -> QuerySet[Lead]:
    """What the desk could hand this telemarketer now (R2.2)."""
    taken = Lease.objects.filter(lead=OuterRef("pk"), until__gt=at).exclude(user=user)
    return due(callable_leads(at), at).exclude(Exists(taken))


def taken(lead: Lead, user: User, at: datetime) -> Lease | None:
    """The lease of a colleague who has this lead in hand now (R2.2)."""
    rows = Lease.objects.filter(lead=lead, until__gt=at).exclude(user=user)
    return rows.select_related("user").first()


def due(rows: QuerySet[Lead], at: datetime) -> QuerySet[Lead]:
    """Those whose time has come: no call-back promised for later, no wait after an unanswered call."""
    return rows.filter(
        Q(call_back_at=None) | Q(call_back_at__lte=at), Q(call_after=None) | Q(call_after__lte=at)
    )


def coming(at: datetime) -> dict[str, datetime | None]:
    """When the next promised call-back is due, and when a number that did not answer is tried again."""
    later = Q(call_back_at__gt=at) | Q(call_after__gt=at)
    return (
        callable_leads(at)
        .filter(later)
        .aggregate(
            call_back=Min("call_back_at", filter=Q(call_back_at__gt=at)),
            again=Min("call_after", filter=Q(call_after__gt=at)),
        )
    )


def day_figures(user: User, at: datetime) -> dict[str, int]:
    """A telemarketer's day: calls, reached, MQLs; and what reps judged today of the MQLs made by this person."""
    since = clock.day_starts(clock.firm_day(at))
    figures = Call.objects.filter(by=user, at__gte=since).aggregate(
        calls=Count("pk"),
        reached=Count("pk", filter=Q(outcome__in=ANSWERED)),
        mqls=Count("pk", filter=MAKES_MQL),
    )
    mine = Lead.objects.filter(qualified_by=user).values("pk")
    judged = Event.objects.filter(verb__in=JUDGED, at__gte=since, subject_id__in=mine).aggregate(
        **{verb: Count("pk", filter=Q(verb=verb)) for verb in JUDGED}
    )
    figures |= judged
    return {**figures, "rate": round(100 * figures["reached"] / figures["calls"]) if figures["calls"] else 0}


# An MQL counts for the version it was spoken with, until the next one of the same lead (R2.4, R14.1).
_FUNNEL = """
WITH mql AS (
    SELECT c.script_version_id AS version, l.contact_id, c.lead_id, c.at,
           lead(c.at) OVER (PARTITION BY c.lead_id ORDER BY c.at) AS until
    FROM calling_call c JOIN leads_lead l ON l.id = c.lead_id
    WHERE c.outcome = 'interested' AND c.state_before IN ('new', 'pooled')
      AND c.lead_id IN (SELECT lead_id FROM calling_call WHERE script_version_id = ANY(%(ids)s::uuid[]))
)
SELECT version, count(*),
    count(*) FILTER (WHERE EXISTS (SELECT 1 FROM core_event e WHERE e.subject_id = mql.lead_id AND e.verb = 'accepted'
        AND e.at >= mql.at AND (mql.until IS NULL OR e.at < mql.until))),
    count(*) FILTER (WHERE EXISTS (SELECT 1 FROM core_event e WHERE e.contact_id = mql.contact_id AND e.verb = 'signed'
        AND e.at >= mql.at AND (mql.until IS NULL OR e.at < mql.until)))
FROM mql WHERE version = ANY(%(ids)s::uuid[]) GROUP BY version
"""


FUNNEL = ("calls", "mqls", "accepted", "orders")


def funnel(version_ids: Iterable[Any]) -> dict[Any, dict[str, int]]:
    """What each version of a script has brought: calls → MQL → accepted → orders (R2.4), in two queries."""
    ids = list(version_ids)
    found = {pk: dict.fromkeys(FUNNEL, 0) for pk in ids}
    calls = Call.objects.filter(script_version__in=ids).order_by().values_list("script_version")
    for pk, number in calls.annotate(n=Count("pk")):
        found[pk]["calls"] = number
    with connection.cursor() as cursor:
        cursor.execute(_FUNNEL, {"ids": [str(pk) for pk in ids]})
        for pk, mqls, accepted, orders in cursor.fetchall():
            found[pk] |= {"mqls": mqls, "accepted": accepted, "orders": orders}
    return found
