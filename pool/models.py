"""Cadences over the pool: which steps, and where each lead stands in them (R10.1, R10.10)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.ids import UUID7Field
from core.models import Record
from leads.rules import Segment
from outreach.rules import ChannelKind, Goal
from pool.querysets import CadenceQuerySet


class Cadence(Record):
    """In which rhythm the leads of a segment are reached. One cadence serves a segment; its steps are versioned."""

    segment = models.CharField(_("segment"), max_length=15, choices=Segment.choices, blank=True, default="")
    name = models.CharField(
        _("name"), max_length=80, blank=True, default="", help_text="empty: the segment's"
    )
    goal = models.CharField(_("goal"), max_length=8, choices=Goal.choices, default=Goal.ACQUIRE)
    active = models.BooleanField(_("running"), default=True)
    created_at = models.DateTimeField()

    objects = CadenceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["segment"],
                condition=models.Q(active=True) & ~models.Q(segment=""),
                name="one_cadence_a_segment",
            )
        ]

    def __str__(self) -> str:
        return self.name or str(self.get_segment_display())


class CadenceVersion(models.Model):
    """The steps of a cadence from a moment on; the one with the highest number is in force.

    After the last step it goes on at `repeat_from` (a position) for ever, or the lead moves to `then_segment`, or, with
    neither, it ends.
    """

    id = UUID7Field()
    cadence = models.ForeignKey(Cadence, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    repeat_from = models.PositiveSmallIntegerField(null=True, blank=True)
    then_segment = models.CharField(max_length=15, choices=Segment.choices, blank=True, default="")
    by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["cadence", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["cadence", "number"], name="cadence_version_once"),
            models.CheckConstraint(
                condition=models.Q(repeat_from__isnull=True) | models.Q(then_segment=""),
                name="cadence_repeats_or_moves_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cadence} {self.number}"


class CadenceStep(models.Model):
    """One step: so long after the one before, by the first of its ways that reaches the person, if its condition holds.

    `key` stays the same from version to version, so that who stands before a step still does when others change.
    """

    class Condition(models.TextChoices):
        ALWAYS = "always", pgettext_lazy("condition", "always")
        OPENED = "opened", pgettext_lazy("condition", "if the last message was opened")
        NOT_OPENED = "not_opened", pgettext_lazy("condition", "if the last message was not opened")

    id = UUID7Field()
    version = models.ForeignKey(CadenceVersion, on_delete=models.CASCADE, related_name="steps")
    key = models.UUIDField(default=uuid.uuid4)
    position = models.PositiveSmallIntegerField()
    wait_minutes = models.PositiveIntegerField(
        help_text="after the step before; of the first, after it began"
    )
    condition = models.CharField(max_length=10, choices=Condition.choices, default=Condition.ALWAYS)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="cadence_step_place_once"),
            models.UniqueConstraint(fields=["version", "key"], name="cadence_step_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position}"


class StepWay(models.Model):
    """One way of a step: a channel and its template; the first that reaches the person is taken."""

    id = UUID7Field()
    step = models.ForeignKey(CadenceStep, on_delete=models.CASCADE, related_name="ways")
    position = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=8, choices=ChannelKind.choices)
    template = models.ForeignKey("outreach.Template", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["step", "position"], name="step_way_place_once")]

    def __str__(self) -> str:
        return self.channel


class Entry(models.Model):
    """One lead's way through one cadence, from when it came into the segment until it leaves it."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("entry", "running")
        ENDED = "ended", pgettext_lazy("entry", "ended")

    class Ended(models.TextChoices):
        LEFT_POOL = "left_pool", _("back on the trunk")
        MOVED = "moved", _("moved to another segment")
        FINISHED = "finished", _("all steps done")
        STOPPED = "stopped", _("the cadence was stopped")

    id = UUID7Field()
    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="entries")
    cadence = models.ForeignKey(Cadence, on_delete=models.PROTECT, related_name="entries")
    run = models.PositiveIntegerField(help_text="the lead's run, so that figures know which return was meant")
    segment = models.CharField(max_length=15, choices=Segment.choices)
    from_segment = models.CharField(
        max_length=15,
        choices=Segment.choices,
        blank=True,
        default="",
        help_text="where a dormant one wakes up to",
    )
    state = models.CharField(max_length=7, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    step_key = models.UUIDField(null=True, help_text="the step it stands before")
    position = models.PositiveSmallIntegerField(default=1, help_text="its place, should the step be gone")
    round = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField(help_text="when that step is due")
    held = models.CharField(
        max_length=20, blank=True, default="", help_text="why it waits or was passed over last"
    )
    touches = models.PositiveIntegerField(default=0)
    last_message = models.ForeignKey(
        "outreach.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    last_touch_at = models.DateTimeField(null=True, blank=True)
    reacted_at = models.DateTimeField(null=True, blank=True, help_text="the latest reaction")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=10, choices=Ended.choices, blank=True, default="")
    back_as = models.CharField(
        max_length=10,
        blank=True,
        default="",
        help_text="the state of the lead when it left the pool: new, mql, sql …",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=models.Q(state="running"), name="one_running_entry_a_lead"
            ),
            models.CheckConstraint(
                condition=models.Q(state="running", ended_at__isnull=True, ended_why="")
                | (models.Q(state="ended", ended_at__isnull=False) & ~models.Q(ended_why="")),
                name="ended_entry_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="entry_due", condition=models.Q(state="running")),
            models.Index(fields=["cadence", "state"], name="entry_cadence"),
            models.Index(fields=["lead", "started_at"], name="entry_lead"),
            models.Index(
                Coalesce("reacted_at", "started_at"), name="entry_silent", condition=models.Q(state="running")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.state}"
