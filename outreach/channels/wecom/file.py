"""Notices to a team as files."""

from __future__ import annotations

from outreach.channels.file import FileDriver
from outreach.channels.wecom.language import LANGUAGE


class WecomFile(FileDriver):
    """Writes notices under outbox/wechat/."""

    kind = "wechat"
    folder = "wechat"
    settings = (LANGUAGE,)
