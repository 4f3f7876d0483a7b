"""The page of what expired: neglected or worked, by rep, down to each lead (R12.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Hat
from contacts.querysets import ALL_SEEING
from core import rulebook
from core.errors import NotFound
from core.web.answers import page
from core.web.context import moment
from core.web.listing import one_of
from leads import neglect
from leads.models import Lead
from leads.neglect import Expired

SPANS = {"7": 7, "30": 30, "90": 90}
SHOWN = 200


@page
@require_safe
def expired(request: HttpRequest) -> HttpResponse:
    """What ran out in the last days on the people of whom one may judge. Raises NotFound for who manages nobody."""
    user: Any = request.user
    if not user.wears(Hat.MANAGER, *ALL_SEEING):
        raise NotFound
    at = moment(request)
    days = SPANS[one_of(request, "days", list(SPANS)) or "7"]
    rows = neglect.expired_rows(user, at - timedelta(days=days), at)
    wanted = [row for row in rows if _wanted(request, row)]
    # A lead that somebody else works on by now is not everybody's to open (R15.2).
    seen = set(
        Lead.objects.visible_to(user)
        .filter(pk__in=[row.lead.pk for row in wanted[:SHOWN]])
        .values_list("pk", flat=True)
    )
    context = {
        "rows": [(row, row.lead.pk in seen) for row in wanted[:SHOWN]],
        "more": max(0, len(wanted) - SHOWN),
        "reps": neglect.by_rep(rows),
        "rep": request.GET.get("rep", ""),
        "figures": neglect.figures(rows),
        "least": rulebook.get("neglected_touches"),
        "days": days,
    }
    return render(request, "leads/today/expired.html", context)


def _wanted(request: HttpRequest, row: Expired) -> bool:
    rep, kind = request.GET.get("rep", ""), one_of(request, "kind", ["neglected", "worked"])
    return (not rep or row.rep.login == rep) and (not kind or row.neglected == (kind == "neglected"))
