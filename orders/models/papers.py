"""The signed paper and what belongs to it, behind the order's rights (R9.1)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import UUID7Field


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
