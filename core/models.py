"""Tables without business words: events, rulebook values, jobs, idempotent answers, counters, heartbeats."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from core.ids import UUID7Field


class RealNow(Func):
    """The real time of the database, for `recorded_at` and the like; business time comes from core.clock."""

    function = "clock_timestamp"
    arity = 0
    output_field = models.DateTimeField()


class Record(models.Model):
    """Base of what people work on: an id, and a version that every verb raises (ETag, optimistic concurrency)."""

    id = UUID7Field()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def store(self, *fields: str) -> None:
        """Save just these fields and raise the version."""
        self.version += 1
        self.save(update_fields=[*fields, "version"])


class Event(models.Model):
    """One thing that happened. Append-only: the application's role may INSERT and SELECT, a trigger refuses the rest.

    Subject, contact and company are plain columns, not foreign keys: history outlives what it tells of.
    """

    id = UUID7Field()
    at = models.DateTimeField(help_text="business time")
    recorded_at = models.DateTimeField(db_default=RealNow(), editable=False)
    verb = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=30)
    subject_id = models.UUIDField()
    contact_id = models.UUIDField(null=True)
    company_id = models.UUIDField(null=True)
    by_id = models.UUIDField(null=True)
    way = models.CharField(max_length=10)
    way_ref = models.CharField(max_length=64, default="", blank=True)
    from_state = models.CharField(max_length=20, default="", blank=True)
    to_state = models.CharField(max_length=20, default="", blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "at"], name="event_subject"),
            models.Index(
                fields=["contact_id", "at"],
                name="event_contact",
                condition=models.Q(contact_id__isnull=False),
            ),
            models.Index(
                fields=["company_id", "at"],
                name="event_company",
                condition=models.Q(company_id__isnull=False),
            ),
            models.Index(fields=["verb", "at"], name="event_verb"),
            models.Index(fields=["by_id", "at"], name="event_by", condition=models.Q(by_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type}"


class EventText(models.Model):
    """Free text and old and new personal values of an event, apart so that erasure can empty them."""

    id = UUID7Field()
    event = models.ForeignKey(Event, on_delete=models.DO_NOTHING, related_name="texts")
    contact_id = models.UUIDField(null=True, db_index=True)
    field = models.CharField(max_length=40)
    old = models.TextField(default="", blank=True)
    new = models.TextField(default="", blank=True)

    def __str__(self) -> str:
        return self.field


class RuleValue(models.Model):
    """A number of the Rulebook that an administrator has set; without a row the default holds."""

    key = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField()

    def __str__(self) -> str:
        return self.key


class RuleChange(models.Model):
    """Who changed which rule, when, from what to what."""

    id = UUID7Field()
    key = models.CharField(max_length=60, db_index=True)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.key


class Job(models.Model):
    """Long work with progress. The row is the truth; a task is a hint, and a sweep finds what was left lying."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", _("stopped")

    id = UUID7Field()
    kind = models.CharField(max_length=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, default="", blank=True)
    asked_at = models.DateTimeField(help_text="business time")
    started_at = models.DateTimeField(null=True, help_text="real time")
    seen_at = models.DateTimeField(null=True, help_text="real time of the last sign of life")
    ended_at = models.DateTimeField(null=True, help_text="real time")

    class Meta:
        indexes = [
            models.Index(
                fields=["seen_at"], name="job_open", condition=models.Q(state__in=["queued", "running"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class IdempotencyRecord(models.Model):
    """The first answer to a POST with an Idempotency-Key, kept 24 h of real time."""

    id = UUID7Field()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField(db_default=RealNow(), db_index=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "method", "path", "key"], name="idempotency_once")
        ]

    def __str__(self) -> str:
        return self.key


class Counter(models.Model):
    """The last number given out in a series; taken under the row's lock, so there are no gaps and no doubles."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When a part of the machinery was last seen alive, in real time."""

    name = models.CharField(max_length=30, primary_key=True)
    at = models.DateTimeField()
    data: Any = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name
