"""The outbox: each message to one person."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import pgettext_lazy

from core.ids import UUID7Field
from outreach.querysets import MessageQuerySet
from outreach.rules import ChannelKind, Function


class NextNumber(models.Func):
    """The next of the numbers that short links are made of."""

    template = "nextval('outreach_message_number')"
    arity = 0
    output_field = models.BigIntegerField()


class Message(models.Model):
    """One message to one person, written in the transaction that decides on it, sent by a worker, once (R11.4).

    queued    waits for a worker, or for the hour (`held` says why)
    to_do     waits for a person: a call or a WeChat message with its text ready
    sending   a worker has it; after a crash nobody knows whether it left: unknown
    sent      the provider took it, or the person did it
    failed    refused, or tried too often; it did not leave
    unknown   it may have left; never sent again by itself
    recalled  taken back before it left: the person left the pool, opted out, or somebody stopped it
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("message", "waiting")
        TO_DO = "to_do", pgettext_lazy("message", "to be done")
        SENDING = "sending", pgettext_lazy("message", "on its way")
        SENT = "sent", pgettext_lazy("message", "sent")
        FAILED = "failed", pgettext_lazy("message", "failed")
        UNKNOWN = "unknown", pgettext_lazy("message", "may have been sent")
        RECALLED = "recalled", pgettext_lazy("message", "withdrawn")

    id = UUID7Field()
    number = models.BigIntegerField(
        unique=True, db_default=NextNumber(), editable=False, help_text="in short links"
    )
    channel = models.CharField(max_length=12, choices=ChannelKind.choices, default="email")
    kind = models.CharField(max_length=30, help_text="what it is: quote, thank_you, cadence, campaign, test")
    function = models.CharField(
        max_length=8, choices=Function.choices, default=Function.SERVICE, db_default="service"
    )
    asked_for = models.BooleanField(
        default=True, db_default=True, help_text="the person asked for it: the cap does not count it (R11.3)"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    held = models.CharField(max_length=20, blank=True, default="", db_default="", help_text="why it waits")
    contact = models.ForeignKey(
        "contacts.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="messages"
    )
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True, default="")
    text = models.TextField()
    links: Any = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    parts = models.PositiveSmallIntegerField(default=1, db_default=1, help_text="SMS segments")
    params: Any = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="a provider's template: code, values",
    )
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    reply_to = models.CharField(max_length=254, blank=True, default="")
    template = models.ForeignKey(
        "outreach.Template", null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    campaign = models.ForeignKey(
        "outreach.Campaign", null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    about_type = models.CharField(max_length=20, blank=True, default="")
    about_id = models.UUIDField(null=True, blank=True)
    source_id = models.UUIDField(null=True, blank=True, help_text="the cadence or mailing it belongs to")
    step_id = models.UUIDField(null=True, blank=True, help_text="the stable key of the cadence's step")
    once = models.CharField(
        max_length=120, null=True, blank=True, unique=True, help_text="what it is sent once for (R11.4)"
    )
    by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    assigned_to = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    via = models.ForeignKey(
        "outreach.Channel", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    provider_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    cost = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")

    objects = MessageQuerySet.as_manager()
    again = False  # for the worker that has it: an earlier try may have left

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="message_due",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
            models.Index(fields=["about_id"], name="message_about"),
            models.Index(fields=["created_at", "id"], name="message_made"),
            models.Index(fields=["contact", "-created_at"], name="message_contact"),
            models.Index(
                fields=["source_id", "step_id"],
                name="message_source",
                condition=models.Q(source_id__isnull=False),
            ),
            models.Index(
                fields=["campaign"], name="message_campaign", condition=models.Q(campaign__isnull=False)
            ),
            models.Index(
                fields=["provider_id"], name="message_provider", condition=~models.Q(provider_id="")
            ),
            models.Index(fields=["due_at", "id"], name="message_to_do", condition=models.Q(state="to_do")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class MessageFile(models.Model):
    """A file that goes with a message."""

    id = UUID7Field()
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=80)
    data = models.BinaryField()

    def __str__(self) -> str:
        return self.name
