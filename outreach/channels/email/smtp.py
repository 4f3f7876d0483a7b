"""E-mail over SMTP, step by step, so that it is known what had left when the line broke."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from django.core.mail.message import sanitize_address
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from outreach.channels.base import DeadAddress, Later, MayHaveLeft, Outgoing, Sent, Setting
from outreach.channels.email.letter import first_line, is_address, letter
from outreach.channels.email.mailbox import MailboxDriver
from outreach.channels.email.replies import CLOSING, refused

TIMEOUT = 10.0
GO_ON = 354


class EmailSmtp(MailboxDriver):
    """A mail server with a log-in of its own. One line for a whole batch."""

    kind = "email"
    code = "smtp"
    label = lazy("Mail server (SMTP)")
    about = lazy("Your own mail server or mailbox.")
    settings = (
        Setting("host", lazy("Server")),
        Setting("port", lazy("Port"), default="587", most=5),
        Setting(
            "safety",
            lazy("Encryption"),
            default="starttls",
            choices=(("starttls", "STARTTLS"), ("tls", "TLS"), ("none", lazy("none, inner net only"))),
        ),
        Setting("user", lazy("Log-in"), required=False),
        Setting("password", lazy("Password"), secret=True, required=False),
        Setting(
            "sender",
            lazy("Sender"),
            help=lazy("Name and address, as people read it: Trunk <sales@example.com>"),
        ),
        Setting("bounces", lazy("Bounces to"), required=False, help=lazy("Empty: the sender's address.")),
        *MailboxDriver.settings,
    )

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.line: smtplib.SMTP | None = None

    @classmethod
    def faults(cls, values: Mapping[str, str]) -> list[tuple[str, Any]]:
        """A port that is none, an address that cannot be one."""
        wrong = super().faults(values)
        if not _is_port(values["port"]):
            wrong.append(("port", _("“%(value)s” is no port.") % {"value": values["port"]}))
        for name in ("sender", "bounces"):
            if values.get(name) and not is_address(values[name]):
                wrong.append((name, _("“%(value)s” is no e-mail address.") % {"value": values[name]}))
        return wrong

    def send(self, message: Outgoing) -> Sent:
        """Hand one over. Raises NotSent, DeadAddress, Later, MayHaveLeft."""
        try:
            mail = letter(message, self.values["sender"])
            content = _lines(mail.message().as_bytes())
            to = parseaddr(sanitize_address(message.to, "utf-8"))[1]
        except ValueError as error:
            raise DeadAddress(str(error)) from error
        line = self._open()
        try:
            self._ask(line, "mail", f"FROM:<{self._bounces()}>", to=False)
            self._ask(line, "rcpt", f"TO:<{to}>", to=True)
            code, said = line.docmd("data")
            if code != GO_ON:
                self._refuse(code, said, to=False)
        except OSError as error:  # nothing of it has left yet
            self.close()
            raise Later(_said(error) or _("The server hung up."), down=True) from error
        self._hand_over(line, content)
        return Sent(mail.extra_headers["Message-ID"])

    def _hand_over(self, line: smtplib.SMTP, content: bytes) -> None:
        body = re.sub(rb"(?m)^\.", b"..", content)
        try:
            line.send(body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            code, said = line.getreply()
        except OSError as error:
            self.close()
            raise MayHaveLeft(_said(error)) from error
        if code == -1:  # what was said is no reply
            self.close()
            raise MayHaveLeft(first_line(said))
        if code != 250:
            self._refuse(code, said, to=False)

    def _ask(self, line: smtplib.SMTP, verb: str, rest: str, *, to: bool) -> None:
        code, said = line.docmd(verb, rest)
        if code not in (250, 251):
            self._refuse(code, said, to=to)

    def _refuse(self, code: int, said: bytes, *, to: bool) -> None:
        if code in (CLOSING, -1):
            self.close()
        else:
            self._again()
        raise refused(code, said, to=to) if code != -1 else Later(first_line(said), down=True)

    def _again(self) -> None:
        """Forget the half-told mail: the line serves the next one."""
        try:
            if self.line is not None:
                self.line.rset()
        except OSError:
            self.close()

    def _bounces(self) -> str:
        return parseaddr(self.values["bounces"] or self.values["sender"])[1]

    def _open(self) -> smtplib.SMTP:
        if self.line is not None:
            return self.line
        host, port, safety = self.values["host"], int(self.values["port"]), self.values["safety"]
        safe = ssl.create_default_context()
        try:
            if safety == "tls":
                line: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=safe)
            else:
                line = smtplib.SMTP(host, port, timeout=TIMEOUT)
            self.line = line
            line.ehlo_or_helo_if_needed()
            if safety == "starttls":
                line.starttls(context=safe)
                line.ehlo()
            if self.values["user"]:
                line.login(self.values["user"], self.values["password"])
        except smtplib.SMTPResponseException as error:
            self.close()
            raise Later(f"{error.smtp_code} {first_line(error.smtp_error)}", down=True) from error
        except (OSError, ValueError) as error:
            self.close()
            raise Later(_said(error) or _("The server hung up."), down=True) from error
        return line

    def close(self) -> None:
        """Say good-bye to the server."""
        line, self.line = self.line, None
        if line is None:
            return
        try:
            line.quit()
        except OSError:
            line.close()


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text) < 65536


def _lines(content: bytes) -> bytes:
    """With the ends of lines that a mail has on the way."""
    return re.sub(rb"\r?\n", b"\r\n", content)


def _said(error: Exception) -> str:
    """What went wrong, without the number that the system gives it."""
    return str(getattr(error, "strerror", None) or error)[:200]
