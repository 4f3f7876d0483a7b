"""The dry run: who gets what when in the coming days, who is held back and why; nothing is written (R10.8, R10.10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.clock import firm_day
from core.web.answers import page
from core.web.context import moment
from core.web.words import day_name
from leads.rules import Segment
from outreach.tabs import tabs
from pool.cadence.dryrun import dry_run
from pool.cadence_reading import line_of, version_of, way_of
from pool.cadence_views import readable, why
from pool.cadence_words import masked_address

DAYS, ROWS, OPEN = 30, 200, 12  # days, rows listed, rows after which a day is folded


@page
@require_safe
def dry(request: HttpRequest, pk: Any) -> HttpResponse:
    """What the cadence would do from now on, by the day and by the person."""
    row = readable(request, pk)
    at = moment(request)
    run = dry_run(row, at, days=DAYS, limit=ROWS)
    line = line_of(version_of(row))
    groups = by_day(map(_row, run.rows))
    context = {
        **tabs(request, "cadences"),
        "cadence": row,
        "run": run,
        "days": bars(run.per_day, firm_day(at), {day for day, _rows, _open in groups}),
        "total": sum(run.per_day.values()),
        "channels": [(way_of(code, None), n) for code, n in sorted(run.channels.items())],
        "groups": groups,
        "held": held(run),
        "moves": [(dict(Segment.choices).get(code, code), n) for code, n in run.moves.items()],
        "line": line,
        "span": DAYS,
    }
    return render(request, "pool/cadence_dry.html", context)


def by_day(rows: Iterable[dict[str, Any]]) -> list[tuple[date, list[dict[str, Any]], bool]]:
    """The rows of each day, and whether they are shown at once: the nearest days, as far as they fill a screen."""
    groups, listed = [], 0
    for day, found in groupby(rows, lambda one: one["day"]):
        of_day = list(found)
        groups.append((day, of_day, listed < OPEN))
        listed += len(of_day)
    return groups


def bars(per_day: dict[date, int], today: date, listed: set[date]) -> list[dict[str, Any]]:
    """A bar for each of the coming days, its height as a share of the highest; one that is listed leads there."""
    most = max(per_day.values(), default=0)
    days = [today + timedelta(days=n) for n in range(DAYS + 1)]  # the thirtieth ends at this hour
    return [
        {
            "day": day,
            "count": (n := per_day.get(day, 0)),
            "share": round(n / most * 78, 1) if most else 0,
            "label": _label(day, today),
            "listed": day in listed,
        }
        for day in days
    ]


def _label(day: date, today: date) -> str:
    """Under its bar: today and the first of a month by name, else the number."""
    if day == today:
        return day_name(day, today)
    return day_name(day, day - timedelta(days=20)) if day.day == 1 else str(day.day)


def _row(row: Any) -> dict[str, Any]:
    return {
        "day": timezone.localtime(row.at).date(),
        "at": row.at,
        "lead": row.lead,
        "position": row.position,
        "way": way_of(row.channel, None),
        "to": masked_address(row.channel, row.to),
        "text": row.text,
    }


def held(run: Any) -> list[dict[str, Any]]:
    """Who is held back, by the reason, the commonest first, with the leads."""
    rows: dict[str, list[Any]] = {}
    for one in run.held:
        rows.setdefault(one.why, []).append(one)
    counted = sorted(run.reasons.items(), key=lambda item: -item[1])
    return [{"code": code, "why": why(code), "count": n, "rows": rows.get(code, [])} for code, n in counted]
