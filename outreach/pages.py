"""What outreach adds to the shell: its place, its tabs, its hits, the sentences of its history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import hooks
from core.web.nav import WORK, Entry, Hit
from outreach import channel_phrases, phrases
from outreach.models import Campaign, Template
from outreach.permissions import may_look
from outreach.tabs import tab


def places(user: Any) -> list[Entry]:
    """Campaigns, for who writes or reads them."""
    if not may_look(user):
        return []
    return [Entry("campaigns", _("Campaigns"), "outreach:campaigns", "speakerphone", 10, group=WORK)]


def search(user: Any, text: str, limit: int) -> list[Hit]:
    """Campaigns and templates by a part of their name, those in use first."""
    if not may_look(user):
        return []
    found: list[Hit] = []
    for rows, url, icon, kind in (
        (Campaign.objects.all(), "outreach:campaign", "speakerphone", _("Campaign")),
        (Template.objects.all(), "outreach:template", "message", _("Template")),
    ):
        named = rows.filter(name__icontains=text.strip()).order_by("-active", "name")[:limit]
        note = _("put away")
        found += [
            Hit(str(row), reverse(url, args=[row.pk]), icon, "" if row.active else note, kind)
            for row in named
        ]
    return found


def sweep(at: datetime) -> dict[str, int]:
    """Mailings: everybody whose time has come is decided on."""
    from outreach.services.mailing_sweep import decide_due

    return {"mailed": decide_due(at)}


hooks.nav.register(places)
hooks.search.register(search)
phrases.declare()
hooks.sweeps.register(sweep)
tab("campaigns", _("Campaigns"), "outreach:campaigns", 10, may_look)
tab("templates", _("Templates"), "outreach:templates", 40, may_look)
tab("channels", _("Channels"), "outreach:channels", 70, may_look)
channel_phrases.declare()
