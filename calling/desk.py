"""The desk as a page shows it: one lead with its script, or what is said when there is none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from calling import dialling, selectors, services
from calling.forms import DeskForm
from calling.models import ScriptVersion
from calling.rules import STEPS, BackIn, call_back_times
from contacts.rules import shown_phone
from contacts.selectors import timeline
from core import clock, rulebook
from core.templatetags.trunk import plain
from core.web import nav, phrases, words
from leads.models import Lead
from leads.selectors import for_lists
from outreach.rules import MEDIUM_NAMES

HISTORY = 12
SKIPPED = "desk_put_back"
SKIP_FOR = timedelta(minutes=30)
MOST_SKIPPED = 50
BACK_KEYS = {
    BackIn.HOUR: "h",
    BackIn.LATER: "a",
    BackIn.MORNING: "m",
    BackIn.AFTERNOON: "p",
    BackIn.MONDAY: "w",
}


def context(request: HttpRequest, lead: Lead | None, at: datetime, state: str = "") -> dict[str, Any]:
    """All that the desk shows this telemarketer; `state` says why there is no lead: looking, paused or empty."""
    user: User = request.user  # type: ignore[assignment]
    waiting = {"waiting": selectors.queue(user, at)}
    found: dict[str, Any] = {
        "figures": selectors.day_figures(user, at),
        "waiting": nav.shown(nav.count_many(waiting)["waiting"]) or "0",
        "may_edit_scripts": services.may_edit(user),
        "state": state,
        "now": at,
    }
    if lead is not None:
        held = for_lists(Lead.objects.filter(pk=lead.pk, lease__user=user)).select_related("lease", "product")
        if (mine := held.first()) is not None:
            return {**found, **_of_lead(mine, user, at)}
        # Put back or logged in another window in this very moment: the page asks again.
        return {**found, "state": "looking"}
    if state == "empty":
        found["coming"] = selectors.coming(at)
        found["put_back"] = len(skipped(request, at))
    return found


def _of_lead(lead: Lead, user: User, at: datetime) -> dict[str, Any]:
    version = services.active_version()
    entries = timeline(lead.contact_id, user=user, limit=HISTORY + 1)
    times = call_back_times(at, clock.firm_tz())
    return {
        "lead": lead,
        "contact": lead.contact,
        "why": why(lead, user, at),
        "medium": MEDIUM_NAMES.get(lead.medium, plain(lead.medium)),
        "numbers": _numbers(lead, at),
        "others": [p for p in lead.contact.points.all() if p.kind != "phone" and p.dead_at is None],
        "entries": phrases.lines(entries[:HISTORY]),
        "older": len(entries) > HISTORY,
        "version": version,
        "steps": steps(version, lead, user) if version else [],
        "form": DeskForm(),
        "times": [_time(code, moment) for code, moment in times.items()],
        "earliest": at,
    }


def _time(code: str, moment: datetime) -> dict[str, Any]:
    """A quick choice. What was read is what is promised, however long the call lasts; only an hour counts from its
    end."""
    value = code if code == BackIn.HOUR else moment.isoformat()
    named = BackIn(code)
    return {"code": code, "value": value, "at": moment, "label": named.label, "key": BACK_KEYS[named]}


def _numbers(lead: Lead, at: datetime) -> list[dict[str, Any]]:
    template = rulebook.get("dialler_url")
    allowed = dialling.may_be_phoned(lead.contact, at, promised=lead.call_back_at is not None)
    return [
        {
            "shown": shown_phone(point.value, point.extension),
            "href": dialling.link(template, point.value, point.extension)
            if allowed and point.dead_at is None
            else "",
            "web": dialling.is_web(template),
            "dead": point.dead_at is not None,
            "tried": point.no_answer_streak,
        }
        for point in dialling.numbers(lead.contact)
    ]


def steps(version: ScriptVersion, lead: Lead | None, user: User) -> list[dict[str, Any]]:
    """The steps of a script as they are spoken: {name}, {company} and {me} are filled in."""
    contact = lead.contact if lead else None
    filled = {
        "{name}": (contact and contact.name) or "…",
        "{company}": (contact and contact.company_name) or "…",
        "{me}": user.name,
    }
    return spoken(version.steps, filled)


def spoken(listed: list[dict[str, Any]], filled: dict[str, str]) -> list[dict[str, Any]]:
    """Steps with their number and their words filled in."""
    found = []
    for number, step in zip(STEPS, listed, strict=False):
        text = str(step.get("text", ""))
        for word, value in filled.items():
            text = text.replace(word, value)
        found.append({**step, "number": number, "text": text})
    return found


def why(lead: Lead, user: User, at: datetime) -> str:
    """Why this lead is the next one, in a seller's words."""
    if lead.call_back_at:
        when = words.when(lead.call_back_at, at)
        promise = lead.calls.filter(call_back_at=lead.call_back_at).select_related("by").first()
        if promise is None or promise.by_id == user.pk:
            return _("You promised to call back %(when)s") % {"when": when}
        return _("%(name)s promised to call back %(when)s") % {"name": promise.by.name, "when": when}
    if lead.no_answer_streak:
        last = words.when(lead.last_touch_at or lead.created_at, at)
        many = lead.no_answer_streak
        text = ngettext("No answer once, %(when)s", "No answer %(n)s times, last %(when)s", many)
        return text % {"n": many, "when": last}
    if lead.back_at:
        return _("Back from the pool %(when)s") % {"when": words.when(lead.back_at, at)}
    since = words.when(lead.created_at, at)
    return _("New by %(channel)s, %(when)s") % {"channel": plain(lead.channel), "when": since}


def skipped(request: HttpRequest, at: datetime) -> list[str]:
    """What this telemarketer put back a moment ago: not handed to the same person at once again."""
    kept = request.session.get(SKIPPED, {})
    return [pk for pk, when in kept.items() if (parse_datetime(when) or at) > at - SKIP_FOR]


def skip(request: HttpRequest, pk: Any, at: datetime) -> None:
    """Remember that this lead was put back."""
    kept = request.session.get(SKIPPED, {})
    fresh = {pk: kept[pk] for pk in skipped(request, at)[-MOST_SKIPPED:]}
    request.session[SKIPPED] = {**fresh, str(pk): at.isoformat()}
