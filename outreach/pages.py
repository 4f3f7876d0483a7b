"""What outreach adds to the shell: its place, its tabs, its hits, the sentences of its history."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core import hooks
from core.web.nav import WORK, Entry
from outreach import channel_phrases
from outreach.permissions import may_look
from outreach.tabs import tab


def places(user: Any) -> list[Entry]:
    """Campaigns, for who writes or reads them."""
    if not may_look(user):
        return []
    return [Entry("campaigns", _("Campaigns"), "outreach:campaigns", "speakerphone", 10, group=WORK)]


hooks.nav.register(places)
tab("campaigns", _("Campaigns"), "outreach:campaigns", 10, may_look)
tab("templates", _("Templates"), "outreach:templates", 40, may_look)
tab("channels", _("Channels"), "outreach:channels", 70, may_look)
channel_phrases.declare()
