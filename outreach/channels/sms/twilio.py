"""SMS by Twilio through its SDK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from outreach.channels import sdk
from outreach.channels.base import (
    DeadAddress,
    Inbound,
    Incoming,
    Later,
    MayHaveLeft,
    NotOurs,
    NotSent,
    Outgoing,
    Plain,
    Receipt,
    Sent,
    Setting,
)
from outreach.channels.reading import TEXT, careful, text_of

# No number, no mobile, a land line.
DEAD = {21211, 21214, 21217, 21614, 21635, 30005, 30006}
TOO_FAST = {14107, 20429, 21611, 30001, 63018}
# Account, key, money, our own number.
OURS = {
    20003,
    20004,
    20005,
    20006,
    20008,
    21212,
    21266,
    21603,
    21606,
    21659,
    21660,
    21661,
    30002,
    90010,
    90011,
}
ARRIVED = {"delivered", "read"}
FAILED = {"failed", "undelivered"}


class SmsTwilio(Plain):
    """Sends free text. Its messages take no keys: what may have left is not sent again."""

    kind = "sms"
    code = "twilio"
    label = "Twilio"
    about = _("Free text, outside mainland China.")
    reports = True
    needs = ("twilio", "sms-twilio")
    thanks = ("text/xml", '<?xml version="1.0" encoding="UTF-8"?><Response/>')
    settings = (
        Setting("account_sid", _("Account (SID)"), most=80),
        Setting("auth_token", _("Token"), secret=True, help=_("Reports are checked with it, too.")),
        Setting(
            "sender", _("Sent from"), help=_("A number of yours, +1…, or the id of a messaging service, MG….")
        ),
        Setting("endpoint", _("Address"), required=False, default="https://api.twilio.com"),
    )

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self._client: Any = None

    def send(self, message: Outgoing) -> Sent:
        """Hand one over. Raises NotSent, DeadAddress, Later, MayHaveLeft."""
        from twilio.base.exceptions import TwilioException, TwilioRestException

        asked = {"to": message.to, "body": message.text}
        sender = self.values["sender"]
        asked["messaging_service_sid" if sender.startswith("MG") else "from_"] = sender
        if self.hook.startswith("https://"):  # it takes no other
            asked["status_callback"] = self.hook
        client = self._open()
        try:
            said = client.messages.create(**asked)
        except TwilioRestException as error:
            raise meaning(error.status, error.code, error.msg) from error
        except TwilioException as error:
            raise Later(str(error)[:200], down=True) from error
        except Exception as error:  # a broken line, or an answer that the SDK cannot read
            raise sdk.broken(error) from error
        if not said.sid:
            raise MayHaveLeft("Twilio: ?")
        return Sent(said.sid)

    def _open(self) -> Any:
        if self._client is None:
            from twilio.rest import Client

            client = Client(self.values["account_sid"], self.values["auth_token"])
            client.http_client.timeout = (sdk.CONNECT, sdk.READ)
            client.api.base_url = sdk.reachable(self.values["endpoint"].rstrip("/"))
            self._client = client
        return self._client

    @careful
    def receipts(self, request: Incoming) -> list[Receipt]:
        """What became of a message. Raises NotOurs for what Twilio has not signed."""
        form = self._signed(request)
        state, code = form.get("MessageStatus", ""), form.get("ErrorCode", "")
        if state not in ARRIVED | FAILED:
            return []
        bad = state in FAILED
        return [
            Receipt(
                what="bounced" if bad else "delivered",
                provider_id=text_of(form.get("MessageSid")),
                why=f"{code} {state}".strip()[:300] if bad else "",
                dead=bad and code.isascii() and code.isdecimal() and int(code) in DEAD,
            )
        ]

    @careful
    def inbound(self, request: Incoming) -> list[Inbound]:
        """What somebody texted back. Raises NotOurs for what Twilio has not signed."""
        form = self._signed(request)
        if "MessageStatus" in form or "Body" not in form or "From" not in form:
            return []
        sid = text_of(form.get("MessageSid"))
        return [Inbound(sender=text_of(form["From"], 40), text=text_of(form["Body"], TEXT), id=sid)]

    def _signed(self, request: Incoming) -> Mapping[str, str]:
        from twilio.request_validator import RequestValidator

        given = request.headers.get("x-twilio-signature", "")
        url = self.hook or request.url
        if not RequestValidator(self.values["auth_token"]).validate(url, dict(request.form), given):
            raise NotOurs("not signed")
        return request.form


def meaning(status: int, code: int | None, said: str) -> Exception:
    """What an error of Twilio's means."""
    why = f"{code or status} {said}".strip()[:250]
    if code in DEAD:
        return DeadAddress(why)
    if code in TOO_FAST or status == 429:
        return Later(why, after=60.0)
    if code in OURS or status in (401, 403, 404):
        return Later(why, down=True)
    if status == 503:
        return Later(why, down=True)
    if status >= 500:
        return MayHaveLeft(why)
    return NotSent(why)
