"""What messages add to the shell and to the pages of a person and a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Hat
from accounts.permissions import manages
from contacts.models import Contact
from core import hooks
from core.web.nav import WORK, Entry
from core.web.panels import Panel, Part
from core.web.phrases import chosen, phrase
from core.web.words import listed
from outreach.message_forms import consent_form, write_form
from outreach.models import Consent, Message, Reaction
from outreach.permissions import may_look
from outreach.rules import ChannelKind
from outreach.tabs import tab

SHOWN = 6


def may_read(user: Any) -> bool:
    """The outbox of everybody: marketing's, read by managers, too."""
    return may_look(user)


def may_have_tasks(user: Any) -> bool:
    """Whoever talks to people may be given a call or a WeChat message to write."""
    return user.wears(Hat.TELEMARKETER, Hat.REP, Hat.MARKETER, Hat.MANAGER, Hat.ADMIN)


def places(user: Any) -> list[Entry]:
    """A place of its own for who has no place for campaigns; marketing finds it among its tabs."""
    if may_look(user) or not may_have_tasks(user):
        return []
    waiting = Message.objects.filter(state=Message.State.TO_DO, assigned_to=user)
    return [Entry("tasks", _("To reach"), "outreach:tasks", "message", 12, group=WORK, count=waiting)]


def lead_parts(lead: Any, user: Any, at: datetime) -> list[Part]:
    """What was written to this person, and what they allow."""
    from outreach.message_lines import lines_of

    masked = lead.state == "pooled"
    rows = list(Message.objects.filter(contact=lead.contact_id).order_by("-created_at", "-id")[:SHOWN])
    lines = lines_of(rows, user, open_ids=() if masked else [lead.contact_id]) if rows else []
    contact = lead.contact
    refused = [word for flag, word in _REFUSED.items() if getattr(contact, flag)]
    context = {"lines": lines, "refused": listed(refused), "contact": contact, "more": len(rows) == SHOWN}
    context["may_read"] = may_read(user)
    return [Part("outreach/lead_part.html", context, 40)]


_REFUSED = {
    "do_not_call": pgettext_lazy("wants no", "calls"),
    "do_not_sms": pgettext_lazy("wants no", "SMS"),
    "do_not_email": pgettext_lazy("wants no", "e-mails"),
}


def customer_parts(company: Any, user: Any, at: datetime) -> list[Part]:
    """What was written to the people of a customer, by whomever, and what is about to be."""
    from outreach.message_lines import lines_of

    people = Contact.objects.visible_to(user).filter(company=company).values("pk")
    found = Message.objects.filter(contact__in=people).select_related("contact")
    rows = list(found.order_by("-created_at", "-id")[:SHOWN])
    if not rows:
        return []
    return [Part("outreach/customer_part.html", {"lines": lines_of(rows, user)}, 60)]


def panels(lead: Any, user: Any, at: datetime) -> list[Panel]:
    """Write to this person, and what they allow: for who works on them; the verb asks again."""
    ours = user.wears(Hat.MARKETER, Hat.ADMIN)
    if lead.state == "merged" or not (ours or lead.owner_id == user.pk or manages(user, lead.team_id)):
        return []
    pk = lead.contact_id
    wishes = Panel(
        "consent",
        _("What they allow"),
        "hand-stop",
        reverse("outreach:consent", args=[pk]),
        92,
        "leads/panels/form.html",
        consent_form,
    )
    if lead.state == "pooled":
        return [wishes] if ours else []
    write = Panel(
        "write",
        _("Write"),
        "mail",
        reverse("outreach:write", args=[pk]),
        52,
        "leads/panels/form.html",
        write_form,
        key="w",
        done=_("Send"),
    )
    return [write, wishes]


def _sent(data: dict[str, Any], names: dict[str, str]) -> Any:
    channel = chosen(ChannelKind.choices, data.get("channel", ""))
    return _("Reached by %(channel)s") % {"channel": channel}


def _reacted(data: dict[str, Any], names: dict[str, str]) -> Any:
    return chosen(Reaction.Kind.choices, data.get("kind", "")).capitalize()


def _opted_out(data: dict[str, Any], names: dict[str, str]) -> Any:
    what = chosen(Consent.What.choices, data.get("what", ""))
    way = chosen(Consent.Way.choices, data.get("way", ""))
    return _("Wants no more: %(what)s (%(way)s)") % {"what": what, "way": way}


def _opted_in(data: dict[str, Any], names: dict[str, str]) -> Any:
    what = chosen(Consent.What.choices, data.get("what", ""))
    way = chosen(Consent.Way.choices, data.get("way", ""))
    return _("Allows: %(what)s (%(way)s)") % {"what": what, "way": way}


def connect() -> None:
    """Fill the points; at the start, once."""
    hooks.nav.register(places)
    hooks.lead_page_parts.register(lead_parts)
    hooks.customer_parts.register(customer_parts)
    hooks.lead_panels.register(panels)
    tab("messages", _("Messages"), "outreach:messages", 50, may_read)
    tab("tasks", _("To reach"), "outreach:tasks", 60, may_have_tasks)
    phrase("message_sent", "message", _sent)
    phrase("reacted", "target", _reacted)
    phrase("opted_out", "hand-stop", _opted_out)
    phrase("opted_in", "check", _opted_in)
    phrase("address_dead", "mail", _("The address is dead: mail comes back"))
