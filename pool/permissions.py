"""Who may do what in the pool: the button and the verb ask the same predicate."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Hat, User
from contacts.querysets import ALL_SEEING
from core import rulebook
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


def may_see_leaving(user: User) -> bool:
    """Whoever loses something, and who looks after them or after the pool (R10.8)."""
    return user.wears(Hat.REP, Hat.MANAGER, *ALL_SEEING)


def may_see_fairness(user: User) -> bool:
    """A manager of the teams below, marketing and administrators; nobody while the branch is off (R10.9)."""
    return bool(rulebook.get("fairness")) and user.wears(Hat.MANAGER, *ALL_SEEING)
