"""E-mail by the site's own connection: the mail server that EMAIL_URL names."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from typing import Any

from django.core.mail import get_connection
from django.utils.translation import gettext_lazy as _

from outreach.channels.base import Later, MayHaveLeft, NotSent, Outgoing, Sent
from outreach.channels.email.letter import letter
from outreach.channels.email.mailbox import MailboxDriver
from outreach.channels.email.replies import CLOSING, refused


class EmailDjango(MailboxDriver):
    """The mail server of the site's settings, with the site's sender."""

    kind = "email"
    code = "django"
    label = _("The site's mail server")
    about = _("What EMAIL_URL names, where the site is set up; without it, files.")

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.line: Any = None

    def send(self, message: Outgoing) -> Sent:
        """Hand one over. Raises NotSent, Later, MayHaveLeft."""
        try:
            mail = letter(message)
        except ValueError as error:
            raise NotSent(str(error)) from error
        self._open()
        try:
            self.line.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            self._lost_with(code)
            raise refused(code, said, to=True) from error
        except smtplib.SMTPResponseException as error:
            self._lost_with(error.smtp_code)
            raise refused(error.smtp_code, error.smtp_error) from error
        except ValueError as error:  # an address or a header that cannot be one
            raise NotSent(str(error)) from error
        except OSError as error:  # the line broke in the middle
            self.close()
            raise MayHaveLeft(str(error)) from error
        return Sent(mail.extra_headers["Message-ID"])

    def _open(self) -> None:
        if self.line is None:
            line = get_connection()
            try:
                line.open()
            except OSError as error:  # smtplib's errors, too
                raise Later(str(error)[:200], down=True) from error
            self.line = line

    def _lost_with(self, code: int) -> None:
        if code == CLOSING:
            self.close()

    def close(self) -> None:
        """Say good-bye to the server."""
        line, self.line = self.line, None
        try:
            if line is not None:
                line.close()
        except OSError:
            return  # it is gone already
