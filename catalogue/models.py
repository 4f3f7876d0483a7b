"""What the firm sells."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Record


class Product(Record):
    """A thing or service with a list price in the firm's currency for each unit."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, default="CNY")
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(price__gte=0), name="product_price_not_negative")
        ]

    def __str__(self) -> str:
        return self.name
