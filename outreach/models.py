"""How people came to us: campaigns and arrivals; and what goes out to them: the outbox (R11.4)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.ids import UUID7Field
from core.models import Record


class Campaign(Record):
    """What marketing spends money on; an arrival names it."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Arrival(models.Model):
    """One time that a person came to us (R1.4). The first one is also kept on the lead; none is ever lost."""

    id = UUID7Field()
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="arrivals")
    at = models.DateTimeField()
    channel = models.CharField(max_length=60)
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="arrivals"
    )
    medium = models.CharField(max_length=20)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True, default="")
    import_id = models.UUIDField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["contact", "at"], name="arrival_contact"),
            models.Index(fields=["channel", "at"], name="arrival_channel"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0),
                name="arrival_cost_not_negative",
            )
        ]

    def __str__(self) -> str:
        return self.channel


class Message(models.Model):
    """One message to one person, written in the transaction that decides on it, sent by a worker, once (R11.4).

    queued   waits for a worker
    sending  a worker has it; after a crash nobody knows whether it left: unknown
    sent     the server took it
    failed   the server refused it, or it was tried too often; it did not leave
    unknown  it may have left; never sent again by itself
    """

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("message", "waiting")
        SENDING = "sending", pgettext_lazy("message", "on its way")
        SENT = "sent", pgettext_lazy("message", "sent")
        FAILED = "failed", pgettext_lazy("message", "failed")
        UNKNOWN = "unknown", pgettext_lazy("message", "may have been sent")

    id = UUID7Field()
    channel = models.CharField(max_length=12, default="email")
    kind = models.CharField(max_length=30, help_text="what it is: quote, thank_you")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    contact = models.ForeignKey(
        "contacts.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="messages"
    )
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True, default="")
    text = models.TextField()
    reply_to = models.CharField(max_length=254, blank=True, default="")
    about_type = models.CharField(max_length=20, blank=True, default="")
    about_id = models.UUIDField(null=True, blank=True)
    by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="message_due",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
            models.Index(fields=["about_id"], name="message_about"),
            models.Index(fields=["contact", "-created_at"], name="message_contact"),
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
