"""The bank's list of receipts: brought, looked at with what fits which order, then booked (R9.3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.errors import FieldError, Forbidden, RuleRefused
from core.web.answers import Done, action, cleaned, found, page
from core.web.context import moment
from intake.api import on_disk
from intake.reading.limits import MAX_BYTES
from intake.reasons import words
from orders import money_forms, permissions, services
from orders.actions import who
from orders.models import BankImport, BankRow, Order
from orders.rules import SIGNED, Balance

SHOWN = 20
# How many orders the box of choices offers; any other number can be typed.
OFFERED = 300
Fit = BankRow.Fit


def index(request: HttpRequest) -> HttpResponse:
    """The page of bank lists; a file posted to it is read."""
    return start(request) if request.method == "POST" else home(request)


@page
def home(request: HttpRequest) -> HttpResponse:
    """A place to drop the bank's list, and the lists so far."""
    rows = _lists(request).annotate(count=Count("rows"), booked=Count("rows__payment"))
    context = {"form": money_forms.BankForm(), "lists": list(rows.select_related("by")[:SHOWN])}
    return render(request, "orders/receipts.html", context)


def _lists(request: HttpRequest) -> QuerySet[BankImport]:
    """The own lists, for an administrator all. Raises Forbidden."""
    user: Any = request.user
    if not permissions.may_import_receipts(user):
        raise Forbidden(detail=_("Managers and administrators book bank statements."))
    return BankImport.objects.all() if user.wears("admin") else BankImport.objects.filter(by=user)


@action
def start(request: HttpRequest) -> Done:
    """Read a list; nothing is booked before the person says so."""
    _lists(request)
    file = cleaned(money_forms.BankForm(request.POST, request.FILES))["file"]
    if file.size > MAX_BYTES:
        message = words("file_too_large", {"limit": MAX_BYTES // 2**20})
        raise RuleRefused(errors=[FieldError("file", "file_too_large", message)])
    with on_disk(file) as path:
        made = services.read_bank_list(path, name=file.name or "", by=who(request))
    return Done(_("Read. Nothing is booked yet."), url=_address(made.pk))


@page
def one(request: HttpRequest, pk: Any) -> HttpResponse:
    """One list: what fits which order and why, to be ticked; afterwards what became of each row."""
    made = found(_lists(request).select_related("by"), pk)
    rows = list(made.rows.select_related("order__company", "payment"))
    today = clock.firm_day(moment(request))
    left = services.balances({row.order for row in rows if row.order}, today)
    context = {
        "list": made,
        "rows": [_row(row, made, left) for row in rows],
        "counts": {fit.value: sum(row.fit == fit for row in rows) for fit in Fit},
        "booked": sum(row.payment_id is not None for row in rows),
        "fitting": sum(row.order_id is not None and row.fit in (Fit.NUMBER, Fit.PAYER) for row in rows),
        "orders": _offered(request, today, rows) if made.booked_at is None else [],
    }
    return render(request, "orders/receipt_list.html", context)


def _row(row: BankRow, made: BankImport, left: dict[Any, Balance]) -> dict[str, Any]:
    """A row as it is drawn: ticked where something fits, never where it was booked before; `left` is what is open."""
    open_ = made.booked_at is None and row.fit not in (Fit.KNOWN, Fit.WRONG)
    found = left[row.order_id].open if open_ and row.order_id else None
    more = found is not None and row.amount is not None and row.amount > found
    return {
        "row": row,
        "open": open_,
        "ticked": open_ and row.order_id is not None,
        "left": found,
        "more": more,
    }


def _offered(request: HttpRequest, today: date, rows: list[BankRow]) -> list[Order]:
    """Orders to choose from: what is open, what fits first."""
    seen = Order.objects.visible_to(request.user).filter(state__in=SIGNED)  # type: ignore[arg-type]
    waiting = seen.with_money(today).filter(open__gt=0).select_related("company")
    return list(waiting.order_by("-signed_on", "-id")[:OFFERED])


@action
def book(request: HttpRequest, pk: Any) -> Done:
    """Book what is ticked; every row answers for itself."""
    made = found(_lists(request), pk)
    known = {str(pk) for pk in made.rows.values_list("pk", flat=True)}
    ticked = [key for key in request.POST.getlist("row") if key in known]
    numbers = {key: request.POST.get(f"order-{key}", "").split(" ")[0].strip() for key in ticked}
    wanted = Order.objects.visible_to(request.user).filter(number__in=set(numbers.values()))  # type: ignore[arg-type]
    ids = dict(wanted.values_list("number", "pk"))
    missing = [
        FieldError(
            f"order-{key}", "unknown", _("Which order? There is no “%(value)s”.") % {"value": number[:20]}
        )
        for key, number in numbers.items()
        if number not in ids
    ]
    if missing:
        raise RuleRefused(errors=missing)
    answers = services.book_rows(made, chosen={key: ids[n] for key, n in numbers.items()}, by=who(request))
    done = sum(error is None for _row, error in answers)
    text = ngettext("%(n)s payment is booked.", "%(n)s payments are booked.", done) % {"n": done}
    if done < len(answers):
        failed = len(answers) - done
        text += " " + ngettext("%(n)s was refused.", "%(n)s were refused.", failed) % {"n": failed}
    return Done(text, url=_address(made.pk))


def _address(pk: Any) -> str:
    return reverse("orders:receipt_list", args=[pk])
