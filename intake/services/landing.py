"""Verbs on forms of ours on the web: make one, fill it in, come to the event (R1, R10.6, R11.2)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Contact
from contacts.rules import Point
from contacts.services import parse_points
from core import clock, events
from core.errors import FieldError, Forbidden, NotFound, RuleRefused, TransitionNotAllowed
from core.ids import uuid7
from core.locking import lock_one, verb
from intake import form_rules, permissions
from intake.models import LandingForm, Registration
from leads.models import Lead
from leads.services import Capture, capture_many
from outreach.models import Consent, Reaction
from outreach.rules import is_channel

TEXTS = {
    "title": 120,
    "text": 4000,
    "consent": 2000,
    "thanks": 2000,
    "place": 200,
    "link": 500,
    "channel": 60,
}
FIELDS = (*TEXTS, "kind", "language", "campaign", "product", "asked", "starts_at", "ends_at", "active")


@verb
def save_form(form: LandingForm | None, *, by: User, slug: str = "", **fields: Any) -> LandingForm:
    """Make a form or change one; what was filled in before stays as it was.

    Raises Forbidden, NotFound, RuleRefused (everything that is missing or wrong).
    """
    if not permissions.may_edit_forms(by):
        raise Forbidden(detail=_("Marketing and administrators make forms."))
    at = clock.now()
    row = _locked(form) if form else LandingForm(by=by, created_at=at)
    for name in FIELDS:
        if name in fields:
            value = fields[name]
            setattr(row, name, value.strip() if name in TEXTS else value)
    row.asked = form_rules.asked_of(row.asked or form_rules.USUAL)
    errors = _errors(row)
    row.slug = _slug(slug, row, errors)
    if errors:
        raise RuleRefused(errors=errors)
    try:
        with transaction.atomic():
            row.store(*FIELDS, "slug") if form else row.save()
    except IntegrityError:
        raise RuleRefused(errors=[_taken(row.slug)]) from None
    events.record(events.Fact("form_changed" if form else "form_made", ("form", row.pk), at, by))
    return row


def _locked(form: LandingForm | Any) -> LandingForm:
    try:
        return lock_one(LandingForm.objects.all(), form.pk)
    except LandingForm.DoesNotExist:
        raise NotFound() from None


def _errors(row: LandingForm) -> list[FieldError]:
    errors = []
    message: Any
    if not row.title:
        errors.append(FieldError("title", "required", _("What is it called?")))
    for name, most in TEXTS.items():
        if len(getattr(row, name)) > most:
            message = _("At most %(most)s characters.") % {"most": most}
            errors.append(FieldError(name, "too_long", message))
    for name, choices in (("kind", LandingForm.Kind.values), ("language", ("en", "zh-hans"))):
        if getattr(row, name) not in choices:
            unknown = _("“%(value)s” is not one of the choices") % {"value": str(getattr(row, name))[:40]}
            errors.append(FieldError(name, "invalid", unknown))
    if not is_channel(row.channel):
        message = _("“%(value)s” is not a channel: small letters, digits and underscores.")
        errors.append(FieldError("channel", "invalid", message % {"value": row.channel[:60]}))
    if not any(name in row.asked for name in form_rules.REACH):
        message = _("Ask for at least one of phone, e-mail, WeChat: else nobody can be reached.")
        errors.append(FieldError("asked", "required", message))
    return errors + _event_errors(row)


def _event_errors(row: LandingForm) -> list[FieldError]:
    errors = []
    if row.is_event and row.starts_at is None:
        errors.append(FieldError("starts_at", "required", _("When does it begin?")))
    if row.ends_at is not None and (row.starts_at is None or row.ends_at <= row.starts_at):
        errors.append(FieldError("ends_at", "out_of_range", _("It ends after it begins.")))
    if row.link:
        try:
            URLValidator(["http", "https"])(row.link)
        except ValidationError:
            message = _("“%(value)s” is not a link: it begins with https://.") % {"value": row.link[:80]}
            errors.append(FieldError("link", "invalid", message))
    return errors


def _slug(wanted: str, row: LandingForm, errors: list[FieldError]) -> str:
    """The last part of the form's address: as typed, else made of the title; it stays when the title changes."""
    text = wanted.strip().lower()
    if not text:
        return row.slug or f"{slugify(row.title)[:40]}-{uuid7().hex[-6:]}".strip("-")
    if slugify(text) != text or len(text) > 60:
        message = _("“%(value)s”: small letters, digits and hyphens, at most 60.") % {"value": text[:60]}
        errors.append(FieldError("slug", "invalid", message))
    elif LandingForm.objects.filter(slug=text).exclude(pk=row.pk).exists():
        errors.append(_taken(text))
    return text


def _taken(slug: str) -> FieldError:
    return FieldError("slug", "taken", _("There is already a form at “%(value)s”.") % {"value": slug})


