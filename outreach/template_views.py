"""Pages of templates: the list, the editor with its preview on a real person, a test (ui.md, Campaigns & cadences)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.models import Contact
from core.api.parsers import text_fault
from core.errors import NotFound
from core.ids import as_uuid
from core.web import phrases
from core.web.answers import Done, action, cleaned, found, page
from core.web.context import moment
from core.web.listing import Listing, one_of
from outreach.forms import TemplateForm, initial_of
from outreach.history import history_of
from outreach.models import Template
from outreach.permissions import may_edit, require_editor, require_reader
from outreach.previews import SHOWN, contacts_for, language_for, preview
from outreach.rendering import VARIABLES, at_a_glance
from outreach.rules import POINT_OF, ChannelKind
from outreach.services import templates, trying
from outreach.services.templates import LANGUAGES, Wording
from outreach.tabs import tabs

ORDERS = {"name": "name", "channel": "channel"}


@page
@require_safe
def all_templates(request: HttpRequest) -> HttpResponse:
    """The templates there are, by the way they go."""
    user: Any = request.user
    require_reader(user)
    channel = one_of(request, "channel", ChannelKind.values)
    away = request.GET.get("show") == "away"
    rows = Template.objects.filter(active=not away).prefetch_related("texts")
    if channel:
        rows = rows.filter(channel=channel)
    listing = Listing(request, rows, ORDERS, "channel")
    context = {
        **tabs(request, "templates"),
        "listing": listing,
        "lines": [(row, *_line(row)) for row in listing],
        "channels": ChannelKind.choices,
        "channel": channel,
        "may_edit": may_edit(user),
    }
    return render(request, "outreach/templates.html", context)


def _line(row: Template) -> tuple[list[str], str, list[Any]]:
    """(languages, first words, hints) of a row."""
    words = templates.wordings_of(row)
    own = get_language() or ""
    first = next((words[code] for code in (own, *LANGUAGES) if code in words), Wording())
    hints = templates.hints(row.channel, words)
    return list(words), at_a_glance(first.subject or first.text), [message for _code, message in hints]


def new_template(request: HttpRequest) -> HttpResponse:
    """The editor of a new template; what is posted to it is kept."""
    return save(request) if request.method == "POST" else editor(request)


def template(request: HttpRequest, pk: Any) -> HttpResponse:
    """The editor of one template; what is posted to it is kept."""
    return save(request, pk) if request.method == "POST" else editor(request, pk)


@page
@require_safe
def editor(request: HttpRequest, pk: Any = None) -> HttpResponse:
    """A template with its texts beside how it reads for a real person."""
    user: Any = request.user
    require_editor(user) if pk is None else require_reader(user)
    row = found(Template.objects.select_related("by"), pk) if pk else None
    channel = row.channel if row else one_of(request, "channel", ChannelKind.values) or ChannelKind.SMS
    words = templates.wordings_of(row) if row else {}
    initial = initial_of(row, words) if row else {}
    contact = _contact(request, channel, request.GET.get("contact", ""))
    language = language_for(words, contact, request.GET.get("language", ""))
    shown = words.get(language, Wording())
    context = {
        "row": row,
        "channel": channel,
        "channel_name": ChannelKind(channel).label,
        "channels": ChannelKind.choices,
        "form": TemplateForm(initial=initial, channel=channel, new=row is None),
        "may_edit": may_edit(user),
        "variables": VARIABLES.items(),
        "languages": LANGUAGES,
        "language": language,
        "contact": contact,
        "people": list(contacts_for(user, "", channel)[:SHOWN]),
        "preview": preview(channel, language, shown, contact, at=moment(request)),
        "to": _own_address(user, channel),
        "entries": phrases.lines(history_of([row.pk], user, texts=False)) if row else [],
        "messages_url": _messages_url(),
    }
    return render(request, "outreach/template.html", context)


def _own_address(user: Any, channel: str) -> str:
    return user.email if POINT_OF[ChannelKind(channel)] == "email" else ""


def _messages_url() -> str:
    from django.urls import NoReverseMatch

    try:
        return reverse("outreach:messages")
    except NoReverseMatch:
        return ""


def _contact(request: HttpRequest, channel: str, asked: str) -> Contact | None:
    """The person on whom it is tried: the one that was chosen, else the latest whom it could reach."""
    user: Any = request.user
    pk = as_uuid(asked)
    if pk is not None:
        return Contact.objects.visible_to(user).filter(pk=pk).select_related("company").first()
    return contacts_for(user, "", channel).first() if asked != "none" else None


@action
def show_preview(request: HttpRequest) -> HttpResponse:
    """How what is typed at this moment reads for the chosen person; nothing is kept."""
    require_editor(request.user)  # type: ignore[arg-type]
    channel = request.POST.get("channel", "")
    if channel not in ChannelKind.values:
        raise NotFound
    form = TemplateForm(request.POST, channel=channel, new=False)
    form.is_valid()
    words = form.wordings()
    contact = _contact(request, channel, request.POST.get("contact", ""))
    language = language_for(words, contact, request.POST.get("language", ""))
    made = preview(channel, language, words.get(language, Wording()), contact, at=moment(request))
    unknown = [e.message for e in templates.unknown_errors(words.get(language, Wording()))]
    context = {"preview": made, "unknown": unknown, "channel": channel}
    return render(request, "outreach/preview.html", context)


@page
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The people whom a search finds, to try a template on."""
    user: Any = request.user
    require_reader(user)
    text = request.GET.get("q", "")[:200]
    if text_fault(text):
        text = ""
    rows = list(contacts_for(user, text, request.GET.get("channel", ""))[:SHOWN])
    chosen = as_uuid(request.GET.get("contact", ""))
    return render(request, "outreach/people.html", {"people": rows, "chosen": chosen, "q": text})


