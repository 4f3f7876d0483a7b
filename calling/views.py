"""The desk, and logging a conversation from the page of a lead or from Today."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Hat
from calling import desk as board
from calling import services
from calling.forms import CallForm, DeskForm
from calling.models import Call
from calling.rules import Outcome
from core import clock
from core.errors import AlreadyDecided, Conflict, Forbidden
from core.web import words
from core.web.answers import Done, action, cleaned, page
from core.web.context import moment
from leads.actions import actionable
from leads.models import Lead
from leads.rules import State

PART = "calling/desk_part.html"


@action
def log_call(request: HttpRequest, pk: Any) -> Done:
    """The outcome moves the lead (R2.3)."""
    lead = actionable(request, pk)
    data = cleaned(CallForm(request.POST, lead=lead))
    call, row = services.log_call(lead, by=request.user, **data)
    return Done(_said(call, row))


@page
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The desk with the lead in hand; looking is free of effects, the page asks for the next lead itself."""
    _require_telemarketer(request)
    at = moment(request)
    lead = services.held_lead(request.user, at)
    return render(request, "calling/desk.html", board.context(request, lead, at, "" if lead else "looking"))


@action
def next_lead(request: HttpRequest) -> Done:
    """The next lead is leased and shown (R2.2)."""
    _require_telemarketer(request)
    if request.POST.get("again"):
        request.session.pop(board.SKIPPED, None)
    return _next(request)


@action
def log_at_desk(request: HttpRequest, pk: Any) -> Done:
    """One round trip: the call is logged, and the next lead is there."""
    _require_telemarketer(request)
    lead = actionable(request, pk)
    form = DeskForm(request.POST)
    cleaned(form)
    try:
        call, row = services.log_call(lead, by=request.user, **form.said(clock.now(), request.POST))
    except AlreadyDecided as refusal:
        # Sent twice: it counts once, and work goes on.
        return _next(request, str(refusal.detail))
    except Conflict as refusal:
        if form.cleaned_data["note"]:
            kept = _("What you wrote stays here until you go on to the next.")
            refusal.detail = f"{refusal.detail} {kept}"
        raise
    return _next(request, _said(call, row))


@action
def put_back(request: HttpRequest) -> Done:
    """The lead in hand goes back to the others; on to the next, or a pause."""
    _require_telemarketer(request)
    at = clock.now()
    dropped = services.drop_lease(by=request.user)
    for pk in dropped:
        board.skip(request, pk, at)
    if request.POST.get("pause"):
        return _part(request, None, "paused", _("Put back. Have a good break."))
    return _next(request, _("Put back.") if dropped else "")


def _next(request: HttpRequest, text: str = "") -> Done:
    lead = services.next_lead(by=request.user, skip=board.skipped(request, clock.now()))
    return _part(request, lead, "" if lead else "empty", text)


def _part(request: HttpRequest, lead: Lead | None, state: str, text: str = "") -> Done:
    shown = {}
    if request.htmx:
        if hasattr(request, "trunk_now"):
            del request.trunk_now
        # The places beside it count what waits now, too.
        request.drawn_path = reverse("calling:desk")  # type: ignore[attr-defined]
        shown = {**board.context(request, lead, moment(request), state), "fragment": True}
    return Done(text, url=reverse("calling:desk"), template=PART, context=shown)


def _require_telemarketer(request: HttpRequest) -> None:
    if not request.user.wears(Hat.TELEMARKETER):
        raise Forbidden(detail=_("The calling desk is for telemarketers."))


def _said(call: Call, lead: Lead) -> str:
    """What became of the lead; after an interested answer, to whom it went (R3.3 too)."""
    qualified = call.outcome == Outcome.INTERESTED and call.state_before in (State.NEW, State.POOLED)
    if qualified and lead.state == State.SQL:
        return _("It is yours: MQL and SQL at once, the week has begun.")
    if lead.state == State.MQL and lead.owner:
        return _("MQL: handed to %(name)s.") % {"name": lead.owner.name}
    if lead.state == State.MQL:
        return _("MQL: it waits in the team's queue, nobody is free.")
    if lead.state == State.POOLED:
        return _("Logged. The lead is in the pool.")
    if lead.state == State.INVALID:
        return _("Logged. No way is left to reach this person.")
    if lead.state == State.NEW and lead.call_back_at:
        return _("Logged. To be called again %(when)s.") % {"when": _when(lead.call_back_at)}
    if lead.state == State.NEW and lead.call_after:
        return _("Logged. Tried again from %(when)s.") % {"when": _when(lead.call_after)}
    return _("Logged.")


def _when(at: datetime) -> str:
    return words.when(at, clock.now())
