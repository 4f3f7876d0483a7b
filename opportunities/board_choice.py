"""What narrows the pipeline, in every view of it alike, and the figures of its head."""

from __future__ import annotations

from decimal import Decimal
from hashlib import blake2b
from typing import Any

from django.db.models import BigIntegerField, Count, Func, Min, Q, QuerySet, Sum, TextField, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest
from django.utils.translation import get_language

from accounts.models import Hat, Team, User
from accounts.permissions import team_ids
from catalogue.models import Product
from core import clock, rulebook
from core.ids import as_uuid
from core.web.context import moment
from opportunities import rates
from opportunities.filters import OpportunityFilters
from opportunities.models import Opportunity
from opportunities.rules import OPEN, Kind, Stage

PEOPLE = 60
NARROWS = ("owner", "team", "kind", "product", "industry", "at_risk", "q")


def seen_by(user: Any) -> QuerySet[Opportunity]:
    """What this person may see (R15.2), each once, so that it can be counted and summed."""
    rows = Opportunity.objects.visible_to(user)
    return Opportunity.objects.filter(pk__in=rows.order_by().values("pk")) if rows.query.distinct else rows


def narrowed(request: HttpRequest, rows: QuerySet[Opportunity], without: str = "") -> QuerySet[Opportunity]:
    """The rows that the filters in the URL leave; a value that cannot be one is forgiven, the API refuses it."""
    data = {
        name: request.GET[name].replace("\x00", "")
        for name in NARROWS
        if request.GET.get(name) and name != without
    }
    if data.get("owner") == "me":
        data["owner"] = request.user.get_username()
    chosen = OpportunityFilters(data, queryset=rows, request=request)
    if not chosen.is_valid():
        right = {name: value for name, value in data.items() if name not in chosen.form.errors}
        chosen = OpportunityFilters(right, queryset=rows, request=request)
    return chosen.qs


def narrows(request: HttpRequest) -> bool:
    """Whether anything is chosen, so that an empty board can say so."""
    return any(request.GET.get(name) for name in NARROWS)


def _month(request: HttpRequest) -> Any:
    return clock.day_starts(clock.firm_day(moment(request)).replace(day=1))


def _print() -> Any:
    """A number that changes when any of the rows changes: of each its id and version, summed."""
    row = Concat(Cast("pk", TextField()), Value(":"), Cast("version", TextField()), output_field=TextField())
    return Sum(Cast(Func(row, function="hashtext"), BigIntegerField()))


def version(request: HttpRequest, rows: QuerySet[Opportunity]) -> str:
    """What the board looks like, as a word: the same word, the same board. One query, without the cards.

    Its day and the firm's numbers belong to it, since what is over and what it weighs follow from them.
    """
    shown = Q(stage__in=[*OPEN, Stage.SCHEDULED]) | Q(closed_at__gte=_month(request))
    found = rows.filter(shown).order_by().aggregate(n=Count("pk"), sum=_print())
    values = rulebook.values()
    numbers = [values[f"win_rate_{stage}"] for stage in OPEN] + [
        values["at_risk_days"],
        values["stage_gates"],
    ]
    told = (found["n"], found["sum"], clock.firm_day(moment(request)), numbers, get_language())
    return blake2b(repr(told).encode(), digest_size=12).hexdigest()


def figures(
    request: HttpRequest, rows: QuerySet[Opportunity], columns: list[dict[str, Any]]
) -> dict[str, Any]:
    """The head's figures, what was won and lost this month, and what is planned, in one query."""
    start = _month(request)
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
        "currency": rulebook.get("currency"),
        "cycle": rates.cycle(),
        **counted,
    }


def kinds(request: HttpRequest, columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The kinds as chips, each with how many are open of it, apart (R9.4); of another than the chosen it is not known."""
    chosen = request.GET.get("kind", "")
    found: dict[str, int] = {}
    for column in columns:
        for kind, count in column["kinds"].items():
            found[kind] = found.get(kind, 0) + count
    return [
        {
            "code": code,
            "name": label,
            "count": found.get(code, 0) if chosen in ("", code) or chosen not in Kind.values else None,
        }
        for code, label in Kind.choices
    ]


def choices(request: HttpRequest, seen: QuerySet[Opportunity]) -> dict[str, Any]:
    """Whom and what one can narrow to: people and teams only for who sees more than the own."""
    user = request.user
    wide = user.wears(Hat.MANAGER, Hat.MARKETER, Hat.ADMIN, Hat.SUCCESS, Hat.SERVICE)  # type: ignore[union-attr]
    context: dict[str, Any] = {"wide": wide, "owners": [], "teams": [], "q": request.GET.get("q", "")}
    if wide:
        context["owners"] = list(
            User.objects.filter(pk__in=seen.filter(stage__in=OPEN).order_by().values("owner"))[:PEOPLE]
        )
        teams = Team.objects.all()
        if not user.wears(Hat.MARKETER, Hat.ADMIN):  # type: ignore[union-attr]
            teams = teams.filter(pk__in=team_ids(user))  # type: ignore[arg-type]
        context["teams"] = list(teams[:PEOPLE])
    if pk := as_uuid(request.GET.get("product", "")):
        context["product"] = Product.objects.filter(pk=pk).first()
    context["mine"] = wide and user.wears(Hat.REP, Hat.MANAGER)  # type: ignore[union-attr]
    return context
