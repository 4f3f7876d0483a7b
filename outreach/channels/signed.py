"""Our own protocol, for webhooks and dialling robots: JSON, signed both ways as Standard Webhooks has it."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from outreach.channels import wire
from outreach.channels.base import Inbound, Incoming, NotOurs, Outgoing, Plain, Receipt, Sent, Setting
from outreach.channels.guard import Blocked, parts_of
from outreach.channels.reading import TEXT, careful, iso_time, text_of

WHAT = {"delivered", "bounced", "complaint", "opened"}
MOST = 500  # events in one report


class SignedDriver(Plain):
    """Posts each message as signed JSON; the id of the webhook is the message's key, by which the other side knows a
    second one. What it reports to our hook must carry the same signature."""

    event = ""
    keyed = True
    reports = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("url", lazy("Address"), help=lazy("Each message is posted there as JSON."), most=500),
        Setting(
            "secret",
            lazy("Secret for the signature"),
            secret=True,
            help=lazy(
                "whsec_… as Standard Webhooks has it; the other side checks ours and signs with it, too."
            ),
        ),
    )

    @classmethod
    def faults(cls, values: Mapping[str, str]) -> list[tuple[str, Any]]:
        """An address that is none, a secret that nobody can sign with."""
        wrong: list[tuple[str, Any]] = []
        try:
            parts_of(values["url"])
        except Blocked as error:
            wrong.append(("url", str(error)))
        try:
            strong = len(base64.b64decode(values["secret"].removeprefix("whsec_") + "==")) >= 16
        except (ValueError, binascii.Error):
            strong = False
        if not strong:
            wrong.append(
                ("secret", _("This is no secret to sign with: whsec_ and at least 16 bytes in Base64."))
            )
        return wrong

    def send(self, message: Outgoing) -> Sent:
        """Post it. Raises NotSent, Later, MayHaveLeft."""
        body = json.dumps(self.said(message), ensure_ascii=False)
        now = datetime.fromtimestamp(time.time(), UTC)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Trunk-CRM",
            "webhook-id": message.key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.values["secret"]).sign(message.key, now, body),
        }
        answer = wire.post(self.values["url"], body.encode(), headers)
        wire.judge(answer)
        return Sent(text_of(answer.json().get("id")))

    def said(self, message: Outgoing) -> dict[str, Any]:
        """What the other side reads."""
        return {
            "type": self.event,
            "key": message.key,
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "language": message.language,
            "about": dict(message.about),
            "reports_to": self.hook,
        }

    @careful
    def receipts(self, request: Incoming) -> list[Receipt]:
        """Rows of type `receipt`. Raises NotOurs."""
        return [
            Receipt(
                what=str(row["what"]),
                provider_id=text_of(row.get("id")),
                key=text_of(row.get("key")),
                at=iso_time(row.get("at")),
                why=text_of(row.get("why"), 300),
                dead=row.get("dead") is True,
            )
            for row in self._rows(request)
            if row.get("type") == "receipt" and row.get("what") in WHAT
        ]

    @careful
    def inbound(self, request: Incoming) -> list[Inbound]:
        """Rows of type `reply`. Raises NotOurs."""
        return [
            Inbound(
                sender=text_of(row["from"]),
                text=text_of(row.get("text"), TEXT),
                answers=tuple(text_of(row[name]) for name in ("key", "id") if row.get(name)),
                at=iso_time(row.get("at")),
                id=text_of(row.get("event_id")),
            )
            for row in self._rows(request)
            if row.get("type") == "reply"
        ]

    def _rows(self, request: Incoming) -> list[dict[str, Any]]:
        try:
            found = Webhook(self.values["secret"]).verify(request.body, dict(request.headers))
        except WebhookVerificationError as error:
            raise NotOurs("not signed") from error
        rows = found.get("events") if isinstance(found, dict) and "events" in found else found
        rows = rows if isinstance(rows, list) else [rows]
        if len(rows) > MOST or not all(isinstance(row, dict) for row in rows):
            raise NotOurs("cannot be read")
        return rows
