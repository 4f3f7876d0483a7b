"""What marketing spends money on, and each time that a person came to us."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.ids import UUID7Field
from core.models import Record
from outreach.rules import Goal


class Campaign(Record):
    """What marketing spends money on; an arrival names it. Judged by the figure of its goal (R11.6)."""

    class Kind(models.TextChoices):
        CAMPAIGN = "campaign", _("campaign")
        COMMUNITY = "community", _("community")

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CAMPAIGN, db_default="campaign")
    goal = models.CharField(
        _("goal"), max_length=8, choices=Goal.choices, default=Goal.ACQUIRE, db_default="acquire"
    )
    budget = models.DecimalField(_("budget"), max_digits=14, decimal_places=2, null=True, blank=True)
    cost = models.DecimalField(_("spent so far"), max_digits=14, decimal_places=2, null=True, blank=True)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True, default="", db_default="")
    active = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(budget__isnull=True) | models.Q(budget__gte=0))
                & (models.Q(cost__isnull=True) | models.Q(cost__gte=0)),
                name="campaign_money_not_negative",
            )
        ]

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


class Mailing(Record):
    """One message of a campaign to everybody in a saved view, once each; who is in it is settled when it starts.

    draft    being written
    running  its messages are being decided on, in batches
    done     everybody was decided on
    stopped  somebody stopped it; what was not sent is withdrawn
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("mailing", "draft")
        RUNNING = "running", pgettext_lazy("mailing", "running")
        DONE = "done", pgettext_lazy("mailing", "done")
        STOPPED = "stopped", pgettext_lazy("mailing", "stopped")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="mailings")
    channel = models.CharField(max_length=12, default="email")
    template = models.ForeignKey("outreach.Template", on_delete=models.PROTECT, related_name="mailings")
    view = models.ForeignKey(
        "accounts.SavedView", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    audience = models.CharField(
        max_length=1000, blank=True, default="", help_text="the view's query when it started"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    starts_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["starts_at"], name="mailing_running", condition=models.Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.channel}"


class Addressee(models.Model):
    """One person of a mailing: waits until it may be decided, then has a message or the reason why there is none."""

    id = UUID7Field()
    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="addressees")
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(null=True, help_text="empty once it is decided")
    held = models.CharField(max_length=20, blank=True, default="")
    message = models.ForeignKey(
        "outreach.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailing", "contact"], name="addressed_once_a_mailing")
        ]
        indexes = [
            models.Index(
                fields=["mailing", "due_at"], name="addressee_due", condition=models.Q(due_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.mailing_id} {self.contact_id}"
