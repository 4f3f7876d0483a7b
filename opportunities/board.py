"""The pipeline: the board by stage, the list, and what narrows both (R8)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.models import Hat, Team, User
from accounts.permissions import team_ids
from core import clock, rulebook
from core.errors import NotFound
from core.web import words
from core.web.answers import page
from core.web.context import moment
from core.web.listing import Listing, behind
from opportunities import selectors
from opportunities.filters import OpportunityFilters
from opportunities.models import Opportunity, OpportunityProduct
from opportunities.rules import OPEN, Kind, Stage

A_LANE = 50
PLANNED = 20
PEOPLE = 60
SHOWN = (
    "kind", "stage", "stage_since", "amount", "currency", "next_step", "next_step_on", "expected_close", "created_at",
    "company__name", "contact__name", "contact__company_name", "lead__back_at", "lead__acquired_at", "owner__name",
)  # fmt: skip
NARROWS = ("owner", "team", "kind", "at_risk", "q")
LANE_ORDER, LANE_FIRST = {"stage_since": "stage_since"}, "-stage_since"
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
    told_now = _figures(request, rows, columns)
    context: dict[str, Any] = {
        "columns": columns,
        "figures": told_now,
        "planned": _planned(rows, told_now),
        "as_list": as_list,
        "q": request.GET.get("q", ""),
        **_choices(request, seen),
    }
    if as_list:
        context["listing"] = _listing(request, rows)
        context["lines"] = told(request, context["listing"])
        context["stages"] = [(s.value, s.label) for s in Stage]
        return render(request, "opportunities/list.html", context)
    _fill(request, rows, columns)
    return render(request, "opportunities/board.html", context)


@page
@require_GET
def lane(request: HttpRequest, stage: str) -> HttpResponse:
    """The next cards of a column, in place, or the list of that stage for who has no scripts."""
    if stage not in OPEN:
        raise NotFound
    rows = narrowed(request, seen_by(request.user))
    column = _Column(request, stage)
    if not request.htmx:  # type: ignore[attr-defined]
        chosen = {**column.GET, "view": "list", "stage": stage}
        chosen.pop("cursor", None)
        return redirect(f"{reverse('opportunities:pipeline')}?{urlencode(chosen)}")
    cut = Listing(column, lean(rows.filter(stage=stage)), LANE_ORDER, LANE_FIRST, size=A_LANE)  # type: ignore[arg-type]
    context = {"column": {"stage": stage, "cards": told(request, cut), "next": cut.next}}
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


def lean(rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """Opportunities with just what a card or a row shows, in one query: a board has up to 150 of them."""
    needs = OpportunityProduct.objects.filter(opportunity=OuterRef("pk")).order_by("pk")
    return (
        rows.select_related("company", "contact", "lead", "owner")
        .only(*SHOWN)
        .annotate(products=ArraySubquery(needs.values("product__name")))
    )


def told(request: HttpRequest, rows: Any) -> list[dict[str, Any]]:
    """Each opportunity in words, with what is reckoned of it now: days over (R8.5), days in its stage."""
    at, limit = moment(request), rulebook.get("at_risk_days")
    today = clock.firm_day(at)
    return [_card(row, at, today, limit) for row in rows]


def _card(row: Opportunity, at: datetime, today: date, limit: int) -> dict[str, Any]:
    over = selectors.risk(row, at, limit)
    days = max(0, (at - row.stage_since).days)
    due, level = words.due_day(row.next_step_on, today) if row.next_step_on else ("", "")
    return {
        "opportunity": row,
        "url": reverse("opportunities:opportunity", args=[row.pk]),
        "company": row.company.name,
        "person": str(row.contact or ""),
        "kind": "" if row.kind == Kind.NEW_BUSINESS else Kind(row.kind).label,
        "amount": words.money(row.amount, row.currency),
        "needs": ", ".join(row.products),
        "over": "" if over is None else words.over(over),
        "days": ngettext("%(n)s day here", "%(n)s days here", days) % {"n": days} if days else _("new here"),
        "due": due,
        "tone": {"over": "t-lost", "last": "t-near"}.get(level, ""),
        "owner": row.owner.name,
        "letters": words.initials(row.owner.name),
    }


def _fill(request: HttpRequest, rows: QuerySet[Opportunity], columns: list[dict[str, Any]]) -> None:
    """Put the first 50 cards into each column, who came last on top, all in one query; and where the next ones are."""
    firsts = [
        Q(pk__in=rows.filter(stage=column["stage"]).order_by("-stage_since", "-pk").values("pk")[:A_LANE])
        for column in columns
    ]
    found = lean(Opportunity.objects.filter(reduce(or_, firsts)))
    cards = told(request, found.order_by("-stage_since", "-pk"))
    for column in columns:
        column["cards"] = [card for card in cards if card["opportunity"].stage == column["stage"]]
        if column["count"] > len(column["cards"]) > 0:
            last = column["cards"][-1]["opportunity"]
            column["next"] = behind(_Column(request, column["stage"]), rows, LANE_ORDER, LANE_FIRST, last)


class _Column:
    """A request as the column's own address sees it: the same filters, and a cursor only if it is the column's."""

    def __init__(self, request: HttpRequest, stage: str) -> None:
        self.path = reverse("opportunities:lane", args=[stage])
        names = (*NARROWS, "cursor") if request.path == self.path else NARROWS
        self.GET = {name: request.GET[name] for name in names if request.GET.get(name)}


def _listing(request: HttpRequest, rows: QuerySet[Opportunity]) -> Listing:
    stage = request.GET.get("stage", "")
    rows = rows.filter(stage=stage) if stage in Stage.values else rows.open()
    return Listing(request, lean(rows), LIST_ORDERS, "-stage_since")


def _figures(
    request: HttpRequest, rows: QuerySet[Opportunity], columns: list[dict[str, Any]]
) -> dict[str, Any]:
    """The head's figures, what was won and lost this month, and what is planned, in one query."""
    start = clock.day_starts(clock.firm_day(moment(request)).replace(day=1))
    won = Q(stage=Stage.WON, closed_at__gte=start)
    lost = Q(stage=Stage.LOST, closed_at__gte=start)
    planned = Q(stage=Stage.SCHEDULED)
    risky = OpportunityFilters({"at_risk": "true"}, queryset=rows, request=request).qs.order_by()
    counted = rows.order_by().aggregate(
        at_risk=Count("pk", filter=Q(pk__in=risky.values("pk"))),
        won=Count("pk", filter=won),
        won_sum=Sum("amount", filter=won),
        lost=Count("pk", filter=lost),
        lost_sum=Sum("amount", filter=lost),
        planned=Count("pk", filter=planned),
        planned_sum=Sum("amount", filter=planned),
        planned_first=Min("active_on", filter=planned),
    )
    zero = Decimal(0)
    return {
        "count": sum(column["count"] for column in columns),
        "sum": sum((column["sum"] for column in columns), zero),
        "weighted": sum((column["weighted"] for column in columns), zero),
        **counted,
    }


def _planned(rows: QuerySet[Opportunity], figures: dict[str, Any]) -> list[Opportunity]:
    """The next chances that are not open yet (R9.4), the nearest first."""
    if not figures["planned"]:
        return []
    waiting = rows.filter(stage=Stage.SCHEDULED).select_related("company", "owner")
    return list(waiting.order_by("active_on", "pk")[:PLANNED])


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
    context["mine"] = wide and user.wears(Hat.REP, Hat.MANAGER)  # type: ignore[union-attr]
    return context
