"""What leads add to the shell: their place, search, panels, Today, the sentences of the timeline."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat
from core import hooks
from core.web.nav import Entry, Hit
from core.web.today import todos as today
from leads import lists_panels, notices, panels, phrases, selectors, todo
from leads.models import Dispute, Extension, Lead
from leads.rules import State


def places(user: Any) -> list[Entry]:
    """Today and Leads."""
    found = []
    if user.wears(Hat.REP, Hat.TELEMARKETER, Hat.MANAGER):
        mine = Lead.objects.filter(owner=user, state=State.MQL)
        found.append(Entry("today", _("Today"), "shell:today", "sun", 10, count=mine))
    if user.wears(*Hat.values):
        found.append(Entry("leads", _("Leads"), "leads:list", "users", 30, count=_waiting(user)))
    if user.wears(Hat.MANAGER, Hat.ADMIN):
        url, sign = "leads:approvals", "signature"
        found.append(Entry("approvals", _("Approvals"), url, sign, 65, count=_to_decide(user)))
    return found


def _to_decide(user: Any) -> Any:
    """What this person may decide: requests for more time, what a manager settles, what apps above add, each once."""
    asked = Extension.objects.for_decision_by(user).order_by().values("pk")
    more = [section.ids(user) for section in hooks.approvals() if section is not None]
    return asked.union(Dispute.objects.for_decision_by(user).order_by().values("pk"), *more)


def _waiting(user: Any) -> Any:
    """The one count that matters: a rep's running weeks, what the desk has to call, else what came in."""
    if user.wears(Hat.REP):
        return Lead.objects.filter(owner=user, state=State.SQL)
    return Lead.objects.visible_to(user).filter(state=State.NEW)


def search(user: Any, text: str, limit: int) -> list[Hit]:
    """Leads by name, company, phone, e-mail, WeChat id (R10.4 holds in `matching`)."""
    rows = selectors.matching(Lead.objects.visible_to(user), text).select_related("contact")
    return [
        Hit(
            title=str(lead.contact),
            url=reverse("leads:lead", args=[lead.pk]),
            icon="users",
            note=lead.contact.company_name,
            kind=State(lead.state).label,
        )
        for lead in rows.order_by("-created_at", "-id")[:limit]
    ]


hooks.nav.register(places)
hooks.search.register(search)
hooks.lead_panels.register(panels.panels)
hooks.lead_panels.register(lists_panels.panels)
today.register(todo.todos)
phrases.declare()
notices.declare()
