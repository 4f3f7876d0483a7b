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
