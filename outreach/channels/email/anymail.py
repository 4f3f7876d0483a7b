"""E-mail by a mail service, through Anymail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ImproperlyConfigured, SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

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
from outreach.channels.email.arrived import read
from outreach.channels.email.letter import letter
from outreach.channels.reading import careful, text_of


@dataclass(frozen=True)
class Service:
    """A mail service: its modules' and classes' name, and what it calls our settings."""

    module: str
    name: str
    keys: Mapping[str, str]  # setting of ours → its argument
    hook_keys: Mapping[str, str]  # of ours → its argument of the web hook
    signs: bool = False  # it signs what it sends to the hook


SERVICES = {
    "mailgun": Service(
        "mailgun",
        "Mailgun",
        {"api_key": "api_key", "domain": "sender_domain"},
        {"signing_key": "webhook_signing_key"},
        signs=True,
    ),
    "postmark": Service("postmark", "Postmark", {"api_key": "server_token"}, {}),
    "brevo": Service("brevo", "Brevo", {"api_key": "api_key"}, {}),
    "mailjet": Service("mailjet", "Mailjet", {"api_key": "api_key", "second_key": "secret_key"}, {}),
    "resend": Service(
        "resend", "Resend", {"api_key": "api_key"}, {"signing_key": "signing_secret"}, signs=True
    ),
}
WHAT = {"delivered": "delivered", "bounced": "bounced", "rejected": "bounced", "failed": "bounced"}
WHAT |= {"complained": "complaint", "opened": "opened"}
GONE = {"invalid"}  # why it was rejected: there is no such address


class EmailAnymail(Plain):
    """A mail service over HTTP; it reports bounces, complaints and answers to our hook."""

    kind = "email"
    code = "anymail"
    label = lazy("Mail service (Anymail)")
    about = lazy(
        "Mailgun, Postmark, Brevo, Mailjet or Resend; bounces and complaints come back by themselves."
    )
    reports = True
    needs = ("anymail", "anymail")
    settings = (
        Setting("service", lazy("Service"), choices=tuple((code, s.name) for code, s in SERVICES.items())),
        Setting(
            "sender",
            lazy("Sender"),
            help=lazy("Name and address, as people read it: Trunk <sales@example.com>"),
        ),
        Setting("api_key", lazy("Key"), secret=True, help=lazy("API key; at Postmark the server's token.")),
        Setting("second_key", lazy("Second key"), secret=True, required=False, help=lazy("Mailjet only.")),
        Setting(
            "signing_key",
            lazy("Key of the reports"),
            secret=True,
            required=False,
            help=lazy("Mailgun and Resend sign what they report; without it reports are refused."),
        ),
        Setting(
            "domain", lazy("Domain"), required=False, help=lazy("Mailgun only, if it is not the sender's.")
        ),
        Setting(
            "endpoint", lazy("Address"), required=False, help=lazy("Only for another region than the usual.")
        ),
    )

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.line: Any = None

    @classmethod
    def faults(cls, values: Mapping[str, str]) -> list[tuple[str, Any]]:
        """Mailjet's second key."""
        if values["service"] == "mailjet" and not values.get("second_key"):
            return [("second_key", _("Mailjet needs both keys."))]
        return []

    @property
    def service(self) -> Service:
        """The chosen one."""
        return SERVICES[self.values["service"]]

    def send(self, message: Outgoing) -> Sent:
        """Hand one over. Raises NotSent, DeadAddress, Later, MayHaveLeft."""
        from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused

        self._open()
        try:
            mail: Any = letter(message, self.values["sender"])
            mail.metadata = {"key": message.key}
            self.line.send_messages([mail])
        except AnymailRecipientsRefused as error:
            raise NotSent(_("The service refuses this address.")) from error
        except AnymailAPIError as error:
            raise meaning(error) from error
        except (ValueError, AnymailError) as error:
            raise DeadAddress(str(error)[:250]) from error
        said = mail.anymail_status
        return Sent(text_of(said.message_id if isinstance(said.message_id, str) else ""))

    def _open(self) -> None:
        if self.line is not None:
            return
        module = import_module(f"anymail.backends.{self.service.module}")
        given = {arg: self.values[own] for own, arg in self.service.keys.items() if self.values[own]}
        if self.values["endpoint"]:
            given["api_url"] = sdk.reachable(self.values["endpoint"])
        try:
            self.line = module.EmailBackend(timeout=(sdk.CONNECT, sdk.READ), **given)
        except ImproperlyConfigured as error:
            raise Later(str(error).partition("\n")[0][:200], down=True) from error
        self.line.open()

    def close(self) -> None:
        """Let go of the line."""
        line, self.line = self.line, None
        if line is not None:
            line.close()

    @careful
    def receipts(self, request: Incoming) -> list[Receipt]:
        """What the service tells of our mails. Raises NotOurs."""
        found = []
        for event in self._events(request, "Tracking"):
            if event.event_type not in WHAT:
                continue
            reason = str(event.reject_reason or "")
            metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
            found.append(
                Receipt(
                    what=WHAT[event.event_type],
                    provider_id=text_of(event.message_id),
                    key=text_of(metadata.get("key")),
                    at=event.timestamp,
                    why=text_of(event.mta_response or event.description or reason, 300),
                    dead=WHAT[event.event_type] == "bounced" and _is_dead(event, reason),
                )
            )
        return found

    @careful
    def inbound(self, request: Incoming) -> list[Inbound]:
        """What people answered by mail. Raises NotOurs."""
        found = []
        for event in self._events(request, "Inbound"):
            if event.message is not None:
                found += read(event.message.as_bytes())[1]
        return found

    def _events(self, request: Incoming, what: str) -> list[Any]:
        """The events of one sort; none where the request is of the other one."""
        from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure

        service = self.service
        if service.signs and not self.values["signing_key"]:
            raise NotOurs("not signed")
        module = import_module(f"anymail.webhooks.{service.module}")
        base = getattr(module, f"{service.name}{what}WebhookView")
        # The hook's secret address stands for the password that Anymail would ask for.
        view_class = type("Hook", (base,), {"warn_if_no_basic_auth": False})
        given = {arg: self.values[own] for own, arg in service.hook_keys.items()}
        given |= {arg: self.values[own] for own, arg in service.keys.items() if hasattr(base, arg)}
        try:
            view = view_class(**given)
            as_django = _as_request(request)
            view.run_validators(as_django)
            return list(view.parse_events(as_django))
        except AnymailWebhookValidationFailure as error:
            raise NotOurs("not signed") from error
        except (
            AnymailError,
            ImproperlyConfigured,
            SuspiciousOperation,
            ValueError,
            KeyError,
            AttributeError,
        ):
            # It is of the other sort: that reader takes it.
            return []


