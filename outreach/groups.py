"""Notices that a team's group is told by a robot: what a person has to do soon and has not looked at (R3.2, R11.1).

A group is read by many and lies at a provider: it hears what is to be done and by whom, never a customer's name; the
link opens for who may see the record (R15.2). Notices are marked before they leave, so none is told twice (R11.4).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Notice, Team, User
from core import clock
from core.ids import uuid7
from core.locking import lock, verb
from core.web.notices import WORDS, hidden_kinds, lines
from core.web.words import labelled, listed
from outreach.channels.base import Later, NotSent, Outgoing
from outreach.channels.registry import driver_of
from outreach.gate import Limits
from outreach.models import Channel, GroupPost
from outreach.rules import ChannelKind
from outreach.services.breaker import note_result

log = structlog.get_logger(__name__)

SEEN = timedelta(minutes=1)  # who looks at once needs no group
OLD = timedelta(days=1)
MOST = 200  # notices of one post
SHOWN = 8
State = GroupPost.State


def tell_due(at: datetime) -> int:
    """Tell each group what is due, one post a group; answers how many posts left. In the hours in which anybody may be
    written to only (R11.3). Safe twice and from two workers at once."""
    groups = list(Channel.objects.filter(kind=ChannelKind.WECHAT, in_use=True).order_by("pk"))
    limits = Limits.now()
    if not groups or not limits.opens <= at.astimezone(clock.firm_tz()).time() < limits.closes:
        return 0
    heard = _who_hears(groups)
    told = 0
    for group in groups:
        if group.closed_until is not None and group.closed_until > at:
            continue
        if (notices := _take(group, heard[group.pk], at)) and _post(group, notices, at):
            told += 1
    return told


def _who_hears(groups: Iterable[Channel]) -> dict[Any, QuerySet[User]]:
    """Channel → whose notices it tells: a person's are told in the nearest group, from the own team upwards."""
    of_team = {group.team_id: group for group in groups if group.team_id}
    parents = dict(Team.objects.values_list("pk", "parent_id"))
    hears: dict[Any, list[Any]] = {group.pk: [] for group in groups}
    covered = []
    for team_id in parents:
        above: Any = team_id
        while above is not None and above not in of_team:
            above = parents.get(above)
        if above is not None:
            hears[of_team[above].pk].append(team_id)
            covered.append(team_id)
    people = User.objects.active()
    return {
        group.pk: people.filter(team__in=hears[group.pk])
        if group.team_id
        else people.exclude(team__in=covered)
        for group in groups
    }


@verb
def _take(group: Channel, people: QuerySet[User], at: datetime) -> list[Notice]:
    """Mark what goes into this post; nothing while another worker is at this group, or when it rests meanwhile."""
    held = lock(Channel.objects.filter(in_use=True), [group.pk], skip_locked=True)
    if not held:
        return []
    since = max(at - OLD, held[0].used_at or held[0].created_at)
    kinds = set(held[0].told) & set(WORDS) - hidden_kinds()
    due = Notice.objects.unread().filter(at__gte=since, at__lte=at - SEEN, kind__in=kinds, user__in=people)
    rows = list(due.filter(grouppost=None).select_related("user").order_by("at", "id")[:MOST])
    GroupPost.objects.bulk_create(GroupPost(notice=row, channel=group, at=at) for row in rows)
    return rows


def _post(group: Channel, notices: list[Notice], at: datetime) -> bool:
    """Hand one post over and note what became of it; answers whether it left."""
    driver = driver_of(group)
    try:
        with translation.override(driver.values.get("language") or settings.LANGUAGE_CODE):  # type: ignore[attr-defined]
            text = _text(notices)
        driver.send(Outgoing(key=f"group-{uuid7()}", to="", text=text))
    except Later as later:
        # It certainly did not leave: it is told a minute later, as long as it is news.
        _posts(notices).delete()
        if later.down:
            note_result(group.pk, str(later), at)
        return _failed(group, later)
    except NotSent as refused:
        _posts(notices).update(state=State.FAILED)
        note_result(group.pk, str(refused), at)
        return _failed(group, refused)
    except Exception as broken:  # the line, or the driver itself: it may have left
        _posts(notices).update(state=State.UNKNOWN)
        note_result(group.pk, str(broken), at)
        return _failed(group, broken)
    finally:
        driver.close()
    _posts(notices).update(state=State.SENT)
    note_result(group.pk, None, at)
    return True


def _posts(notices: list[Notice]) -> QuerySet[GroupPost]:
    return GroupPost.objects.filter(notice__in=notices, state=State.SENDING)


def _failed(group: Channel, error: Exception) -> bool:
    log.warning("group_not_told", channel=str(group.pk), error=type(error).__name__)
    return False


def _text(notices: list[Notice]) -> str:
    """What is to be done, by whom, and where: a record that several are told of is one line with their names."""
    about: dict[tuple[str, Any], list[Notice]] = {}
    for row in notices:
        about.setdefault((row.kind, row.subject_id), []).append(row)
    parts = [_line(rows) for rows in list(about.values())[:SHOWN]]
    if len(about) > SHOWN:
        parts.append(_("… and %(n)s more.") % {"n": len(about) - SHOWN})
    return "\n".join(parts)


def _line(rows: list[Notice]) -> str:
    names = listed(dict.fromkeys(row.user.name for row in rows))
    said = labelled(WORDS[rows[0].kind].label, names)
    # The way is the same for everybody who is told; the record itself asks who comes.
    urls = [line["url"] for line in lines(rows[:1], rows[0].user) if line["url"]]
    return "\n".join([" ".join(said.split())[:200], *(f"{settings.SITE_URL}{url}" for url in urls)])
