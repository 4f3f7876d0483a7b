"""What the customer experienced, and what presales was asked for (R8.1, R8.6)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Record
from opportunities.querysets import ExperienceQuerySet, PresalesQuerySet
from opportunities.rules import ExperienceKind


class ExperienceEvent(Record):
    """An online meeting, remote session, visit or trial: planned, then held or fallen through (R8.1)."""

    opportunity = models.ForeignKey(
        "opportunities.Opportunity", on_delete=models.CASCADE, related_name="experience_events"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=ExperienceKind.choices)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    held = models.BooleanField(_("held"), null=True, help_text="empty: planned; false: it fell through")
    note = models.TextField(_("note"), blank=True, default="")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = ExperienceQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["opportunity", "starts_at"], name="experience_opportunity")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("starts_at")),
                name="experience_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at:%Y-%m-%d}"


class PresalesRequest(Record):
    """A solution that a rep asks presales for, with a due day and an answer (R8.6)."""

    opportunity = models.ForeignKey(
        "opportunities.Opportunity", on_delete=models.CASCADE, related_name="presales_requests"
    )
    text = models.TextField(_("what is needed"))
    due_on = models.DateField(_("due"))
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    owner = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="presales_requests"
    )
    answer = models.TextField(_("answer"), blank=True, default="")
    answered_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = PresalesQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["opportunity"], name="presales_opportunity"),
            models.Index(
                fields=["owner", "due_on"], name="presales_open", condition=Q(answered_at__isnull=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | (Q(answered_by__isnull=False) & ~Q(answer="")),
                name="answered_has_answer",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class CalendarFeed(models.Model):
    """Which address of a person's calendar feed holds; a new serial makes the old address void."""

    user = models.OneToOneField(
        "accounts.User", primary_key=True, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    serial = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.user_id} {self.serial}"