def _is_dead(event: Any, reason: str) -> bool:
    from outreach.channels.email.replies import DEAD, status_in

    return reason in GONE or status_in(str(event.mta_response or "")) in DEAD


def meaning(error: Any) -> Exception:
    """What an error of a service means."""
    status = error.status_code
    if status is None:
        return sdk.broken(error)
    why = text_of(f"{status} {getattr(error.response, 'text', '')}", 250)
    if status == 429:
        after = str(error.response.headers.get("Retry-After", ""))
        return Later(why, after=float(after) if after.isascii() and after.isdecimal() else 60.0)
    if status in (401, 402, 403, 404):
        return Later(why, down=True)
    if status == 503:
        return Later(why, down=True)
    if status >= 500 or status < 300:
        return MayHaveLeft(why)
    return NotSent(why)


def _as_request(request: Incoming) -> WSGIRequest:
    """The request as Anymail reads it."""
    known = {"content-type": "CONTENT_TYPE"}
    environ = {known.get(k, f"HTTP_{k.upper().replace('-', '_')}"): v for k, v in request.headers.items()}
    return WSGIRequest(
        {
            **environ,
            "REQUEST_METHOD": request.method,
            "PATH_INFO": request.path,
            "QUERY_STRING": urlencode(dict(request.query)),
            "CONTENT_LENGTH": str(len(request.body)),
            "SERVER_NAME": "hook",
            "SERVER_PORT": "443",
            "wsgi.url_scheme": "https",
            "wsgi.input": BytesIO(request.body),
        }
    )
