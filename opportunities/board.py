"""The pipeline: the board by stage, the list, and what is new on the board while somebody looks at it (R8)."""

from __future__ import annotations

from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from core import clock, rulebook
from core.errors import NotFound
from core.web import words
from core.web.answers import page
from core.web.context import moment
from core.web.listing import Listing, behind
from opportunities import board_choice as choice
from opportunities import forecast_page, forward, permissions, rates, selectors
from opportunities.models import ExperienceEvent, Opportunity, OpportunityProduct, Quote
from opportunities.rules import OPEN, Kind, Stage

A_LANE, MOST_SHOWN = 50, 400
PLANNED = 20
SHOWN = (
    "kind", "stage", "stage_since", "amount", "currency", "next_step", "next_step_on", "expected_close", "created_at",
    "company__name", "contact__name", "contact__company_name", "lead__back_at", "lead__acquired_at", "owner__name",
    "team_id",
)  # fmt: skip
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
    seen = choice.seen_by(request.user)
    rows = choice.narrowed(request, seen)
    view = request.GET.get("view", "")
    view = view if view in ("list", "forecast") else "board"
    context = {**_head(request, rows), **choice.choices(request, seen), "view": view}
    if view == "board":
        _fill(request, rows, context)
        return render(request, "opportunities/board.html", context)
    if view == "forecast":
        context |= forecast_page.context_of(request, rows)
        return render(request, "opportunities/forecast.html", context)
    context["listing"] = _listing(request, rows)
    context["lines"] = told(request, context["listing"])
    context["stages"] = [(s.value, s.label) for s in Stage]
    return render(request, "opportunities/list.html", context)


@page
@require_GET
def now(request: HttpRequest) -> HttpResponse:
    """The board as it is now, without the page around it, or nothing (204) while it is what the browser knows."""
    rows = choice.narrowed(request, choice.seen_by(request.user))
    known = request.GET.get("known", "")
    if known and known == choice.version(request, rows):
        return HttpResponse(status=204)
    context = _head(request, rows)
    _fill(request, rows, context)
    return render(request, "opportunities/board_now.html", {**context, "view": "board"})


@page
@require_GET
def lane(request: HttpRequest, stage: str) -> HttpResponse:
    """The next cards of a column, in place, or the list of that stage for who has no scripts."""
    if stage not in OPEN:
        raise NotFound
    rows = choice.narrowed(request, choice.seen_by(request.user))
    column = _Column(request, stage)
    if not request.htmx:  # type: ignore[attr-defined]
        chosen = {**column.GET, "view": "list", "stage": stage}
        chosen.pop("cursor", None)
        return redirect(f"{reverse('opportunities:pipeline')}?{urlencode(chosen)}")
    cut = Listing(column, lean(rows.filter(stage=stage)), LANE_ORDER, LANE_FIRST, size=A_LANE)  # type: ignore[arg-type]
    context = {"column": {"stage": stage, "cards": told(request, cut), "next": cut.next}}
    return render(request, "opportunities/cards.html", context)


def _head(request: HttpRequest, rows: QuerySet[Opportunity]) -> dict[str, Any]:
    """Columns and head of these opportunities: counts, sums and what they weigh, in every view alike."""
    columns = selectors.board(rows)
    figures = choice.figures(request, rows, columns)
    return {
        "columns": columns,
        "figures": figures,
        "kinds": choice.kinds(request, columns),
        "planned": _planned(rows, figures),
        "narrowed": choice.narrows(request),
    }


