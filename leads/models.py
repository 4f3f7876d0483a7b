"""The lead: a person's place on the trunk, and who held it when."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from core.ids import UUID7Field
from core.models import Record
from leads import rules
from leads.querysets import DisputeQuerySet, ExtensionQuerySet, HoldingQuerySet, LeadQuerySet
from leads.rules import Began, Ended, ExtensionState, Reason, Segment, State


class Lead(Record):
    """One person, one lead, for life (R1.3). Each pass through the trunk is a run.

    new        on the calling desk; nobody owns it
    mql        does not refuse to talk; handed to a rep who judges it, or waiting in a team's queue
    sql        accepted or claimed; its owner has a week (`due_at`)
    converted  an opportunity stands for it; the owner is the opportunity's
    pooled     in the public pool with a reason and a segment; nobody owns it
    invalid    no way to reach the person is left; out of every queue and cadence
    merged     the person's other lead stays
    """

    contact = models.ForeignKey("contacts.Contact", on_delete=models.PROTECT, related_name="leads")
    state = FSMField(max_length=10, choices=State.choices, default=State.NEW)
    run = models.PositiveIntegerField(default=1)
    owner = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="leads"
    )
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="leads"
    )

    # where it came from, for ever (R1.4)
    channel = models.CharField(max_length=60)
    campaign = models.ForeignKey(
        "outreach.Campaign", null=True, blank=True, on_delete=models.PROTECT, related_name="leads"
    )
    medium = models.CharField(max_length=20)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    product = models.ForeignKey(
        "catalogue.Product",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="what they asked about",
    )
    captured_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    created_at = models.DateTimeField()
    acquired_at = models.DateTimeField(help_text="when the person first came to us")
    back_at = models.DateTimeField(
        null=True, blank=True, help_text="latest return to the trunk from the pool"
    )
    qualified_at = models.DateTimeField(null=True, blank=True)
    qualified_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    handed_at = models.DateTimeField(null=True, blank=True)
    call_by = models.DateTimeField(null=True, blank=True, help_text="the rep's first call is due (R3.2)")
    judge_by = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True, help_text="accepted or claimed: the week began")
    due_at = models.DateTimeField(null=True, blank=True)
    extensions_used = models.PositiveSmallIntegerField(default=0)
    no_answer_streak = models.PositiveSmallIntegerField(default=0)
    call_back_at = models.DateTimeField(null=True, blank=True)
    call_after = models.DateTimeField(
        null=True, blank=True, help_text="not offered by the desk before (R2.2)"
    )

    pool_reason = models.CharField(max_length=12, choices=Reason.choices, blank=True, default="")
    pool_detail = models.CharField(
        max_length=20, blank=True, default="", help_text="the return, release or lose reason"
    )
    pool_segment = models.CharField(max_length=15, choices=Segment.choices, blank=True, default="")
    pooled_at = models.DateTimeField(null=True, blank=True)
    claimable = models.BooleanField(default=False)
    silent_touches = models.PositiveSmallIntegerField(default=0)
    next_touch_at = models.DateTimeField(null=True, blank=True)

    next_step = models.CharField(_("next step"), max_length=200, blank=True, default="")
    next_step_on = models.DateField(null=True, blank=True)
    last_touch_at = models.DateTimeField(null=True, blank=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=~models.Q(state="merged"), name="one_lead_a_contact"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="sql")
                | models.Q(owner__isnull=False, due_at__isnull=False, accepted_at__isnull=False),
                name="sql_has_owner_and_due_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="sql") | models.Q(due_at__isnull=True), name="only_sql_has_due_time"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["new", "pooled", "invalid", "merged"])
                | models.Q(owner__isnull=True, judge_by__isnull=True),
                name="free_lead_has_no_owner",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="converted") | models.Q(owner__isnull=False),
                name="converted_has_owner",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(state="pooled", pooled_at__isnull=False)
                    & ~models.Q(pool_reason="")
                    & ~models.Q(pool_segment="")
                )
                | (
                    ~models.Q(state="pooled")
                    & models.Q(pooled_at__isnull=True, pool_reason="", pool_segment="")
                ),
                name="pooled_has_reason_and_segment",
            ),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="lead_state_exists"),
            models.CheckConstraint(
                condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0), name="lead_cost_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="lead_due", condition=models.Q(state="sql")),
            models.Index(
                fields=["owner", "state"], name="lead_owner", condition=models.Q(owner__isnull=False)
            ),
            models.Index(fields=["team", "state"], name="lead_team", condition=models.Q(team__isnull=False)),
            models.Index(fields=["-created_at", "-id"], name="lead_created"),
            models.Index(fields=["state", "-created_at", "-id"], name="lead_state_created"),
            models.Index(fields=["-last_touch_at", "-id"], name="lead_touched"),
            models.Index(
                fields=["pool_segment", "-pooled_at", "-id"],
                name="lead_pool",
                condition=models.Q(state="pooled"),
            ),
            models.Index(
                fields=["judge_by"],
                name="lead_judge_by",
                condition=models.Q(state="mql", judge_by__isnull=False),
            ),
            models.Index(
                fields=["call_back_at"],
                name="lead_call_back",
                condition=models.Q(state="new", call_back_at__isnull=False),
            ),
            models.Index(
                fields=["-back_at", "-id"],
                name="lead_desk_back",
                condition=models.Q(state="new", back_at__isnull=False),
            ),
            models.Index(
                fields=["handed_at"], name="lead_waiting", condition=models.Q(state="mql", owner__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} ({self.state})"

    # Each transition changes only this row's own fields; the verbs in services own lock, event and outbox.

    @transition(state, source=[State.NEW, State.POOLED], target=State.MQL)
    def qualify(self, *, by, at) -> None:
        """new → mql: does not refuse to talk (R2.1); pooled → mql: handed out by marketing (R10.5)."""
        if self.state == State.POOLED:
            self._out_of_pool(at)
        self.qualified_by, self.qualified_at = by, at
        self.no_answer_streak, self.call_back_at, self.call_after = 0, None, None

    @transition(state, source=[State.MQL], target=State.MQL)
    def hand(self, *, rep, team, at, call_by, judge_by) -> None:
        """mql → mql: handed to a rep, or with rep None to a team's queue (R3.1, R3.2)."""
        self.owner, self.team, self.handed_at, self.call_by, self.judge_by = rep, team, at, call_by, judge_by

    @transition(state, source=State.MQL, target=State.SQL)
    def accept(self, *, at, due_at) -> None:
        """mql → sql: a correct MQL; the week begins (R4.1, R6.1)."""
        self.accepted_at, self.due_at, self.extensions_used = at, due_at, 0
        self.judge_by = self.call_by = None

    @transition(state, source=State.SQL, target=State.SQL)
    def give(self, *, rep) -> None:
        """sql → sql: to another rep; due time and extensions go along (R6.5)."""
        self.owner, self.team = rep, rep.team

    @transition(state, source=State.SQL, target=State.CONVERTED)
    def convert(self) -> None:
        """sql → converted: can be quoted; the clock ends (R5.2)."""
        self.due_at = None

    @transition(state, source=[State.NEW, State.MQL, State.SQL, State.CONVERTED], target=State.POOLED)
    def pool(self, *, reason, detail, at) -> None:
        """→ pooled: cannot go forward for now (R10.1)."""
        self.claimable = rules.claimable_after(self.accepted_at is not None, reason)
        self._free()
        self.pool_reason, self.pool_detail, self.pooled_at = reason, detail, at
        self.pool_segment = rules.segment_of(reason, detail)
        self.silent_touches = 0

    @transition(state, source=[State.POOLED, State.INVALID], target=State.NEW)
    def reactivate(self, *, at) -> None:
        """pooled or invalid → new: back on the trunk, a new run (R10.6)."""
        self._out_of_pool(at)
        self.no_answer_streak = 0

    @transition(state, source=State.POOLED, target=State.SQL)
    def claim(self, *, rep, at, due_at) -> None:
        """pooled → sql: a rep's claim, a fresh week (R10.3)."""
        self._out_of_pool(at)
        self.owner, self.team, self.accepted_at, self.due_at, self.extensions_used = (
            rep,
            rep.team,
            at,
            due_at,
            0,
        )

    @transition(state, source=State.POOLED, target=State.CONVERTED)
    def regain(self, *, owner, at) -> None:
        """pooled → converted: the opportunity was lost by mistake, or the company signed another way (R8.7)."""
        self._out_of_pool(None)
        self.owner, self.team = owner, owner.team

    @transition(
        state,
        source=[State.NEW, State.MQL, State.SQL, State.CONVERTED, State.POOLED, State.INVALID, State.MERGED],
        target=State.INVALID,
    )
    def invalidate(self) -> None:
        """→ invalid: no way to reach the person is left (R2.3)."""
        self._free()
        self._out_of_pool(None)

    @transition(
        state,
        source=[State.NEW, State.MQL, State.SQL, State.CONVERTED, State.POOLED, State.INVALID],
        target=State.MERGED,
    )
    def merge_away(self) -> None:
        """→ merged: the person's other lead stays (R1.6)."""
        self._free()
        self._out_of_pool(None)

    def _free(self) -> None:
        self.owner = self.team = self.due_at = self.judge_by = self.call_by = None
        self.call_back_at = self.call_after = None
        # What its holder meant to do next ends with the holding; the timeline keeps it.
        self.next_step, self.next_step_on = "", None

    # set by a transition that leaves the pool; `store` tells the layers above once
    left_pool = False

    def _out_of_pool(self, back_at) -> None:
        self.left_pool = self.pooled_at is not None
        self.pool_reason = self.pool_detail = self.pool_segment = ""
        self.pooled_at = self.next_touch_at = None
        self.claimable, self.silent_touches = False, 0
        if back_at is not None:
            self.back_at, self.run = back_at, self.run + 1


