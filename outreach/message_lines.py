"""Messages as pages and API show them: their life in words, masked while the person lies in the pool (R10.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from contacts.models import Contact
from contacts.rules import masked as hide
from core import hooks
from outreach.gate import Limits, facts_of, judge
from outreach.letters import with_way_out
from outreach.message_rules import may_do, may_handle, tasks_for
from outreach.models import Message
from outreach.rules import POINT_OF, WHY_HELD, ChannelKind

# What a program wrote from a template says nothing that somebody confided; the rest is not told of people in the pool.
BY_TEMPLATE = ("cadence", "campaign", "test")
SIGNS = {
    "email": "mail",
    "sms": "message",
    "phone": "phone",
    "call": "phone-call",
    "wechat": "brand-wechat",
    "webhook": "transfer",
}
KINDS = {
    "quote": _("quote"),
    "thank_you": _("thank-you"),
    "cadence": _("cadence"),
    "campaign": _("campaign"),
    "note": _("written by hand"),
    "test": _("test"),
    "answer": _("answer"),
}
LIFE = (
    ("created_at", pgettext_lazy("message", "written"), ""),
    ("sent_at", pgettext_lazy("message", "sent"), ""),
    ("delivered_at", pgettext_lazy("message", "delivered"), ""),
    ("opened_at", pgettext_lazy("message", "opened"), ""),
    ("clicked_at", pgettext_lazy("message", "link followed"), "own"),
    ("replied_at", pgettext_lazy("message", "answered"), "own"),
    ("bounced_at", pgettext_lazy("message", "bounced"), "lost"),
)


@dataclass
class Line:
    """One message as somebody may see it."""

    message: Message
    masked: bool
    user: User
    steps: list[tuple[Any, datetime, str]] = field(default_factory=list)
    why_not_now: Any = ""
    until: datetime | None = None

    @property
    def sign(self) -> str:
        return SIGNS.get(self.message.channel, "message")

    @property
    def kind(self) -> Any:
        return KINDS.get(self.message.kind, self.message.kind)

    @property
    def held(self) -> Any:
        return WHY_HELD.get(self.message.held, "")

    @property
    def to(self) -> str:
        if not self.masked or not self.message.to:
            return self.message.to
        return hide(POINT_OF.get(ChannelKind(self.message.channel)) or "email", self.message.to)

    @property
    def told(self) -> bool:
        """Whether the words may be read."""
        return not self.masked or self.message.kind in BY_TEMPLATE

    @property
    def subject(self) -> str:
        return self.message.subject if self.told else ""

    @property
    def text(self) -> str:
        return self.message.text if self.told else ""

    @property
    def error(self) -> str:
        """What the provider or the doer said: it may name the address."""
        return self.message.error if not self.masked else ""

    @property
    def whole(self) -> str:
        """The text as it goes out, with what is put under it."""
        if not self.told or self.message.channel != ChannelKind.EMAIL or self.message.asked_for:
            return self.text
        return with_way_out(self.message)

    @property
    def lead(self) -> Any:
        """The person's lead, where one page tells all of them."""
        if self.message.contact is None:
            return None
        return next((lead for lead in self.message.contact.leads.all() if lead.state != "merged"), None)

    @property
    def last(self) -> tuple[Any, datetime, str]:
        return self.steps[-1]

    @property
    def may_retry(self) -> bool:
        again = (Message.State.FAILED, Message.State.UNKNOWN)
        return self.message.state in again and may_handle(self.user, self.message)

    @property
    def may_withdraw(self) -> bool:
        return self.message.state in ("queued", "to_do") and may_handle(self.user, self.message)

    @property
    def may_do(self) -> bool:
        return self.message.state == Message.State.TO_DO and may_do(self.user, self.message)


def wanted(rows: QuerySet[Message]) -> QuerySet[Message]:
    """The rows with all that a line shows, in a fixed number of queries."""
    related = rows.select_related("contact__company", "by", "assigned_to", "campaign", "template", "via")
    return related.prefetch_related("contact__leads")


def lines_of(messages: Iterable[Message], user: User, *, open_ids: Iterable[Any] = ()) -> list[Line]:
    """The lines of these messages; `open_ids` are people who are known not to be masked."""
    rows = list(messages)
    ids = list({row.contact_id for row in rows if row.contact_id} - set(open_ids))
    hidden: set[Any] = set().union(*hooks.masked_contacts(ids)) if ids else set()
    return [Line(row, row.contact_id in hidden, user, _life(row)) for row in rows]


def _life(row: Message) -> list[tuple[Any, datetime, str]]:
    steps = [(word, at, tone) for name, word, tone in LIFE if (at := getattr(row, name)) is not None]
    return [steps[0], *sorted(steps[1:], key=lambda step: step[1])]


def tasks_of(user: User, at: datetime, most: int) -> list[Line]:
    """The calls and WeChat messages that wait for this person, oldest first, each with what the gate says now."""
    rows = Message.objects.filter(tasks_for(user), state=Message.State.TO_DO)
    lines = lines_of(wanted(rows).order_by("due_at", "id")[:most], user)
    people = {line.message.contact_id: line.message.contact for line in lines if line.message.contact}
    facts = facts_of([c for c in people.values() if isinstance(c, Contact)], at, done_only=True)
    limits = Limits.now()
    for line in lines:
        known = facts.get(line.message.contact_id)
        if known is not None:
            said = judge(known, line.message.channel, at, limits, asked_for=line.message.asked_for)
            line.why_not_now, line.until = WHY_HELD.get(said.why, ""), said.until
    return lines
