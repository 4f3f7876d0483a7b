"""Pages of orders: the list, one of them, and the forms that open in place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import Hat, User
from catalogue.rules import Basis
from core import clock, rulebook
from core.errors import NotFound
from core.web.answers import found, page
from core.web.context import moment
from core.web.listing import Listing, one_of
from core.web.panels import Panel
from leads.trunk import bar
from opportunities.actions import visible
from opportunities.models import Opportunity
from opportunities.rules import OPEN, Stage
from opportunities.views import is_masked, story
from orders import approvals, money_panels, panels, permissions, selectors, services, states
from orders.actions import address, visible_order
from orders.filters import OrderFilters
from orders.models import Order
from orders.querysets import OrderQuerySet
from orders.rules import BEFORE_SIGNATURE, SIGNED, Balance, State
from outreach.models import Message

ORDERS = {"created_at": "created_at", "signed_on": "signed_on", "total": "total", "ends_on": "ends_on"}
SHOWN_STATES = (State.DRAFT, State.SIGNED, State.IN_FORCE)
MONEY = ("pay", "refund", "schedule")
DUES = ("open", "overdue")
PEOPLE = 60


@page
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """Contracts and orders by state, with sums; what is chosen lies in the URL."""
    seen = Order.objects.visible_to(request.user)
    if seen.query.distinct:
        seen = Order.objects.filter(pk__in=seen.order_by().values("pk"))
    today = clock.firm_day(moment(request))
    rows = _narrowed(request, seen, ("state", "owner", "q")).with_money(today)
    same = _narrowed(request, seen, ("owner", "q"))
    due = one_of(request, "due", DUES)
    if due:
        rows = rows.filter(**{f"{due}__gt": 0})
    counts = dict(same.order_by().values_list("state").annotate(n=Count("pk")))
    context = {
        "listing": Listing(request, selectors.for_lists(rows), ORDERS, "-created_at"),
        "states": [
            (code, State(code).label, counts.get(code, 0))
            for code in State.values
            if code in SHOWN_STATES or counts.get(code)
        ],
        "figures": _figures(today, same),
        "may_import": permissions.may_import_receipts(request.user),  # type: ignore[arg-type]
        "q": request.GET.get("q", ""),
        "owners": _owners(request, seen),
    }
    return render(request, "orders/orders.html", context)


def _narrowed(request: HttpRequest, rows: OrderQuerySet, names: tuple[str, ...]) -> OrderQuerySet:
    data = {name: request.GET[name].replace("\x00", "") for name in names if request.GET.get(name)}
    if data.get("owner") == "me":
        data["owner"] = request.user.login
    chosen = OrderFilters(data, queryset=rows, request=request)
    if not chosen.is_valid():
        right = {name: value for name, value in data.items() if name not in chosen.form.errors}
        chosen = OrderFilters(right, queryset=rows, request=request)
    return chosen.qs


def _figures(today: date, rows: OrderQuerySet) -> dict[str, Any]:
    """What was signed, this month and in all, what waits for a signature, and what is to be paid."""
    first = today.replace(day=1)
    signed, waits = Q(state__in=SIGNED), Q(state__in=BEFORE_SIGNATURE)
    month = signed & Q(signed_on__gte=first)
    return (
        rows.with_money(today)
        .order_by()
        .aggregate(
            open_sum=Sum("open"),
            late=Count("pk", filter=Q(overdue__gt=0)),
            late_sum=Sum("overdue"),
            signed=Count("pk", filter=signed),
            signed_sum=Sum("total", filter=signed),
            month=Count("pk", filter=month),
            month_sum=Sum("total", filter=month),
            waits=Count("pk", filter=waits),
            waits_sum=Sum("total", filter=waits),
        )
    )


def _owners(request: HttpRequest, seen: OrderQuerySet) -> list[User]:
    """Whom one can narrow to, for who sees more than the own."""
    if not request.user.wears(Hat.MANAGER, Hat.MARKETER, Hat.ADMIN, Hat.SUCCESS, Hat.SERVICE):  # type: ignore[union-attr]
        return []
    return list(User.objects.filter(pk__in=seen.order_by().values("owner"))[:PEOPLE])


@page
@require_GET
def order(request: HttpRequest, pk: Any) -> HttpResponse:
    """One contract: its lines, what it comes to, what is paid, what comes next."""
    at = moment(request)
    today = clock.firm_day(at)
    rows = selectors.for_lists(Order.objects.visible_to(request.user).with_money(today))
    row = found(rows.select_related("submitted_by", "quote"), pk)
    balance = Balance(row.total, row.paid, row.open, row.overdue, row.covered)  # type: ignore[attr-defined]
    chance = _next_chance(row, request.user)
    masked = is_masked(row.contact_id)
    context = {
        "order": row,
        "company": row.company,
        "contact": row.contact,
        "signed": row.state in SIGNED,
        **_paper(row),
        "states": states.bar(row),
        "approval": _approval(row, request.user),
        "balance": balance,
        "money_acts": money_panels.of_money(row, request.user, balance),
        "parts": selectors.parts_of(row, balance, today),
        "payments": list(row.payments.select_related("by")),
        "papers": list(row.documents.defer("data").select_related("by")),
        "may_book": permissions.may_book(request.user, row),  # type: ignore[arg-type]
        "thanks": Message.objects.filter(about_id=row.pk, kind="thank_you").first()
        if row.signed_on
        else None,
        "opens_in": (chance.active_on - today).days if chance and chance.active_on else None,
        "firm": rulebook.get("firm_name"),
        "next_chance": chance,
        "bar": bar(row.contact_id) if row.contact_id else None,
        "acts": panels.of_order(row, request.user),
        "entries": story(row.contact_id, row.company_id, masked, request.user),
    }
    return render(request, "orders/order.html", context)


def _paper(row: Order) -> dict[str, Any]:
    """What the lines of a contract come to, as it is printed."""
    lines = list(row.lines.all())
    come_to = sum((line.total for line in lines), Decimal(0))
    # The discount on all is what the lines lose on the way to the price, with or without the tax.
    return {
        "lines_sum": come_to,
        "off": come_to - (row.total if row.with_tax else row.net),
        "discounted": any(line.discount for line in lines),
        "by_period": any(line.basis != Basis.ONCE for line in lines),
    }


def _approval(row: Order, user: Any) -> dict[str, Any]:
    """Why a manager has to agree and who it waits for, or what a manager said (R9.2)."""
    if row.state == State.IN_APPROVAL and services.must_be_approved(row):
        names = approvals.names_of(services.deciders_of(row))
        return {"reasons": approvals.reasons(row), "waits_for": names, "asked": True}
    if row.state == State.DRAFT and services.must_be_approved(row):
        return {"reasons": approvals.reasons(row)}
    return {}


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
    known |= {panel.name: panel for panel in _money(row, request)} if name in MONEY else {}
    if name not in known:
        raise NotFound
    chosen = known[name]
    if not chosen.template:
        return redirect(address(pk))
    context = {"order": row, "panel": chosen, **(chosen.build() if chosen.build else {})}
    if not request.htmx:
        return render(request, "orders/do.html", context)
    return render(request, chosen.template, context)


def _money(row: Order, request: HttpRequest) -> list[Panel]:
    balance = services.balances([row], clock.firm_day(moment(request)))[row.pk]
    return money_panels.of_money(row, request.user, balance, request.GET.get("split", ""))


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
