"""What opportunities put on Today (R12.1): a next step that is due or missing, and what is at risk."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Hat, User
from core import clock, rulebook
from core.web import words
from core.web.today import Todo
from opportunities import selectors
from opportunities.models import Opportunity

MOST = 120
SOMETIME = timedelta(days=3)


def todos(user: User, at: datetime, day: date, tomorrow: bool) -> list[Todo]:
    """The own open opportunities on which something is to do on that day."""
    if not user.wears(Hat.REP):
        return []
    held = Opportunity.objects.open().filter(owner=user)
    held = held.filter(next_step_on=day) if tomorrow else held.exclude(next_step_on__gt=day)
    limit = rulebook.get("at_risk_days")
    rows = selectors.for_lists(held.order_by("next_step_on", "stage_since", "pk"))[:MOST]
    return [_todo(row, at, day, limit) for row in rows]


def _todo(row: Opportunity, at: datetime, day: date, limit: int) -> Todo:
    over = selectors.risk(row, at, limit)
    if row.next_step_on:
        why = f"{words.due_day(row.next_step_on, clock.firm_day(at))[0]}: {row.next_step}"
        lost_at = clock.day_starts(row.next_step_on + timedelta(days=1))
    else:
        why = row.next_step or _("No next step")
        # What has no day comes behind what has one, the longer it has lain in its stage the sooner.
        lost_at = at + SOMETIME - min(at - row.stage_since, SOMETIME)
    if over is not None:
        why = _("%(why)s; at risk, %(over)s") % {"why": why, "over": words.over(over)}
    return Todo(
        key=f"opportunity-{row.pk}",
        title=row.company.name,
        note=f"{row.get_stage_display()} · {words.money(row.amount, row.currency)}",
        url=reverse("opportunities:opportunity", args=[row.pk]),
        why=why,
        lost_at=lost_at,
        acts=[_act(row, "next", _("Next step"), "flag"), _act(row, "contract", _("Contract"), "signature")],
        urgent=row.next_step_on is not None and row.next_step_on < day,
    )


def _act(row: Opportunity, name: str, label: str, sign: str) -> dict[str, Any]:
    url = reverse("opportunities:panel", args=[row.pk, name])
    return {"name": name, "label": label, "sign": sign, "post": "", "url": url}
