"""What leads put on Today (R12.1): hand-overs to judge, weeks that run, steps that are due, the queue."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Hat, User
from accounts.permissions import team_ids
from core import clock
from core.web import words
from core.web.today import Todo
from leads import selectors
from leads.models import Lead
from leads.rules import State

FIRST_CALL = timedelta(minutes=15)
MOST = 120
JUDGE = ("accept", "call", "return", "note")
WEEK = ("convert", "call", "note", "next", "release")


def todos(user: User, at: datetime, day: date, tomorrow: bool) -> list[Todo]:
    """What this person holds and has to act on, now or on that day."""
    found: list[Todo] = []
    if user.wears(Hat.REP):
        held = Lead.objects.filter(owner=user, state__in=[State.MQL, State.SQL]).order_by(
            "due_at", "judge_by"
        )
        found += [
            _held(lead, at, day) for lead in selectors.for_lists(held)[:MOST] if _wanted(lead, day, tomorrow)
        ]
    if user.wears(Hat.MANAGER) and not tomorrow:
        found += [_queued(lead, at) for lead in selectors.for_lists(_team_queue(user))[:MOST]]
        ending = Lead.objects.filter(
            state=State.SQL, team__in=team_ids(user), due_at__lte=at + words.LAST_DAY
        )
        ending = ending.filter(due_at__gt=at).exclude(owner=user).order_by("due_at")
        found += [_of_team(lead, at, day) for lead in selectors.for_lists(ending)[:MOST]]
    return found


def _team_queue(user: User) -> Any:
    return Lead.objects.waiting().filter(team__in=team_ids(user)).order_by("handed_at")


def _wanted(lead: Lead, day: date, tomorrow: bool) -> bool:
    """Today shows everything that is held; tomorrow what has its day then."""
    if not tomorrow:
        return True
    ends = lead.due_at or lead.judge_by
    return lead.next_step_on == day or bool(ends and clock.firm_day(ends) == day)


def _held(lead: Lead, at: datetime, day: date) -> Todo:
    if lead.state == State.MQL:
        called = bool(lead.last_touch_at and lead.handed_at and lead.last_touch_at > lead.handed_at)
        handed = lead.handed_at or at
        why = (
            _("Judge it %(when)s") % {"when": words.when(lead.judge_by, at)}
            if called and lead.judge_by
            else _("Call now: handed over %(when)s, the customer expects you")
            % {"when": words.when(handed, at)}
        )
        # Who expects a call now comes before everything that is lost later.
        lost_at = lead.judge_by if called and lead.judge_by else min(handed + FIRST_CALL, at)
        return _todo(lead, why, lost_at, JUDGE, urgent=not called)
    assert lead.due_at is not None and lead.accepted_at is not None
    urgent = lead.due_at - at <= words.LAST_DAY
    return _todo(lead, _why_week(lead, at, day), _lost_at(lead, at), WEEK, urgent=urgent)


def _lost_at(lead: Lead, at: datetime) -> datetime:
    """The end of the week, or of the day of the next step; what is late counts as today's."""
    assert lead.due_at is not None
    if lead.next_step_on is None:
        return lead.due_at
    step_day = max(lead.next_step_on, clock.firm_day(at))
    return min(lead.due_at, clock.day_starts(step_day + timedelta(days=1)))


def _why_week(lead: Lead, at: datetime, day: date) -> str:
    if lead.next_step:
        if lead.next_step_on is None:
            return lead.next_step
        return f"{words.due_day(lead.next_step_on, clock.firm_day(at))[0]}: {lead.next_step}"
    touched = lead.last_touch_at and lead.accepted_at and lead.last_touch_at > lead.accepted_at
    if not touched:
        return _("Not touched yet: goes back to the pool %(when)s") % {"when": words.when(lead.due_at, at)}
    return _("No next step; last touch %(when)s") % {"when": words.when(lead.last_touch_at, at)}


def _queued(lead: Lead, at: datetime) -> Todo:
    why = _("Waits in the queue since %(when)s: no rep is free") % {
        "when": words.when(lead.handed_at or at, at)
    }
    return _todo(lead, why, lead.handed_at or at, ("assign", "note"), urgent=True)


def _of_team(lead: Lead, at: datetime, day: date) -> Todo:
    """A week of the team's that ends within a day: the manager can give it to somebody who has time (R6.5)."""
    return _todo(lead, _why_week(lead, at, day), _lost_at(lead, at), ("assign", "note"), owner=lead.owner)


def _todo(
    lead: Lead, why: str, lost_at: datetime, acts: tuple[str, ...], *, urgent: bool = False, owner: Any = None
) -> Todo:
    week = (lead.due_at, lead.accepted_at, lead.extensions_used) if lead.state == State.SQL else None
    return Todo(
        key=f"lead-{lead.pk}",
        title=str(lead.contact),
        note=lead.contact.company_name,
        url=reverse("leads:lead", args=[lead.pk]),
        why=why,
        lost_at=lost_at,
        week=week,  # type: ignore[arg-type]
        at=lead.judge_by if week is None and not urgent else None,
        phone=selectors.reach(lead)["phone"],
        acts=[_act(lead, name) for name in acts],
        urgent=urgent,
        owner=owner,
    )


def _act(lead: Lead, name: str) -> dict[str, Any]:
    labels = {
        "accept": (_("Accept"), "check"),
        "return": (_("Return"), "arrow-back-up"),
        "call": (_("Log call"), "phone"),
        "note": (_("Note"), "note"),
        "next": (_("Next step"), "flag"),
        "convert": (_("Opportunity"), "layout-kanban"),
        "release": (_("Give back"), "ripple"),
        "assign": (_("Give to a rep"), "user-share"),
    }
    label, sign = labels[name]
    post = reverse("leads:accept", args=[lead.pk]) if name == "accept" else ""
    url = "" if post else reverse("leads:panel", args=[lead.pk, name])
    return {"name": name, "label": label, "sign": sign, "post": post, "url": url}
