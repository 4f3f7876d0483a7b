"""The signed paper and what belongs to it, behind the order's rights (R9.1)."""

from __future__ import annotations

import re

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import UUID7Field

ENDINGS = {"application/pdf": (".pdf",), "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg")}
# What a folder cannot hold, and marks that turn the direction of writing: `scan<RLO>fdp.exe` reads as `scanexe.pdf`.
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]')


class Document(models.Model):
    """A scan of the signed contract, or an annex. It lies in the database: one backup has all, no folder to guard."""

    id = UUID7Field()
    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="documents")
    name = models.CharField(_("name"), max_length=160)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    data = models.BinaryField()
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["order", "digest"], name="document_once_an_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def file_name(self) -> str:
        """The name under which it is taken home: it ends as what it is, so that nobody opens a page by mistake."""
        stem = _NOT_IN_NAMES.sub("_", self.name).strip(". ") or "scan"
        ends = ENDINGS.get(self.content_type, (".bin",))
        return stem if stem.lower().endswith(ends) else f"{stem}{ends[0]}"
