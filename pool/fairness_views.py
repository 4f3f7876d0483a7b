"""The report on who takes leads and what becomes of them (R10.9): two tables from the same rows, and the rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from core import rulebook
from core.errors import Forbidden, NotFound
from core.web.answers import page
from core.web.context import moment
from core.web.listing import address, one_of
from leads.models import Lead
from pool import fairness, permissions
from pool.fairness import Figures, Stretch
from pool.tabs import tabs

SPANS = {"30": 30, "90": 90, "365": 365}
FIRST, SHOWN = 40, 200  # rows at first, and when all are asked for
HOLDERS = {1: _("First holder"), 2: _("Second holder"), 3: _("Third holder and later")}
# The columns: heading, and what the drill-down is called by.
COLUMNS = (
    (fairness.OPPORTUNITY, _("Opportunity")),
    (fairness.ORDER, pgettext_lazy("of these", "of them orders")),
    (fairness.NEGLECTED, _("Expired, neglected")),
    (fairness.WORKED, _("Expired, worked")),
    (fairness.RELEASED, _("Given back")),
    (fairness.OTHER, _("Otherwise")),
    (fairness.HELD, _("Still held")),
)
NAMES = {**dict(COLUMNS), fairness.POOL: _("Back in the pool")}


@page
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Who claims, who lets go, how soon they call, what it became. Raises NotFound while the branch is off."""
    user: Any = request.user
    if not rulebook.get("fairness"):
        raise NotFound
    if not permissions.may_see_fairness(user):
        raise Forbidden
    at = moment(request)
    days = SPANS[one_of(request, "days", list(SPANS)) or "90"]
    everything = one_of(request, "of", ["all"])
    rows = fairness.stretches(user, at - timedelta(days=days), at, claimed=not everything)
    reps = fairness.by_rep(rows)
    wanted = [row for row in rows if _wanted(request, row)]
    # A lead that somebody else works on by now is not everybody's to open (R15.2).
    whole = one_of(request, "rows", ["all"])
    shown = wanted[: SHOWN if whole else FIRST]
    seen = set(
        Lead.objects.visible_to(user)
        .filter(pk__in={row.holding.lead_id for row in shown})
        .values_list("pk", flat=True)
    )
    asked = {name: request.GET.get(name, "") for name in ("days", "of")}
    context = {
        "tabs": tabs(user, "fairness"),
        "columns": [label for _code, label in COLUMNS],
        "total": fairness.total(rows),
        "all": _line(request, fairness.total(rows), asked, _("All"), {}),
        "reps": [_line(request, one, asked, one.name.name, {"rep": one.key.login}) for one in reps],
        "holders": [
            _line(request, one, asked, HOLDERS[one.key], {"holder": one.key})
            for one in fairness.by_holder(rows)
        ],
        "rows": [(row, row.holding.lead_id in seen, NAMES[row.outcome]) for row in shown],
        "more": len(wanted) - len(shown),
        "more_url": "" if whole else address(request.path, {**request.GET.dict(), "rows": "all"}) + "#rows",
        "chosen": _chosen(request, reps),
        "everything": everything,
        "days": days,
        "least": rulebook.get("neglected_touches"),
    }
    return render(request, "pool/fairness.html", context)


def _line(
    request: HttpRequest, one: Figures, asked: dict[str, str], name: Any, narrow: dict[str, Any]
) -> dict[str, Any]:
    """One row of a table: each number leads to the leads behind it."""
    counts = one.counts
    return {
        "name": name,
        "team": getattr(getattr(one.key, "team", None), "name", ""),
        "figures": one,
        "url": address(request.path, {**asked, **narrow}),
        "cells": [
            (label, counts[code], address(request.path, {**asked, **narrow, "outcome": code}))
            for code, label in COLUMNS
        ],
    }


def _wanted(request: HttpRequest, row: Stretch) -> bool:
    rep = request.GET.get("rep", "")
    holder = one_of(request, "holder", [str(n) for n in HOLDERS])
    outcome = one_of(request, "outcome", NAMES)
    return (
        (not rep or row.holding.user.login == rep)
        and (not holder or min(row.nth, fairness.LATER) == int(holder))
        and (not outcome or row.is_a(outcome))
    )


def _chosen(request: HttpRequest, reps: list[Figures]) -> list[tuple[Any, str, str]]:
    """What narrows the rows below, each as a chip that takes it away: (label, name, value)."""
    found: list[tuple[Any, str, str]] = []
    rep = request.GET.get("rep", "")
    found += [(one.name.name, "rep", rep) for one in reps if one.key.login == rep]
    if holder := one_of(request, "holder", [str(n) for n in HOLDERS]):
        found.append((HOLDERS[int(holder)], "holder", holder))
    if outcome := one_of(request, "outcome", NAMES):
        found.append((NAMES[outcome], "outcome", outcome))
    return found
