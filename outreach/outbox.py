"""Writing messages into the outbox, one or thousands: in the transaction that decides on them (R11.4)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.bulk import copy_rows
from core.ids import uuid7
from outreach.models import Message, Touch
from outreach.rendering import Rendered
from outreach.rules import BY_PERSON, ChannelKind, Function
from outreach.sms import length_of


@dataclass
class Draft:
    """A message that was decided on: for whom, by which way, what it says (rendered under its `number`).

    `once` names what it is sent once for: a second one of the same name is refused by the database. `asked_for`: the
    person asked for it, the cap does not count it (R11.3).
    """

    contact_id: Any
    channel: str
    address: str
    kind: str
    function: str
    number: int
    text: Rendered
    once: str | None = None
    asked_for: bool = False
    template_id: Any = None
    campaign_id: Any = None
    about: tuple[str, Any] = ("", None)
    source_id: Any = None
    step_id: Any = None
    by_id: Any = None
    assigned_to_id: Any = None
    reply_to: str = ""


_MESSAGE = [
    "id", "number", "channel", "kind", "function", "asked_for", "state", "contact_id", "to", "subject", "text", "links",
    "parts", "params", "language", "reply_to", "template_id", "campaign_id", "about_type", "about_id", "source_id",
    "step_id", "once", "by_id", "assigned_to_id", "created_at", "due_at", "tries", "error",
]  # fmt: skip


def write(drafts: Sequence[Draft], *, at: datetime) -> list[Any]:
    """Put messages into the outbox in the caller's transaction, each with the touch that it plans; answers their ids in
    the same order. The caller asked the gate under the contacts' locks (outreach/gate.py)."""
    ids = [uuid7() for _draft in drafts]
    copy_rows(Message, _MESSAGE, [_row(pk, draft, at) for pk, draft in zip(ids, drafts, strict=True)])
    counted = [(pk, draft) for pk, draft in zip(ids, drafts, strict=True) if not draft.asked_for]
    copy_rows(
        Touch,
        ["contact_id", "at", "channel", "function", "done", "message_id", "by_id"],
        [(d.contact_id, at, d.channel, d.function, False, pk, d.by_id) for pk, d in counted],
    )
    return ids


def _row(pk: Any, draft: Draft, at: datetime) -> tuple[Any, ...]:
    by_person = ChannelKind(draft.channel) in BY_PERSON
    state = Message.State.TO_DO if by_person else Message.State.QUEUED
    parts = length_of(draft.text.text).parts if draft.channel == ChannelKind.SMS else 1
    return (
        pk, draft.number, draft.channel, draft.kind, Function(draft.function), draft.asked_for, state, draft.contact_id,
        draft.address, draft.text.subject[:200], draft.text.text, json.dumps(draft.text.links), parts, draft.text.params,
        draft.text.language, draft.reply_to, draft.template_id, draft.campaign_id, *draft.about, draft.source_id,
        draft.step_id, draft.once, draft.by_id, draft.assigned_to_id, at, at, 0, "",
    )  # fmt: skip
