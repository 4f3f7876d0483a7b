"""Robot calls as files."""

from __future__ import annotations

from outreach.channels.file import FileDriver


class CallFile(FileDriver):
    """Writes calls under outbox/call/."""

    kind = "call"
    folder = "call"
