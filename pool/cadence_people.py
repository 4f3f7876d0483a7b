"""The leads and the messages behind the figures of a cadence, and a message of it sent to oneself (R10.10)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.models import Contact
from core.errors import NotFound
from core.ids import as_uuid
from core.web.answers import Done, action, page
from core.web.listing import Listing, one_of
from leads.models import Lead
from outreach.models import Message, Template
from outreach.permissions import require_editor
from outreach.services.trying import send_test
from outreach.tabs import tabs
from pool import cadence_reading as reading
from pool.cadence_views import period, readable, why
from pool.models import Cadence, Entry

ENTRY_ORDERS = {"due_at": "due_at", "started_at": "started_at"}
MESSAGE_ORDERS = {"sent_at": "sent_at"}


@page
@require_safe
def leads(request: HttpRequest, pk: Any) -> HttpResponse:
    """The leads behind a figure of a cadence."""
    row = readable(request, pk)
    show = one_of(request, "show", dict(reading.SHOWS)) or reading.IN
    step = as_uuid(request.GET.get("step", ""))
    entries = reading.entries_of(row, show, period(request)[1], step).filter(
        lead__in=Lead.objects.visible_to(request.user)
    )
    if q := request.GET.get("q", "").replace("\x00", "").strip()[:200]:
        entries = entries.filter(Q(lead__contact__name__holds=q) | Q(lead__contact__company_name__holds=q))
    version = reading.version_of(row)
    line = reading.line_of(version)
    listing = Listing(
        request, entries.select_related("lead__contact__company", "lead__owner"), ENTRY_ORDERS, "due_at"
    )
    steps = {stop.key: stop for stop in line.stops}
    context = {
        **tabs(request, "cadences"),
        "cadence": row,
        "listing": listing,
        "rows": [_entry(entry, steps) for entry in listing],
        "shows": reading.SHOWS,
        "show": show,
        "step": steps.get(step),
        "q": q,
    }
    return render(request, "pool/cadence_leads.html", context)


def _entry(entry: Entry, steps: dict[Any, Any]) -> dict[str, Any]:
    return {"entry": entry, "lead": entry.lead, "stop": steps.get(entry.step_key), "why": why(entry.held)}


@page
@require_safe
def messages(request: HttpRequest, pk: Any) -> HttpResponse:
    """The messages of a cadence that left, and what became of each."""
    row = readable(request, pk)
    show = one_of(request, "show", dict(reading.MESSAGES))
    step = as_uuid(request.GET.get("step", ""))
    rows = reading.messages_of(row, show, period(request)[1], step)
    rows = rows.filter(pk__in=Message.objects.visible_to(request.user).values("pk"))
    steps = {stop.key: stop for stop in reading.line_of(reading.version_of(row)).stops}
    listing = Listing(request, rows.select_related("contact", "template"), MESSAGE_ORDERS, "-sent_at")
    leads = _leads_of(request, [message.contact_id for message in listing])
    context = {
        **tabs(request, "cadences"),
        "cadence": row,
        "listing": listing,
        "rows": [
            {
                "message": message,
                "stop": steps.get(message.step_id),
                "way": reading.way_of(message.channel, message.template),
                "url": _page_of(message, leads.get(message.contact_id)),
            }
            for message in listing
        ],
        "shows": reading.MESSAGES,
        "show": show,
        "step": steps.get(step),
    }
    return render(request, "pool/cadence_messages.html", context)


def _leads_of(request: HttpRequest, contact_ids: list[Any]) -> dict[Any, Any]:
    """The leads of these people that this user sees: contact id → lead id."""
    rows: QuerySet[Lead] = Lead.objects.visible_to(request.user)
    return dict(rows.filter(contact__in=[pk for pk in contact_ids if pk]).values_list("contact_id", "pk"))


def _page_of(message: Message, lead_id: Any) -> str:
    """The page of a message; as long as there is none, that of the person it went to."""
    try:
        return reverse("outreach:message", args=[message.pk])
    except NoReverseMatch:
        return reverse("leads:lead", args=[lead_id]) if lead_id else ""


@action
def test(request: HttpRequest, pk: Any) -> Done:
    """Send one way of a step to an address of one's own, filled in as for the person that was chosen."""
    user: Any = request.user
    row = readable(request, pk)
    require_editor(user)
    template = _template(row, request.POST.get("template", ""))
    contact = None
    if lead := as_uuid(request.POST.get("lead", "")):
        seen = Contact.objects.filter(leads__in=Lead.objects.visible_to(user).filter(pk=lead))
        contact = seen.select_related("company").first()
    language = contact.language if contact else ""
    sent = send_test(template, to=request.POST.get("to", ""), by=user, language=language, contact=contact)
    return Done(_("A test is on its way to %(to)s.") % {"to": sent.to or _("the webhook")})


def _template(row: Cadence, asked: str) -> Template:
    """The template, if it is one of the cadence's in force. Raises NotFound."""
    version = reading.version_of(row)
    for step in version.steps.all() if version else ():
        for way in step.ways.all():
            if str(way.template_id) == asked:
                return way.template
    raise NotFound()
