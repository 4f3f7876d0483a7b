"""Pages of orders: the list, one of them, and the forms that open in place."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import Hat, User
from core import clock, rulebook
from core.errors import NotFound
from core.web.answers import found, page
from core.web.context import moment
from core.web.listing import Listing
from leads.trunk import bar
from opportunities.actions import visible
from opportunities.models import Opportunity
from opportunities.rules import OPEN, Stage
from opportunities.views import is_masked, story
from orders import panels, selectors
from orders.actions import address, visible_order
from orders.filters import OrderFilters
from orders.models import Order
from orders.rules import BEFORE_SIGNATURE, SIGNED, State

ORDERS = {"created_at": "created_at", "signed_on": "signed_on", "total": "total", "ends_on": "ends_on"}
SHOWN_STATES = (State.DRAFT, State.SIGNED, State.CANCELLED)
PEOPLE = 60


@page
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """Contracts and orders by state, with sums; what is chosen lies in the URL."""
    seen = Order.objects.visible_to(request.user)
    if seen.query.distinct:
        seen = Order.objects.filter(pk__in=seen.order_by().values("pk"))
    rows = _narrowed(request, seen, ("state", "owner", "q"))
    same = _narrowed(request, seen, ("owner", "q"))
    counts = dict(same.order_by().values_list("state").annotate(n=Count("pk")))
    context = {
        "listing": Listing(request, selectors.for_lists(rows), ORDERS, "-created_at"),
        "states": [
            (code, State(code).label, counts.get(code, 0))
            for code in State.values
            if code in SHOWN_STATES or counts.get(code)
        ],
        "figures": _figures(request, same),
        "q": request.GET.get("q", ""),
        "mine": request.user.wears(Hat.REP, Hat.MANAGER),  # type: ignore[union-attr]
        "owners": _owners(request, seen),
    }
    return render(request, "orders/orders.html", context)


def _narrowed(request: HttpRequest, rows: QuerySet[Order], names: tuple[str, ...]) -> QuerySet[Order]:
    data = {name: request.GET[name].replace("\x00", "") for name in names if request.GET.get(name)}
    if data.get("owner") == "me":
        data["owner"] = request.user.login
    chosen = OrderFilters(data, queryset=rows, request=request)
    if not chosen.is_valid():
        right = {name: value for name, value in data.items() if name not in chosen.form.errors}
        chosen = OrderFilters(right, queryset=rows, request=request)
    return chosen.qs


def _figures(request: HttpRequest, rows: QuerySet[Order]) -> dict[str, Any]:
    """What was signed, this month and in all, and what waits for a signature."""
    first = clock.firm_day(moment(request)).replace(day=1)
    signed, waits = Q(state__in=SIGNED), Q(state__in=BEFORE_SIGNATURE)
    month = signed & Q(signed_on__gte=first)
    return rows.order_by().aggregate(
        signed=Count("pk", filter=signed),
        signed_sum=Sum("total", filter=signed),
        month=Count("pk", filter=month),
        month_sum=Sum("total", filter=month),
        waits=Count("pk", filter=waits),
        waits_sum=Sum("total", filter=waits),
    )


def _owners(request: HttpRequest, seen: QuerySet[Order]) -> list[User]:
    """Whom one can narrow to, for who sees more than the own."""
    if not request.user.wears(Hat.MANAGER, Hat.MARKETER, Hat.ADMIN, Hat.SUCCESS, Hat.SERVICE):  # type: ignore[union-attr]
        return []
    return list(User.objects.filter(pk__in=seen.order_by().values("owner"))[:PEOPLE])


@page
@require_GET
def order(request: HttpRequest, pk: Any) -> HttpResponse:
    """One contract: its lines, what it comes to, what comes next."""
    row = found(selectors.for_lists(Order.objects.visible_to(request.user)), pk)
    masked = is_masked(row.contact_id)
    context = {
        "order": row,
        "company": row.company,
        "contact": row.contact,
        "signed": row.state in SIGNED,
        "full_price": sum((line.quantity * line.unit_price for line in row.lines.all()), 0),
        "discounted": any(line.discount for line in row.lines.all()),
        "firm": rulebook.get("firm_name"),
        "next_chance": _next_chance(row, request.user),
        "bar": bar(row.contact_id) if row.contact_id else None,
        "acts": panels.of_order(row, request.user),
        "entries": story(row.contact_id, row.company_id, masked),
    }
    return render(request, "orders/order.html", context)


def _next_chance(row: Order, user: Any) -> Opportunity | None:
    """What the signature planned (R9.4), while it is still ahead or open."""
    if row.state not in SIGNED:
        return None
    ahead = Opportunity.objects.visible_to(user).filter(
        signed_before=row.opportunity_id, stage__in=[Stage.SCHEDULED, *OPEN]
    )
    return ahead.order_by("created_at").first()


@page
@require_GET
def panel(request: HttpRequest, pk: Any, name: str) -> HttpResponse:
    """The form of one action, in place (htmx) or as a page."""
    row = visible_order(request, pk)
    known = {panel.name: panel for panel in panels.of_order(row, request.user)}
    if name not in known:
        raise NotFound
    chosen = known[name]
    if not chosen.template:
        return redirect(address(pk))
    context = {"order": row, "panel": chosen, **(chosen.build() if chosen.build else {})}
    if not request.htmx:
        return render(request, "orders/do.html", context)
    return render(request, chosen.template, context)


@page
@require_GET
def contract(request: HttpRequest, pk: Any) -> HttpResponse:
    """From “won” on the board: the contract that is there, or the form of a new one."""
    row = visible(request, pk)
    there = panels.contract_of(row)
    if there is not None:
        return redirect(address(there.pk))
    offered = panels.of_opportunity(row, request.user, moment(request))
    if not offered:
        return redirect(reverse("opportunities:opportunity", args=[pk]))
    context = {"opportunity": row, "panel": offered[0], **panels.contract_context(row)}
    return render(request, "opportunities/do.html", context)
