"""The order: a signed contract, paid or not."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from core.ids import UUID7Field
from core.models import Record
from orders.querysets import OrderQuerySet
from orders.rules import BEFORE_SIGNATURE, State


class Order(Record):
    """A contract, from draft to the end of its term (R9.1). Before signature it is counted nowhere as an order.

    draft      being written
    approved   may be signed
    signed     the customer has signed: an order
    cancelled  given up before signature
    """

    number = models.CharField(_("number"), max_length=20, unique=True)
    state = FSMField(max_length=12, choices=State.choices, default=State.DRAFT)
    opportunity = models.ForeignKey(
        "opportunities.Opportunity", on_delete=models.PROTECT, related_name="orders"
    )
    company = models.ForeignKey("contacts.Company", on_delete=models.PROTECT, related_name="orders")
    contact = models.ForeignKey(
        "contacts.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="orders"
    )
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="orders")
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="orders"
    )
    currency = models.CharField(max_length=3, default="CNY")
    total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    term_months = models.PositiveSmallIntegerField(_("term in months"), null=True, blank=True)
    term_days = models.PositiveIntegerField(_("term in days"), null=True, blank=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    created_at = models.DateTimeField()
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity"],
                condition=~models.Q(state="cancelled"),
                name="one_order_an_opportunity",
            ),
            models.CheckConstraint(condition=models.Q(total__gte=0), name="order_total_not_negative"),
            models.CheckConstraint(
                condition=models.Q(term_months__isnull=True) | models.Q(term_days__isnull=True),
                name="order_one_kind_of_term",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["signed", "in_force", "ended", "terminated"])
                | models.Q(signed_on__isnull=False, signed_at__isnull=False),
                name="signed_order_has_day",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "state"], name="order_owner"),
            models.Index(fields=["company"], name="order_company"),
            models.Index(fields=["state", "-created_at", "-id"], name="order_state"),
            models.Index(
                fields=["signed_on"], name="order_signed", condition=models.Q(signed_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(state, source=State.DRAFT, target=State.APPROVED)
    def approve(self) -> None:
        """draft → approved: standard terms need nobody's approval (R9.2)."""

    @transition(state, source=State.APPROVED, target=State.SIGNED)
    def sign(self, *, on, at) -> None:
        """approved → signed: a contract becomes an order (R9.1)."""
        self.signed_on, self.signed_at = on, at

    @transition(state, source=list(BEFORE_SIGNATURE), target=State.CANCELLED)
    def cancel(self, *, at) -> None:
        """→ cancelled: given up before signature."""
        self.closed_at = at


class OrderLine(models.Model):
    """One product of an order at its agreed price."""

    id = UUID7Field()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=2)
    discount = models.DecimalField(_("discount %"), max_digits=5, decimal_places=2, default=0)
    total = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="line_quantity"),
            models.CheckConstraint(
                condition=models.Q(unit_price__gte=0, total__gte=0), name="line_money_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(discount__gte=0, discount__lte=100), name="line_discount_percent"
            ),
        ]

    def __str__(self) -> str:
        return str(self.product)
