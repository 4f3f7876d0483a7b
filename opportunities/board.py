"""The pipeline: the board by stage, the list, and what narrows both (R8)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import Hat, Team, User
from accounts.permissions import team_ids
from core import clock, rulebook
from core.errors import NotFound
from core.web.answers import page
from core.web.context import moment
from core.web.listing import Listing
from opportunities import rules, selectors
from opportunities.filters import OpportunityFilters
from opportunities.models import Opportunity
from opportunities.rules import OPEN, Kind, Stage

A_LANE = 50
PLANNED = 20
PEOPLE = 60
NARROWS = ("owner", "team", "kind", "at_risk", "q")
LANE_ORDER = {"stage_since": "stage_since"}
LIST_ORDERS = {
    "stage_since": "stage_since",
    "created_at": "created_at",
    "amount": "amount",
    "expected_close": "expected_close",
    "next_step_on": "next_step_on",
}


@page
@require_GET
def pipeline(request: HttpRequest) -> HttpResponse:
    """All that is open, by stage, with sums; what is chosen lies in the URL."""
    seen = seen_by(request.user)
    as_list = request.GET.get("view") == "list"
    rows = narrowed(request, seen)
    columns = selectors.board(rows)
    context: dict[str, Any] = {
        "columns": columns,
        "figures": _figures(columns),
        "at_risk": _count_at_risk(request, rows),
        "as_list": as_list,
        "planned": _planned(request, rows),
        "q": request.GET.get("q", ""),
        **_choices(request, seen),
    }
    if as_list:
        context["listing"] = _listing(request, rows)
        context["lines"] = told(request, context["listing"])
        context["stages"] = [(s.value, s.label) for s in Stage]
        return render(request, "opportunities/list.html", context)
    for column in columns:
        column.update(_lane(request, rows, column["stage"]))
    context["closed"] = _closed(request, rows)
    return render(request, "opportunities/board.html", context)


@page
@require_GET
def lane(request: HttpRequest, stage: str) -> HttpResponse:
    """The next cards of a column, in place, or the list of that stage for who has no scripts."""
    if stage not in OPEN:
        raise NotFound
    rows = narrowed(request, seen_by(request.user))
    context = {"column": {"stage": stage, **_lane(request, rows, stage)}}
    return render(request, "opportunities/cards.html", context)


def seen_by(user: Any) -> QuerySet[Opportunity]:
    """What this person may see (R15.2), each once, so that it can be counted and summed."""
    rows = Opportunity.objects.visible_to(user)
    return Opportunity.objects.filter(pk__in=rows.order_by().values("pk")) if rows.query.distinct else rows


def narrowed(request: HttpRequest, rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """The rows that the filters in the URL leave; a value that cannot be one is forgiven, the API refuses it."""
    data = {name: request.GET[name].replace("\x00", "") for name in NARROWS if request.GET.get(name)}
    if data.get("owner") == "me":
        data["owner"] = request.user.login
    chosen = OpportunityFilters(data, queryset=rows, request=request)
    if not chosen.is_valid():
        right = {name: value for name, value in data.items() if name not in chosen.form.errors}
        chosen = OpportunityFilters(right, queryset=rows, request=request)
    return chosen.qs


def told(request: HttpRequest, rows: Any) -> list[dict[str, Any]]:
    """Each opportunity with what is reckoned of it at this moment: days over (R8.5), days in its stage."""
    at, limit = moment(request), rulebook.get("at_risk_days")
    return [
        {
            "opportunity": row,
            "over": selectors.risk(row, at, limit),
            "days": max(0, (at - row.stage_since).days),
            "needs": ", ".join(need.product.name for need in row.needs.all()),
        }
        for row in rows
    ]


def _lane(request: HttpRequest, rows: QuerySet[Opportunity], stage: str) -> dict[str, Any]:
    """At most 50 cards of a stage, who came last on top, and where the next ones are."""
    of_stage = selectors.for_lists(rows.filter(stage=stage))
    here = _Column(request, reverse("opportunities:lane", args=[stage]))
    cut = Listing(here, of_stage, LANE_ORDER, "-stage_since", size=A_LANE)  # type: ignore[arg-type]
    return {"cards": told(request, cut), "next": cut.next}


class _Column:
    """A request as the column's own address sees it: the same filters, and a cursor only if it is the column's."""

    def __init__(self, request: HttpRequest, path: str) -> None:
        names = (*NARROWS, "cursor") if request.path == path else NARROWS
        self.path = path
        self.GET = {name: request.GET[name] for name in names if request.GET.get(name)}


def _listing(request: HttpRequest, rows: QuerySet[Opportunity]) -> Listing:
    stage = request.GET.get("stage", "")
    rows = rows.filter(stage=stage) if stage in Stage.values else rows.open()
    return Listing(request, selectors.for_lists(rows), LIST_ORDERS, "-stage_since")


def _figures(columns: list[dict[str, Any]]) -> dict[str, Any]:
    zero = Decimal(0)
    return {
        "count": sum(column["count"] for column in columns),
        "sum": sum((column["sum"] for column in columns), zero),
        "weighted": sum((column["weighted"] for column in columns), zero),
    }


def _count_at_risk(request: HttpRequest, rows: QuerySet[Opportunity]) -> int:
    return OpportunityFilters({"at_risk": "true"}, queryset=rows, request=request).qs.order_by().count()


def _planned(request: HttpRequest, rows: QuerySet[Opportunity]) -> dict[str, Any]:
    """The next chances that are not open yet (R9.4): one quiet line, the nearest inside it."""
    waiting = rows.filter(stage=Stage.SCHEDULED).order_by()
    said = waiting.aggregate(count=Count("pk"), sum=Sum("amount"), first=Min("active_on"))
    if said["count"]:
        nearest = waiting.select_related("company", "owner").order_by("active_on", "pk")
        said["rows"] = list(nearest[:PLANNED])
    return said


def _closed(request: HttpRequest, rows: QuerySet[Opportunity]) -> dict[str, Any]:
    """Won and lost this month, for the two places at the end of the board."""
    day = clock.firm_day(moment(request))
    start: datetime = clock.day_starts(day.replace(day=1))
    won, lost = Q(stage=Stage.WON), Q(stage=Stage.LOST)
    return rows.filter(closed_at__gte=start).order_by().aggregate(
        won=Count("pk", filter=won),
        won_sum=Sum("amount", filter=won),
        lost=Count("pk", filter=lost),
        lost_sum=Sum("amount", filter=lost),
    )  # fmt: skip


def _choices(request: HttpRequest, seen: QuerySet[Opportunity]) -> dict[str, Any]:
    """Whom and what one can narrow to: people and teams only for who sees more than the own."""
    user = request.user
    wide = user.wears(Hat.MANAGER, Hat.MARKETER, Hat.ADMIN, Hat.SUCCESS, Hat.SERVICE)  # type: ignore[union-attr]
    context: dict[str, Any] = {"kinds": Kind.choices, "wide": wide, "owners": [], "teams": []}
    if wide:
        context["owners"] = list(
            User.objects.filter(pk__in=seen.filter(stage__in=OPEN).order_by().values("owner"))[:PEOPLE]
        )
        teams = Team.objects.all()
        if not user.wears(Hat.MARKETER, Hat.ADMIN):  # type: ignore[union-attr]
            teams = teams.filter(pk__in=team_ids(user))  # type: ignore[arg-type]
        context["teams"] = list(teams[:PEOPLE])
    context["mine"] = user.wears(Hat.REP, Hat.MANAGER)  # type: ignore[union-attr]
    context["rates"] = {stage: rules.win_rate(stage, rulebook.values()) for stage in OPEN}
    return context
