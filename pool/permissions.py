"""Who may do what in the pool: the button and the verb ask the same predicate."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Hat, User
from leads.models import Lead
from leads.rules import Reason, State


def may_hand_out(user: User) -> bool:
    """Marketing hands pool leads on; an administrator may as well (R10.5)."""
    return user.wears(Hat.MARKETER, Hat.ADMIN)


def on_marketings_desk(lead: Lead, at: datetime) -> bool:
    """A returned MQL whose days for marketing are not over (R4.2)."""
    if lead.state != State.POOLED or lead.pool_reason != Reason.RETURNED:
        return False
    return lead.next_touch_at is not None and lead.next_touch_at > at
