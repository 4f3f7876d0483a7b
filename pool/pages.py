"""What the pool adds to the shell: its place, the claim on a lead's page, the sentences of the timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat
from core import hooks
from core.web.nav import Entry
from core.web.notices import notice
from core.web.panels import Panel
from core.web.phrases import phrase
from leads.models import Lead
from leads.rules import State
from outreach.permissions import may_look
from outreach.tabs import tab
from pool import notices
from pool.selectors import actions


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
    """Claim, while a rep may; let a worn lead be claimed, for marketing."""
    may = actions([lead], user, at).get(lead.pk, [])
    found = []
    if "claim" in may:
        post = reverse("pool:claim", args=[lead.pk])
        found.append(Panel("claim", _("Claim"), "hand-grab", post, 5, key="a", first=True))
    if "free_worn" in may:
        post = reverse("pool:free", args=[lead.pk])
        found.append(Panel("free", _("Let it be claimed"), "hand-grab", post, 6))
    return found


def _worn(data: dict[str, Any], name: str) -> str:
    return now_("%(name)s expired on several reps in a row and rests: decide what becomes of it") % {
        "name": name or now_("A lead")
    }


hooks.nav.register(places)
hooks.lead_panels.register(panels)
tab("cadences", _("Cadences"), "pool:cadences", 20, may_look)
phrase("claimed", "hand-grab", _("Claimed from the pool: a fresh week"))
phrase("to_cadence", "rotate", _("Marketing leaves it to the cadence"))
notices.declare()
notice("lead_worn", "hourglass-low", _("A lead is worn"), _worn, hats=(Hat.MARKETER,), branch="worn_leads")
phrase("worn_freed", "hand-grab", _("Worn, but marketing lets it be claimed"))
