"""What the list and merging add to a lead's page: labels (a branch), and merging with another lead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.web.panels import Panel
from leads import labels, permissions, services
from leads.models import Label, Lead
from leads.rules import State, is_overdue


def panels(lead: Lead, user: Any, at: datetime) -> list[Panel]:
    """Buttons of this user on this lead."""
    gone = lead.state == State.MERGED or is_overdue(lead.state, lead.due_at, at)
    if gone or not permissions.may_edit(user, lead):
        return []
    found = [
        Panel(
            "merge",
            _("Merge"),
            "git-merge",
            reverse("leads:merge", args=[lead.pk]),
            95,
            "leads/panels/merge.html",
            lambda: {"suggested": services.suggestions_for(lead, user)},
        )
    ]
    if labels.on() and lead.state in labels.ON_LEADS:
        found.append(
            Panel(
                "labels",
                _("Labels"),
                "tag",
                reverse("leads:put_labels", args=[lead.pk]),
                85,
                "leads/panels/labels.html",
                lambda: {"every": list(Label.objects.all()), "has": set(lead.labels.all())},
            )
        )
    return found
