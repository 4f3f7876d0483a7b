"""The posts of a lead's pages: load → form → verb → answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.web.answers import Done, action, back, cleaned, found
from core.web.context import moment
from leads import forms, selectors, services
from leads.models import Lead

POINTS = ("phone", "email", "wechat")


def actionable(request: HttpRequest, pk: Any) -> Lead:
    """The lead, for who sees it or saw it a moment ago: a loser is told the truth (409), not 404."""
    rows = Lead.objects.actionable_by(request.user, moment(request))
    return found(rows.select_related("contact", "owner", "team"), pk)


def page_of(request: HttpRequest, lead: Lead) -> str:
    """The lead's page, or where the person was if it is out of sight."""
    if Lead.objects.visible_to(request.user).filter(pk=lead.pk).exists():
        return reverse("leads:lead", args=[lead.pk])
    return back(request)


@action
def capture(request: HttpRequest) -> Done:
    """A new lead, or the one that there was (R1.3)."""
    data = cleaned(forms.CaptureForm(request.POST))
    contact = {name: data[name] for name in ("name", "title", "company_name", *POINTS)}
    lead, known = services.capture(
        by=request.user,
        contact=contact,
        channel=data["channel"],
        medium=data["medium"],
        campaign=data["campaign"],
        note=data["note"],
    )
    url = page_of(request, lead)
    if known:
        return Done(
            _("This person is known already. The arrival is kept, and whoever has them is told."), url=url
        )
    return Done(_("New lead added."), url=url)


@action
def accept(request: HttpRequest, pk: Any) -> Done:
    """MQL → SQL (R4.1)."""
    lead = services.accept(actionable(request, pk), by=request.user)
    return Done(_("Accepted. %(name)s is yours for a week.") % {"name": lead.contact})


@action
def return_mql(request: HttpRequest, pk: Any) -> Done:
    """An illegal MQL goes back to marketing (R4.1)."""
    lead = actionable(request, pk)
    services.return_mql(lead, by=request.user, **cleaned(forms.ReturnForm(request.POST)))
    return Done(_("Returned to marketing."))


@action
def take(request: HttpRequest, pk: Any) -> Done:
    """A colleague's missed first call (R3.2)."""
    lead = services.take(actionable(request, pk), by=request.user)
    return Done(_("%(name)s is yours to call now.") % {"name": lead.contact})


@action
def extend(request: HttpRequest, pk: Any) -> Done:
    """Another week, asked for (R7.1)."""
    data = cleaned(forms.AskForm(request.POST))
    services.ask_extension(actionable(request, pk), by=request.user, **data)
    return Done(_("Asked. The clock runs on until somebody has decided."))


@action
def object_to(request: HttpRequest, pk: Any) -> Done:
    """What is none of the five reasons, to the manager (R4.1)."""
    data = cleaned(forms.ObjectForm(request.POST))
    services.object_to(actionable(request, pk), by=request.user, **data)
    return Done(_("Put to the manager. Until it is settled, the time to judge runs on."))


@action
def contest(request: HttpRequest, pk: Any) -> Done:
    """Marketing against a return (R4.2)."""
    data = cleaned(forms.ContestForm(request.POST))
    services.contest(actionable(request, pk), by=request.user, **data)
    return Done(_("Contested: a manager settles it."))


@action
def release(request: HttpRequest, pk: Any) -> Done:
    """Back to the pool (R6.5)."""
    lead = actionable(request, pk)
    services.release(lead, by=request.user, **cleaned(forms.ReleaseForm(request.POST)))
    return Done(_("Given back to the pool."))


@action
def assign(request: HttpRequest, pk: Any) -> Done:
    """To a colleague (R6.5)."""
    lead = actionable(request, pk)
    rep = cleaned(forms.AssignForm(request.POST, reps=selectors.assignable_reps(lead, request.user)))["rep"]
    services.assign(lead, rep=rep, by=request.user)
    return Done(_("Given to %(name)s.") % {"name": rep.name})


@action
def note(request: HttpRequest, pk: Any) -> Done:
    """A note (R6.4)."""
    services.add_note(actionable(request, pk), by=request.user, **cleaned(forms.NoteForm(request.POST)))
    return Done(_("Noted."))


@action
def next_step(request: HttpRequest, pk: Any) -> Done:
    """The next step and its day (R12.2)."""
    data = cleaned(forms.NextStepForm(request.POST))
    lead = actionable(request, pk)
    services.set_next_step(lead, text=data["next_step"], on=data["next_step_on"], by=request.user)
    return Done(_("Next step kept.") if data["next_step"] else _("Next step taken away."))


@action
def contact(request: HttpRequest, pk: Any) -> Done:
    """What is known of the person."""
    data = cleaned(forms.ContactForm(request.POST))
    lead = actionable(request, pk)
    services.edit(lead, by=request.user, contact=data)
    return Done(_("Details saved."))
