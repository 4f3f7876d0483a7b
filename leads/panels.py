"""What can be done with a lead on its page and on Today: what leads themselves offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.web.panels import Panel
from leads import approvals, forms, selectors
from leads.models import Lead
from leads.permissions import is_masked


def panels(lead: Lead, user: Any, at: datetime) -> list[Panel]:
    """The actions of this user on this lead, as buttons and forms."""
    allowed = set(selectors.allowed_actions([lead], user, at)[lead.pk])
    url = partial(_url, lead)
    step = {"next_step": lead.next_step, "next_step_on": lead.next_step_on}
    contact = lead.contact
    names = ("name", "company_name", "title", "language")
    shown = {name: getattr(contact, name) for name in names}
    found = []
    if "accept" in allowed:
        found.append(Panel("accept", _("Accept"), "check", url("accept"), 10, key="a", first=True))
    if "return" in allowed:
        sign = "arrow-back-up"
        back = _form("return", _("Return to marketing"), sign, url("return"), 20, forms.ReturnForm, key="r")
        if "object" in allowed:
            back = replace(back, template="leads/panels/return.html")
        found.append(back)
    if "take" in allowed:
        found.append(Panel("take", _("Take over"), "hand-grab", url("take"), 12, key="t", first=True))
    if "object" in allowed:
        sign = "message-circle"
        found.append(
            _form("object", _("Put to the manager"), sign, url("object"), 25, forms.ObjectForm, key="b")
        )
    if "extend" in allowed:
        found.append(_extend(lead, user, at))
    if "contest" in allowed:
        sign = "arrow-forward-up"
        found.append(_form("contest", _("Contest the return"), sign, url("contest"), 30, forms.ContestForm))
    if "note" in allowed:
        found.append(_form("note", _("Note"), "note", url("notes"), 50, forms.NoteForm, key="n"))
    if "edit" in allowed:
        next_step = partial(forms.NextStepForm, initial=step)
        found.append(
            _form("next", _("Next step"), "flag", url("next"), 55, next_step, key="s", done=_("Save"))
        )
    if "assign" in allowed:
        form = partial(forms.AssignForm, reps=selectors.assignable_reps(lead, user))
        found.append(_form("assign", _("Give to a colleague"), "user-share", url("assign"), 70, form))
    if "release" in allowed:
        found.append(_form("release", _("Give back"), "ripple", url("release"), 80, forms.ReleaseForm))
    if "edit" in allowed and not is_masked(lead):
        details = partial(forms.ContactForm, initial=shown)
        label, save = _("Edit details"), _("Save")
        found.append(_form("details", label, "edit", url("contact"), 90, details, two=True, done=save))
    return found


def _extend(lead: Lead, user: Any, at: datetime) -> Panel:
    """Another week, with what is used of the two limits and who will decide (R7)."""

    def build() -> dict[str, Any]:
        return {"form": forms.AskForm(), **approvals.limits(lead, user, at)}

    label, sign = _("Ask for another week"), "hourglass-low"
    return Panel("extend", label, sign, _url(lead, "extend"), 60, "leads/panels/extend.html", build, key="e")


def _form(
    name: str,
    label: Any,
    sign: str,
    post: str,
    order: int,
    form: Callable[[], Any],
    *,
    key: str = "",
    two: bool = False,
    done: Any = "",
) -> Panel:
    return Panel(
        name,
        label,
        sign,
        post,
        order,
        "leads/panels/form.html",
        lambda: {"form": form(), "two": two},
        key=key,
        done=done,
    )


def _url(lead: Lead, action: str) -> str:
    return reverse(f"leads:{action}", args=[lead.pk])
