"""What notices about an opportunity say, and what a customer who comes again is offered (R1.3)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.models import Hat
from core.web.notices import Called, Offer, named, notice, offered
from core.web.phrases import chosen
from opportunities.models import Opportunity
from opportunities.phrases import spoken_day
from opportunities.rules import Kind

AGAIN = (Kind.UPSELL, Kind.REPURCHASE)


def names(ids: list[Any], user: Any) -> dict[Any, Called]:
    """The company and the person, for who sees the opportunity."""
    rows = Opportunity.objects.visible_to(user).filter(pk__in=ids).select_related("company", "contact")
    return {
        row.pk: Called(
            name=row.company.name,
            note=str(row.contact or ""),
            url=reverse("opportunities:opportunity", args=[row.pk]),
        )
        for row in rows
    }


def _next_chance(data: dict[str, Any], name: str) -> str:
    known = {"kind": chosen(Kind.choices, data.get("kind", "")), "name": name or _("a customer")}
    return _("The time has come: %(kind)s with %(name)s") % known


def _presales_asked(data: dict[str, Any], name: str) -> str:
    known = {"name": name or _("a customer"), "day": spoken_day(data.get("due_on"))}
    return _("A solution for %(name)s is needed by %(day)s") % known


def _presales_answered(data: dict[str, Any], name: str) -> str:
    return _("Presales answered: %(name)s") % {"name": name or _("a customer")}


def _again(row: Any) -> list[Offer]:
    """Upsell and repurchase in one click, with the facts of the last order."""
    company = row.data.get("company")
    if not company:
        return []
    url = reverse("opportunities:again", args=[company])
    return [Offer(kind.label, url, {"kind": kind.value}) for kind in AGAIN]


def declare() -> None:
    """Tell core.web.notices."""
    named("opportunity", names)
    hats = (Hat.REP, Hat.SUCCESS)
    notice("next_chance", "rotate", lazy("The next chance with a customer opens"), _next_chance, hats=hats)
    notice(
        "presales_asked", "message-circle", lazy("Presales is asked for help"), _presales_asked,
        hats=(Hat.PRESALES,), branch="presales",
    )  # fmt: skip
    notice(
        "presales_answered", "message", lazy("Presales has answered"), _presales_answered,
        hats=(Hat.REP,), branch="presales",
    )  # fmt: skip
    offered("customer_arrived", _again)
