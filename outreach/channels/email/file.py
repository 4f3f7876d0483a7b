"""E-mail as files."""

from __future__ import annotations

from outreach.channels.base import NotSent, Outgoing
from outreach.channels.email.letter import letter
from outreach.channels.file import FileDriver


class EmailFile(FileDriver):
    """Writes mails under outbox/email/, as mail programs open them."""

    kind = "email"
    folder = "email"
    ending = "eml"

    def content(self, message: Outgoing) -> bytes:
        """The whole mail. Raises NotSent for what is no address."""
        try:
            return letter(message).message().as_bytes()
        except ValueError as error:
            raise NotSent(str(error)) from error
