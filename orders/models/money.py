"""What is to be paid when, what came in, and what the bank says came in (R9.3)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import UUID7Field
from orders.rules import Method, PaymentKind


class Instalment(models.Model):
    """One part of an order's total with the day it is due; all parts add up to the total."""

    id = UUID7Field()
    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="instalments")
    due_on = models.DateField(_("due"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    note = models.CharField(_("note"), max_length=120, blank=True, default="")

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_amount")]
        indexes = [models.Index(fields=["due_on"], name="instalment_due")]

    def __str__(self) -> str:
        return f"{self.due_on} {self.amount}"


class Payment(models.Model):
    """Money that came in for an order, or went back."""

    id = UUID7Field()
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="payments")
    kind = models.CharField(max_length=8, choices=PaymentKind.choices, default=PaymentKind.RECEIPT)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    paid_on = models.DateField(_("paid on"))
    method = models.CharField(_("method"), max_length=12, choices=Method.choices, default=Method.TRANSFER)
    reference = models.CharField(_("reference"), max_length=80, blank=True, default="")
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-paid_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount"),
            models.UniqueConstraint(
                fields=["reference"],
                condition=Q(method="transfer", kind="receipt") & ~Q(reference=""),
                name="one_receipt_a_bank_reference",
            ),
        ]
        indexes = [models.Index(fields=["order", "-paid_on"], name="payment_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class BankImport(models.Model):
    """A bank's list of receipts that somebody brought, looked at before anything is booked."""

    id = UUID7Field()
    name = models.CharField(max_length=200)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.name


class BankRow(models.Model):
    """One receipt of the list: what the bank says, which order it fits and why, what became of it."""

    class Fit(models.TextChoices):
        NUMBER = "number", _("contract number")
        PAYER = "payer", _("payer and amount")
        NONE = "none", _("nothing fits")
        KNOWN = "known", _("booked before")
        WRONG = "wrong", _("cannot be read")

    id = UUID7Field()
    bank_import = models.ForeignKey(BankImport, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    paid_on = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    payer = models.CharField(max_length=200, blank=True, default="")
    text = models.CharField(max_length=300, blank=True, default="")
    reference = models.CharField(max_length=80, blank=True, default="")
    fit = models.CharField(max_length=8, choices=Fit.choices, default=Fit.NONE)
    order = models.ForeignKey(
        "orders.Order", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    why = models.CharField(max_length=200, blank=True, default="")
    payment = models.OneToOneField(
        Payment, null=True, blank=True, on_delete=models.SET_NULL, related_name="bank_row"
    )

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["bank_import", "line"], name="bank_line_once")]

    def __str__(self) -> str:
        return f"{self.line} {self.amount}"
