"""Two leads side by side: are they one person, which stays, and what goes along (R1.6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import hooks
from core.errors import FieldError, NotFound, RuleRefused
from core.web.answers import Done, action, found, page
from core.web.context import moment
from leads import selectors, services
from leads.actions import actionable, page_of
from leads.models import Lead
from leads.permissions import is_masked
from leads.services.merging import keeper_of, may_merge, needs_manager
from leads.trunk import bar

OFFERED = 8


@page
@require_safe
def compare(request: HttpRequest, pk: Any) -> HttpResponse:
    """The other lead is looked for; once it is named, both side by side."""
    seen: Any = selectors.for_lists(Lead.objects.visible_to(request.user))  # type: ignore[arg-type]
    row = found(seen, pk)
    context: dict[str, Any] = {"lead": row, "q": request.GET.get("q", "")}
    if other_id := _id(request.GET.get("with", "")):
        other = found(seen, other_id)
        if other.pk == row.pk:
            raise NotFound
        context.update(_both(request, row, other))
    else:
        context["suggested"] = services.suggestions_for(row, request.user)  # type: ignore[arg-type]
        context["hits"] = _hits(seen, row, context["q"].replace("\x00", "")[:200])
    return render(request, "leads/list/merge.html", context)


def _hits(seen: Any, row: Lead, text: str) -> list[Lead]:
    if len(text.strip()) < 2:
        return []
    return list(selectors.matching(seen, text).exclude(pk=row.pk).order_by("-created_at", "-pk")[:OFFERED])


def _both(request: HttpRequest, row: Lead, other: Lead) -> dict[str, Any]:
    user: Any = request.user
    stays, goes = keeper_of(row, other)
    parts = hooks.lead_parts.merged([row, other], user, moment(request))
    sides = [
        {
            "lead": one,
            "reach": selectors.reach(one),
            "points": [] if is_masked(one) else list(one.contact.points.all()),
            "stays": one.pk == stays.pk,
            "opportunity": parts.get(one.pk, {}).get("opportunity"),
            "counts": _counts(one),
            "bar": bar(one.contact_id),
        }
        for one in (row, other)
    ]
    return {
        "other": other,
        "sides": sides,
        "stays": stays,
        "same_place": stays.state == goes.state,
        "decides": needs_manager(row, other),
        "may": may_merge(user, row, other),
        "suggested_pair": any(s["lead"].pk == other.pk for s in services.suggestions_for(row, user)),
    }


def _counts(lead: Lead) -> list[tuple[Any, int]]:
    """What would go along: runs, arrivals, calls, notes, holdings, opportunities."""
    return [
        (_("runs"), lead.run),
        (_("arrivals"), lead.contact.arrivals.count()),
        (_("calls"), lead.calls.count()),
        (_("notes"), lead.notes.count()),
        (_("holdings"), lead.holdings.count()),
        (_("opportunities"), lead.opportunities.count()),
        (_("orders"), lead.contact.orders.count()),
    ]


@action
def merge(request: HttpRequest, pk: Any) -> Done:
    """Two become one; the manager says whose where that is to be decided."""
    lead, other = _two(request, pk)
    keep = _id(request.POST.get("keep", ""))
    if needs_manager(lead, other) and keep is None:
        raise RuleRefused(errors=[FieldError("keep", "required", _("Say which of the two stays."))])
    chosen = {lead.pk: lead, other.pk: other}.get(keep) if keep else None
    stays = services.merge(lead, other=other, by=request.user, keep=chosen)  # type: ignore[arg-type]
    return Done(_("The two are one now; everything of both is kept."), url=page_of(request, stays))


@action
def apart(request: HttpRequest, pk: Any) -> Done:
    """Two different people: it is not asked again."""
    lead, other = _two(request, pk)
    services.keep_apart(lead, other=other, by=request.user)  # type: ignore[arg-type]
    url = reverse("leads:lead", args=[lead.pk])
    return Done(_("Noted: two different people."), url=url)


def _two(request: HttpRequest, pk: Any) -> tuple[Lead, Lead]:
    other = _id(request.POST.get("other", ""))
    if other is None:
        raise RuleRefused(errors=[FieldError("other", "required", _("Which other lead?"))])
    return actionable(request, pk), actionable(request, other)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
