"""The public pool: what lies there, masked, and claiming it (R10.3, R10.4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.models import Hat
from core.errors import FieldError, RuleRefused
from core.web.answers import Done, action, add_toast, page
from core.web.context import moment
from core.web.listing import Listing, one_of
from leads import selectors as leads
from leads.models import Lead
from leads.rules import Reason, Segment, State
from pool import rules, selectors, services

ORDERS = {"entered_at": "pooled_at", "last_touch_at": "last_touch_at"}


@page
@require_GET
def pool(request: HttpRequest) -> HttpResponse:
    """The pool by segment, newest first; each row says whether it can be claimed, and if not, why."""
    rows = Lead.objects.visible_to(request.user).filter(state=State.POOLED)
    if segment := one_of(request, "segment", Segment.values):
        rows = rows.filter(pool_segment=segment)
    if reason := one_of(request, "reason", Reason.values):
        rows = rows.filter(pool_reason=reason)
    if request.GET.get("claimable") == "yes":
        rows = rows.filter(claimable=True)
    text = request.GET.get("q", "").replace("\x00", "")[:200]
    listing = Listing(request, leads.for_lists(leads.matching(rows, text)), ORDERS, "-entered_at")
    segments = selectors.segments(request.user)
    limits = services.limits_of(request.user, [lead.pk for lead in listing], moment(request))
    context = {
        "listing": listing,
        "lines": [line(lead, limits) for lead in listing],
        "segments": segments,
        "total": sum(count for _code, _name, count in segments),
        "limits": limits,
        "rep": request.user.wears(Hat.REP),
        "q": request.GET.get("q", ""),
    }
    return render(request, "pool/pool.html", context)


def line(lead: Lead, limits: services.Limits) -> dict[str, Any]:
    """One row of the pool: the lead, its masked ways, whether it can be claimed and why not."""
    code = limits.why_not(lead)
    return {"lead": lead, "reach": leads.reach(lead), "code": code, "why_not": selectors.words_for(code)}


@action
def claim(request: HttpRequest, pk: UUID) -> Done:
    """One click: the lead is the rep's for a week; somebody faster is said in the row."""
    lead = services.claim(pk, by=request.user)
    text = _("%(name)s is yours for a week.") % {"name": lead.contact}
    if request.htmx and request.headers.get("HX-Target", "").startswith("pool-"):
        row = leads.for_lists(Lead.objects.filter(pk=pk)).get()
        return Done(text, template="pool/answer_row.html", context={"answer": {"lead": row, "ok": True}})
    return Done(text, url=reverse("leads:lead", args=[pk]))


@action
def claim_many(request: HttpRequest) -> Done | HttpResponse:
    """Claim what is ticked; every lead gets an answer of its own."""
    ids = _ids(request.POST.getlist("lead"))
    answers = services.claim_many(ids, by=request.user)
    rows = leads.for_lists(
        Lead.objects.actionable_by(request.user, moment(request)).filter(pk__in=ids)
    ).in_bulk()
    told = [
        {"lead": rows.get(a.lead_id), "id": a.lead_id, "ok": a.ok, "why": a.error and a.error.detail}
        for a in answers
    ]
    won = sum(answer["ok"] for answer in told)
    text = ngettext("%(n)s lead is yours.", "%(n)s leads are yours.", won) % {"n": won}
    if won < len(told):
        text += " " + ngettext("%(n)s was refused.", "%(n)s were refused.", len(told) - won) % {
            "n": len(told) - won
        }
    if not request.htmx:
        return render(request, "pool/claimed.html", {"answers": told, "text": text})
    response = render(request, "pool/answers.html", {"answers": [a for a in told if a["lead"]]})
    add_toast(response, text)
    return response


def _ids(given: list[str]) -> list[UUID]:
    if not given or len(given) > rules.BATCH_MOST:
        message = _("Tick at least one lead, and at most %(most)s.") % {"most": rules.BATCH_MOST}
        raise RuleRefused(errors=[FieldError("lead", "required", message)])
    try:
        return list(dict.fromkeys(UUID(text) for text in given))
    except ValueError:
        raise RuleRefused(errors=[FieldError("lead", "invalid", _("This is not a lead."))]) from None
