"""The order: a signed contract, paid or not."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from catalogue.rules import Basis, effective_discount, is_more_off
from core.ids import UUID7Field
from core.models import Record
from orders.querysets import OrderQuerySet
from orders.rules import BEFORE_SIGNATURE, State


class Order(Record):
    """A contract, from draft to the end of its term (R9.1). Before signature it is counted nowhere as an order.

    draft        being written
    in_approval  a manager has to agree to its discount or terms (R9.2)
    approved     may be signed
    signed       the customer has signed: an order; its term has not begun
    in_force     its term runs, or it has none
    ended        its last day is over
    cancelled    given up before signature
    terminated   ended before its time
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
    quote = models.ForeignKey(
        "opportunities.Quote", null=True, blank=True, on_delete=models.PROTECT, related_name="orders"
    )
    currency = models.CharField(max_length=3, default="CNY")
    discount = models.DecimalField(
        _("discount on all, %"), max_digits=5, decimal_places=2, default=0, db_default=0
    )
    tax_rate = models.DecimalField(_("tax, %"), max_digits=5, decimal_places=2, default=0, db_default=0)
    with_tax = models.BooleanField(_("prices include the tax"), default=True, db_default=True)
    net = models.DecimalField(max_digits=14, decimal_places=2, default=0, db_default=0)
    tax = models.DecimalField(max_digits=14, decimal_places=2, default=0, db_default=0)
    total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    listed = models.DecimalField(
        max_digits=14,
        decimal_places=2,
        default=0,
        db_default=0,
        help_text="the lines at the list prices of the day",
    )
    other_terms = models.TextField(_("terms off the standard"), blank=True, default="", db_default="")
    term_months = models.PositiveSmallIntegerField(_("term in months"), null=True, blank=True)
    term_days = models.PositiveIntegerField(_("term in days"), null=True, blank=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    created_at = models.DateTimeField()
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True, default="", db_default="")
    terminated_on = models.DateField(_("terminated on"), null=True, blank=True)

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
                condition=models.Q(total=models.F("net") + models.F("tax")), name="order_adds_up"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | models.Q(submitted_by__isnull=True)
                | ~models.Q(decided_by=models.F("submitted_by")),
                name="nobody_approves_their_own",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="terminated") | models.Q(terminated_on__isnull=False),
                name="terminated_has_day",
            ),
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
            models.Index(fields=["starts_on"], name="order_begins", condition=models.Q(state="signed")),
            models.Index(fields=["ends_on"], name="order_ends", condition=models.Q(state="in_force")),
            models.Index(
                fields=["signed_on"], name="order_signed", condition=models.Q(signed_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def reduction(self) -> Decimal:
        """How much less than the list prices, in percent (R9.2)."""
        return effective_discount(self.listed, self.total)

    def is_over(self, limit: Decimal) -> bool:
        """Whether more than this limit in percent is off the list prices (R9.2)."""
        return is_more_off(self.listed, self.total, limit, len(self.lines.all()))

    @transition(state, source=State.DRAFT, target=State.IN_APPROVAL)
    def submit(self, *, by, at) -> None:
        """draft → in approval: its discount or terms need a manager's yes (R9.2)."""
        self.submitted_by, self.submitted_at = by, at
        self.decided_by, self.decided_at, self.comment = None, None, ""

    @transition(state, source=[State.DRAFT, State.IN_APPROVAL], target=State.APPROVED)
    def approve(self, *, by=None, at=None, comment="") -> None:
        """→ approved: standard terms at once, others by a manager (R9.2)."""
        self.decided_by, self.decided_at, self.comment = by, at if by else None, comment

    @transition(state, source=State.IN_APPROVAL, target=State.DRAFT)
    def reject(self, *, by, at, comment) -> None:
        """in approval → draft: to be written anew (R9.2)."""
        self.decided_by, self.decided_at, self.comment = by, at, comment

    @transition(state, source=State.APPROVED, target=State.DRAFT)
    def rewrite(self) -> None:
        """approved → draft: what was agreed to is changed, so it is agreed to anew."""
        self.decided_by, self.decided_at, self.comment = None, None, ""

    @transition(state, source=State.APPROVED, target=State.SIGNED)
    def sign(self, *, on, at) -> None:
        """approved → signed: a contract becomes an order (R9.1)."""
        self.signed_on, self.signed_at = on, at

    @transition(state, source=State.SIGNED, target=State.IN_FORCE)
    def begin(self) -> None:
        """signed → in force: its first day has come, or it has no term."""

    @transition(state, source=State.IN_FORCE, target=State.ENDED)
    def end(self, *, at) -> None:
        """in force → ended: its last day is over."""
        self.closed_at = at

    @transition(state, source=[State.SIGNED, State.IN_FORCE], target=State.TERMINATED)
    def terminate(self, *, on, at) -> None:
        """→ terminated: ended before its time (R9.1)."""
        self.terminated_on, self.closed_at = on, at

    @transition(state, source=list(BEFORE_SIGNATURE), target=State.CANCELLED)
    def cancel(self, *, at) -> None:
        """→ cancelled: given up before signature."""
        self.closed_at = at


class OrderLine(models.Model):
    """One product of an order at its agreed price."""

    id = UUID7Field()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(_("what for"), max_length=500, blank=True, default="", db_default="")
    basis = models.CharField(max_length=10, choices=Basis.choices, default=Basis.ONCE, db_default=Basis.ONCE)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    periods = models.PositiveSmallIntegerField(_("months or years"), default=1, db_default=1)
    list_price = models.DecimalField(max_digits=14, decimal_places=2, default=0, db_default=0)
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=2)
    discount = models.DecimalField(_("discount %"), max_digits=5, decimal_places=2, default=0)
    total = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="line_quantity"),
            models.CheckConstraint(condition=models.Q(periods__gte=1), name="line_periods"),
            models.CheckConstraint(
                condition=models.Q(unit_price__gte=0, total__gte=0), name="line_money_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(discount__gte=0, discount__lte=100), name="line_discount_percent"
            ),
        ]

    def __str__(self) -> str:
        return str(self.product)
