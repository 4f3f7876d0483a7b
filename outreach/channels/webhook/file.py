"""Webhooks as files."""

from __future__ import annotations

from outreach.channels.file import FileDriver


class WebhookFile(FileDriver):
    """Writes posts under outbox/webhook/."""

    kind = "webhook"
    folder = "webhook"
