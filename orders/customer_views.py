"""Pages of customers: the list, what comes next with them, one of them (Customer 360)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.views.decorators.http import require_GET

from accounts.models import Hat, User
from contacts.models import Company
from core import clock, hooks
from core.web.answers import found, page
from core.web.context import moment
from core.web.listing import Listing, one_of
from orders import customer_page, customers
from orders.customer_filters import ChanceFilters, CustomerFilters

CUSTOMERS = {
    "name": "name",
    "ordered": "ordered",
    "next_on": "next_on",
    "touched_at": "touched_at",
    "customer_since": "customer_since",
}
NEXT = {"active_on": "active_on", "term_ends": "term_ends", "amount": "amount", "company": "company__name"}
DUES = ("open", "overdue")
CHANCES = ("open", "scheduled", "none")
SEE_MORE = (Hat.MANAGER, Hat.MARKETER, Hat.ADMIN, Hat.SUCCESS, Hat.SERVICE)
PEOPLE = 60


@page
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Companies with a signed order; what is chosen lies in the URL."""
    user: User = request.user  # type: ignore[assignment]
    at = moment(request)
    today = clock.firm_day(at)
    seen = customers.customers_of(user)
    same = _chosen(CustomerFilters, request, seen, ("owner", "q"))
    rows = same
    if due := one_of(request, "due", DUES):
        rows = customers.owing(rows, user, today, due)
    if chance := one_of(request, "chance", CHANCES):
        rows = customers.with_chance(rows, user, chance)
    listing = Listing(request, customers.with_figures(rows, user), CUSTOMERS, "name")
    known = customers.rows_of(listing, user, today)
    marks = hooks.customer_marks.merged(list(listing), user, at)
    context = {
        "listing": listing,
        "rows": [(company, known[company.pk], marks.get(company.pk, [])) for company in listing],
        "figures": customers.figures(same, user, today),
        "q": request.GET.get("q", ""),
        "owners": _owners(user, seen),
    }
    return render(request, "customers/customers.html", context)


@page
@require_GET
def chances(request: HttpRequest) -> HttpResponse:
    """What is scheduled, and what has opened: renewals, repurchases, upsells (R9.4)."""
    user: User = request.user  # type: ignore[assignment]
    seen = customers.next_chances(user)
    rows = _chosen(ChanceFilters, request, seen, ("kind", "owner", "state", "month", "q"))
    same = _chosen(ChanceFilters, request, seen, ("owner", "month", "q"))
    context = {
        "listing": Listing(request, rows, NEXT, "active_on"),
        "figures": customers.counted(same),
        "months": [
            {"code": f"{month:%Y-%m}", "name": formats.date_format(month, "YEAR_MONTH_FORMAT")}
            for month, _n in customers.opening(
                _chosen(ChanceFilters, request, seen, ("kind", "owner", "state", "q"))
            )
        ],
        "today": clock.firm_day(moment(request)),
        "q": request.GET.get("q", ""),
        "owners": _owners(user, seen),
    }
    return render(request, "customers/chances.html", context)


def _chosen(filters: Any, request: HttpRequest, rows: QuerySet[Any], names: tuple[str, ...]) -> QuerySet[Any]:
    """The rows that the URL asks for; a value that cannot be one is forgiven where the API refuses."""
    data = {name: request.GET[name].replace("\x00", "") for name in names if request.GET.get(name)}
    if data.get("owner") == "me":
        data["owner"] = request.user.login  # type: ignore[union-attr]
    chosen = filters(data, queryset=rows, request=request)
    if not chosen.is_valid():
        right = {name: value for name, value in data.items() if name not in chosen.form.errors}
        chosen = filters(right, queryset=rows, request=request)
    return chosen.qs


def _owners(user: User, seen: QuerySet[Any]) -> list[User]:
    """Whom one can narrow to, for who sees more than the own."""
    if not user.wears(*SEE_MORE):
        return []
    return list(User.objects.filter(pk__in=seen.order_by().values("owner"))[:PEOPLE])


@page
@require_GET
def customer(request: HttpRequest, pk: Any) -> HttpResponse:
    """Customer 360: the company, and all that this person may see of it, composed when it is read."""
    user: User = request.user  # type: ignore[assignment]
    company = found(Company.objects.visible_to(user).select_related("owner__team"), pk)
    context = customer_page.context_of(company, user, moment(request), request.GET.get("before", ""))
    return render(request, "customers/customer.html", context)
