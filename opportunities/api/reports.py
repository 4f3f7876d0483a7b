"""/reports/forecast/ and /reports/calibration/: what is likely to come in, what the win rates really are (R8.3, R8.4)."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock, rulebook
from core.api.views import ApiView
from opportunities import forecast as figures
from opportunities.api import quote_shapes as shapes
from opportunities.api.quote_writing import exact
from opportunities.filters import OpportunityFilters
from opportunities.models import Opportunity


def seen(request: Request) -> tuple[Any, Any]:
    """(the opportunities asked for, all that the caller sees), each once; raises Invalid for a wrong filter."""
    rows = Opportunity.objects.visible_to(request.user)
    every = Opportunity.objects.filter(pk__in=rows.order_by().values("pk"))
    data = dict(request.query_params.items())
    return OpportunityFilters(data, queryset=every, request=request).checked(), every


class ForecastView(ApiView):
    """Σ amount × win rate by expected close month, nominal and measured."""

    parameters = frozenset({"owner", "team", "kind", "company"})

    @extend_schema(responses={200: shapes.ForecastOut})
    def get(self, request: Request) -> Response:
        """The forecast of what the caller sees, and on what share of it it rests (R8.3)."""
        rows, every = seen(request)
        found = figures.forecast(rows, clock.now(), every)
        currency = rulebook.get("currency")
        return Response(
            {
                "months": [
                    {
                        "month": month.month,
                        "stages": [
                            {"stage": stage, "count": count, "sum": exact(total, currency)}
                            for stage, (count, total) in sorted(month.stages.items())
                        ],
                        "nominal": exact(month.nominal, currency),
                        "measured": exact(month.measured, currency),
                    }
                    for month in found.months
                ],
                "nominal": exact(found.nominal, currency),
                "measured": exact(found.measured, currency),
                "counted": found.counted,
                "left_out": {
                    "no_amount": found.no_amount,
                    "no_month": found.no_month,
                    "past_month": found.past_month,
                },
                "share": found.share,
            }
        )


class CalibrationView(ApiView):
    """Nominal win rates beside the measured ones."""

    parameters = frozenset({"owner", "team", "kind", "company"})

    @extend_schema(responses={200: shapes.RateOut(many=True)})
    def get(self, request: Request) -> Response:
        """For each kind and stage: of the decided ones that reached it, the share that was won (R8.4)."""
        rows, _every = seen(request)
        return Response(
            [
                {
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
                for rate in figures.calibration(rows)
            ]
        )
