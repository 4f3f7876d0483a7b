"""What orders add to the shell and to an opportunity's page."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat
from contacts.search import words
from core import hooks
from core.web.nav import Entry, Hit
from core.web.today import todos as today
from opportunities import panels as opportunity_panels
from orders import approvals, customer_pages, notices, panels, phrases, todo
from orders.models import Order
from orders.rules import BEFORE_SIGNATURE

SEERS = (Hat.REP, Hat.MANAGER, Hat.MARKETER, Hat.SUCCESS, Hat.SERVICE, Hat.ADMIN)


def places(user: Any) -> list[Entry]:
    """Orders, with the contracts that wait for a signature."""
    if not user.wears(*SEERS):
        return []
    rows = Order.objects.filter(state__in=BEFORE_SIGNATURE)
    rows = rows.filter(owner=user) if user.wears(Hat.REP) else rows.visible_to(user)
    return [Entry("orders", _("Orders"), "orders:list", "file-certificate", 60, count=rows)]


def search(user: Any, text: str, limit: int) -> list[Hit]:
    """Orders by number, company, person."""
    fits = words(text, "contact__", "company__") | Q(number__icontains=text)
    rows = Order.objects.visible_to(user).filter(fits).select_related("company")
    return [
        Hit(
            title=f"{row.number} {row.company.name}",
            url=reverse("orders:order", args=[row.pk]),
            icon="file-certificate",
            kind=row.get_state_display(),
        )
        for row in rows.order_by("-created_at", "-id")[:limit]
    ]


hooks.nav.register(places)
hooks.nav.register(customer_pages.places)
hooks.search.register(search)
hooks.search.register(customer_pages.search)
opportunity_panels.more.register(panels.of_opportunity)
opportunity_panels.parts.register(panels.beside_opportunity)
hooks.approvals.register(approvals.section)
today.register(todo.todos)
phrases.declare()
customer_pages.declare()
notices.declare()
