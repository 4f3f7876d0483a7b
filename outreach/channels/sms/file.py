"""SMS as files."""

from __future__ import annotations

from outreach.channels.file import FileDriver


class SmsFile(FileDriver):
    """Writes SMS under outbox/sms/."""

    kind = "sms"
    folder = "sms"
