"""What a change of the Rulebook would move: the same trial with the number as it is and as it would be (R10.8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.web.phrases import chosen
from leads.rules import Segment
from pool import ahead
from pool.ahead import EXPIRED, HANDED, LAPSED, PASSED_ON, Ahead

# What only sets a time when something begins: what has one keeps it.
DEADLINES = {
    "week_days",
    "extension_days",
    "judge_hours",
    "first_call_minutes",
    "business_hours",
    "business_days",
    "holidays",
    "returned_days",
}


def lines(changes: dict[str, Any], user: Any, at: datetime) -> list[str]:
    """In sentences: how many records a change would move now and until tomorrow night, and how many move anyway."""
    before, after = ahead.held(), ahead.look(at, changes)
    said = [
        _moves(key, before, after)
        for key in sorted(before.all.keys() | after.all.keys())
        if before.all[key] != after.all[key] or before.now[key] != after.now[key]
    ]
    if before.resting != after.resting:
        said.append(_rest(before.resting, after.resting))
    if not said and changes.keys() & DEADLINES:
        said.append(_("Nothing moves: times that are set stay. The new number counts from the next one on."))
    elif not said:
        said.append(_("Nothing moves by this until tomorrow night."))
    if not (before.complete and after.complete):
        said.append(_("So much moves that only a part of it was counted."))
    return said


def _moves(key: tuple[str, str, str], before: Ahead, after: Ahead) -> str:
    """One kind of move: how many at once and until tomorrow night, against how many as it is."""
    kind, was, becomes = key
    n = after.all[key]
    if kind == EXPIRED:
        text = ngettext("%(n)s lead goes back to the pool", "%(n)s leads go back to the pool", n)
    elif kind == PASSED_ON:
        text = ngettext("%(n)s MQL that nobody judged passes on", "%(n)s MQLs that nobody judged pass on", n)
    elif kind == LAPSED:
        text = ngettext("%(n)s request for more time lapses", "%(n)s requests for more time lapse", n)
    elif kind == HANDED:
        text = ngettext("%(n)s MQL goes from a queue to a rep", "%(n)s MQLs go from a queue to a rep", n)
    else:
        text = ngettext(
            "%(n)s lead goes from “%(was)s” to “%(becomes)s”",
            "%(n)s leads go from “%(was)s” to “%(becomes)s”",
            n,
        )
    names = {"was": chosen(Segment.choices, was), "becomes": chosen(Segment.choices, becomes)}
    said = {"what": text % {"n": n, **names}, "now": after.now[key], "as_is": before.all[key]}
    return _("%(what)s until tomorrow night, %(now)s of them at once; as it is: %(as_is)s.") % said


def _rest(before: int, after: int) -> str:
    text = ngettext(
        "%(n)s worn lead rests, not to be claimed; as it is: %(as_is)s.",
        "%(n)s worn leads rest, not to be claimed; as it is: %(as_is)s.",
        after,
    )
    return text % {"n": after, "as_is": before}
