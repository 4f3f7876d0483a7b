"""The forecast as a view of the pipeline (R8.3), and the page of the win rates that were measured (R8.4)."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core import clock
from core.web import words
from core.web.answers import page
from core.web.context import moment
from core.web.listing import address
from opportunities import board_choice as choice
from opportunities import forecast as figures
from opportunities import rates
from opportunities.models import Opportunity
from opportunities.rules import OPEN, Kind, Stage

COLUMNS = 6  # months side by side; what closes later is one column
LISTED = 20
BY = {
    "": gettext_lazy("The firm"),
    "team": gettext_lazy("By team"),
    "owner": gettext_lazy("By rep"),
    "kind": gettext_lazy("By kind"),
}
LEFT_OUT = {
    "no_amount": gettext_lazy("without an amount"),
    "no_month": gettext_lazy("without an expected close"),
    "past_month": gettext_lazy("expected in a month already past"),
}


def left_out(request: HttpRequest) -> Q | None:
    """What the URL names of that which the forecast leaves out, as a condition."""
    return figures.without_place(clock.firm_day(moment(request))).get(request.GET.get("left", ""))


def context_of(request: HttpRequest, rows: QuerySet[Opportunity]) -> dict[str, Any]:
    """Months by stages, nominal and measured side by side, the groups, and what is left out, listed."""
    by = request.GET.get("by", "")
    by = by if by in BY else ""
    at = moment(request)
    found = figures.forecast(rows, at, Opportunity.objects.all(), by)
    months = [
        {"month": month, "name": _month_name(month.month), "stages": [month.stages.get(s) for s in OPEN]}
        for month in found.months
    ]
    return {
        "forecast": found,
        "months": months,
        "stage_sums": [_stage_sum(found, stage) for stage in OPEN],
        "stage_names": [stage.label for stage in OPEN],
        "by": by,
        "bys": list(BY.items()),
        "grouped": _grouped(request, found, by) if by else None,
        "left": _left(request, rows, found),
        "rests_on": round((found.share or 0) * 100),
        "every": found.counted + found.left_out,
        "unsure": words.listed(stage.label for stage in OPEN if not found.measured_stages[stage].says),
    }


def _month_name(month: date) -> str:
    return str(formats.date_format(month, "YEAR_MONTH_FORMAT"))


def _stage_sum(found: figures.Forecast, stage: str) -> tuple[int, Any]:
    pairs = [month.stages[stage] for month in found.months if stage in month.stages]
    return sum(count for count, _total in pairs), sum((total for _count, total in pairs), figures.ZERO)


def _grouped(request: HttpRequest, found: figures.Forecast, by: str) -> dict[str, Any]:
    """A row for each rep, team or kind, a column for each of the next months, one for all later ones."""
    days = [month.month for month in found.months]
    near, late = days[:COLUMNS], days[COLUMNS:]

    def cells(months: dict[date, tuple[Any, Any]]) -> list[tuple[Any, Any]]:
        none = (figures.ZERO, figures.ZERO)
        row = [months.get(day, none) for day in near]
        if late:
            pairs = [months.get(day, none) for day in late]
            row.append((sum((p[0] for p in pairs), figures.ZERO), sum((p[1] for p in pairs), figures.ZERO)))
        return row

    names = dict(Kind.choices)
    firm = {month.month: (month.nominal, month.measured) for month in found.months}
    params = {k: v for k, v in request.GET.items() if k not in ("cursor", "by")}
    return {
        "names": [_month_name(day) for day in near] + ([_("later")] if late else []),
        "rows": [
            {
                "name": str(names.get(group.key, group.name)) if by == "kind" else group.name or _("no team"),
                "url": address(request.path, params, **{by: group.key}) if group.key else "",
                "group": group,
                "cells": cells(group.months),
            }
            for group in found.groups
        ],
        "firm": cells(firm),
    }


def _left(request: HttpRequest, rows: QuerySet[Opportunity], found: figures.Forecast) -> list[dict[str, Any]]:
    """What is left out, by reason: how many, how much, and the largest of them."""
    out = figures.without_place(clock.firm_day(moment(request)))
    params = {k: v for k, v in request.GET.items() if k in choice.NARROWS}
    first = {
        reason: rows.filter(fits, stage__in=OPEN).order_by("-amount", "-pk")[:LISTED]
        for reason, fits in out.items()
    }
    listed = Opportunity.objects.filter(reduce(or_, (Q(pk__in=cut.values("pk")) for cut in first.values())))
    why = Case(*[When(fits, then=Value(name)) for name, fits in out.items()])
    told = listed.annotate(reason=why).select_related("company", "owner").order_by("-amount", "-pk")
    shown = list(told) if found.left_out else []
    return [
        {
            "name": LEFT_OUT[reason],
            "count": getattr(found, reason),
            "sum": found.left_sums[reason],
            "rows": [row for row in shown if row.reason == reason],
            "more": getattr(found, reason) > LISTED,
            "url": address(reverse("opportunities:pipeline"), params, view="list", left=reason),
        }
        for reason in out
        if getattr(found, reason)
    ]


@page
@require_GET
def calibration(request: HttpRequest) -> HttpResponse:
    """Nominal win rates beside the measured ones of the whole firm, with what they mean (R8.4)."""
    kinds: dict[str, dict[str, Any]] = {}
    for rate in rates.calibration(Opportunity.objects.all()):
        kind = kinds.setdefault(rate.kind, {"name": Kind(rate.kind).label, "code": rate.kind, "rates": []})
        kind["rates"].append(_told(rate))
    first = kinds[Kind.NEW_BUSINESS]
    lesson = next((told["rate"].verdict for told in first["rates"] if told["rate"].stage == OPEN[1]), "few")
    context = {"kinds": list(kinds.values()), "lesson": lesson, "enough": rates.ENOUGH}
    return render(request, "opportunities/calibration.html", context)


def _told(rate: rates.Rate) -> dict[str, Any]:
    """A rate in words, and its bar in hundredths of the width."""
    low, high = rate.interval or (0.0, 0.0)
    return {
        "rate": rate,
        "stage": Stage(rate.stage).label,
        "share": None if rate.share is None else round(rate.share * 100),
        "low": round(low * 100),
        "high": round(high * 100),
        "bar": {
            "x": f"{low * 100:.2f}",
            "width": f"{(high - low) * 100:.2f}",
            # The mark is one wide: at 100 % it would stand outside.
            "at": f"{min((rate.share or 0) * 100, 99):.2f}",
        },
    }
