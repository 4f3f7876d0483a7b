"""What is read of orders."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from orders import permissions
from orders.models import Order, OrderLine
from orders.rules import SIGNED, Balance, State
from orders.services.approving import must_be_approved


def for_lists(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Orders with all that a row shows, in a fixed number of queries."""
    lines = OrderLine.objects.select_related("product")
    return rows.select_related(
        "company", "contact", "owner", "team", "opportunity", "decided_by"
    ).prefetch_related(Prefetch("lines", queryset=lines), "instalments")


def allowed_actions(row: Order, user: User) -> list[str]:
    """The actions this user may take on an order now."""
    actions = []
    if permissions.may_work(user, row):
        if row.state == State.DRAFT:
            actions += ["edit", "submit", "cancel"]
            if not must_be_approved(row):
                actions.append("sign")
        elif row.state == State.APPROVED:
            actions += ["edit", "sign", "cancel"]
        elif row.state == State.IN_APPROVAL:
            actions += ["cancel"] if must_be_approved(row) else ["submit", "sign", "cancel"]
        elif row.state in (State.SIGNED, State.IN_FORCE):
            actions.append("terminate")
    if row.state == State.IN_APPROVAL and permissions.may_decide(user, row):
        actions += ["approve", "reject"]
    if row.state in SIGNED and permissions.may_book(user, row):
        actions.append("pay")
    return actions


def parts_of(row: Order, balance: Balance, today: date) -> list[dict[str, Any]]:
    """The schedule, each part with what of it is covered: what came in pays the earliest first (R9.3)."""
    left = balance.covered
    asked_until = min(today, row.terminated_on + timedelta(days=1)) if row.terminated_on else today
    found = []
    for part in row.instalments.all():
        covered = max(min(left, part.amount), Decimal(0))
        left -= covered
        open_ = part.amount - covered
        late = row.state in SIGNED and open_ > 0 and part.due_on < asked_until
        found.append({"part": part, "covered": covered, "open": open_, "late": late})
    return found
