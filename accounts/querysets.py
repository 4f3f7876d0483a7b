"""Sets of people, teams and notices."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from accounts.models import User


# The managers of the nearest team, from this one upwards, that has one beside the person left out.
_NEAREST = """
WITH RECURSIVE above(id, parent_id, step) AS (
    SELECT id, parent_id, 0 FROM accounts_team WHERE id = %s
    UNION ALL
    SELECT t.id, t.parent_id, a.step + 1 FROM accounts_team t JOIN above a ON t.id = a.parent_id WHERE a.step < 20
), found AS (
    SELECT u.id, a.step FROM above a JOIN accounts_user u ON u.team_id = a.id
    WHERE u.is_active AND 'manager' = ANY(u.hats) AND u.id IS DISTINCT FROM %s::uuid
)
SELECT id FROM found WHERE step = (SELECT min(step) FROM found)
"""


class TeamQuerySet(models.QuerySet):
    def at_or_below(self, team_id: Any) -> list[Any]:
        """The ids of a team and of all teams below it."""
        if team_id is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH RECURSIVE below(id) AS (SELECT %s::uuid UNION "
                "SELECT t.id FROM accounts_team t JOIN below b ON t.parent_id = b.id) SELECT id FROM below",
                [str(team_id)],
            )
            return [pk for (pk,) in cursor.fetchall()]


class UserQuerySet(models.QuerySet):
    def active(self) -> UserQuerySet:
        """People who still work here."""
        return self.filter(is_active=True)

    def wearing(self, *hats: str) -> UserQuerySet:
        """People with at least one of these hats."""
        return self.filter(hats__overlap=list(hats))

    def on_duty(self, at: datetime) -> UserQuerySet:
        """People to whom new hand-overs may come: on duty and not away (R3.1)."""
        return self.filter(on_duty=True).filter(
            models.Q(away_until__isnull=True) | models.Q(away_until__lte=at)
        )

    def managers_of(self, team_id: Any, *, but: Any = None) -> UserQuerySet:
        """The managers of a team: its own, else those of the nearest team above that has one; `but` is left out."""
        if team_id is None:
            return self.none()
        nearest = RawSQL(_NEAREST, [str(team_id), str(but) if but else None])  # noqa: S611 - a constant with parameters
        return self.filter(pk__in=nearest)


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> NoticeQuerySet:
        """A person's own notices, without those of a branch that is off (R0.1)."""
        from core.web.notices import hidden_kinds

        return self.filter(user=user).exclude(kind__in=hidden_kinds())

    def unread(self) -> NoticeQuerySet:
        """What was not read yet."""
        return self.filter(read_at__isnull=True)


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> SavedViewQuerySet:
        """One's own, and what others share."""
        return self.filter(models.Q(user=user) | models.Q(shared=True, user__is_active=True))
