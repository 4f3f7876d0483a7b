"""What the firm sells: products, what they cost when, and what shows that they work."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.querysets import PriceQuerySet
from catalogue.rules import Basis
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


class Price(Record):
    """What a product costs on a basis, from a day on, until another day if one is named; the list price else."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices")
    basis = models.CharField(_("basis"), max_length=10, choices=Basis.choices, default=Basis.ONCE)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=2)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    name = models.CharField(_("price list"), max_length=60, blank=True, default="")

    objects = PriceQuerySet.as_manager()

    class Meta:
        ordering = ["product__name", "name", "basis", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "name", "basis", "valid_from"], name="one_price_a_day_and_basis"
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("valid_from")),
                name="price_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.price}"


class Case(Record):
    """A customer's case or a video that marketing filed for a product and an industry (R8.6)."""

    class Kind(models.TextChoices):
        CASE = "case", _("customer case")
        VIDEO = "video", _("video")

    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.CASE)
    title = models.CharField(_("title"), max_length=160)
    summary = models.TextField(_("in a few sentences"), blank=True, default="")
    url = models.URLField(_("link"), max_length=500, blank=True, default="")
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.CASCADE, related_name="cases"
    )
    industry = models.CharField(_("industry"), max_length=80, blank=True, default="")
    active = models.BooleanField(_("active"), default=True)
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["product", "industry"], name="case_product")]

    def __str__(self) -> str:
        return self.title
