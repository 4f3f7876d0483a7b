"""What notices about a contract or an order say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.models import Hat
from core.web.notices import Called, named, notice
from core.web.words import money
from orders.approvals import plain
from orders.models import Order

Data = dict[str, Any]
DECIDERS, OWNERS = (Hat.MANAGER, Hat.ADMIN), (Hat.REP,)


def names(ids: list[Any], user: Any) -> dict[Any, Called]:
    """The company and the number, for who sees the order."""
    rows = Order.objects.visible_to(user).filter(pk__in=ids).select_related("company")
    return {
        row.pk: Called(name=row.company.name, note=row.number, url=reverse("orders:order", args=[row.pk]))
        for row in rows
    }


def _name(name: str) -> str:
    return name or _("a customer")


def _asked(data: Data, name: str) -> str:
    known = {"name": _name(name), "amount": money(data.get("total"))}
    if not data.get("reduction"):
        return _("Your approval is needed: contract with %(name)s") % known
    known["off"] = plain(Decimal(data["reduction"]))
    return _("Your approval is needed: %(name)s, %(amount)s, %(off)s %% off the list prices") % known


def _agreed(data: Data, name: str) -> str:
    return _("Approved: the contract with %(name)s may be signed") % {"name": _name(name)}


def _rejected(data: Data, name: str) -> str:
    return _("Sent back: the contract with %(name)s has to change") % {"name": _name(name)}


def _by_hand(data: Data, name: str) -> str:
    return _("Thank %(name)s for the order yourself: no e-mail may be sent there") % {"name": _name(name)}


def declare() -> None:
    """Tell core.web.notices."""
    named("order", names)
    branch = {"branch": "order_approval"}
    label = lazy("A discount waits for your approval")
    notice("approval_asked", "signature", label, _asked, hats=DECIDERS, **branch)
    label = lazy("A discount was approved")
    notice("approval_approved", "check", label, _agreed, hats=OWNERS, **branch)
    label = lazy("A discount was rejected")
    notice("approval_rejected", "arrow-back-up", label, _rejected, hats=OWNERS, **branch)
    label = lazy("A thank-you is to be said by hand")
    notice("thank_by_hand", "mail", label, _by_hand, hats=OWNERS)