@action
def save(request: HttpRequest, pk: Any = None) -> Done:
    """Keep a template."""
    user: Any = request.user
    require_editor(user)
    row = found(Template.objects.all(), pk) if pk else None
    channel = row.channel if row else request.POST.get("channel", "")
    form = TemplateForm(request.POST, channel=channel, new=row is None)
    data = cleaned(form)
    # A shipped name that nobody changed stays what it is in every language.
    name = None if row and data["name"] == str(row) else data["name"]
    saved = templates.save_template(
        row, by=user, name=name, channel=None if row else channel, texts=form.wordings()
    )
    return Done(_("“%(name)s” is saved.") % {"name": saved}, url=_address(saved, request))


@action
def put_away(request: HttpRequest, pk: Any) -> Done:
    """Out of every choice, or back."""
    row = found(Template.objects.all(), pk)
    back = not row.active
    saved = templates.save_template(row, by=request.user, active=back)  # type: ignore[arg-type]
    text = (
        _("“%(name)s” can be chosen again.") if back else _("“%(name)s” is put away. What uses it goes on.")
    )
    return Done(text % {"name": saved}, url=reverse("outreach:templates"))


@action
def test(request: HttpRequest, pk: Any) -> Done:
    """Send what is saved to one address."""
    user: Any = request.user
    require_editor(user)
    row = found(Template.objects.all(), pk)
    contact = _contact(request, row.channel, request.POST.get("contact", "") or "none")
    language = language_for(templates.wordings_of(row), contact, request.POST.get("language", ""))
    sent = trying.send_test(row, to=request.POST.get("to", ""), by=user, language=language, contact=contact)
    text = _("On its way to %(to)s. What became of it stands in Messages.") % {
        "to": sent.to or _("the webhook")
    }
    return Done(text, url=_address(row, request))


def _address(row: Template, request: HttpRequest) -> str:
    """The editor, with the person and the language that were chosen."""
    url = reverse("outreach:template", args=[row.pk])
    kept = {name: request.POST.get(name, "") for name in ("contact", "language")}
    if as_uuid(kept["contact"]) is None:
        kept.pop("contact")
    if kept["language"] not in LANGUAGES:
        kept.pop("language")
    return f"{url}?{urlencode(kept)}" if kept else url
