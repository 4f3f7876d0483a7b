"""What calling adds to the shell: the panel of a call, the telemarketer's Today, the sentences of the timeline."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accounts.models import Hat
from calling import permissions, selectors, services
from calling.forms import CallForm
from calling.models import Call
from calling.rules import Channel, Outcome
from core import clock, hooks
from core.web import words
from core.web.nav import WORK, Entry, count_many, shown
from core.web.panels import Panel
from core.web.phrases import chosen, phrase
from core.web.today import DAY, NOW, Todo, act
from core.web.today import todos as today
from leads import rules
from leads.models import Lead
from leads.rules import State
from leads.selectors import for_lists, reach

MOST = 60
SIGNS = {Channel.PHONE: "phone", Channel.EMAIL: "mail", Channel.WECHAT: "brand-wechat"}


def panels(lead: Lead, user: Any, at: datetime) -> list[Panel]:
    """Log a call; while a colleague at the desk is talking to them, who that is."""
    if not permissions.may_log(user, lead) or rules.is_overdue(lead.state, lead.due_at, at):
        return []
    post = reverse("calling:log", args=[lead.pk])
    first = lead.state == State.NEW
    lease = selectors.taken(lead, user, at) if first else None
    if lease is not None:
        label = lazy("%(name)s is talking to them now") % {"name": lease.user.name}
        return [Panel("call", label, "phone-call", post, 5, "calling/taken.html", lambda: {"lease": lease})]
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
    """What this telemarketer promised; the rest is the desk's to hand out, one at a time (R2.2)."""
    if not user.wears(Hat.TELEMARKETER):
        return []
    starts, ends = clock.day_starts(day), clock.day_starts(day + timedelta(days=1))
    mine = Call.objects.filter(lead=OuterRef("pk"), by=user, call_back_at=OuterRef("call_back_at"))
    promised = selectors.callable_leads(at).filter(Exists(mine), call_back_at__lt=ends)
    if tomorrow:
        promised = promised.filter(call_back_at__gte=starts)
    found = [_promised(lead, at) for lead in for_lists(promised.order_by("call_back_at")[:MOST])]
    rest = selectors.queue(user, at).exclude(Exists(mine))
    many = 0 if tomorrow else count_many({"rest": rest})["rest"]
    return [*found, _desk(many, at)] if many else found


def _desk(many: int, at: datetime) -> Todo:
    title = ngettext("%(n)s lead to call", "%(n)s leads to call", many) % {"n": shown(many)}
    url = reverse("calling:desk")
    # After everything that was promised.
    why = _("The desk hands them out one at a time, newest first")
    lost_at = at + timedelta(days=1)
    return Todo(key="desk", title=title, url=url, why=why, lost_at=lost_at, part=DAY, sign="phone-call")


def _promised(lead: Lead, at: datetime) -> Todo:
    assert lead.call_back_at is not None
    when = words.when(lead.call_back_at, at)
    why = _("You promised to call back %(when)s") % {"when": when}
    return _todo(lead, why, lead.call_back_at, urgent=lead.call_back_at <= at)


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
        phone=reach(lead)["phone"],
        acts=[
            act("call", _("Log call"), "phone", "l", url=panel),
            act("note", _("Note"), "note", "n", url=note),
        ],
        part=NOW if urgent else DAY,
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


def places(user: Any) -> list[Entry]:
    """The desk, with what waits; its scripts for those who write them and do not call."""
    if user.wears(Hat.TELEMARKETER):
        waiting = selectors.queue(user, clock.now())
        return [Entry("desk", lazy("Calling desk"), "calling:desk", "phone-call", 20, count=waiting)]
    if services.may_edit(user):
        return [Entry("scripts", lazy("Scripts"), "calling:scripts", "file-text", 15, group=WORK)]
    return []


def _version(data: dict[str, Any], names: dict[str, str]) -> str:
    return _("Version %(n)s of the script") % {"n": data.get("number", "")}


hooks.nav.register(places)
hooks.lead_panels.register(panels)
today.register(todos)
phrase("called", "phone", _called)
phrase("put_back", "arrow-back-up", lazy("Put back at the desk"))
phrase("script_version", "file-text", _version)
