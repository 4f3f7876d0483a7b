"""Conversations: by telephone, e-mail or WeChat, each with its outcome (R2.3)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from calling.querysets import CallQuerySet
from calling.rules import Channel, Outcome
from core.ids import UUID7Field


class Call(models.Model):
    """One conversation, or one attempt at it."""

    id = UUID7Field()
    lead = models.ForeignKey("leads.Lead", on_delete=models.PROTECT, related_name="calls")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="calls")
    at = models.DateTimeField()
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    channel = models.CharField(_("channel"), max_length=6, choices=Channel.choices, default=Channel.PHONE)
    point = models.ForeignKey(
        "contacts.ContactPoint", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state_before = models.CharField(max_length=10)
    run = models.PositiveIntegerField(default=1)
    step = models.PositiveSmallIntegerField(_("step reached"), null=True, blank=True)
    duration = models.PositiveIntegerField(_("duration"), null=True, blank=True, help_text=_("seconds"))
    reason = models.CharField(max_length=20, blank=True, default="")
    note = models.TextField(_("note"), blank=True, default="")
    call_back_at = models.DateTimeField(null=True, blank=True)
    script_version = models.ForeignKey(
        "calling.ScriptVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="calls"
    )
    answers = models.JSONField(
        default=dict, blank=True, help_text="key of the script's question → what was said"
    )

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["lead", "-at"], name="call_lead"),
            models.Index(fields=["by", "-at"], name="call_by"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(outcome="call_back") | models.Q(call_back_at__isnull=False),
                name="call_back_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.at:%Y-%m-%d}"


class Script(models.Model):
    """What telemarketers say: a name, and versions that are never changed once they were used (R2.4)."""

    id = UUID7Field()
    name = models.CharField(_("name"), max_length=80, unique=True)
    active = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_script"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ScriptVersion(models.Model):
    """One version of a script: its three steps with what is said and what is asked (R2.4).

    `steps` is a list of `{title, text, questions: [{key, text}]}`.
    """

    id = UUID7Field()
    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    steps = models.JSONField()
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["script", "number"], name="script_version_once")]

    def __str__(self) -> str:
        return f"{self.script} {self.number}"


class Lease(models.Model):
    """A lead that is in one telemarketer's hands for some minutes; two never have the same one (R2.2)."""

    lead = models.OneToOneField(
        "leads.Lead", primary_key=True, on_delete=models.CASCADE, related_name="lease"
    )
    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="lease")
    since = models.DateTimeField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.user_id} until {self.until:%H:%M}"
