"""Verbs on the group of a team: which one it is, and which notices it hears of (R11.1)."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from accounts.models import Team, User
from core import clock, events
from core.errors import FieldError, NotFound, RuleRefused
from core.locking import lock, verb
from core.web.notices import WORDS, hidden_kinds
from outreach.models import Channel
from outreach.permissions import require_admin
from outreach.rules import ChannelKind

# What somebody has to do soon, and another can help with; what only its reader cares for is not offered at first.
AT_FIRST = ("call_now", "queue_waiting", "back_on_desk", "objected", "extension_asked", "due_soon")


def kinds_of_groups() -> list[str]:
    """The kinds of notices that a group can be told, without those of a branch that is off (R0.1)."""
    hidden = hidden_kinds()
    return [kind for kind in WORDS if kind not in hidden]


@verb
def save_group(channel: Channel, *, team: Team | None, told: Collection[str], by: User) -> Channel:
    """Say whose group this is (None: everybody's) and what it hears of; what was before is not told (R11.1).

    Raises Forbidden, NotFound, RuleRefused with field, value and reason.
    """
    require_admin(by)
    groups = Channel.objects.filter(kind=ChannelKind.WECHAT)
    held = {row.pk: row for row in lock(Channel.objects.all(), groups.values_list("pk", flat=True))}
    row = held.get(channel.pk)
    if row is None:
        raise NotFound
    offered = kinds_of_groups()
    errors = []
    for kind in sorted(set(told) - set(offered)):
        message = _("“%(value)s” is no kind of notice here.") % {"value": str(kind)[:40]}
        errors.append(FieldError("told", "unknown", message))
    team_id = team.pk if team else None
    other = next((o for o in held.values() if o.in_use and o.pk != row.pk and o.team_id == team_id), None)
    if row.in_use and other:
        message = _("“%(name)s” tells them already. Let it rest first.") % {"name": other.name}
        errors.append(FieldError("team", "taken", message))
    if errors:
        raise RuleRefused(errors=errors)
    # What a branch that is off would bring stays as it was chosen.
    kept = [kind for kind in row.told if kind not in offered]
    before = (row.team_id, row.told)
    row.team, row.told = team, sorted({*told, *kept})
    if (row.team_id, row.told) != before:
        at = clock.now()
        if row.in_use:
            row.used_at = at
        row.store("team", "told", "used_at")
        data = {"team": team.name if team else "", "kinds": row.told}
        events.record(events.Fact("group_changed", row, at, by, data=data))
    return row
