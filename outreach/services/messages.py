"""What a person does with a message: try again, withdraw, do the task, write one by hand."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts import permissions as people
from contacts.models import Contact
from core import clock, hooks
from core.errors import FieldError, Forbidden, NotFound, RuleRefused, TransitionNotAllowed
from core.locking import lock, lock_one, verb
from core.web.words import when
from outreach import outbox, rendering
from outreach.gate import Limits, Verdict, facts_of, judge
from outreach.message_rules import may_do, may_handle
from outreach.models import Message, Template, TemplateText, Touch
from outreach.rules import WHY_HELD, ChannelKind, Function
from outreach.sending import tell
from outreach.services import settling

DONE, COULD_NOT = "done", "could_not"
BY_HAND = (ChannelKind.EMAIL, ChannelKind.SMS)
TEXT_MOST, NOTE_MOST = 10_000, 280


def _locked(message: Message) -> Message:
    """The message as it is now, with its person locked before it."""
    known = Message.objects.filter(pk=message.pk).values_list("contact_id", flat=True).first()
    lock(Contact.objects.all(), [known] if known else [])
    try:
        return lock_one(Message.objects.all(), message.pk)
    except Message.DoesNotExist:
        raise NotFound() from None


def _require_state(row: Message, *states: str) -> None:
    if row.state not in states:
        detail = _("It is “%(state)s” now: this is not possible any more.")
        raise TransitionNotAllowed(row.state, detail=detail % {"state": Message.State(row.state).label})


@verb
def retry(message: Message, *, by: User, sure: bool = False) -> Message:
    """Send a message again that did not leave; one that may have left only when a person is `sure` that it did not arrive
    (R11.4). Whether it may go out is asked again then; what was written for a cadence or mailing that is over does not.

    Raises Forbidden, NotFound, TransitionNotAllowed, RuleRefused.
    """
    row = _locked(message)
    if not may_handle(by, row):
        raise Forbidden()
    _require_state(row, Message.State.FAILED, Message.State.UNKNOWN)
    if row.state == Message.State.UNKNOWN and not sure:
        said = _("It may have arrived. Say that you know it did not, or the person gets it twice.")
        raise RuleRefused("not_sure", said, errors=[FieldError("sure", "required", said)])
    if over := next(filter(None, hooks.message_over(row)), ""):
        raise RuleRefused(over, capfirst(str(WHY_HELD[over])))
    at = clock.now()
    by_person = row.channel in (ChannelKind.PHONE, ChannelKind.WECHAT)
    row.state = Message.State.TO_DO if by_person else Message.State.QUEUED
    row.held, row.error, row.tries = "", "", 0
    row.due_at, row.taken_at, row.bounced_at = at, None, None
    row.save(update_fields=["state", "held", "error", "tries", "due_at", "taken_at", "bounced_at"])
    if not row.asked_for and row.contact_id is not None:
        values = {"at": at, "done": False, "contact_id": row.contact_id}
        fixed = {"channel": row.channel, "function": row.function, "by_id": row.by_id}
        Touch.objects.update_or_create(message=row, defaults=values, create_defaults={**values, **fixed})
    return row


@verb
def withdraw(message: Message, *, by: User) -> Message:
    """Take back what has not left. Raises Forbidden, NotFound, TransitionNotAllowed."""
    row = _locked(message)
    if not may_handle(by, row):
        raise Forbidden()
    _require_state(row, Message.State.QUEUED, Message.State.TO_DO)
    settling.take_back([row], "")
    row.refresh_from_db(fields=["state", "held"])
    return row


def do_task(message: Message, *, by: User, outcome: str = DONE, note: str = "") -> Message:
    """A call or WeChat message was done by a person, or could not be (R11.1): done, it is a touch like any other.

    Raises Forbidden, NotFound, TransitionNotAllowed, RuleRefused.
    """
    row = _do_task(message, by, outcome, note)
    if row.state == Message.State.SENT and row.contact_id is not None and not row.asked_for:
        # Apart: those who count silence lock leads, and who has a lead in hand may want this message.
        tell([row])
    return row


@verb
def _do_task(message: Message, by: User, outcome: str, note: str) -> Message:
    row = _locked(message)
    if not may_do(by, row):
        raise Forbidden()
    _require_state(row, Message.State.TO_DO)
    if outcome not in (DONE, COULD_NOT):
        raise RuleRefused(
            errors=[FieldError("outcome", "invalid_choice", _("Either it was done or it was not."))]
        )
    if len(note) > NOTE_MOST:
        too_long = _("At most %(most)s characters.") % {"most": NOTE_MOST}
        raise RuleRefused(errors=[FieldError("note", "too_long", too_long)])
    at = clock.now()
    row.assigned_to, row.error = by, note.strip()
    row.tries += 1
    if outcome == DONE:
        row.state, row.sent_at, row.taken_at = Message.State.SENT, at, at
        Touch.objects.filter(message=row).update(done=True, at=at, by=by)
        settling.tell_timeline(row, at)
    else:
        row.state = Message.State.FAILED
        Touch.objects.filter(message=row).delete()
    row.save(update_fields=["state", "sent_at", "taken_at", "assigned_to", "error", "tries"])
    return row


def may_write(user: User, contact: Contact) -> bool:
    """Whoever works on a person, and sees them unmasked, may write to them."""
    masked = any(contact.pk in ids for ids in hooks.masked_contacts([contact.pk]))
    return not masked and people.may_edit(user, contact)


def why_not(contact: Contact, channel: str, limits: Limits | None = None) -> Verdict:
    """What the gate says now about writing to this person."""
    at = clock.now()
    return judge(facts_of([contact], at)[contact.pk], channel, at, limits or Limits.now())


@verb
def write_to(
    contact: Contact | Any,
    channel: str,
    *,
    by: User,
    text: str = "",
    subject: str = "",
    template: Template | None = None,
    asked_for: bool = False,
) -> Message:
    """Write an e-mail or SMS to one person by hand. It goes through the gate (R11.2, R11.3); what the person asked for, an
    answer or a brochure, is not counted and not held back by hours and cap.

    Raises Forbidden, NotFound, RuleRefused (all that is missing; or why the person may not be reached now, and until when).
    """
    if channel not in BY_HAND:
        raise RuleRefused(errors=[FieldError("channel", "invalid_choice", _("E-mail or SMS."))])
    try:
        row = lock_one(Contact.objects.all(), getattr(contact, "pk", contact))
    except Contact.DoesNotExist:
        raise NotFound() from None
    if not may_write(by, row):
        raise Forbidden()
    said = _text_of(row, channel, text, subject, template)
    at = clock.now()
    verdict = judge(facts_of([row], at)[row.pk], channel, at, Limits.now(), asked_for=asked_for)
    if not verdict.ok:
        reason = capfirst(str(WHY_HELD.get(verdict.why, verdict.why)))
        if verdict.until:
            reason = _("%(why)s. Again from %(when)s on.") % {"why": reason, "when": when(verdict.until, at)}
        until = verdict.until.isoformat() if verdict.until else None
        raise RuleRefused(verdict.why, reason, extra={"until": until})
    number = rendering.numbers(1)[0]
    draft = outbox.Draft(
        contact_id=row.pk,
        channel=channel,
        address=verdict.address,
        kind="note",
        function=Function.SALES,
        number=number,
        text=rendering.render(said, rendering.values_of(row), number),
        template_id=template.pk if template is not None else None,
        asked_for=asked_for,
        by_id=by.pk,
        reply_to=by.email if channel == ChannelKind.EMAIL else "",
    )
    (pk,) = outbox.write([draft], at=at)
    return Message.objects.get(pk=pk)


def _text_of(row: Contact, channel: str, text: str, subject: str, template: Template | None) -> TemplateText:
    if template is not None and not text.strip():
        found = rendering.text_for(template, rendering.language_of(row))
        if template.channel != channel or not template.active or found is None:
            wrong = _("This template is not for this.")
            raise RuleRefused(errors=[FieldError("template", "invalid_choice", wrong)])
        return found
    errors = []
    if not text.strip():
        errors.append(FieldError("text", "required", _("What shall it say?")))
    elif len(text) > TEXT_MOST:
        too_long = _("At most %(most)s characters.") % {"most": TEXT_MOST}
        errors.append(FieldError("text", "too_long", too_long))
    if channel == ChannelKind.EMAIL and not subject.strip():
        errors.append(FieldError("subject", "required", _("An e-mail needs a subject.")))
    if errors:
        raise RuleRefused(errors=errors)
    language = rendering.language_of(row)
    return TemplateText(language=language, subject=subject[:200], text=text)
