"""What calling adds to the shell: the panel of a call, the telemarketer's Today, the sentences of the timeline."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accounts.models import Hat
from calling import permissions
from calling.forms import CallForm
from calling.rules import Channel, Outcome
from core import clock, hooks
from core.templatetags.trunk import plain
from core.web import words
from core.web.panels import Panel
from core.web.phrases import chosen, phrase
from core.web.today import Todo
from core.web.today import todos as today
from leads import rules, selectors
from leads.models import Lead
from leads.rules import State

MOST = 60
SIGNS = {Channel.PHONE: "phone", Channel.EMAIL: "mail", Channel.WECHAT: "brand-wechat"}


def panels(lead: Lead, user: Any, at: datetime) -> list[Panel]:
    """Log a call."""
    if not permissions.may_log(user, lead) or rules.is_overdue(lead.state, lead.due_at, at):
        return []
    post = reverse("calling:log", args=[lead.pk])
    first = lead.state == State.NEW
    return [
        Panel(
            "call",
            lazy("Log call"),
            "phone",
            post,
            5 if first else 15,
            "calling/panel.html",
            lambda: {"form": CallForm(lead=lead, initial={"call_back_at": _tomorrow(at)})},
            key="l",
            first=first,
        )
    ]


def _tomorrow(at: datetime) -> datetime:
    """What is mostly promised: tomorrow morning."""
    return clock.day_starts(clock.firm_day(at) + timedelta(days=1)) + timedelta(hours=10)


def todos(user: Any, at: datetime, day: date, tomorrow: bool) -> list[Todo]:
    """Promised call-backs of this person's leads, and for a telemarketer the desk: call-backs, then new leads."""
    ends = clock.day_starts(day + timedelta(days=1))
    promised = Q(
        call_back_at__lt=ends,
        call_back_at__gte=clock.day_starts(day) if tomorrow else clock.day_starts(date(2000, 1, 1)),
    )
    found: list[Todo] = []
    if user.wears(Hat.TELEMARKETER):
        desk = Lead.objects.filter(state=State.NEW).filter(contact__do_not_call=False)
        due = selectors.for_lists(desk.filter(promised).order_by("call_back_at")[:MOST])
        found += [_promised(lead, at) for lead in due]
        if not tomorrow:
            fresh = desk.filter(call_back_at=None).order_by(
                F("back_at").desc(nulls_last=True), "-created_at", "-id"
            )
            found += [_fresh(lead, at, n) for n, lead in enumerate(selectors.for_lists(fresh[:MOST]))]
    return found


def _promised(lead: Lead, at: datetime) -> Todo:
    assert lead.call_back_at is not None
    when = words.when(lead.call_back_at, at)
    why = _("You promised to call back %(when)s") % {"when": when}
    return _todo(lead, why, lead.call_back_at, urgent=lead.call_back_at <= at)


def _fresh(lead: Lead, at: datetime, place: int) -> Todo:
    since = words.when(lead.back_at or lead.created_at, at)
    if lead.back_at:
        why = _("Back from the pool %(when)s") % {"when": since}
    elif lead.no_answer_streak:
        last = words.when(lead.last_touch_at or lead.created_at, at)
        streak = lead.no_answer_streak
        text = ngettext("No answer once, %(when)s", "No answer %(n)s times, last %(when)s", streak)
        why = text % {"n": streak, "when": last}
    else:
        why = _("New by %(channel)s, %(when)s") % {"channel": plain(lead.channel), "when": since}
    # After everything that was promised, in the order of the desk.
    return _todo(lead, why, at + timedelta(days=1, seconds=place))


def _todo(lead: Lead, why: str, lost_at: datetime, *, urgent: bool = False) -> Todo:
    panel = reverse("leads:panel", args=[lead.pk, "call"])
    note = reverse("leads:panel", args=[lead.pk, "note"])
    return Todo(
        key=f"lead-{lead.pk}",
        title=str(lead.contact),
        note=lead.contact.company_name,
        url=reverse("leads:lead", args=[lead.pk]),
        why=why,
        lost_at=lost_at,
        at=lead.call_back_at,
        phone=selectors.reach(lead)["phone"],
        acts=[
            {
                "name": "call",
                "label": _("Log call"),
                "sign": "phone",
                "post": "",
                "url": panel,
                "steady": True,
            },
            {"name": "note", "label": _("Note"), "sign": "note", "post": "", "url": note},
        ],
        urgent=urgent,
    )


def _called(data: dict[str, Any], names: dict[str, str]) -> str:
    outcome = chosen(Outcome.choices, data.get("outcome", ""))
    if data.get("channel") in (Channel.EMAIL, Channel.WECHAT):
        return _("%(channel)s: %(outcome)s") % {
            "channel": chosen(Channel.choices, data["channel"]),
            "outcome": outcome,
        }
    return _("Call: %(outcome)s") % {"outcome": outcome}


hooks.lead_panels.register(panels)
today.register(todos)
phrase("called", "phone", _called)
