"""Drivers for trying out: what would be sent is written to a file in the data folder, and nothing leaves."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from outreach.channels.base import Later, Outgoing, Plain, Sent


class FileDriver(Plain):
    """Writes each message under outbox/ of the data folder, one file a key: the same key twice is one file."""

    code = "file"
    label = _("Files, for trying out")
    about = _("Each message becomes a file in the data folder; nothing leaves the house.")
    keyed = True
    folder: ClassVar[str]

    def send(self, message: Outgoing) -> Sent:
        """Write it down. Raises Later when the disk refuses."""
        name = re.sub(r"[^\w-]", "_", message.key)[:80] or "message"
        content = self.content(message)
        try:
            folder = Path(settings.VAR) / "outbox" / self.folder
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / f"{name}.{self.ending}").write_bytes(content)
        except OSError as error:
            raise Later(str(error), down=True) from error
        return Sent(f"file-{name}")

    ending: ClassVar[str] = "json"

    def content(self, message: Outgoing) -> bytes:
        """Everything that a provider would get, readable."""
        said = {
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "language": message.language,
            "params": dict(message.params),
            "about": dict(message.about),
            "key": message.key,
        }
        return json.dumps({k: v for k, v in said.items() if v}, ensure_ascii=False, indent=1).encode()
