"""The public pool: what lies there, masked, and claiming it (R10.3, R10.4)."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.models import Hat, User
from core.errors import FieldError, RuleRefused, TrunkError
from core.web import nav
from core.web.answers import Done, action, add_toast, page
from core.web.context import moment
from core.web.listing import Listing, one_of
from leads import selectors as leads
from leads.models import Lead
from leads.rules import SETTLED, Reason, ReturnReason, Segment, State
from leads.special import special_actions
from pool import handing, permissions, rules, selectors, services

CADENCE, DESK = "cadence", "desk"
RETURNS = {**dict(ReturnReason.choices), SETTLED: gettext_lazy("the manager agreed with the rep")}
ORDERS = {"entered_at": "pooled_at", "last_touch_at": "last_touch_at"}


@page
@require_safe
def pool(request: HttpRequest) -> HttpResponse:
    """The pool by segment, newest first; each row says whether it can be claimed, and if not, why."""
    rows = Lead.objects.visible_to(request.user).filter(state=State.POOLED)
    marketing = permissions.may_hand_out(request.user)
    desk = selectors.marketings_desk(request.user, moment(request)) if marketing else None
    on_desk = desk is not None and request.GET.get("segment") == DESK
    if on_desk:
        rows = desk
    if segment := one_of(request, "segment", Segment.values):
        rows = rows.filter(pool_segment=segment)
    if reason := one_of(request, "reason", Reason.values):
        rows = rows.filter(pool_reason=reason)
    if request.GET.get("claimable") == "yes":
        rows = rows.filter(claimable=True)
    text = request.GET.get("q", "").replace("\x00", "")[:200]
    listing = Listing(request, leads.for_lists(leads.matching(rows, text)), ORDERS, "-entered_at")
    figures = _figures(request, [lead.pk for lead in listing])
    lines = [line(lead, figures["limits"]) for lead in listing]
    if on_desk:
        contestable = special_actions(listing, request.user, moment(request))
        for one in lines:
            one["contest"] = "contest" in contestable[one["lead"].pk]
    context = {
        "listing": listing,
        "lines": lines,
        "q": request.GET.get("q", ""),
        # Whoever wears both hats claims in the pool, and hands out on marketing's desk.
        "handing": marketing and (on_desk or not figures["rep"]),
        "on_desk": on_desk,
        "desk_count": nav.count_many({"desk": desk})["desk"] if desk is not None else None,
        "reps": User.objects.active().wearing(Hat.REP).order_by("name") if marketing else (),
        **figures,
    }
    return render(request, "pool/pool.html", context)


def line(lead: Lead, limits: services.Limits) -> dict[str, Any]:
    """One row of the pool: the lead, its masked ways, whether it can be claimed and why not."""
    code = limits.why_not(lead)
    return {
        "lead": lead,
        "reach": leads.reach(lead),
        "code": code,
        "why_not": selectors.words_for(code),
        "detail": RETURNS.get(lead.pool_detail, ""),
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
    told = _told(request, services.claim_many(_ids(request.POST.getlist("lead")), by=request.user))
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


@action
def hand(request: HttpRequest) -> Done | HttpResponse:
    """Marketing hands out what is ticked; first it is shown what will come of it (R10.5)."""
    ids = _ids(request.POST.getlist("lead"))
    to = request.POST.get("to", "")
    target: Any = to
    if to not in (handing.CALLING, handing.RULES, CADENCE):
        target = User.objects.active().wearing(Hat.REP).filter(login=to).first() or ""
    sure = request.POST.get("sure") == "yes"
    if to == CADENCE:
        answers = handing.cadence_many(ids, by=request.user)
    else:
        answers = handing.hand_out(ids, to=target, by=request.user, dry_run=not sure)
    if not sure and to != CADENCE:
        context = {"ids": ids, "to": to, **_preview(answers, target)}
        return render(request, "pool/preview.html", context)
    done = sum(answer.ok for answer in answers)
    text = ngettext("%(n)s lead handed on.", "%(n)s leads handed on.", done) % {"n": done}
    if done < len(answers):
        left = len(answers) - done
        text += " " + ngettext("%(n)s stayed.", "%(n)s stayed.", left) % {"n": left}
    return Done(text)


def _preview(answers: list[services.Answer], to: Any) -> dict[str, Any]:
    """How many would go where, and how many would not, by reason."""
    goes: Counter[str] = Counter()
    stays: Counter[str] = Counter()
    for answer in answers:
        if answer.error is not None:
            stays[str(answer.error.detail)] += 1
        elif to == handing.CALLING or answer.lead is None:
            goes[_("to the calling desk")] += 1
        elif answer.lead.owner is not None:
            goes[_("to %(name)s") % {"name": answer.lead.owner.name}] += 1
        else:
            goes[_("to the team's queue: no rep is free")] += 1
    return {"goes": goes.most_common(), "stays": stays.most_common(), "count": sum(goes.values())}


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


def _ids(given: list[str]) -> list[UUID]:
    if not given or len(given) > rules.BATCH_MOST:
        message = _("Tick at least one lead, and at most %(most)s.") % {"most": rules.BATCH_MOST}
        raise RuleRefused(errors=[FieldError("lead", "required", message)])
    try:
        return list(dict.fromkeys(UUID(text) for text in given))
    except ValueError:
        raise RuleRefused(errors=[FieldError("lead", "invalid", _("This is not a lead."))]) from None