class Holding(models.Model):
    """One stretch of time in which one person held a lead, under which limits, how it began and ended (R10.7)."""

    class Stage(models.TextChoices):
        MQL = "mql", _("MQL")
        SQL = "sql", _("SQL")

    id = UUID7Field()
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="holdings")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="holdings")
    stage = models.CharField(max_length=3, choices=Stage.choices)
    run = models.PositiveIntegerField(default=1)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    extensions_used = models.PositiveSmallIntegerField(default=0)
    began = models.CharField(max_length=12, choices=Began.choices)
    ended = models.CharField(max_length=12, choices=Ended.choices, blank=True, default="")
    detail = models.CharField(max_length=20, blank=True, default="")

    objects = HoldingQuerySet.as_manager()

    class Meta:
        ordering = ["from_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=models.Q(to_at__isnull=True), name="one_open_holding_a_lead"
            ),
            models.CheckConstraint(
                condition=models.Q(to_at__isnull=True, ended="")
                | (models.Q(to_at__isnull=False) & ~models.Q(ended="")),
                name="closed_holding_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["lead", "from_at"], name="holding_lead"),
            models.Index(
                fields=["user", "from_at"], name="holding_claims", condition=models.Q(began="claimed")
            ),
            models.Index(
                fields=["user", "to_at"],
                name="holding_let_go",
                condition=models.Q(ended__in=["expired", "released"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.stage}"


class Note(models.Model):
    """What somebody wrote about a lead. A note does not stop the clock (R6.4)."""

    id = UUID7Field()
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="notes")
    by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["lead", "-at"], name="note_lead")]

    def __str__(self) -> str:
        return self.text[:40]


