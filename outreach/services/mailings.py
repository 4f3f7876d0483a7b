"""Verbs on mailings: one message of a campaign to everybody in a saved view, once each (R11.3, R11.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.models import SavedView, User
from core import clock, events, hooks
from core.errors import FieldError, RuleRefused, TransitionNotAllowed
from core.locking import lock, lock_one, verb
from outreach.models import Addressee, Campaign, Mailing, Message, Template
from outreach.permissions import require_editor
from outreach.services.settling import take_back

VIEWS = "leads"
AHEAD = timedelta(days=365)
STOPPED, MERGED = "stopped", "merged"
_ALLOWED = {Mailing.State.DRAFT: ["edit", "start", "drop"], Mailing.State.RUNNING: ["stop"]}

# The rows in it are a query that Django compiled, with its parameters beside it.
_SETTLE = """
INSERT INTO outreach_addressee (mailing_id, contact_id, due_at, held)
SELECT DISTINCT %s::uuid, a.contact_id, %s::timestamptz, '' FROM ({rows}) AS a ON CONFLICT DO NOTHING
"""


def allowed_actions(mailing: Mailing) -> list[str]:
    """What can be done with a mailing in its state, by who may."""
    return _ALLOWED.get(Mailing.State(mailing.state), [])


@verb
def save_mailing(
    mailing: Mailing | None,
    *,
    by: User,
    campaign: Campaign | None = None,
    template: Template | None,
    view: SavedView | None,
) -> Mailing:
    """Write a mailing, or change one that has not begun. Raises Forbidden, TransitionNotAllowed, RuleRefused."""
    require_editor(by)
    row = _locked(mailing) if mailing else Mailing(campaign=campaign, by=by, created_at=clock.now())
    _require(row, "edit")
    errors = []
    if not row.campaign.active:
        errors.append(FieldError("campaign", "put_away", _("This campaign was put away.")))
    if template is None or (not template.active and template.pk != row.template_id):
        errors.append(FieldError("template", "required", _("Which template is sent?")))
    if view is None or not _may_use(view, by):
        errors.append(FieldError("view", "required", _("To whom? Choose a saved view of leads.")))
    if errors or template is None:
        raise RuleRefused(errors=errors)
    row.template, row.channel, row.view = template, template.channel, view
    if mailing:
        row.store("template", "channel", "view")
    else:
        row.save()
        _tell("mailing_made", row, row.created_at, by)
    return row


@verb
def start(mailing: Mailing, *, by: User, starts_at: datetime | None = None) -> Mailing:
    """Let a mailing begin, now or at an hour to come; who is in the view then gets it, once each (R11.4). What was
    chosen is fixed from now on. Raises Forbidden, TransitionNotAllowed, RuleRefused."""
    require_editor(by)
    row = _locked(mailing)
    _require(row, "start")
    at = clock.now()
    errors = []
    if row.view is None or not _may_use(row.view, row.by):
        errors.append(FieldError("view", "required", _("The saved view is gone: choose another one.")))
    if not row.campaign.active:
        errors.append(FieldError("campaign", "put_away", _("This campaign was put away.")))
    if starts_at is not None and starts_at > at + AHEAD:
        errors.append(FieldError("starts_at", "out_of_range", _("At most a year ahead.")))
    if errors or row.view is None:
        raise RuleRefused(errors=errors)
    row.state, row.audience = Mailing.State.RUNNING, row.view.query
    row.starts_at = max(starts_at or at, at)
    row.store("state", "audience", "starts_at")
    people = settle(row) if row.starts_at <= at else None
    _tell("mailing_started", row, at, by, people=people, starts_at=row.starts_at.isoformat())
    return row


@verb
def stop(mailing: Mailing, *, by: User) -> Mailing:
    """Stop a mailing: who has not got it yet gets nothing, and what was not sent is withdrawn. Raises Forbidden,
    TransitionNotAllowed."""
    require_editor(by)
    row = _locked(mailing)
    _require(row, "stop")
    at = clock.now()
    row.state, row.ended_at = Mailing.State.STOPPED, at
    row.store("state", "ended_at")
    left_out = row.addressees.filter(due_at__isnull=False).update(due_at=None, held=STOPPED)
    withdrawn = _withdraw(row)
    _tell("mailing_stopped", row, at, by, left_out=left_out, withdrawn=withdrawn)
    return row


@verb
def drop(mailing: Mailing, *, by: User) -> None:
    """Throw away a mailing that has not begun. Raises Forbidden, TransitionNotAllowed."""
    require_editor(by)
    row = _locked(mailing)
    _require(row, "drop")
    _tell("mailing_dropped", row, clock.now(), by)
    row.delete()


def settle(mailing: Mailing) -> int:
    """Write down who is in a locked mailing's view, in one statement; answers how many. The view is read with the eyes
    of who wrote the mailing (R15.2)."""
    added = 0
    for rows in hooks.audience(mailing.audience, mailing.by):
        try:
            sql, params = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE.format(rows=sql), [str(mailing.pk), mailing.starts_at, *params])
            added += cursor.rowcount
    return added


def merged(stays: Any, goes: Any, by: Any) -> None:
    """Two people became one: who of them is in a mailing is so still, and gets it once (R1.6, R11.4)."""
    kept, gone = stays.contact_id, goes.contact_id
    mine = {row.mailing_id: row for row in Addressee.objects.filter(contact_id=kept)}
    for theirs in Addressee.objects.filter(contact_id=gone, mailing_id__in=mine):
        _one_place(mine[theirs.mailing_id], theirs)
    Addressee.objects.filter(contact_id=gone, mailing_id__in=mine).delete()
    Addressee.objects.filter(contact_id=gone).update(contact_id=kept)


def _one_place(mine: Addressee, theirs: Addressee) -> None:
    """Of two places in one mailing the one whose message has left counts, else the one of who stays."""
    messages = lock(Message.objects.all(), [pk for pk in (mine.message_id, theirs.message_id) if pk])
    waiting = {row.pk: row for row in messages if row.state in ("queued", "to_do")}
    left = {row.pk for row in messages if row.state in ("sending", "sent", "unknown")}
    if theirs.message_id in left and mine.message_id not in left:
        take_back([waiting[mine.message_id]] if mine.message_id in waiting else [], MERGED)
        mine.message_id, mine.due_at, mine.held = theirs.message_id, None, ""
        mine.save(update_fields=["message", "due_at", "held"])
    elif theirs.message_id in waiting:
        take_back([waiting[theirs.message_id]], MERGED)


def over(message: Message) -> str:
    """Whether a message's mailing was stopped: nothing of it goes out any more."""
    if message.about_type != "mailing" or message.about_id is None:
        return ""
    return (
        STOPPED if Mailing.objects.filter(pk=message.about_id, state=Mailing.State.STOPPED).exists() else ""
    )


def _withdraw(mailing: Mailing) -> int:
    """Take back what has not left, with the touches that were planned."""
    waiting = Message.objects.filter(source_id=mailing.pk, about_type="mailing").unsent()
    rows = lock(Message.objects.all(), waiting.values_list("pk", flat=True))
    return take_back([row for row in rows if row.state in ("queued", "to_do")], STOPPED)


def _locked(mailing: Mailing) -> Mailing:
    return lock_one(Mailing.objects.select_related("campaign", "view", "by", "template"), mailing.pk)


def _require(row: Mailing, action: str) -> None:
    if action not in allowed_actions(row):
        raise TransitionNotAllowed(row.state, allowed_actions(row))


def _may_use(view: SavedView, user: User) -> bool:
    return view.page == VIEWS and SavedView.objects.visible_to(user).filter(pk=view.pk).exists()


def _tell(name: str, row: Mailing, at: datetime, by: User | None, **data: Any) -> None:
    known = {"campaign": str(row.campaign_id), "channel": row.channel}
    known |= {key: value for key, value in data.items() if value is not None}
    events.record(events.Fact(name, row, at, by, data=known))
