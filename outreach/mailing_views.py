"""Pages of mailings: to whom, with which words, who would get it and who not and why; start and stop (R10.8, R11.3)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import saved
from core.errors import NotFound
from core.ids import as_uuid
from core.web import phrases
from core.web.answers import Done, action, cleaned, found, page
from core.web.context import moment
from outreach import campaign_views
from outreach.forms import MailingForm, StartForm
from outreach.history import history_of
from outreach.models import Campaign, Mailing, Template
from outreach.outlook import Outlook, outlook, standing
from outreach.permissions import may_edit, require_editor, require_reader
from outreach.previews import Preview, contacts_for, language_for, preview
from outreach.services import mailings, templates
from outreach.services.mailing_sweep import last_moment
from outreach.services.templates import Wording


def new_mailing(request: HttpRequest, pk: Any) -> HttpResponse:
    """The form of a new mailing of a campaign; what is posted to it is kept."""
    return save_new(request, pk) if request.method == "POST" else mailing_form(request, pk)


def edit_mailing(request: HttpRequest, pk: Any) -> HttpResponse:
    """The form of a mailing that has not begun; what is posted to it is kept."""
    return save(request, pk) if request.method == "POST" else change_form(request, pk)


@page
@require_safe
def mailing_form(request: HttpRequest, pk: Any) -> HttpResponse:
    """Whom, and what."""
    require_editor(request.user)  # type: ignore[arg-type]
    row = found(Campaign.objects.all(), pk)
    return _form_page(request, row, None, {})


@page
@require_safe
def change_form(request: HttpRequest, pk: Any) -> HttpResponse:
    """The same for one that is written."""
    require_editor(request.user)  # type: ignore[arg-type]
    row = found(_mailings(), pk)
    return _form_page(request, row.campaign, row, {"view": str(row.view_id), "template": row.template_id})


def _form_page(
    request: HttpRequest, campaign: Campaign, mailing: Mailing | None, initial: dict[str, Any]
) -> HttpResponse:
    form = _form(request.user, None, mailing, initial=initial)
    context = {"campaign": campaign, "mailing": mailing, "form": form, "views": form.views}
    return render(request, "outreach/mailing_form.html", context)


def _form(user: Any, data: Any, mailing: Mailing | None, **more: Any) -> MailingForm:
    rows = Template.objects.filter(active=True)
    if mailing is not None:
        rows = rows | Template.objects.filter(pk=mailing.template_id)
    return MailingForm(data, views=saved.views_of(user, mailings.VIEWS), templates=rows, **more)


def _mailings() -> Any:
    return Mailing.objects.select_related("campaign", "template", "view", "by")


@page
@require_safe
def mailing(request: HttpRequest, pk: Any) -> HttpResponse:
    """One mailing: before it starts what would happen, afterwards how far it is."""
    user: Any = request.user
    require_reader(user)
    row = found(_mailings(), pk)
    at = moment(request)
    begun = row.state != Mailing.State.DRAFT and row.addressees.exists()
    query = row.audience if row.state != Mailing.State.DRAFT else (row.view.query if row.view else None)
    look = Outlook()
    if begun:
        look = standing(row)
    elif query is not None:
        look = outlook(query, row.channel, row.by, at)
    context = {
        "mailing": row,
        "campaign": row.campaign,
        "look": look,
        "begun": begun,
        "last": last_moment(row) if row.starts_at else None,
        "preview": _preview(row, look, user, at),
        "form": StartForm(),
        "allowed": mailings.allowed_actions(row) if may_edit(user) else [],
        "view_gone": row.state == Mailing.State.DRAFT and row.view is None,
        "entries": phrases.lines(history_of([row.pk], user)),
    }
    return render(request, "outreach/mailing.html", context)


def _preview(row: Mailing, look: Outlook, user: Any, at: Any) -> Preview:
    """The text on the first who gets it."""
    words = templates.wordings_of(row.template)
    contact = look.first or contacts_for(user, "", row.channel).first()
    language = language_for(words, contact)
    return preview(row.channel, language, words.get(language, Wording()), contact, at=at)


@action
def save_new(request: HttpRequest, pk: Any) -> Done:
    """Write a mailing of a campaign."""
    require_editor(request.user)  # type: ignore[arg-type]
    campaign = found(Campaign.objects.all(), pk)
    return _save(request, campaign, None)


@action
def save(request: HttpRequest, pk: Any) -> Done:
    """Change a mailing."""
    require_editor(request.user)  # type: ignore[arg-type]
    row = found(_mailings(), pk)
    return _save(request, row.campaign, row)


def _save(request: HttpRequest, campaign: Campaign, row: Mailing | None) -> Done:
    data = cleaned(_form(request.user, request.POST, row))
    made = mailings.save_mailing(row, by=request.user, campaign=campaign, **data)  # type: ignore[arg-type]
    return Done(_("Saved. Nothing goes out before you start it."), url=_address(made))


@action
def start(request: HttpRequest, pk: Any) -> Done:
    """Let it begin."""
    row = found(_mailings(), pk)
    data = cleaned(StartForm(request.POST))
    begun = mailings.start(row, by=request.user, starts_at=data["starts_at"])  # type: ignore[arg-type]
    if begun.addressees.exists():
        return Done(_("It has begun: everybody is decided on within a minute."), url=_address(begun))
    return Done(_("It begins by itself when its time comes."), url=_address(begun))


@action
def stop(request: HttpRequest, pk: Any) -> Done:
    """Stop it."""
    row = mailings.stop(found(_mailings(), pk), by=request.user)  # type: ignore[arg-type]
    return Done(_("Stopped. What had not been sent is withdrawn."), url=_address(row))


@action
def drop(request: HttpRequest, pk: Any) -> Done:
    """Throw it away."""
    row = found(_mailings(), pk)
    mailings.drop(row, by=request.user)  # type: ignore[arg-type]
    return Done(_("The mailing is thrown away."), url=campaign_views.address(row.campaign))


@page
@require_safe
def whom(request: HttpRequest) -> HttpResponse:
    """While a mailing is written: who would get it."""
    user: Any = request.user
    require_editor(user)
    view = {str(row.pk): row for row in saved.views_of(user, mailings.VIEWS)}.get(request.GET.get("view", ""))
    pk = as_uuid(request.GET.get("template", ""))
    template = Template.objects.filter(pk=pk).prefetch_related("texts").first() if pk else None
    if view is None or template is None:
        if request.GET.get("view") and view is None:
            raise NotFound
        return render(request, "outreach/whom.html", {"look": None})
    at = moment(request)
    look = outlook(view.query, template.channel, user, at)
    row = Mailing(template=template, channel=template.channel)
    context = {"look": look, "preview": _preview(row, look, user, at), "begun": False}
    return render(request, "outreach/whom.html", context)


def _address(row: Mailing) -> str:
    return reverse("outreach:mailing", args=[row.pk])
