"""What leads tell campaigns: who is in a saved view, and what a campaign has brought (R11.6, R14.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from leads.lists import Asked
from leads.models import Dispute, Holding, Lead
from leads.rules import Ended


def audience(query: str, user: User) -> QuerySet[Any]:
    """The ids of the contacts whose leads a saved view shows this user."""
    params = {name: values[0] for name, values in parse_qs(query).items()}
    return Asked(params, user).rows.order_by().values("contact_id")


def figures(ids: Iterable[Any], user: User) -> dict[Any, dict[str, Any]]:
    """Leads, MQLs, those unjudged, and SQLs of campaigns, of what this user sees: one query. Each person counts once;
    an MQL that was returned counts for nothing, unless a contest set it right (R14.1)."""
    held = Holding.objects.filter(lead=OuterRef("pk"))
    contested = Dispute.objects.filter(
        holding=OuterRef("pk"), kind=Dispute.Kind.CONTEST, verdict=Dispute.Verdict.LEGAL
    )
    returned = held.filter(stage=Holding.Stage.MQL, ended=Ended.RETURNED).exclude(Exists(contested))
    rows = (
        Lead.objects.visible_to(user)
        .filter(campaign__in=list(ids))
        .alias(
            was_sql=Exists(held.filter(stage=Holding.Stage.SQL)),
            was_returned=Exists(returned.filter(to_at__gte=OuterRef("qualified_at"))),
        )
    )
    good = Q(was_sql=True) | Q(qualified_at__isnull=False, was_returned=False)
    counted = (
        rows.order_by()
        .values("campaign_id")
        .annotate(
            leads=Count("pk", distinct=True),
            mql=Count("pk", filter=good, distinct=True),
            mql_pending=Count("pk", filter=Q(state="mql"), distinct=True),
            sql=Count("pk", filter=Q(was_sql=True), distinct=True),
        )
    )
    return {row.pop("campaign_id"): row for row in counted}
