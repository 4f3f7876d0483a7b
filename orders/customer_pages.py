"""What customers add to the shell: their place, search, what the timeline says of a company."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.models import Hat
from contacts.models import Company
from core.web.nav import Entry, Hit
from core.web.phrases import phrase
from opportunities.models import Opportunity
from orders import customers

SEERS = (Hat.REP, Hat.MANAGER, Hat.MARKETER, Hat.SUCCESS, Hat.SERVICE, Hat.ADMIN)


def places(user: Any) -> list[Entry]:
    """Customers, with the next chances that are open: the own for a rep, else all that one sees."""
    if not user.wears(*SEERS):
        return []
    rows = Opportunity.objects.open().filter(kind__in=customers.NEXT_KINDS)
    rows = rows.filter(owner=user) if user.wears(Hat.REP) else rows.visible_to(user)
    return [Entry("customers", lazy("Customers"), "orders:customers", "building", 70, count=rows)]


def search(user: Any, text: str, limit: int) -> list[Hit]:
    """Companies by name: customers first."""
    rows = Company.objects.visible_to(user).filter(name__holds=text)
    return [
        Hit(
            title=row.name,
            url=reverse("orders:customer", args=[row.pk]),
            icon="building",
            note=row.region,
            kind=_("customer") if row.customer_since else _("company"),
        )
        for row in rows.order_by("customer_since", "name", "pk")[:limit]
    ]


def _changed(data: dict[str, Any], names: dict[str, str]) -> str:
    owner = data.get("owner")
    if isinstance(owner, list) and len(owner) == 2 and names.get(str(owner[1])):
        return _("The customer is with %(name)s now") % {"name": names[str(owner[1])]}
    return _("Company's details changed")


def declare() -> None:
    """Tell core.web.phrases."""
    phrase("company_made", "building", lazy("Company added"))
    phrase("company_changed", "building", _changed)
