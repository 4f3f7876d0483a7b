"""/reports/forecast/ and /reports/calibration/: what is likely to come in, what the win rates really are (R8.3, R8.4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock, filters, rulebook
from core.api.views import ApiView
from core.errors import FieldError, Invalid
from opportunities import forecast as figures
from opportunities.api import report_shapes as shapes
from opportunities.api.quote_writing import exact
from opportunities.filters import OpportunityFilters
from opportunities.models import Opportunity
from opportunities.rates import Rate

GROUPS = tuple(figures.GROUPS)


def narrowed(request: Request, days: type[filters.FilterSet]) -> QuerySet[Opportunity]:
    """The opportunities that the caller sees and asks for, each once; raises Invalid for what is no filter."""
    seen = Opportunity.objects.visible_to(request.user)
    data = dict(request.query_params.items())
    rows = Opportunity.objects.filter(pk__in=seen.order_by().values("pk"))
    rows = days(data, queryset=rows, request=request).checked()
    return OpportunityFilters(data, queryset=rows, request=request).checked()


class ClosingDays(filters.FilterSet):
    """`from` and `to`: the first and the last day of the expected close; what has none is told as left out."""


class DecidedDays(filters.FilterSet):
    """`from` and `to`: the first and the last day on which it was decided."""

    def since(self, rows: QuerySet[Opportunity], name: str, day: date) -> QuerySet[Opportunity]:
        """Decided on this day or later."""
        return rows.filter(closed_at__gte=clock.day_starts(day))

    def until(self, rows: QuerySet[Opportunity], name: str, day: date) -> QuerySet[Opportunity]:
        """Decided on this day or before."""
        return rows.filter(closed_at__lt=clock.day_starts(day + timedelta(days=1)))


# `from` is no name of an attribute in Python.
ClosingDays.base_filters |= {
    "from": filters.Day(field_name="expected_close", lookup_expr="lt", exclude=True),
    "to": filters.Day(field_name="expected_close", lookup_expr="gt", exclude=True),
}
DecidedDays.base_filters |= {"from": filters.Day(method="since"), "to": filters.Day(method="until")}


def grouped_by(request: Request) -> str:
    """What to group by, or an empty text for the firm alone. Raises Invalid."""
    by = str(request.query_params.get("group_by", ""))
    if by and by not in GROUPS:
        message = _("“{value}” is not one of: {choices}.").format(value=by[:60], choices=", ".join(GROUPS))
        raise Invalid(errors=[FieldError("group_by", "invalid_choice", message)])
    return by


def day_parameter(name: str) -> OpenApiParameter:
    """A day in the query, for the schema."""
    return OpenApiParameter(name, OpenApiTypes.DATE)


class ForecastView(ApiView):
    """Σ amount × win rate by expected close month, nominal and measured."""

    parameters = frozenset({"from", "to", "owner", "team", "kind", "company", "group_by"})

    @extend_schema(
        parameters=[
            day_parameter("from"),
            day_parameter("to"),
            *(OpenApiParameter(name, str) for name in ("owner", "team", "kind", "company")),
            OpenApiParameter("group_by", str, enum=GROUPS),
        ],
        responses={200: shapes.ForecastOut},
    )
    def get(self, request: Request) -> Response:
        """The forecast of what the caller sees, and on what share of it it rests (R8.3).

        The measured rates are those of the whole firm.
        """
        by = grouped_by(request)
        rows = narrowed(request, ClosingDays)
        found = figures.forecast(rows, clock.now(), Opportunity.objects.all(), by)
        currency = rulebook.get("currency")
        return Response(
            {
                "months": [_month(month, currency) for month in found.months],
                "nominal": exact(found.nominal, currency),
                "measured": exact(found.measured, currency),
                "counted": found.counted,
                "left_out": {
                    "no_amount": found.no_amount,
                    "no_month": found.no_month,
                    "past_month": found.past_month,
                },
                "share": found.share,
                "groups": [_group(group, currency) for group in found.groups],
            }
        )


def _month(month: figures.Month, currency: str) -> dict[str, Any]:
    return {
        "month": month.month,
        "stages": [
            {"stage": stage, "count": count, "sum": exact(total, currency)}
            for stage, (count, total) in sorted(month.stages.items())
        ],
        "nominal": exact(month.nominal, currency),
        "measured": exact(month.measured, currency),
        "renewals": exact(month.renewals, currency),
    }


def _group(group: figures.Group, currency: str) -> dict[str, Any]:
    return {
        "key": group.key or None,
        "name": group.name or None,
        "count": group.count,
        "nominal": exact(group.nominal, currency),
        "measured": exact(group.measured, currency),
        "months": [
            {"month": when, "nominal": exact(nominal, currency), "measured": exact(measured, currency)}
            for when, (nominal, measured) in sorted(group.months.items())
        ],
    }


class CalibrationView(ApiView):
    """Nominal win rates beside the measured ones."""

    parameters = frozenset({"from", "to", "team", "owner", "kind"})

    @extend_schema(
        parameters=[
            day_parameter("from"),
            day_parameter("to"),
            *(OpenApiParameter(name, str) for name in ("team", "owner", "kind")),
        ],
        responses={200: shapes.RateOut(many=True)},
    )
    def get(self, request: Request) -> Response:
        """For each kind and stage: of the decided ones that reached it, the share that was won (R8.4).

        Of the whole firm; with `team` or `owner` of what the caller sees of it.
        """
        data = dict(request.query_params.items())
        if "team" in data or "owner" in data:
            rows = narrowed(request, DecidedDays)
        else:
            rows = DecidedDays(data, queryset=Opportunity.objects.all(), request=request).checked()
            rows = OpportunityFilters(data, queryset=rows, request=request).checked()
        return Response([_rate(rate) for rate in figures.calibration(rows)])


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "kind": rate.kind,
        "stage": rate.stage,
        "decided": rate.decided,
        "won": rate.won,
        "nominal": rate.nominal / 100,
        "measured": rate.share,
        "low": rate.interval[0] if rate.interval else None,
        "high": rate.interval[1] if rate.interval else None,
        "verdict": rate.verdict,
    }
