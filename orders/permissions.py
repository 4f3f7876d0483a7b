"""Who may do what to an order."""

from __future__ import annotations

from accounts.models import Hat, User
from accounts.permissions import manages
from orders.models import Order
from orders.rules import SIGNED


def may_work(user: User, order: Order) -> bool:
    """The owner, or a manager above."""
    return order.owner_id == user.pk or manages(user, order.team_id)


def may_decide(user: User, order: Order) -> bool:
    """A manager of the owner's team or above; nobody what is their own or what they submitted (R9.2)."""
    if user.pk in (order.owner_id, order.submitted_by_id):
        return False
    return manages(user, order.team_id)


def may_book(user: User, order: Order) -> bool:
    """Payments and papers: who works on it, whose customer it is now (the seller may have left), and success."""
    theirs = order.state in SIGNED and order.company.owner_id == user.pk and user.wears(Hat.REP)
    return theirs or may_work(user, order) or user.wears(Hat.SUCCESS)


def may_import_receipts(user: User) -> bool:
    """The bank's list touches everybody's orders: managers and administrators book it."""
    return user.wears(Hat.MANAGER, Hat.ADMIN)
