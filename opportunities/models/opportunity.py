"""The opportunity: a need that can be quoted, its products and its stage."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from core.ids import UUID7Field
from core.models import Record
from opportunities.querysets import OpportunityQuerySet
from opportunities.rules import OPEN, Kind, LostReason, Stage


class Opportunity(Record):
    """Something that can be quoted: a need, how many people, the correct company (R5.1).

    scheduled    the next chance with a customer, not active yet (R9.4)
    confirmed    10 %
    experience   30 %: online meeting, remote session, visit, trial
    negotiation  70 %
    won          its order was signed; there is no other way (R8.8)
    lost         with a reason; stays lost (R8.7)
    """

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.NEW_BUSINESS)
    stage = FSMField(max_length=12, choices=Stage.choices, default=Stage.CONFIRMED)
    lead = models.ForeignKey(
        "leads.Lead", null=True, blank=True, on_delete=models.PROTECT, related_name="opportunities"
    )
    run = models.PositiveIntegerField(default=1, help_text="the run of the lead it came of")
    contact = models.ForeignKey(
        "contacts.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="opportunities"
    )
    company = models.ForeignKey("contacts.Company", on_delete=models.PROTECT, related_name="opportunities")
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="opportunities")
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="opportunities"
    )
    headcount = models.PositiveIntegerField(_("how many people"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="CNY")
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    competitor = models.CharField(_("competitor"), max_length=120, blank=True, default="")
    over_expectation = models.BooleanField(_("price over expectation"), default=False, db_default=False)
    risk = models.CharField(_("other risk"), max_length=300, blank=True, default="", db_default="")
    probability = models.PositiveSmallIntegerField(
        _("own judgement"), null=True, blank=True, help_text="percent; a renewal is judged by itself (R8.3)"
    )
    next_step = models.CharField(_("next step"), max_length=200, blank=True, default="")
    next_step_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    active_on = models.DateField(
        null=True, blank=True, help_text="a scheduled one becomes active on this day"
    )
    stage_since = models.DateTimeField()
    furthest = models.CharField(max_length=12, choices=Stage.choices, default=Stage.CONFIRMED)
    last_touch_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    lost_from = models.CharField(max_length=12, blank=True, default="")
    lost_reason = models.CharField(max_length=12, choices=LostReason.choices, blank=True, default="")
    lost_text = models.TextField(blank=True, default="")
    signed_before = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="next_chances",
        help_text="the won one it follows",
    )

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "opportunities"
        constraints = [
            models.UniqueConstraint(
                fields=["lead"],
                condition=models.Q(kind="new_business", stage__in=list(OPEN)),
                name="one_open_opportunity_a_lead",
            ),
            models.CheckConstraint(condition=models.Q(headcount__gte=1), name="opportunity_headcount"),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0), name="opportunity_amount"
            ),
            models.CheckConstraint(
                condition=~models.Q(stage="lost") | ~models.Q(lost_reason=""), name="lost_has_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(probability__isnull=True) | models.Q(probability__lte=100),
                name="probability_is_percent",
            ),
            models.CheckConstraint(
                condition=~models.Q(stage="scheduled") | models.Q(active_on__isnull=False),
                name="scheduled_has_day",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="new_business") | models.Q(lead__isnull=False),
                name="new_business_has_lead",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "stage"], name="opp_owner"),
            models.Index(fields=["team", "stage"], name="opp_team"),
            models.Index(fields=["stage", "-created_at", "-id"], name="opp_stage"),
            models.Index(fields=["company"], name="opp_company"),
            models.Index(fields=["lead"], name="opp_lead", condition=models.Q(lead__isnull=False)),
            models.Index(fields=["active_on"], name="opp_scheduled", condition=models.Q(stage="scheduled")),
        ]

    def __str__(self) -> str:
        return f"{self.company} ({self.stage})"

    @property
    def is_open(self) -> bool:
        """On the board: neither scheduled nor closed."""
        return self.stage in OPEN

    @transition(stage, source=[Stage.SCHEDULED, *OPEN, Stage.LOST], target=RETURN_VALUE(*OPEN))
    def move(self, to: str, *, at):
        """Forward, back, activated or taken back: always to an open stage (R8.2)."""
        self._begin_anew(at)
        if self.furthest not in OPEN or list(OPEN).index(Stage(to)) > list(OPEN).index(Stage(self.furthest)):
            self.furthest = to
        return to

    @transition(stage, source=Stage.LOST, target=Stage.SCHEDULED)
    def wait_again(self, *, at) -> None:
        """lost → scheduled: taken back before its day, it waits for that day as before (R8.7, R9.4)."""
        self._begin_anew(at)

    def _begin_anew(self, at) -> None:
        self.stage_since, self.closed_at = at, None
        self.lost_reason = self.lost_text = self.lost_from = ""

    @transition(stage, source=[Stage.SCHEDULED, *OPEN], target=Stage.WON)
    def win(self, *, at) -> None:
        """→ won: its order was signed (R8.8)."""
        self.stage_since = self.closed_at = at

    @transition(stage, source=[Stage.SCHEDULED, *OPEN], target=Stage.LOST)
    def lose(self, *, reason, text, at) -> None:
        """→ lost, with a reason (R8.7)."""
        self.lost_from, self.lost_reason, self.lost_text = self.stage, reason, text
        self.stage_since = self.closed_at = at


class OpportunityProduct(models.Model):
    """What the customer needs, and what for."""

    id = UUID7Field()
    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="needs")
    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(_("what for"), max_length=500, blank=True, default="")
    quantity = models.PositiveIntegerField(_("quantity"), default=1)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "product"], name="product_once_an_opportunity"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="need_quantity"),
        ]

    def __str__(self) -> str:
        return str(self.product)
