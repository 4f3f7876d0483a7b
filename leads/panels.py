"""What can be done with a lead on its page and on Today: what leads themselves offer."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.web.panels import Panel
from leads import forms, selectors
from leads.models import Lead


def panels(lead: Lead, user: Any, at: datetime) -> list[Panel]:
    """The actions of this user on this lead, as buttons and forms."""
    allowed = set(selectors.allowed_actions([lead], user, at)[lead.pk])
    url = partial(_url, lead)
    known = {
        "accept": Panel("accept", _("Accept"), "check", url("accept"), 10, key="a", first=True),
        "return": Panel(
            "return", _("Return to marketing"), "arrow-back-up", url("return"), 20,
            "leads/panels/form.html", lambda: {"form": forms.ReturnForm()}, key="r",
        ),
        "note": Panel(
            "note", _("Note"), "note", url("notes"), 50, "leads/panels/form.html", lambda: {"form": forms.NoteForm()}, key="n"
        ),
        "edit": Panel(
            "next", _("Next step"), "flag", url("next"), 55, "leads/panels/form.html",
            lambda: {"form": forms.NextStepForm(initial={"next_step": lead.next_step, "next_step_on": lead.next_step_on})},
            key="s",
        ),
        "assign": Panel(
            "assign", _("Give to a colleague"), "user-share", url("assign"), 70, "leads/panels/form.html",
            lambda: {"form": forms.AssignForm(reps=selectors.assignable_reps(lead, user))},
        ),
        "release": Panel(
            "release", _("Give back"), "ripple", url("release"), 80,
            "leads/panels/form.html", lambda: {"form": forms.ReleaseForm()},
        ),
    }  # fmt: skip
    found = [panel for name, panel in known.items() if name in allowed]
    if "edit" in allowed and lead.state != "pooled":
        found.append(_details(lead, url("contact")))
    return found


def _details(lead: Lead, post: str) -> Panel:
    contact = lead.contact
    shown = {"name": contact.name, "company_name": contact.company_name, "title": contact.title}
    return Panel(
        "details", _("Edit details"), "edit", post, 90, "leads/panels/form.html",
        lambda: {"form": forms.ContactForm(initial=shown), "two": True},
    )  # fmt: skip


def _url(lead: Lead, action: str) -> str:
    return reverse(f"leads:{action}", args=[lead.pk])
