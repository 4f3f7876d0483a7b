"""Logging a conversation from the page of a lead or from Today."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from calling import services
from calling.forms import CallForm
from core.web.answers import Done, action, cleaned
from leads.actions import actionable
from leads.rules import State


@action
def log_call(request: HttpRequest, pk: Any) -> Done:
    """The outcome moves the lead (R2.3)."""
    lead = actionable(request, pk)
    data = cleaned(CallForm(request.POST, lead=lead))
    _call, row = services.log_call(lead, by=request.user, **data)
    return Done(_said(row))


def _said(lead: Any) -> str:
    if lead.state == State.MQL and lead.owner:
        return _("MQL: handed to %(name)s.") % {"name": lead.owner.name}
    if lead.state == State.MQL:
        return _("MQL: it waits in the team's queue, nobody is free.")
    if lead.state == State.POOLED:
        return _("Logged. The lead is in the pool.")
    if lead.state == State.INVALID:
        return _("Logged. No way is left to reach this person.")
    return _("Logged.")
