"""Verbs on teams: an administrator makes, renames and moves them; managers look after theirs and those below (R15.2)."""

from __future__ import annotations

from typing import Any

from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from accounts import permissions
from accounts.models import Team, User
from core import clock, events
from core.errors import FieldError, Forbidden, NotFound, RuleRefused
from core.locking import lock_words, verb

TREE = 72  # advisory lock space: one change of the tree at a time, so that no two of them close a circle


@verb
def save_team(team: Team | None, *, by: User, name: str, parent: Team | None = None) -> Team:
    """Make a team, rename it, or put it below another one (R15.2). Raises Forbidden, NotFound, RuleRefused."""
    row = _held(team, by)
    name = name.strip()
    errors = []
    message: Any
    if not name or len(name) > 80 or "\x00" in name:
        code = "required" if not name else "invalid"
        errors.append(FieldError("name", code, _("A name of 1 to 80 letters.")))
    elif Team.objects.filter(name__iexact=name).exclude(pk__in=[team.pk] if team else []).exists():
        message = _("There is already a team “%(name)s”.") % {"name": name}
        errors.append(FieldError("name", "taken", message))
    if team and parent and parent.pk in Team.objects.all().at_or_below(team.pk):
        message = _("A team cannot stand below itself.")
        errors.append(FieldError("parent", "circle", message))
    if errors:
        raise RuleRefused(errors=errors)
    before = {"name": row.name, "parent": row.parent_id} if team else {}
    row.name, row.parent = name, parent
    after = {"name": row.name, "parent": row.parent_id}
    changed = {f: (before.get(f), after[f]) for f in after if before.get(f) != after[f]}
    if changed:
        row.save()
        _tell("team_changed" if team else "team_made", row, by, changed)
    return row


@verb
def drop_team(team: Team, *, by: User) -> None:
    """Take away a team made by mistake: nobody is or was in it. Raises Forbidden, NotFound, RuleRefused."""
    row = _held(team, by)
    pk, name, parent = row.pk, row.name, row.parent_id
    try:
        row.delete()
    except ProtectedError:
        message = _("“%(name)s” has people, teams or records: rename it instead.") % {"name": name}
        raise RuleRefused(errors=[FieldError("name", "in_use", message)]) from None
    row.pk = pk
    _tell("team_dropped", row, by, {"name": (name, None), "parent": (parent, None)})


def _held(team: Team | None, by: User) -> Team:
    if not permissions.may_manage_people(by):
        raise Forbidden(detail=_("Only an administrator changes teams."))
    lock_words(TREE, ["teams"])
    row = Team.objects.filter(pk=team.pk).first() if team else None
    if team and row is None:
        raise NotFound
    return row or Team()


def _tell(verb_name: str, row: Team, by: User, changed: dict[str, tuple[Any, Any]]) -> None:
    data = {
        field: [str(old) if old else None, str(new) if new else None] for field, (old, new) in changed.items()
    }
    events.record(events.Fact(verb_name, row, clock.now(), by, data=data))
