"""The posts of payments and papers: load → form → verb → answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.errors import NotFound
from core.web.answers import Done, action, cleaned, found, page
from core.web.words import money
from opportunities.actions import placed
from orders import forms, money_forms, services
from orders.actions import actionable_order, address, seen_version, visible_order, who
from orders.models import Document, Order


@action
def schedule(request: HttpRequest, pk: Any) -> Done:
    """When which part is due (R9.3)."""
    order = actionable_order(request, pk)
    parts = money_forms.Parts(request.POST, prefix="parts")
    if not parts.management_form.is_valid():
        cleaned(parts.management_form)
    for form in parts.forms:
        cleaned(form)
    listed, places = money_forms.parts_in(parts)
    placed("parts", places, lambda: services.set_instalments(order, parts=listed, by=who(request)))
    text = _("The schedule is saved.") if listed else _("There is no schedule now.")
    return Done(text, url=address(pk))


@action
def pay(request: HttpRequest, pk: Any) -> Done:
    """Money came in (R9.3)."""
    order = actionable_order(request, pk)
    data = cleaned(money_forms.PaymentForm(request.POST))
    payment = services.pay(order, by=who(request), seen=seen_version(request), **data)
    return Done(_("Booked: %(amount)s received.") % _amount(payment), url=address(pk))


@action
def refund(request: HttpRequest, pk: Any) -> Done:
    """Money went back (R9.3)."""
    order = actionable_order(request, pk)
    data = cleaned(money_forms.PaymentForm(request.POST))
    payment = services.refund(order, by=who(request), seen=seen_version(request), **data)
    return Done(_("Booked: %(amount)s paid back.") % _amount(payment), url=address(pk))


def _amount(payment: Any) -> dict[str, str]:
    return {"amount": money(payment.amount, payment.order.currency)}


@action
def upload(request: HttpRequest, pk: Any) -> Done:
    """A scan is kept with the order (R9.1)."""
    order = actionable_order(request, pk)
    data = cleaned(forms.FileForm(request.POST, request.FILES))
    document = services.add_document(order, file=data["file"], by=who(request))
    return Done(_("Kept: %(name)s.") % {"name": document.name}, url=address(pk))


@action
def remove(request: HttpRequest, pk: Any, document: Any) -> Done:
    """A file that does not belong here is taken away."""
    row = _document(actionable_order(request, pk), document)
    services.remove_document(row, by=who(request))
    return Done(_("Removed: %(name)s.") % {"name": row.name}, url=address(pk))


@page
@require_safe
def download(request: HttpRequest, pk: Any, document: Any) -> HttpResponse:
    """The file, for who may see the order; it is taken home and never shown as a page of ours (R15.2)."""
    row = found(Document.objects.filter(order=visible_order(request, pk)), document)
    answer = HttpResponse(bytes(row.data), content_type=row.content_type)
    answer["Content-Disposition"] = content_disposition_header(True, row.file_name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _document(order: Order, pk: Any) -> Document:
    row = order.documents.defer("data").filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row
