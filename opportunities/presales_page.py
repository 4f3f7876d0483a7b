"""The list of presales: what was asked for, by when, and the answers (R8.6, a branch)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.models import Hat, User
from core import clock, rulebook
from core.errors import NotFound
from core.web.answers import page
from core.web.context import moment
from core.web.listing import Listing, one_of
from core.web.nav import Entry
from opportunities import deal
from opportunities.models import PresalesRequest

ORDERS = {"due_on": "due_on", "asked_at": "asked_at"}
VIEWS = ("mine", "answered")


@page
@require_GET
def presales(request: HttpRequest) -> HttpResponse:
    """Requests to presales: what waits, what is one's own, what was answered."""
    if not rulebook.get("presales"):
        raise NotFound
    user, at = request.user, moment(request)
    seen = PresalesRequest.objects.visible_to(user)
    chosen = one_of(request, "show", VIEWS)
    rows = seen.exclude(answered_at=None) if chosen == "answered" else seen.open()
    if chosen == "mine":
        rows = rows.filter(Q(owner=user) | Q(asked_by=user))
    rows = rows.select_related(
        "asked_by", "owner", "answered_by", "opportunity__company", "opportunity__owner"
    )
    listing = Listing(request, rows, ORDERS, "-due_on" if chosen == "answered" else "due_on")
    context = {
        "listing": listing,
        "rows": deal.requests(list(listing), user.wears(Hat.PRESALES)),
        "helps": user.wears(Hat.PRESALES),
        "today": clock.firm_day(at),
        "waiting": seen.open().count(),
        "over": seen.open().filter(due_on__lt=clock.firm_day(at)).count(),
    }
    return render(request, "opportunities/presales.html", context)


def places(user: User) -> list[Entry]:
    """For presales, with what waits for somebody or for oneself."""
    if not user.wears(Hat.PRESALES) or not rulebook.get("presales"):
        return []
    waits: QuerySet[Any] = PresalesRequest.objects.open().filter(Q(owner=None) | Q(owner=user))
    return [Entry("presales", _("Presales"), "opportunities:presales", "message-circle", 55, count=waits)]
