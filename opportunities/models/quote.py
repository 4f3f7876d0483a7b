"""The quote: numbered, versioned, valid for a time, accepted into an order without typing again (R9.5)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from catalogue.rules import Basis
from core.ids import UUID7Field
from core.models import Record
from opportunities.querysets import QuoteQuerySet
from opportunities.rules import QuoteState


class Quote(Record):
    """An offer to a customer.

    draft     being written
    sent      the customer has it; it stays as it is
    accepted  it became an order
    revised   a later version took its place
    """

    number = models.CharField(_("number"), max_length=20)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    state = FSMField(max_length=8, choices=QuoteState.choices, default=QuoteState.DRAFT)
    opportunity = models.ForeignKey(
        "opportunities.Opportunity", on_delete=models.PROTECT, related_name="quotes"
    )
    contact = models.ForeignKey(
        "contacts.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="quotes"
    )
    currency = models.CharField(max_length=3, default="CNY")
    headcount = models.PositiveIntegerField(_("how many people"))
    discount = models.DecimalField(_("discount on all, %"), max_digits=5, decimal_places=2, default=0)
    tax_rate = models.DecimalField(_("tax, %"), max_digits=5, decimal_places=2, default=0)
    with_tax = models.BooleanField(_("prices include the tax"), default=True)
    net = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    tax = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    listed = models.DecimalField(
        max_digits=14, decimal_places=2, default=0, help_text="the lines at the list prices of the day"
    )
    term_months = models.PositiveSmallIntegerField(_("term in months"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"))
    language = models.CharField(_("language"), max_length=8, default="zh-hans")
    note = models.TextField(_("note"), blank=True, default="")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_to = models.CharField(max_length=254, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = QuoteQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["number", "revision"], name="quote_revision_once"),
            models.UniqueConstraint(
                fields=["opportunity"], condition=Q(state="accepted"), name="one_accepted_quote"
            ),
            models.CheckConstraint(
                condition=Q(net__gte=0, tax__gte=0, total__gte=0, listed__gte=0), name="quote_money"
            ),
            models.CheckConstraint(
                condition=Q(total=models.F("net") + models.F("tax")), name="quote_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lte=100, tax_rate__gte=0, tax_rate__lte=100),
                name="quote_percents",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="sent_quote_has_time"
            ),
        ]
        indexes = [models.Index(fields=["opportunity", "-created_at"], name="quote_opportunity")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The number with its revision, as it stands on the paper: `Q-2026-00012/2`."""
        return self.number if self.revision == 1 else f"{self.number}/{self.revision}"

    @transition(state, source=[QuoteState.DRAFT, QuoteState.SENT], target=QuoteState.SENT)
    def send(self, *, to: str, at) -> None:
        """→ sent: the customer has it."""
        self.sent_to, self.sent_at = to, at

    @transition(state, source=[QuoteState.DRAFT, QuoteState.SENT], target=QuoteState.ACCEPTED)
    def accept(self, *, at) -> None:
        """→ accepted: it becomes an order."""
        self.decided_at = at

    @transition(state, source=QuoteState.ACCEPTED, target=RETURN_VALUE(QuoteState.SENT, QuoteState.DRAFT))
    def stand_again(self) -> str:
        """→ as before it was accepted: its contract was given up before the signature."""
        self.decided_at = None
        return QuoteState.SENT if self.sent_at else QuoteState.DRAFT

    @transition(state, source=[QuoteState.DRAFT, QuoteState.SENT], target=QuoteState.REVISED)
    def replace(self, *, at) -> None:
        """→ revised: a later version takes its place."""
        self.decided_at = at


class QuoteLine(models.Model):
    """One product of a quote at the price that is offered."""

    id = UUID7Field()
    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(_("what for"), max_length=500, blank=True, default="")
    basis = models.CharField(max_length=10, choices=Basis.choices, default=Basis.ONCE)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    periods = models.PositiveSmallIntegerField(_("months or years"), default=1)
    list_price = models.DecimalField(max_digits=14, decimal_places=2)
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=2)
    discount = models.DecimalField(_("discount %"), max_digits=5, decimal_places=2, default=0)
    total = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1, periods__gte=1), name="quote_line_counts"),
            models.CheckConstraint(
                condition=Q(list_price__gte=0, unit_price__gte=0, total__gte=0), name="quote_line_money"
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lte=100), name="quote_line_discount"
            ),
        ]

    def __str__(self) -> str:
        return str(self.product)


class Letterhead(Record):
    """The firm's own head on what it sends: one row (R9.5)."""

    only = models.BooleanField(default=True, unique=True)
    name = models.CharField(_("firm"), max_length=120, blank=True, default="")
    address = models.CharField(_("address"), max_length=200, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    website = models.CharField(_("website"), max_length=120, blank=True, default="")
    tax_id = models.CharField(_("tax number"), max_length=40, blank=True, default="")
    bank = models.CharField(_("bank"), max_length=120, blank=True, default="")
    account = models.CharField(_("account"), max_length=60, blank=True, default="")
    terms = models.TextField(_("terms"), blank=True, default="", help_text="stands at the end of each quote")
    logo = models.BinaryField(null=True, blank=True)
    logo_type = models.CharField(max_length=4, blank=True, default="", help_text="png, jpg or svg")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="one_letterhead")]

    def __str__(self) -> str:
        return self.name
