"""The rows of Today that speak of a lead: who it is, what can be done with it, in the words of a seller."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from core.web import words
from core.web.today import Todo, act, address
from leads import selectors
from leads.models import Lead
from leads.rules import State

# name of the panel → label, sign, key on the row, the action that must be allowed
ACTS: dict[str, tuple[Any, str, str, str]] = {
    "accept": (lazy("Accept"), "check", "a", "accept"),
    "take": (lazy("Take over"), "check", "t", "take"),
    "return": (lazy("Return"), "arrow-back-up", "r", "return"),
    "object": (lazy("Put to the manager"), "message-circle", "b", "object"),
    "call": (lazy("Log call"), "phone", "l", "call"),
    "convert": (pgettext_lazy("act", "Opportunity"), "layout-kanban", "o", "convert"),
    "next": (lazy("Next step"), "flag", "s", "edit"),
    "note": (lazy("Note"), "note", "n", "note"),
    "extend": (lazy("Ask for another week"), "hourglass-low", "e", "extend"),
    "release": (lazy("Give back"), "ripple", "", "release"),
    "assign": (lazy("Give to a rep"), "user-share", "g", "assign"),
}
CLICKS = ("accept", "take")
JUDGE = ("accept", "call", "return", "next", "note", "object")
WEEK = ("convert", "call", "next", "note", "extend", "release")
TALK = ("call", "next", "note")
TEAM = ("assign", "note")
LONG_AGO = timedelta(days=7)


def row(
    lead: Lead,
    now: datetime,
    why: Any,
    lost_at: datetime,
    allowed: Iterable[str],
    names: Iterable[str],
    **more: Any,
) -> Todo:
    """A lead on Today: of the acts named, those that are allowed now."""
    known = set(allowed)
    if lead.state == State.SQL and lead.due_at and lead.accepted_at:
        more.setdefault("week", (lead.due_at, lead.accepted_at, lead.extensions_used))
    return Todo(
        key=f"lead-{lead.pk}",
        about=str(lead.pk),
        title=str(lead.contact),
        note=lead.contact.company_name,
        url=address("leads:lead", lead.pk),
        why=why,
        lost_at=lost_at,
        phone=selectors.reach(lead)["phone"] if selectors.may_ring(lead, now) else "",
        acts=[_act(lead, name) for name in names if ACTS[name][3] in known],
        mark=str(State(lead.state).label) if lead.state in (State.MQL, State.SQL) else "",
        **more,
    )


def _act(lead: Lead, name: str) -> dict[str, Any]:
    label, sign, key, _action = ACTS[name]
    first = name in ("accept", "take", "convert")
    if name in CLICKS:
        return act(name, label, sign, key, post=address(f"leads:{name}", lead.pk), first=first)
    return act(name, label, sign, key, url=address("leads:panel", lead.pk, name), first=first)


def step_words(step: str, on: Any, today: Any) -> str:
    """The next step with its day: "today: send the quote"."""
    return _("%(day)s: %(step)s") % {"day": words.due_day(on, today)[0], "step": step}


def no_step_words(step: str, touched_at: datetime | None, began_at: datetime | None, at: datetime) -> str:
    """What there is instead of a next step with a day (R12.2)."""
    if step:
        return _("No day yet: %(step)s") % {"step": step}
    if touched_at is None or (began_at is not None and touched_at <= began_at):
        return _("Not touched yet")
    return _("Last touch %(when)s") % {"when": words.when(touched_at, at)}


def risk_words(worked_at: datetime | None, at: datetime) -> str:
    """When somebody last did something for who is in sight for so long without a signature (R8.5)."""
    if worked_at is None:
        return _("Nobody has worked on it yet")
    return _("Last worked on %(when)s") % {"when": words.when(worked_at, at)}


def rests(worked_at: datetime | None, at: datetime) -> bool:
    """Whether somebody at risk was worked on within the week, and so does not come up today."""
    return worked_at is not None and at - worked_at < LONG_AGO
