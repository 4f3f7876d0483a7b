"""People with addresses, messages to them, and a provider that does as it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from contacts.models import Contact
from core import clock
from core.ids import uuid7
from leads.models import Lead
from outreach import links, outbox, rendering
from outreach.channels.base import Outgoing, Sent
from outreach.models import Message, Template, TemplateText
from tests.cast import Firm, a_phone

_numbers = count(1)


def somebody(firm: Firm, **more: Any) -> Contact:
    """A person with phone, e-mail and WeChat, whose lead is on the desk."""
    n = next(_numbers)
    values = {
        "phone": a_phone(),
        "email": f"somebody{n}@example.com",
        "wechat": f"somebody_{n}",
        "name": f"Li {n}",
    }
    contact = firm.capture(**{key: value for key, value in {**values, **more}.items() if value}).contact
    return contact


def written(
    contact: Contact | None,
    channel: str = "email",
    *,
    text: str = "Dear {{ name }}, look: https://example.com/offer?a=1&b=2 or ask us: {{ call_me }}",
    function: str = "cadence",
    asked_for: bool = False,
    once: str | None = None,
    to: str = "",
    by: Any = None,
    assigned_to: Any = None,
    **more: Any,
) -> Message:
    """A message in the outbox, as a decision writes it."""
    at = clock.now()
    number = rendering.numbers(1)[0]
    said = TemplateText(
        language=more.pop("language", "en"), subject=more.pop("subject", "An offer"), text=text
    )
    values = rendering.values_of(contact) if contact is not None else {}
    way = {"email": "email", "wechat": "wechat"}.get(channel, "phone")
    point = contact.points.filter(kind=way).first() if contact is not None else None
    asked_for = asked_for or contact is None
    kind = more.pop("kind", "note" if asked_for and function == "cadence" else function)
    if kind == "cadence":
        # As the engine writes them: sent once for a step of an entry (R11.4).
        once = once or f"{uuid7()}:1:{uuid7()}"
        more = {"step_id": uuid7(), "source_id": uuid7(), **more}
    draft = outbox.Draft(
        contact_id=contact.pk if contact is not None else None,
        channel=channel,
        address=to or (point.value if point else ""),
        kind=kind,
        function=function,
        number=number,
        text=rendering.render(said, values, number),
        once=once,
        asked_for=asked_for,
        by_id=by.pk if by else None,
        assigned_to_id=assigned_to.pk if assigned_to else None,
        **more,
    )
    return Message.objects.get(pk=outbox.write([draft], at=at)[0])


def link(message: Message, kind: str, index: int | None = None) -> str:
    """The path of one of its addresses."""
    places = {"c": links.CALL_ME, "u": links.UNSUBSCRIBE, "o": links.OPEN, "l": 0}
    return f"/{kind}/{links.token(message.number, places[kind] if index is None else index)}"


def a_template(channel: str = "email", **texts: str) -> Template:
    """A template with texts by language (`zh_hans` for Chinese)."""
    row = Template.objects.create(name=f"Offer {next(_numbers)}", channel=channel, created_at=clock.now())
    for language, text in (texts or {"en": "Hello {{ name }}"}).items():
        code = language.replace("_", "-")
        TemplateText.objects.create(template=row, language=code, subject="Hello", text=text)
    return row


class Provider:
    """A driver that keeps what it is given. `answer` may raise for a message what a driver may raise; with `keyed` a key
    that it knows is taken and not sent again."""

    kind, code, label, about, settings = "email", "told", "", "", ()
    reports, needs, thanks = False, ("", ""), ("", "")

    def __init__(
        self, answer: Callable[[Outgoing], Sent | None] | None = None, *, keyed: bool = False
    ) -> None:
        self.answer, self.keyed = answer, keyed
        self.tried: list[str] = []
        self.sent: dict[str, list[Outgoing]] = {}
        self.closed = 0

    @classmethod
    def missing(cls) -> str:
        return ""

    @classmethod
    def faults(cls, values: Mapping[str, str]) -> list[tuple[str, Any]]:
        return []

    def send(self, message: Outgoing) -> Sent:
        self.tried.append(message.key)
        said = self.answer(message) if self.answer else None
        self.take(message)
        return said or Sent(f"id-{message.key}")

    def take(self, message: Outgoing) -> None:
        """It has it now, whatever it answers."""
        if not (self.keyed and message.key in self.sent):
            self.sent.setdefault(message.key, []).append(message)

    @property
    def doubles(self) -> list[str]:
        """What a person got more than once."""
        return [key for key, got in self.sent.items() if len(got) > 1]

    def receipts(self, request: Any) -> list[Any]:
        return []

    def inbound(self, request: Any) -> list[Any]:
        return []

    def close(self) -> None:
        self.closed += 1


def pooled_contact(firm: Firm, lead: Lead | None = None) -> Contact:
    """A person who lies in the pool."""
    row = lead or firm.pooled()
    row.contact.refresh_from_db()
    return row.contact
