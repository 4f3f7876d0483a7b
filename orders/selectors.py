"""What is read of orders."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from orders import permissions
from orders.models import Order, OrderLine
from orders.rules import BEFORE_SIGNATURE, State


def for_lists(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Orders with all that a row shows, in a fixed number of queries."""
    lines = OrderLine.objects.select_related("product")
    return rows.select_related("company", "contact", "owner", "team", "opportunity").prefetch_related(
        Prefetch("lines", queryset=lines)
    )


def allowed_actions(row: Order, user: User) -> list[str]:
    """The actions this user may take on an order now."""
    if not permissions.may_work(user, row):
        return []
    if row.state == State.DRAFT:
        return ["edit", "sign", "cancel"]
    if row.state == State.APPROVED:
        return ["sign", "cancel"]
    return ["cancel"] if row.state in BEFORE_SIGNATURE else []
