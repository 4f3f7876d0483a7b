"""Who was reached when, what they did, and what they allow."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import UUID7Field
from outreach.rules import ChannelKind, Function


class Touch(models.Model):
    """One time that we reached out to a person, by whatever function of the firm: what the cap counts (R11.3).

    `done` is false from the decision until it has left (`at` is then the real moment). What a person asked for has no
    row here.
    """

    id = UUID7Field()
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="touches")
    at = models.DateTimeField()
    channel = models.CharField(max_length=8, choices=ChannelKind.choices)
    function = models.CharField(max_length=8, choices=Function.choices)
    done = models.BooleanField(default=False)
    message = models.OneToOneField(
        "outreach.Message", null=True, blank=True, on_delete=models.CASCADE, related_name="touch"
    )
    by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["contact", "at"], name="touch_contact")]

    def __str__(self) -> str:
        return f"{self.channel} {self.at}"


class Reaction(models.Model):
    """Something a person did (R10.2). The layer above takes it within a minute: `taken_at` is empty until then."""

    class Kind(models.TextChoices):
        ANSWERED = "answered", _("answered a call")
        OPEN = "open", _("opened the mail")
        CLICK = "click", _("followed a link")
        REPLY = "reply", _("replied")
        CALL_ME = "call_me", _("asked for a call")
        FORM = "form", _("filled in a form")
        EVENT = "event", _("came to an event")

    id = UUID7Field()
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="reactions")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    message = models.ForeignKey(
        "outreach.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="reactions"
    )
    campaign = models.ForeignKey(
        "outreach.Campaign", null=True, blank=True, on_delete=models.SET_NULL, related_name="reactions"
    )
    text = models.TextField(blank=True, default="", help_text="what a reply says")
    data: Any = models.JSONField(default=dict)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["contact", "-at"], name="reaction_contact"),
            models.Index(fields=["at", "id"], name="reaction_new", condition=models.Q(taken_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.kind


class Consent(models.Model):
    """One time that a person allowed or forbade something, by which way, with the words that were agreed to (R11.2)."""

    class Way(models.TextChoices):
        FORM = "form", _("form")
        LINK = "link", _("unsubscribe link")
        KEYWORD = "keyword", _("opt-out keyword")
        PERSON = "person", _("told us")
        CALL = "call", _("said on the phone")
        API = "api", _("another program")
        COMPLAINT = "complaint", _("marked as spam")

    class What(models.TextChoices):
        CALL = "call", _("calls")
        SMS = "sms", _("SMS")
        EMAIL = "email", _("e-mail")
        ALL = "all", _("everything")

    id = UUID7Field()
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="consents")
    at = models.DateTimeField()
    what = models.CharField(max_length=5, choices=What.choices)
    given = models.BooleanField()
    way = models.CharField(max_length=9, choices=Way.choices)
    text = models.TextField(blank=True, default="")
    message = models.ForeignKey(
        "outreach.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["contact", "-at"], name="consent_contact")]

    def __str__(self) -> str:
        return f"{self.what} {self.given}"
