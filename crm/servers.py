"""Makes this process a user of the embedded servers, if the settings say that they are wanted."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings


@cache
def start() -> None:
    """Start or join the embedded servers; does nothing where both addresses are configured.

    Ends the process with a message when they cannot be started.
    """
    if settings.EMBEDDED_SERVERS:
        from crm import embedded

        try:
            embedded.start(Path(settings.EMBEDDED_SERVERS), durable=not settings.TESTING)
        except embedded.EmbeddedError as error:
            raise SystemExit(str(error)) from None
