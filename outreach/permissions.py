"""Who may do what about reaching people: the button and the verb ask the same predicate."""

from __future__ import annotations

from accounts.models import Hat, User
from core.errors import Forbidden


def may_look(user: User) -> bool:
    """Marketing's work is read by managers, too, and by other programs."""
    return user.wears(Hat.MARKETER, Hat.MANAGER, Hat.ADMIN, Hat.INTEGRATION)


def may_edit(user: User) -> bool:
    """Marketing and administrators write campaigns and templates, and start mailings."""
    return user.wears(Hat.MARKETER, Hat.ADMIN)


def require_reader(user: User) -> None:
    """Raises Forbidden for who may not look."""
    if not may_look(user):
        raise Forbidden()


def require_editor(user: User) -> None:
    """Raises Forbidden for who may not write."""
    if not may_edit(user):
        raise Forbidden()


def may_set_up(user: User) -> bool:
    """Administrators set channels up: they hold the keys."""
    return user.wears(Hat.ADMIN)


def require_admin(user: User) -> None:
    """Raises Forbidden for who does not set channels up."""
    if not may_set_up(user):
        raise Forbidden()
