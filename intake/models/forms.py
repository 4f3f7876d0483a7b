"""Forms on the web that people fill in themselves, events among them, and who did."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.ids import UUID7Field
from core.models import Record


def new_ticket() -> str:
    """What stands in a ticket's QR code: nobody guesses it."""
    return secrets.token_urlsafe(15)


class LandingForm(Record):
    """A form of ours on the web. Whoever fills it in becomes a lead by R1; its kind is the medium they came by.

    The kinds other than `form` are events: they have a day, a place or a link, and people who came.
    """

    class Kind(models.TextChoices):
        FORM = "form", _("form")
        CONFERENCE = "conference", _("conference")
        SALON = "salon", _("salon")
        LIVE_STREAM = "live_stream", _("live stream")

    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices, default=Kind.FORM)
    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text above the form"), max_length=4000, blank=True, default="")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    campaign = models.ForeignKey(
        "outreach.Campaign", null=True, blank=True, on_delete=models.PROTECT, related_name="forms"
    )
    channel = models.CharField(_("channel"), max_length=60, default="official_website")
    product = models.ForeignKey(
        "catalogue.Product", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    asked: Any = models.JSONField(default=dict, help_text="{field: whether it must be filled in}")
    consent = models.TextField(_("what they agree to"), max_length=2000, blank=True, default="")
    thanks = models.TextField(_("what they read afterwards"), max_length=2000, blank=True, default="")
    place = models.CharField(_("place"), max_length=200, blank=True, default="")
    link = models.URLField(_("link of the live stream"), max_length=500, blank=True, default="")
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    active = models.BooleanField(_("open"), default=True)
    door_key = models.CharField(max_length=40, default=new_ticket, editable=False)
    spam = models.PositiveIntegerField(default=0, help_text="what robots sent and nobody kept")
    by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="event_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_event(self) -> bool:
        """Whether people come to it, so that there are tickets and a door."""
        return self.kind in (self.Kind.CONFERENCE, self.Kind.SALON, self.Kind.LIVE_STREAM)


class Registration(models.Model):
    """One person who filled in a form, once; of an event also whether they came, and how we know."""

    class Way(models.TextChoices):
        TICKET = "ticket", _("QR code of the ticket")
        DOOR = "door", _("QR code at the door")
        LIST = "list", _("list of who came")
        HAND = "hand", pgettext_lazy("came", "by hand")

    id = UUID7Field()
    form = models.ForeignKey(LandingForm, on_delete=models.PROTECT, related_name="registrations")
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="registrations")
    at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1, help_text="how often the form was sent")
    new = models.BooleanField(default=False, help_text="a lead that nobody knew before")
    ticket = models.CharField(max_length=40, unique=True, default=new_ticket)
    attended_at = models.DateTimeField(null=True, blank=True)
    attended_by = models.CharField(max_length=6, choices=Way.choices, blank=True, default="")
    by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["form", "contact"], name="registered_once_a_form"),
            models.CheckConstraint(
                condition=models.Q(attended_at__isnull=True, attended_by="")
                | (models.Q(attended_at__isnull=False) & ~models.Q(attended_by="")),
                name="who_came_came_somehow",
            ),
        ]
        indexes = [
            models.Index(fields=["form", "-at", "-id"], name="registration_form"),
            models.Index(fields=["contact"], name="registration_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.contact_id}"