class Extension(models.Model):
    """A rep's request for another week, decided by somebody else or lapsed with the lead's due time (R7)."""

    id = UUID7Field()
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="extensions")
    holding = models.ForeignKey(Holding, on_delete=models.PROTECT, related_name="extensions")
    rep = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="extensions")
    reason = models.TextField(_("reason"))
    state = models.CharField(max_length=8, choices=ExtensionState.choices, default=ExtensionState.PENDING)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    comment = models.TextField(_("comment"), blank=True, default="")
    due_before = models.DateTimeField()
    due_after = models.DateTimeField(null=True, blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=models.Q(state="pending"), name="one_pending_extension_a_lead"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "rejected"])
                | (models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("rep"))),
                name="nobody_decides_their_own",
            ),
            models.CheckConstraint(
                condition=models.Q(state="pending", decided_at__isnull=True)
                | (~models.Q(state="pending") & models.Q(decided_at__isnull=False)),
                name="decided_extension_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["rep", "state"], name="extension_rep"),
            models.Index(fields=["lead", "-asked_at"], name="extension_lead"),
            models.Index(
                fields=["due_before"], name="extension_pending", condition=models.Q(state="pending")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rep_id} {self.state}"


class Dispute(models.Model):
    """Something about an MQL that a manager settles: a rep's objection (R4.1), or marketing's contest of a return
    (R4.2, a branch). It changes figures; the lead does not wait for a contest. An objection lapses when the rep's
    holding ends another way."""

    class Kind(models.TextChoices):
        OBJECTION = "objection", _("objection")
        CONTEST = "contest", _("contest")

    class Verdict(models.TextChoices):
        OPEN = "open", _("to be settled")
        LEGAL = "legal", _("a correct MQL")
        ILLEGAL = "illegal", _("an illegal MQL")
        LAPSED = "lapsed", _("settled by itself")

    id = UUID7Field()
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="disputes")
    holding = models.ForeignKey(Holding, null=True, on_delete=models.PROTECT, related_name="disputes")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()
    verdict = models.CharField(max_length=7, choices=Verdict.choices, default=Verdict.OPEN)
    settled_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_text = models.TextField(blank=True, default="")

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=models.Q(verdict="open"), name="one_open_dispute_a_lead"
            ),
            models.UniqueConstraint(
                fields=["holding"], condition=models.Q(kind="contest"), name="a_return_is_contested_once"
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="open", settled_at__isnull=True)
                | models.Q(verdict="lapsed", settled_at__isnull=False, settled_by__isnull=True)
                | models.Q(
                    verdict__in=["legal", "illegal"], settled_at__isnull=False, settled_by__isnull=False
                ),
                name="settled_dispute_has_judge",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.verdict}"


class AssignmentRule(models.Model):
    """Which reps get which MQLs, first match wins (R3.1, a branch).

    `conditions`: of channel, medium, campaign, product, region, industry a list of which one must hold; size_from and
    size_to a list of one number.
    """

    id = UUID7Field()
    position = models.PositiveIntegerField(default=0)
    name = models.CharField(_("name"), max_length=80)
    conditions = models.JSONField(default=dict)
    reps = models.ManyToManyField("accounts.User", related_name="+")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """One flat list of words, which no step ever needs (R0.2, a branch)."""

    id = UUID7Field()
    name = models.CharField(_("name"), max_length=40, unique=True)
    leads = models.ManyToManyField(Lead, related_name="labels", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
