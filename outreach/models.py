"""How people came to us: campaigns and arrivals. Messages going out come with the pool's cadences."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

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
