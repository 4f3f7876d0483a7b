"""What the team puts on Today: first calls that were missed, the queue, weeks that end, what is to decide (R3, R7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import team_ids
from core import rulebook
from core.web import words
from core.web.nav import count_many
from core.web.today import DAY, KNOW, LAST, NOW, OFFER, Todo
from leads import neglect, permissions
from leads import todo_rows as rows
from leads.models import Dispute, Extension, Lead
from leads.rules import State

WEEK = timedelta(days=7)


def not_called(user: User, at: datetime) -> Q:
    """Colleagues' MQLs of the same team whose first call is due and may be taken (R3.2)."""
    if user.team_id is None:
        return Q(pk__in=[])
    missed = Q(state=State.MQL, team=user.team_id, owner__isnull=False, call_by__lte=at)
    return missed & ~Q(owner=user)


def wanted(user: User, at: datetime) -> Q:
    """Of the teams below: the queue, first calls that were missed, weeks that end within a day."""
    ending = Q(state=State.SQL, due_at__lte=at + words.LAST_DAY)
    missed = Q(state=State.MQL, call_by__lte=at)
    return Q(team__in=team_ids(user)) & (Q(state=State.MQL, owner__isnull=True) | ending | missed)


def rows_of(lead: Lead, user: User, at: datetime, allowed: list[str]) -> list[Todo]:
    """The row of a lead that is not one's own: the manager's to give away, or a colleague's to take."""
    managed = lead.team_id in team_ids(user)
    if lead.owner_id is None:
        since = lead.handed_at or at
        why = _("In the queue: no rep was free")
        return [rows.row(lead, at, why, since, allowed, rows.TEAM, part=NOW, urgent=True, at=since)]
    if lead.state == State.SQL and lead.due_at is not None:
        why = _("Back to the pool %(when)s") % {"when": words.when(lead.due_at, at)}
        step = f" · {lead.next_step}" if lead.next_step else ""
        more: dict[str, Any] = {"owner": lead.owner, "missing": not step}
        return [rows.row(lead, at, why + step, lead.due_at, allowed, rows.TEAM, part=LAST, **more)]
    if lead.called or lead.call_by is None:  # type: ignore[attr-defined]
        return []
    said = {"name": lead.owner.name}  # type: ignore[union-attr]
    more = {"at": lead.call_by, "owner": lead.owner, "urgent": True}
    if permissions.may_take(user, lead, at):
        why = _("%(name)s was to call and has not: you may take it") % said
        allowed = [*allowed, "take"]
    else:
        why = _("%(name)s was to call and has not") % said
    if managed:
        return [rows.row(lead, at, why, lead.call_by, allowed, ("take", *rows.TEAM), part=NOW, **more)]
    return [_offer(rows.row(lead, at, why, lead.call_by, allowed, ("take",), part=OFFER, **more))]


def _offer(item: Todo) -> Todo:
    # Not one's own yet: who it is, but neither the number nor the page (R15.2).
    return replace(item, url="", phone="")


def lines(user: User, at: datetime) -> list[Todo]:
    """One line for each kind of thing that a manager decides, and for what was lost lately or is at risk."""
    extensions = Extension.objects.for_decision_by(user, at).filter(rep__team__in=team_ids(user))
    disputes = Dispute.objects.for_decision_by(user).filter(team__in=team_ids(user))
    limit = rulebook.get("at_risk_days")
    risky = _at_risk(user, at - timedelta(days=limit))
    counts = count_many({**neglect.sets(user, at - WEEK, at), "risky": risky})
    return [
        *_to_decide("extensions", extensions, "due_before", at),
        *_to_decide("disputes", disputes, "at", at),
        *_lost(counts["expired"], counts["neglected"], at),
        *_risk(counts["risky"], limit, at),
    ]


def _to_decide(kind: str, pending: QuerySet[Any], first: str, at: datetime) -> list[Todo]:
    found = pending.aggregate(n=Count("pk"), first=Min(first))
    if not found["n"]:
        return []
    n, when = found["n"], words.when(found["first"], at)
    if kind == "extensions":
        title = ngettext("%(n)s extension to decide", "%(n)s extensions to decide", n) % {"n": n}
        why = _("Not decided is refused: the first week ends %(when)s") % {"when": when}
        lost_at, part, sign = found["first"], DAY, "clock-plus"
        if lost_at - at <= words.LAST_DAY:
            part = LAST
    else:
        title = ngettext("%(n)s objection to settle", "%(n)s objections to settle", n) % {"n": n}
        why = _("The first waits since %(when)s") % {"when": when}
        lost_at, part, sign = found["first"], DAY, "message-circle"
    return [_line(kind, title, why, lost_at, part, "leads:approvals", sign)]


def _lost(gone: int, neglected: int, at: datetime) -> list[Todo]:
    if not gone:
        return []
    title = ngettext("%(n)s lead expired in 7 days", "%(n)s leads expired in 7 days", gone) % {"n": gone}
    said = _("All were worked on")
    if neglected:
        why = ngettext("%(n)s of them was neglected", "%(n)s of them were neglected", neglected)
        said = why % {"n": neglected}
    return [_line("expired", title, said, at + WEEK, KNOW, "leads:expired", "history")]


def _at_risk(user: User, since: datetime) -> QuerySet[Lead]:
    """MQLs and SQLs of the teams that are not signed in time; opportunities tell of theirs (R8.5)."""
    came = Coalesce("back_at", "acquired_at", output_field=DateTimeField())
    rows = Lead.objects.filter(team__in=team_ids(user), state__in=[State.MQL, State.SQL])
    return rows.exclude(owner=user).alias(came=came).filter(came__lte=since)


def _risk(n: int, limit: int, at: datetime) -> list[Todo]:
    if not n:
        return []
    title = ngettext("%(n)s lead at risk", "%(n)s leads at risk", n) % {"n": n}
    why = _("Not signed %(days)s days after the customer came to us") % {"days": limit}
    url, lost_at = reverse("leads:list") + "?at_risk=true", at + WEEK
    return [Todo("line-risk-leads", title, url, why, lost_at, part=KNOW, sign="alert-triangle")]


def _line(kind: str, title: str, why: str, lost_at: datetime, part: str, url: str, sign: str) -> Todo:
    return Todo(f"line-{kind}", title, reverse(url), why, lost_at, part=part, sign=sign)