def lean(rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """Opportunities with just what a card or a row shows, in one query: a board has up to 150 of them."""
    here = OuterRef("pk")
    needs = OpportunityProduct.objects.filter(opportunity=here).order_by("pk")
    lived = ExperienceEvent.objects.filter(Q(held=True) | Q(held__isnull=True), opportunity=here)
    return (
        rows.select_related("company", "contact", "lead", "owner")
        .only(*SHOWN)
        .annotate(
            products=ArraySubquery(needs.values("product__name")),
            lived=Exists(lived),
            quoted=Exists(Quote.objects.standing().filter(opportunity=here)),
        )
    )


def told(request: HttpRequest, rows: Any) -> list[dict[str, Any]]:
    """Each opportunity in words, with what is reckoned of it now: days over (R8.5), days in its stage."""
    at, values = moment(request), rulebook.values()
    today = clock.firm_day(at)
    return [_card(row, at, today, values, request.user) for row in rows]


def _card(row: Any, at: datetime, today: date, values: dict[str, Any], user: Any) -> dict[str, Any]:
    over = selectors.risk(row, at, values["at_risk_days"])
    days = max(0, (at - row.stage_since).days)
    due, level = words.due_day(row.next_step_on, today) if row.next_step_on else ("", "")
    return {
        "opportunity": row,
        "url": reverse("opportunities:opportunity", args=[row.pk]),
        "company": row.company.name,
        "person": str(row.contact or ""),
        "kind": "" if row.kind == Kind.NEW_BUSINESS else Kind(row.kind).label,
        "amount": words.money(row.amount, row.currency),
        "needs": words.listed(row.products),
        "over": "" if over is None else words.over(over),
        "days": ngettext("%(n)s day here", "%(n)s days here", days) % {"n": days} if days else _("new here"),
        "due": due,
        "tone": {"over": "t-lost", "last": "t-near"}.get(level, ""),
        "owner": row.owner.name,
        "letters": words.initials(row.owner.name),
        "may": permissions.may_work(user, row),
        "asks": " ".join(to for to in OPEN if _asks(row, to, values["stage_gates"])),
    }


def _asks(row: Any, to: str, gates: bool) -> bool:
    """Whether a move to this stage opens a form first (R8.2)."""
    return any(forward.wanted(row.stage, to, lived=row.lived, quoted=row.quoted, gates=gates).values())


def _shown(request: HttpRequest) -> dict[str, int]:
    """How many cards of each column the browser shows already, so that none of them goes while it is drawn anew."""
    asked = (part.partition(":") for part in request.headers.get("X-Board-Shown", "")[:200].split(","))
    return {
        stage: max(A_LANE, min(MOST_SHOWN, int(count)))
        for stage, _colon, count in asked
        if stage in OPEN and count.isascii() and count.isdigit() and len(count) < 6
    }


def _fill(request: HttpRequest, rows: QuerySet[Opportunity], context: dict[str, Any]) -> None:
    """Put the first 50 cards into each column, who came last on top, all in one query; where the next ones are; what is
    really won at each stage; and the word for what the board looks like."""
    columns, shown = context["columns"], _shown(request)
    # Asked before the cards: what comes in between is new to the browser once more, never missed.
    context["version"] = choice.version(request, rows)
    firsts = [
        Q(
            pk__in=rows.filter(stage=column["stage"])
            .order_by("-stage_since", "-pk")
            .values("pk")[: shown.get(column["stage"], A_LANE)]
        )
        for column in columns
    ]
    found = lean(Opportunity.objects.filter(reduce(or_, firsts)))
    cards = told(request, found.order_by("-stage_since", "-pk"))
    real = rates.measured_rates(Opportunity.objects.all())
    for column in columns:
        rate = real[column["stage"]]
        column["measured"] = rate if rate.says else None
        column["share"] = round((rate.share or 0) * 100)
        column["others"] = [
            (label, column["kinds"][code])
            for code, label in Kind.choices
            if code != Kind.NEW_BUSINESS and code in column["kinds"]
        ]
        column["cards"] = [card for card in cards if card["opportunity"].stage == column["stage"]]
        if column["count"] > len(column["cards"]) > 0:
            last = column["cards"][-1]["opportunity"]
            column["next"] = behind(_Column(request, column["stage"]), rows, LANE_ORDER, LANE_FIRST, last)


class _Column:
    """A request as the column's own address sees it: the same filters, and a cursor only if it is the column's."""

    def __init__(self, request: HttpRequest, stage: str) -> None:
        self.path = reverse("opportunities:lane", args=[stage])
        names = (*choice.NARROWS, "cursor") if request.path == self.path else choice.NARROWS
        self.GET = {name: request.GET[name] for name in names if request.GET.get(name)}


def _listing(request: HttpRequest, rows: QuerySet[Opportunity]) -> Listing:
    stages = [code for code in request.GET.get("stage", "").split(",") if code in Stage.values]
    rows = rows.filter(stage__in=stages) if stages else rows.open()
    left = forecast_page.left_out(request)
    return Listing(request, lean(rows.filter(left) if left else rows), LIST_ORDERS, "-stage_since")


def _planned(rows: QuerySet[Opportunity], figures: dict[str, Any]) -> list[Opportunity]:
    """The next chances that are not open yet (R9.4), the nearest first."""
    if not figures["planned"]:
        return []
    waiting = rows.filter(stage=Stage.SCHEDULED).select_related("company", "owner")
    return list(waiting.order_by("active_on", "pk")[:PLANNED])
