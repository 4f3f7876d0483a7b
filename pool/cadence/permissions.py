"""Who may see and who may change cadences: the button and the verb ask the same predicate."""

from __future__ import annotations

from accounts.models import Hat, User


def may_edit(user: User) -> bool:
    """Marketing owns the cadences; an administrator may as well (R10.10)."""
    return user.wears(Hat.MARKETER, Hat.ADMIN)


def may_see(user: User) -> bool:
    """Managers read along."""
    return may_edit(user) or user.wears(Hat.MANAGER)
