"""Who may do what to an order."""

from __future__ import annotations

from accounts.models import User
from accounts.permissions import manages
from orders.models import Order


def may_work(user: User, order: Order) -> bool:
    """The owner, or a manager above."""
    return order.owner_id == user.pk or manages(user, order.team_id)
