"""What opportunities add to the shell: their place, search, panels, Today, the sentences of the timeline."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat
from contacts.search import words
from core import hooks
from core.web.nav import Entry, Hit
from core.web.today import todos as today
from opportunities import (
    calendar_page,
    letterhead_page,
    notices,
    panels,
    phrases,
    presales_page,
    todo,
    todo_deal,
)
from opportunities.models import Opportunity

SEERS = (Hat.REP, Hat.MANAGER, Hat.MARKETER, Hat.PRESALES, Hat.SUCCESS, Hat.SERVICE, Hat.ADMIN)


def places(user: Any) -> list[Entry]:
    """The pipeline, with what is open: the own for a rep, else all that one sees."""
    if not user.wears(*SEERS):
        return []
    rows = Opportunity.objects.open()
    rows = rows.filter(owner=user) if user.wears(Hat.REP) else rows.visible_to(user)
    return [Entry("pipeline", _("Pipeline"), "opportunities:pipeline", "layout-kanban", 50, count=rows)]


def search(user: Any, text: str, limit: int) -> list[Hit]:
    """Opportunities by the name of the company or the person."""
    rows = Opportunity.objects.visible_to(user).filter(words(text, "contact__", "company__"))
    return [
        Hit(
            title=row.company.name,
            url=reverse("opportunities:opportunity", args=[row.pk]),
            icon="layout-kanban",
            note=str(row.contact or ""),
            kind=row.get_stage_display(),
        )
        for row in rows.select_related("company", "contact").order_by("-created_at", "-id")[:limit]
    ]


hooks.nav.register(places)
hooks.nav.register(presales_page.places)
hooks.nav.register(letterhead_page.places)
hooks.me_parts.register(calendar_page.part)
hooks.search.register(search)
hooks.lead_panels.register(panels.of_lead)
today.register(todo.todos)
today.register(todo_deal.todos)
phrases.declare()
notices.declare()
