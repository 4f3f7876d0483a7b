"""An import: its job, its file until it is read, and its rows until they are leads."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.ids import UUID7Field
from core.models import Job, RealNow
from intake.querysets import ImportQuerySet


class Import(models.Model):
    """One file of leads on its way in. The job tells how far it is; this row how the file is to be read.

    A try (`dry_run`) goes the same way and stops before anything is written.
    """

    job = models.OneToOneField(Job, primary_key=True, on_delete=models.CASCADE, related_name="leads_file")
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file")
    size = models.PositiveIntegerField()
    dry_run = models.BooleanField(default=False)
    channel = models.CharField(max_length=60, help_text="where a row names none")
    campaign = models.CharField(max_length=120, blank=True)
    medium = models.CharField(max_length=40)
    head_line = models.PositiveIntegerField(help_text="the line of the headings; 0 when there are none")
    columns: Any = models.JSONField(help_text="[{index, heading, field, by, suggestion, examples}]")
    table: Any = models.JSONField(default=dict, help_text="kind, encoding, delimiter, sheet")
    staged_line = models.PositiveIntegerField(default=0, help_text="read up to this line")
    staged = models.BooleanField(default=False, help_text="every line is read")
    writing_at = models.DateTimeField(null=True, help_text="real time")
    refusal: Any = models.JSONField(null=True, help_text="{code, params}: why the whole file was refused")
    purged_at = models.DateTimeField(null=True, help_text="real time at which rows and file were let go")

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.file_name


class ImportPart(models.Model):
    """A piece of the file: web and worker share only the database, so it lies here until it is read."""

    id = models.BigAutoField(primary_key=True)
    leads_file = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["leads_file", "number"], name="import_part_once")]

    def __str__(self) -> str:
        return f"{self.number}"


class ImportRow(models.Model):
    """A row of the file: what stood there, whom it means, what became of it.

    Once it is a lead its values are let go; what was refused is kept for those who put it right.
    """

    class Outcome(models.TextChoices):
        WAITING = "", _("waiting")
        CREATED = "created", _("new")
        KNOWN = "known", _("known")
        REJECTED = "rejected", pgettext_lazy("row", "refused")

    id = models.BigAutoField(primary_key=True)
    leads_file = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default="", blank=True)
    values: Any = models.JSONField(default=list)
    person: Any = models.JSONField(default=dict, help_text="as rules.Candidate.as_json tells it")
    problems: Any = models.JSONField(default=list, help_text="[{column, value, code, params, message}]")
    lead_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["leads_file", "line"], name="import_row_once")]
        indexes = [
            models.Index(
                fields=["leads_file", "line"], name="import_row_waiting", condition=models.Q(outcome="")
            ),
            models.Index(fields=["leads_file", "outcome", "line"], name="import_row_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.outcome}"


class HeadingMemory(models.Model):
    """What somebody chose for a set of headings; offered the next time a file with the same ones comes."""

    id = UUID7Field()
    fingerprint = models.CharField(max_length=64, unique=True)
    fields: Any = models.JSONField(help_text="{folded heading: field}")
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(db_default=RealNow())

    def __str__(self) -> str:
        return self.fingerprint[:8]
