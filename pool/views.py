"""The public pool: what lies there, masked, and claiming it (R10.3, R10.4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.models import Hat, User
from core.errors import TrunkError
from core.web import nav
from core.web.answers import Done, action, add_toast, page
from core.web.context import moment
from core.web.listing import SIZE, Listing
from leads import selectors as leads
from leads.models import Lead
from leads.rules import SETTLED, ReturnReason
from leads.special import special_actions
from pool import empty, permissions, rules, selectors, services, worn
from pool.asked import Asked
from pool.hand_views import chosen_ids
from pool.tabs import tabs

RETURNS = {**dict(ReturnReason.choices), SETTLED: gettext_lazy("the manager agreed with the rep")}
ORDERS = {"entered_at": "pooled_at", "last_touch_at": "last_touch_at", "silent_touches": "silent_touches"}


@page
@require_safe
def pool(request: HttpRequest) -> HttpResponse:
    """The pool by segment, newest first; each row says whether it can be claimed, and if not, why."""
    user: Any = request.user
    asked = Asked(request.GET.dict(), user, moment(request))
    marketing = permissions.may_hand_out(user)
    desk = selectors.marketings_desk(user, moment(request)) if marketing else None
    listing = Listing(request, leads.for_lists(asked.rows), ORDERS, "-entered_at")
    figures = _figures(request, [lead.pk for lead in listing])
    # Whoever wears both hats claims in the pool, and hands out on marketing's desk.
    handing = marketing and (asked.on_desk or not figures["rep"])
    context = {
        "tabs": tabs(user, "pool"),
        "asked": asked,
        "listing": listing,
        "lines": _lines(request, listing, figures["limits"], asked.on_desk),
        "q": asked.params.get("q", ""),
        "handing": handing,
        "on_desk": asked.on_desk,
        **_counts(asked, desk, handing and len(listing) == SIZE),
        "most": rules.BATCH_MOST,
        "worn_on": marketing and worn.is_on(),
        "reps": User.objects.active().wearing(Hat.REP).order_by("name") if marketing else (),
        "empty": empty.said(asked) if not listing.rows else {},
        **figures,
    }
    return render(request, "pool/pool.html", context)


def _counts(asked: Asked, desk: Any, all_: bool) -> dict[str, Any]:
    """What chips count beside the segments, in one query: marketing's desk, worn leads, and all that is asked for."""
    sets = {}
    if desk is not None:
        sets["desk"] = desk
        if worn.is_on():
            sets["worn"] = Lead.objects.filter(worn.rests())
    if all_:
        sets["all"] = asked.rows
    found = nav.count_many(sets) if sets else {}
    return {"desk_count": found.get("desk"), "worn_count": found.get("worn"), "all_count": found.get("all")}


def _lines(
    request: HttpRequest, listing: Listing, limits: services.Limits, on_desk: bool
) -> list[dict[str, Any]]:
    planned = selectors.next_touches([lead.pk for lead in listing])
    lines = [line(lead, limits, planned) for lead in listing]
    if on_desk:
        contestable = special_actions(listing, request.user, moment(request))  # type: ignore[arg-type]
        for one in lines:
            one["contest"] = "contest" in contestable[one["lead"].pk]
    return lines


def line(lead: Lead, limits: services.Limits, planned: dict[Any, Any]) -> dict[str, Any]:
    """One row of the pool: the lead, its masked ways, what is planned, whether it can be claimed and why not."""
    code = limits.why_not(lead)
    return {
        "lead": lead,
        "reach": leads.reach(lead),
        "code": code,
        "short": selectors.SHORT.get(code, ""),
        "why_not": selectors.words_for(code),
        "detail": RETURNS.get(lead.pool_detail, ""),
        "next": planned.get(lead.pk, lead.next_touch_at),
        "rests_until": limits.worn.get(lead.pk),
    }


@action
def claim(request: HttpRequest, pk: UUID) -> Done | HttpResponse:
    """One click: the lead is the rep's for a week; somebody faster is said in the row."""
    in_row = request.htmx and request.headers.get("HX-Target", "").startswith("pool-")
    try:
        lead = services.claim(pk, by=request.user)
    except TrunkError as refusal:
        rows = _told(request, [services.Answer(pk, error=refusal)])
        if not in_row or not rows[0]["lead"]:
            raise
        return _answered(request, "pool/claim_answer.html", rows, refusal.status)
    text = _("%(name)s is yours for a week.") % {"name": lead.contact}
    if not in_row:
        return Done(text, url=reverse("leads:lead", args=[pk]))
    response = _answered(request, "pool/claim_answer.html", _told(request, [services.Answer(pk, lead)]))
    add_toast(response, text)
    return response


@action
def claim_many(request: HttpRequest) -> HttpResponse:
    """Claim what is ticked; every lead gets an answer of its own."""
    told = _told(request, services.claim_many(chosen_ids(request.POST.getlist("lead")), by=request.user))
    won = sum(answer["ok"] for answer in told)
    lost = len(told) - won
    text = ngettext("%(n)s lead is yours.", "%(n)s leads are yours.", won) % {"n": won}
    if lost:
        text += " " + ngettext("%(n)s was refused.", "%(n)s were refused.", lost) % {"n": lost}
    if not request.htmx:
        return render(request, "pool/claimed.html", {"answers": told, "text": text})
    response = _answered(request, "pool/answers.html", [answer for answer in told if answer["lead"]])
    add_toast(response, text)
    return response


def _told(request: HttpRequest, answers: list[services.Answer]) -> list[dict[str, Any]]:
    """The answers with the leads as this person may see them now."""
    seen = Lead.objects.actionable_by(request.user, moment(request))
    rows = leads.for_lists(seen.filter(pk__in=[a.lead_id for a in answers])).in_bulk()
    return [
        {"lead": rows.get(a.lead_id), "ok": a.ok, "why": a.error.detail if a.error else ""} for a in answers
    ]


def _answered(
    request: HttpRequest, template: str, answers: list[dict[str, Any]], status: int = 200
) -> HttpResponse:
    """Rows that say what became of them, and the figures of the head as they are now."""
    response = render(request, template, {"answers": answers, **_figures(request)}, status=status)
    if status >= 400:
        response["X-Refused"] = "row"
    return response


def _figures(request: HttpRequest, ids: list[Any] | None = None) -> dict[str, Any]:
    """What the head of the page says, and the rep's limits."""
    segments = selectors.segments(request.user)
    return {
        "segments": segments,
        "total": sum(count for _code, _name, count in segments),
        "limits": services.limits_of(request.user, ids or [], moment(request)),
        "rep": request.user.wears(Hat.REP),
    }
