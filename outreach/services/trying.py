"""Trying a template out: to one's own address or number, or any that is typed (ui.md)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Contact, ContactPoint
from contacts.rules import NotAPoint, parse_point
from core import clock, rulebook
from core.errors import FieldError, RuleRefused
from core.locking import verb
from outreach import outbox
from outreach.models import Message, Template
from outreach.permissions import require_editor
from outreach.rendering import numbers, render, text_for, values_of
from outreach.rules import BY_PERSON, POINT_OF, ChannelKind, Function

_REFUSED = {"email": "do_not_email", "sms": "do_not_sms", "phone": "do_not_call", "call": "do_not_call"}


@verb
def send_test(
    template: Template, *, to: str, by: User, language: str = "", contact: Contact | None = None
) -> Message:
    """Put a template into the outbox for one address, filled in as for `contact`. Nobody's history tells of it and
    nobody's cap counts it. Raises Forbidden, RuleRefused (no address, one that wants nothing, no text)."""
    require_editor(by)
    address = _address(template.channel, to)
    text = text_for(template, language or by.language)
    if text is None:
        raise RuleRefused(errors=[FieldError("language", "required", _("The template has no text."))])
    (number,) = numbers(1)
    values = values_of(contact) if contact else {"firm": rulebook.get("firm_name")}
    draft = outbox.Draft(
        contact_id=None,
        channel=template.channel,
        address=address,
        kind="test",
        function=Function.SERVICE,
        number=number,
        text=render(text, values, number),
        asked_for=True,
        template_id=template.pk,
        by_id=by.pk,
        assigned_to_id=by.pk if ChannelKind(template.channel) in BY_PERSON else None,
    )
    (pk,) = outbox.write([draft], at=clock.now())
    return Message.objects.get(pk=pk)


def _address(channel: str, typed: str) -> str:
    """The address that was typed, as this way needs it. Raises RuleRefused."""
    kind = POINT_OF[ChannelKind(channel)]
    if not kind:
        return typed.strip()[:254]
    if not typed.strip():
        raise RuleRefused(errors=[FieldError("to", "required", _("Where should it go?"))])
    try:
        point = parse_point(kind, typed, region=rulebook.get("default_region"), field="to")
    except NotAPoint as refused:
        raise RuleRefused(errors=[refused.error]) from None
    flag = _REFUSED.get(channel)
    owner = ContactPoint.objects.filter(kind=kind, value=point.value).select_related("contact")
    if flag and any(getattr(row.contact, flag) for row in owner):
        # Consent wins over everything, over a trial, too (R11.2).
        message = _("This belongs to somebody who wants nothing by this way.")
        raise RuleRefused(errors=[FieldError("to", "opted_out", message)])
    return point.value
