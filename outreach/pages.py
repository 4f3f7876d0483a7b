"""What outreach adds to the shell: its place, its tabs, its hits, the sentences of its history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import hooks
from core.web.nav import WORK, Entry
from outreach.permissions import may_look
from outreach.tabs import tab


def places(user: Any) -> list[Entry]:
    """Campaigns, for who writes or reads them."""
    if not may_look(user):
        return []
    return [Entry("campaigns", _("Campaigns"), "outreach:campaigns", "speakerphone", 10, group=WORK)]


def sweep(at: datetime) -> dict[str, int]:
    """Mailings: everybody whose time has come is decided on."""
    from outreach.services.mailing_sweep import decide_due

    return {"mailed": decide_due(at)}


def people_merged(stays: Any, goes: Any, by: Any) -> None:
    """Who is in a mailing stays in it."""
    from outreach.services.mailings import merged

    merged(stays, goes, by)


hooks.nav.register(places)
hooks.sweeps.register(sweep)
hooks.merged.register(people_merged)
tab("campaigns", _("Campaigns"), "outreach:campaigns", 10, may_look)
tab("templates", _("Templates"), "outreach:templates", 40, may_look)
