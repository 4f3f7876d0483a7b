"""Small predicates over people: the button and the verb ask the same one."""

from __future__ import annotations

from typing import Any

from accounts.models import Hat, Team, User


def team_ids(user: User) -> list[Any]:
    """The teams a manager manages: the own one and all below (R15.2); nobody else manages any."""
    if not user.wears(Hat.MANAGER) or user.team_id is None:
        return []
    held = getattr(user, "_team_ids", None)
    if held is None:
        held = Team.objects.all().at_or_below(user.team_id)
        user._team_ids = held  # type: ignore[attr-defined]
    return held


def manages(user: User, team_id: Any) -> bool:
    """Whether the user is a manager of this team or above it; an administrator stands above every team."""
    return user.wears(Hat.ADMIN) or (team_id is not None and team_id in team_ids(user))


def may_manage_people(user: User) -> bool:
    """Administrators make and change people."""
    return user.wears(Hat.ADMIN)


def may_edit_person(user: User, person: User) -> bool:
    """An administrator changes everybody; a manager the own people but for administrators."""
    return may_manage_people(user) or (manages(user, person.team_id) and not person.wears(Hat.ADMIN))


def may_see_person(user: User, person: User) -> bool:
    """One's own page, and those of the people one looks after (R15.2)."""
    return user.pk == person.pk or manages(user, person.team_id)


def may_hold_keys(user: User, person: User) -> bool:
    """Everybody keeps the own keys and log-ins, an administrator those of all."""
    return user.pk == person.pk or may_manage_people(user)


def may_set_duty(user: User, person: User) -> bool:
    """Everybody sets the own duty, a manager that of the own people."""
    return user.pk == person.pk or manages(user, person.team_id)
