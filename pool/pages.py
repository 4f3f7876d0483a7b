"""What the pool adds to the shell: its place, the claim on a lead's page, the sentences of the timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat
from core import hooks
from core.web.nav import Entry
from core.web.panels import Panel
from core.web.phrases import phrase
from leads.models import Lead
from leads.rules import State
from outreach.permissions import may_look
from outreach.tabs import tab
from pool import notices
from pool.selectors import pool_parts


def places(user: Any) -> list[Entry]:
    """The pool, for who may claim from it or look after it."""
    if not user.wears(Hat.REP, Hat.MANAGER, Hat.MARKETER, Hat.ADMIN):
        return []
    rows = Lead.objects.filter(state=State.POOLED)
    return [
        Entry(
            "pool",
            _("Pool"),
            "pool:pool",
            "ripple",
            40,
            count=rows.filter(claimable=True) if user.wears(Hat.REP) else rows,
        )
    ]


def panels(lead: Lead, user: Any, at: datetime) -> list[Panel]:
    """Claim, while a rep may."""
    part = pool_parts([lead], user, at).get(lead.pk)
    if part is None or not part["pool"]["claimable_by_me"]:
        return []
    post = reverse("pool:claim", args=[lead.pk])
    return [Panel("claim", _("Claim"), "hand-grab", post, 5, key="a", first=True)]


hooks.nav.register(places)
hooks.lead_panels.register(panels)
tab("cadences", _("Cadences"), "pool:cadences", 20, may_look)
phrase("claimed", "hand-grab", _("Claimed from the pool: a fresh week"))
phrase("to_cadence", "rotate", _("Marketing leaves it to the cadence"))
notices.declare()
