"""Pages of messages: the outbox, one message, tasks for a person; and what is written to one person by hand."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.models import Contact
from core.errors import Forbidden, Invalid
from core.web.answers import Done, action, cleaned, found, page
from core.web.context import moment
from core.web.listing import Listing, one_of
from outreach import message_forms as forms
from outreach.filters import MessageFilters
from outreach.message_lines import lines_of, tasks_of, wanted
from outreach.message_pages import may_have_tasks, may_read
from outreach.message_rules import may_do
from outreach.models import Campaign, Consent, Message
from outreach.rules import ChannelKind, Function
from outreach.services import messages as verbs
from outreach.services.consent import set_consent
from outreach.tabs import tabs

ORDERS = {"created_at": "created_at"}
FILTERS = ("state", "channel", "function", "campaign")
TASKS = 30
CAMPAIGNS = 200


@page
@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """The outbox: everything that was written to people, with what became of it; the filters are in the URL."""
    user: Any = request.user
    if not may_read(user):
        raise Forbidden()
    chosen = {
        "state": one_of(request, "state", Message.State.values),
        "channel": one_of(request, "channel", ChannelKind.values),
        "function": one_of(request, "function", Function.values),
    }
    campaigns = list(Campaign.objects.order_by("name").values_list("name", flat=True)[:CAMPAIGNS])
    chosen["campaign"] = one_of(request, "campaign", campaigns)
    q = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    asked = {name: value for name, value in {**chosen, "q": q}.items() if value}
    rows: Any = Message.objects.visible_to(user)
    try:
        rows = MessageFilters(asked, queryset=rows, request=request).checked()
    except Invalid:  # a page forgives where the API refuses
        rows = rows.none()
    listing = Listing(request, wanted(rows), ORDERS, "-created_at")
    context = {
        **tabs(request, "messages"),
        "listing": listing,
        "lines": lines_of(listing.rows, user),
        "q": q,
        "states": Message.State.choices,
        "channels": ChannelKind.choices,
        "functions": Function.choices,
        "campaigns": campaigns,
        "chosen": chosen,
    }
    return render(request, "outreach/messages.html", context)


@page
@require_safe
def message(request: HttpRequest, pk: Any) -> HttpResponse:
    """One message: what it says and what became of it."""
    user: Any = request.user
    row = found(wanted(Message.objects.visible_to(user)), pk)
    (line,) = lines_of([row], user)
    reactions = list(row.reactions.order_by("at", "id")[:30])
    context = {"line": line, "message": row, "reactions": reactions, "may_read": may_read(user)}
    context["may_do"] = row.state == Message.State.TO_DO and may_do(user, row)
    return render(request, "outreach/message.html", context)


def _of(user: Any, pk: Any) -> Message:
    return found(Message.objects.visible_to(user), pk)


def _address(pk: Any) -> str:
    return reverse("outreach:message", args=[pk])


@action
def retry(request: HttpRequest, pk: Any) -> Done:
    """Send it again."""
    user: Any = request.user
    row = _of(user, pk)
    verbs.retry(row, by=user, **cleaned(forms.RetryForm(request.POST)))
    return Done(_("It goes out again."), url=_address(pk))


@action
def withdraw(request: HttpRequest, pk: Any) -> Done:
    """Take it back."""
    user: Any = request.user
    verbs.withdraw(_of(user, pk), by=user)
    return Done(_("Withdrawn. It does not go out."), url=_address(pk))


@page
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """Calls and WeChat messages that wait for this person, each with its text ready to copy."""
    user: Any = request.user
    if not may_have_tasks(user):
        raise Forbidden()
    lines = tasks_of(user, moment(request), TASKS)
    context = {**tabs(request, "tasks"), "lines": lines, "full": len(lines) == TASKS}
    return render(request, "outreach/tasks.html", context)


@action
def done(request: HttpRequest, pk: Any) -> Done:
    """The task was done, or could not be."""
    user: Any = request.user
    row = _of(user, pk)
    told = cleaned(forms.DoneForm(request.POST))
    verbs.do_task(row, by=user, **told)
    text = _("Done.") if told["outcome"] == verbs.DONE else _("Noted: it could not be done.")
    return Done(text, url=reverse("outreach:tasks"))


@action
def write(request: HttpRequest, pk: Any) -> Done:
    """An e-mail or SMS to one person, by hand."""
    user: Any = request.user
    contact = found(Contact.objects.visible_to(user), pk)
    told = cleaned(forms.WriteForm(request.POST))
    channel, text, subject = told["channel"], told["text"], told["subject"]
    asked = told["asked_for"]
    verbs.write_to(contact, channel, by=user, text=text, subject=subject, asked_for=asked)
    return Done(_("Written. It goes out at once."))


@action
def consent(request: HttpRequest, pk: Any) -> Done:
    """What a person said they want."""
    user: Any = request.user
    contact = found(Contact.objects.visible_to(user), pk)
    told = cleaned(forms.ConsentForm(request.POST))
    set_consent(
        contact,
        told["what"],
        given=told["given"],
        text=told["text"],
        way=Consent.Way.PERSON,
        by=user,
    )
    return Done(_("Written down. Everybody keeps to it from now on."))