@verb
def fill_in(form: LandingForm, values: dict[str, str], *, agreed: bool = False) -> Registration:
    """Somebody fills in a form: they are captured by R1, what they agreed to is kept, and they have reacted (R10.2).

    Raises TransitionNotAllowed (the form is closed), RuleRefused naming every value that is missing or cannot be one.
    """
    # Shared by all who send it at once, refused to who closes it meanwhile.
    row = LandingForm.objects.filter(pk=form.pk).first()
    if row is None:
        raise NotFound()
    if not row.active:
        raise TransitionNotAllowed("closed", detail=_("This form is closed."))
    told = {name: str(values.get(name) or "").strip() for name in row.asked}
    points = _read(row, told, agreed)
    with events.way(events.FORM, str(row.pk)):
        captured = capture_many(
            [
                Capture(
                    points,
                    row.channel,
                    row.kind,
                    campaign=row.campaign.name if row.campaign else "",
                    name=told.get("name", ""),
                    title=told.get("title", ""),
                    company_name=told.get("company_name", ""),
                    language=row.language,
                    note=told.get("note", ""),
                )
            ],
            by=None,
        )[0]
        at = clock.now()
        if row.product_id:
            _asked_about(captured.lead_id, row)
        if row.consent:
            Consent.objects.create(
                contact_id=captured.contact_id,
                at=at,
                what=Consent.What.ALL,
                given=True,
                way=Consent.Way.FORM,
                text=row.consent,
            )
        react(captured.contact_id, Reaction.Kind.FORM, row, at)
    return _registered(row, captured.contact_id, at, new=not captured.known)


def _read(row: LandingForm, told: dict[str, str], agreed: bool) -> list[Point]:
    """The ways to reach the person. Raises RuleRefused with all that is missing or wrong."""
    errors = []
    for name, needed in row.asked.items():
        if needed and not told[name]:
            errors.append(FieldError(name, "required", _("Please fill this in.")))
        elif len(told[name]) > form_rules.LENGTHS[name]:
            message = _("At most %(most)s characters.") % {"most": form_rules.LENGTHS[name]}
            errors.append(FieldError(name, "too_long", message))
    wrong_length = {error.field for error in errors if error.code == "too_long"}
    given = {n: told[n] for n in form_rules.REACH if told.get(n) and n not in wrong_length}
    points, wrong = parse_points(given)
    if not points and not wrong and not errors:
        first = next(name for name in form_rules.REACH if name in row.asked)
        errors.append(FieldError(first, "required", _("How can we reach you?")))
    if row.consent and not agreed:
        errors.append(
            FieldError(form_rules.CONSENT, "required", _("Please agree, or we may not write to you."))
        )
    if errors or wrong:
        raise RuleRefused(errors=[*errors, *wrong])
    return points


def _asked_about(lead_id: Any, row: LandingForm) -> None:
    """What a lead asked about first stays."""
    Lead.objects.filter(pk=lead_id, product__isnull=True).update(product=row.product_id)


def react(contact_id: Any, kind: str, form: LandingForm, at: Any) -> None:
    """Keep that a person did something at this form; the pool takes it within a minute (R10.2)."""
    Reaction.objects.create(
        contact_id=contact_id, kind=kind, at=at, campaign_id=form.campaign_id, data={"form": str(form.pk)}
    )


def _registered(row: LandingForm, contact_id: Any, at: Any, *, new: bool) -> Registration:
    found, made = Registration.objects.get_or_create(
        form=row, contact_id=contact_id, defaults={"at": at, "new": new}
    )
    if not made:
        found.times += 1
        found.save(update_fields=["times"])
    return found


@verb
def attend(registration: Registration, *, way: str, by: User | None) -> tuple[Registration, bool]:
    """A registered person came to the event; answers whether this was the first time it was told (R10.2).

    Raises Forbidden, NotFound, TransitionNotAllowed (not an event).
    """
    if way != Registration.Way.DOOR and not (by and permissions.may_check_in(by)):
        raise Forbidden()
    contact = lock_one(Contact.objects.all(), registration.contact_id)
    row = (
        Registration.objects.select_for_update(no_key=True, of=("self",))
        .select_related("form")
        .get(pk=registration.pk)
    )
    if not row.form.is_event:
        raise TransitionNotAllowed("form", detail=_("Nobody comes to a form: only to an event."))
    if row.attended_at is not None:
        return row, False
    at = clock.now()
    row.attended_at, row.attended_by, row.by = at, way, by
    row.save(update_fields=["attended_at", "attended_by", "by"])
    react(contact.pk, Reaction.Kind.EVENT, row.form, at)
    lead = Lead.objects.live().filter(contact=contact).first()
    if lead is not None:
        events.record(
            events.Fact(
                "attended",
                lead,
                at,
                by,
                from_state=lead.state,
                to_state=lead.state,
                contact=contact,
                company=contact.company_id,
                data={"form": str(row.form_id), "kind": row.form.kind},
                texts={"text": row.form.title},
            )
        )
    return row, True


def note_spam(form: LandingForm) -> None:
    """A robot was turned away; only counted."""
    LandingForm.objects.filter(pk=form.pk).update(spam=F("spam") + 1)


def follow(stays: Lead, goes: Lead, by: User) -> None:
    """Two people became one: their registrations follow (R1.6)."""
    there = set(Registration.objects.filter(contact_id=stays.contact_id).values_list("form_id", flat=True))
    theirs = Registration.objects.filter(contact_id=goes.contact_id)
    for row in theirs.filter(form_id__in=there, attended_at__isnull=False):
        Registration.objects.filter(
            contact_id=stays.contact_id, form_id=row.form_id, attended_at__isnull=True
        ).update(attended_at=row.attended_at, attended_by=row.attended_by, by=row.by)
    theirs.exclude(form_id__in=there).update(contact_id=stays.contact_id)
