"""Discounts and other terms on the Approvals page: what waits, what was decided, and why it has to be (R9.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.models import User
from core import rulebook
from core.models import Event, EventText
from core.web import words
from core.web.approvals import Section
from orders.models import Order
from orders.rules import SIGNED

KIND = "discount"
SHOWN = 60
DAY = timedelta(days=1)


@dataclass
class Case:
    """A contract that waits for a manager's word, with what is needed to decide."""

    order: Order
    days: int
    orders: int = 0
    orders_sum: Decimal = Decimal(0)
    kind: str = KIND
    template: str = "orders/approvals/case.html"
    ends: datetime | None = None

    @property
    def pk(self) -> Any:
        """The id of the contract."""
        return self.order.pk

    @property
    def asker(self) -> User:
        """Who asked."""
        return self.order.submitted_by or self.order.owner

    @property
    def asked_at(self) -> datetime:
        """When it was asked."""
        return self.order.submitted_at or self.order.created_at

    @property
    def why(self) -> list[str]:
        """Why a manager has to agree."""
        return reasons(self.order)


def plain(percent: Decimal) -> str:
    """A percentage without idle zeros."""
    return f"{percent.normalize():f}"


def reasons(order: Order) -> list[str]:
    """Why this contract needs a manager's word, in words: what is off the list against the limit, other terms (R9.2)."""
    limit = Decimal(rulebook.get("discount_limit"))
    found = []
    if order.is_over(limit):
        known = {"off": plain(order.reduction), "limit": plain(limit)}
        found.append(
            _("%(off)s %% less than the list prices: over %(limit)s %% a manager has to approve.") % known
        )
    if order.other_terms.strip():
        found.append(_("Its terms are not the standard ones: a manager has to approve."))
    return found


def waiting(user: User, at: datetime) -> list[Case]:
    """All contracts that this person may decide, the one that waits longest first; a fixed number of queries."""
    rows = Order.objects.for_decision_by(user).select_related(
        "company", "contact", "owner", "submitted_by", "opportunity"
    )
    listed = list(rows.prefetch_related("lines__product").order_by("submitted_at", "id")[:SHOWN])
    bought = Order.objects.filter(company__in={row.company_id for row in listed}, state__in=SIGNED)
    sums = {
        company: (n, total)
        for company, n, total in bought.order_by()
        .values_list("company")
        .annotate(n=Count("pk"), total=Sum("total"))
    } if listed else {}  # fmt: skip
    found = []
    for row in listed:
        n, total = sums.get(row.company_id, (0, Decimal(0)))
        found.append(Case(row, (at - (row.submitted_at or row.created_at)) // DAY, n, total))
    return found


def ids(user: User) -> QuerySet[Any]:
    """What waits for this person, for the count."""
    return Order.objects.for_decision_by(user).order_by().values("pk")


def decided(user: User, most: int) -> list[dict[str, Any]]:
    """What was decided of what this person may see, latest first; told from the events, since a draft is changed on."""
    seen = Order.objects.visible_to(user).order_by().values("pk")
    rows = Event.objects.filter(subject_type="order", verb__in=["approved", "rejected"], subject_id__in=seen)
    events = list(rows.exclude(data__has_key="standard").order_by("-at", "-id")[:most])
    orders = Order.objects.select_related("company", "submitted_by", "owner")
    known = orders.in_bulk({event.subject_id for event in events})
    people = User.objects.in_bulk({event.by_id for event in events})
    said = EventText.objects.filter(event__in=[event.pk for event in events], field="comment")
    comments = dict(said.values_list("event_id", "new"))
    return [_row(event, known[event.subject_id], people, comments.get(event.pk, "")) for event in events]


def _row(event: Event, order: Order, people: dict[Any, User], comment: str) -> dict[str, Any]:
    agreed = event.verb == "approved"
    return {
        "kind": KIND,
        "title": order.company.name,
        "note": order.number,
        "url": reverse("orders:order", args=[order.pk]),
        "asker": order.submitted_by or order.owner,
        "said": words.listed([words.percent(order.reduction), *filter(None, [order.other_terms])]),
        "result": _("approved") if agreed else _("rejected"),
        "lost": not agreed,
        "at": event.at,
        "by": people.get(event.by_id),
        "comment": comment,
    }


def section() -> Section | None:
    """Discounts on the Approvals page, while the branch is on (R9.2)."""
    if not rulebook.get("order_approval"):
        return None
    return Section(KIND, lazy("Discounts"), waiting, decided, ids)


def names_of(people: Iterable[User]) -> str:
    """Whom a contract waits for, in words."""
    return words.listed([person.name for person in people][:3]) or _("an administrator")
