"""Logging a conversation and what follows from its outcome (R2.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from accounts.notices import over
from calling import permissions, rules
from calling.models import Call, Lease, ScriptVersion
from calling.rules import ANSWERED, DEAD, Channel, Outcome
from calling.services.desk import require_free
from calling.services.scripts import active_version
from contacts.models import Contact, ContactPoint
from contacts.services import mark_dead, parse_points
from core import clock, events, rulebook
from core.errors import AlreadyDecided, FieldError, RuleRefused
from core.locking import lock_one, verb
from leads.models import Holding, Lead
from leads.rules import Ended, Reason, State, another_time_of_day, segment_of
from leads.services import (
    Move,
    change_segments,
    hand_over,
    invalidate,
    lock_round,
    pick_rep,
    qualify,
    reactivate,
    to_pool,
)
from leads.services.common import fact, locked, require, require_state
from leads.services.handover import chosen_reps, has_room, load_of, locked_rep, require_rep
from leads.services.judging import accept_locked

MAY_TALK = (State.NEW, State.MQL, State.SQL, State.CONVERTED, State.POOLED)


@verb
def log_call(
    lead: Lead,
    *,
    outcome: str,
    by: User,
    channel: str = Channel.PHONE,
    phone: str = "",
    step: int | None = None,
    duration: int | None = None,
    note: str = "",
    call_back_at: datetime | None = None,
    reason: str = "",
    do_not_call: bool = False,
    rep: User | None = None,
    script_version: ScriptVersion | None = None,
    answers: dict[str, str] | None = None,
    since: datetime | None = None,
) -> tuple[Call, Lead]:
    """Log a conversation; its outcome moves the lead (R2.3). Answers the call and the lead.

    `since` is when the desk gave the caller this new lead: what was logged since then is not logged twice.

    Raises Forbidden, Overdue, TransitionNotAllowed, AlreadyClaimed (a colleague has it now), AlreadyDecided (logged
    already), RuleRefused (all that is missing or wrong, capacity_reached).
    """
    chosen = None
    # Only what can be handed over takes the turn of the round, or reps' own calls would wait for each other. What
    # gets there in this very moment waits in the queue for the sweep.
    if outcome == Outcome.INTERESTED and lead_may_go_on(lead):
        lock_round()
        chosen = locked_rep(rep) if rep else _rep_for(lead, by)
    contact = lock_one(Contact.objects.all(), lead.contact_id)
    row = locked(lead)
    at = clock.now()
    if since is not None and row.calls.filter(by=by, at__gte=since).exists():
        raise AlreadyDecided(detail=_("You have logged this call already."))
    require(permissions.may_log(by, row), row, by, at)
    require_state(row, at, *((State.NEW,) if since else MAY_TALK))
    if errors := rules.call_errors(outcome, channel, step, duration, call_back_at, reason, at):
        raise RuleRefused(errors=errors)
    if rep is not None and chosen is not None and row.state in (State.NEW, State.POOLED):
        require_rep(chosen)
        if chosen.pk == by.pk and _let_go_lately(by, row, at):
            message = _("You let this lead go not long ago: somebody else's turn first.")
            raise RuleRefused("claim_cooldown", message)
    lease = require_free(row, by=by, at=at) if row.state == State.NEW else None
    if lease is not None and lease.user_id == by.pk and script_version is None:
        # What the desk handed out came with its script, to a program too (R2.3).
        script_version = active_version()
    point = _point(row, channel, phone, outcome)
    call = Call.objects.create(
        lead=row,
        by=by,
        at=at,
        outcome=outcome,
        channel=channel,
        point=point,
        state_before=row.state,
        run=row.run,
        step=step,
        duration=duration,
        reason=reason,
        note=note,
        call_back_at=call_back_at if outcome == Outcome.CALL_BACK else None,
        script_version=script_version,
        answers=rules.kept_answers(answers),
    )
    Lease.objects.filter(lead=row).delete()
    data = {
        "outcome": outcome,
        "channel": channel,
        "call": str(call.pk),
        "step": step,
        "duration": duration,
        "reason": reason,
    }
    told = rules.told_answers(script_version.steps if script_version else [], call.answers)
    events.record(fact("called", row, at, by, row.state, data=data, texts={"note": note, **told}))
    over(("call_now",), row, at=at)
    row.last_touch_at = at
    row.store("last_touch_at")
    if do_not_call and not contact.do_not_call:
        contact.do_not_call = True
        contact.store("do_not_call")
        events.record(fact("do_not_call", row, at, by, row.state))
    row.contact = contact
    _Effect(row, contact, point, call, chosen, at, by).apply()
    return call, row


def lead_may_go_on(lead: Lead) -> bool:
    """Whether, as it stands unlocked, an interested answer would make this lead an MQL."""
    return Lead.objects.filter(pk=lead.pk, state__in=[State.NEW, State.POOLED]).exists()


def _rep_for(lead: Lead, by: User) -> User | None:
    """Who wears both hats keeps the lead while there is room (R3.3); a customer's owner comes first; else the round."""
    at = clock.now()
    others_only: list[Any] = []
    if by.wears(Hat.REP) and by.wears(Hat.TELEMARKETER):
        # The room is counted under the lock: a claim of the same person may be on its way.
        me = locked_rep(by)
        if _let_go_lately(me, lead, at):
            others_only = [me.pk]
        elif me.is_active and has_room(me, load_of([me.pk])):
            return me
    company = Contact.objects.select_related("company__owner").get(pk=lead.contact_id).company
    prefer = company.owner if company and company.customer_since else None
    return pick_rep(at, prefer=prefer, exclude=others_only, only=chosen_reps(lead))


def _let_go_lately(user: User, lead: Lead, at: datetime) -> bool:
    """Whether this person let what lies in the pool go not long ago: a call is no way around the cool-down (R10.3)."""
    since = at - timedelta(days=rulebook.get("cooldown_days"))
    return Holding.objects.let_go_since(user.pk, since).filter(lead=lead, lead__state=State.POOLED).exists()


def _point(lead: Lead, channel: str, phone: str, outcome: str) -> ContactPoint | None:
    """Which number or address it was: the one named, else the first living choice of that channel."""
    points = lead.contact.points.filter(kind=channel)
    if phone:
        parsed, wrong = parse_points({channel: phone})
        if wrong:
            raise RuleRefused(errors=[FieldError("phone", e.code, e.message) for e in wrong])
        point = points.filter(value=parsed[0].value, extension=parsed[0].extension).first()
        if point is None:
            unknown = _("“%(value)s” is not a number of this contact.") % {"value": phone[:40]}
            raise RuleRefused(errors=[FieldError("phone", "unknown", unknown)])
        return point
    point = points.filter(dead_at__isnull=True).order_by("-first_choice", "id").first()
    if point is None and outcome in DEAD | {Outcome.NO_ANSWER}:
        message = _("There is no living number or address of this kind to have tried.")
        raise RuleRefused(errors=[FieldError("channel", "no_point", message)])
    return point


class _Effect:
    """What an outcome does to number, contact and lead, all under their locks."""

    def __init__(self, lead, contact, point, call, rep, at, by) -> None:
        self.lead, self.contact, self.point, self.call = lead, contact, point, call
        self.rep, self.at, self.by = rep, at, by

    def apply(self) -> None:
        outcome = self.call.outcome
        if outcome in ANSWERED:
            self._answered()
        if outcome in DEAD:
            self._dead()
        elif outcome == Outcome.REFUSED:
            self._refused()
        elif self.lead.state == State.POOLED:
            self._in_pool()
        elif self.lead.state == State.NEW:
            {
                Outcome.INTERESTED: self._interested,
                Outcome.CALL_BACK: self._call_back,
                Outcome.NO_ANSWER: self._no_answer,
                Outcome.NO_NEED: self._no_need,
            }[outcome]()
        elif outcome == Outcome.CALL_BACK:
            self._call_back()
        elif self.lead.call_back_at is not None:
            # What was promised of an own record was kept with this call.
            self.lead.call_back_at = None
            self.lead.store("call_back_at")

    def _answered(self) -> None:
        self.contact.points.filter(no_answer_streak__gt=0).update(no_answer_streak=0)
        if self.lead.no_answer_streak:
            self.lead.no_answer_streak = 0
            self.lead.store("no_answer_streak")

    def _interested(self) -> None:
        qualify(self.lead, by=self.by, at=self.at)
        hand_over(self.lead, self.rep, by=self.by, at=self.at)
        if self.rep is not None and self.rep.pk == self.by.pk and self.by.wears(Hat.TELEMARKETER):
            accept_locked(self.lead, by=self.by, at=self.at)

    def _call_back(self) -> None:
        self.lead.call_back_at, self.lead.call_after = self.call.call_back_at, None
        self.lead.store("call_back_at", "call_after")

    def _no_answer(self) -> None:
        """Counted per number: another living number is dialled before the lead goes to the pool (R2.1)."""
        self.point.no_answer_streak += 1
        self.point.save(update_fields=["no_answer_streak"])
        wait = timedelta(hours=rulebook.get("no_answer_wait_hours"))
        self.lead.no_answer_streak = self.point.no_answer_streak
        self.lead.call_after = another_time_of_day(self.at, wait, clock.firm_tz())
        self.lead.call_back_at = None
        self.lead.store("no_answer_streak", "call_after", "call_back_at")
        most = rulebook.get("no_answer_most")
        others = self.contact.points.filter(
            kind=self.point.kind, dead_at__isnull=True, no_answer_streak__lt=most
        )
        if self.point.no_answer_streak >= most:
            follower = others.exclude(pk=self.point.pk).order_by("id").first()
            if follower is None:
                to_pool(self.lead, Reason.UNREACHABLE, by=self.by, at=self.at)
            else:
                self._dial_next(follower)

    def _dial_next(self, follower: ContactPoint) -> None:
        self.contact.points.filter(kind=follower.kind, first_choice=True).update(first_choice=False)
        follower.first_choice = True
        follower.save(update_fields=["first_choice"])

    def _no_need(self) -> None:
        to_pool(self.lead, Reason.NO_NEED, detail=self.call.reason, by=self.by, at=self.at)

    def _dead(self) -> None:
        """The number is never used again; without any way left the lead is invalid (R2.3)."""
        if self.point is not None and self.point.dead_at is None:
            mark_dead(self.point, self.call.outcome, at=self.at)
            events.record(
                fact(
                    "number_dead",
                    self.lead,
                    self.at,
                    self.by,
                    self.lead.state,
                    data={"reason": self.call.outcome},
                )
            )
        ways = set(self.contact.points.live().values_list("kind", flat=True))
        if not ways and self.lead.state in (State.NEW, State.MQL, State.SQL, State.POOLED):
            invalidate(self.lead, by=self.by, at=self.at, reason=self.call.outcome)
        elif self.lead.state == State.NEW and "phone" not in ways:
            # While a number lives it is dialled before the lead goes to the pool (R2.1).
            to_pool(self.lead, Reason.DEAD_NUMBER, by=self.by, at=self.at)

    def _refused(self) -> None:
        """No phone for a long time; an MQL or SQL ends, an opportunity goes on (R2.3)."""
        self.contact.no_phone_until = self.at + timedelta(days=rulebook.get("refused_days"))
        self.contact.store("no_phone_until")
        if self.lead.state in (State.NEW, State.MQL, State.SQL):
            held = self.lead.state != State.NEW
            to_pool(self.lead, Reason.REFUSED, ended=Ended.REFUSED if held else "", by=self.by, at=self.at)
        elif self.lead.state == State.POOLED:
            self._in_segment(Reason.REFUSED)

    def _in_pool(self) -> None:
        """Interested: back on the trunk and handed over at once; other answers change the segment (R10.2)."""
        if self.call.outcome == Outcome.INTERESTED:
            reactivate(self.lead, by=self.by, at=self.at, why="interested")
            self._interested()
        elif self.call.outcome == Outcome.CALL_BACK:
            reactivate(self.lead, by=self.by, at=self.at, why="call_back")
            self._call_back()
        elif self.call.outcome == Outcome.NO_NEED:
            self._in_segment(Reason.NO_NEED)

    def _in_segment(self, reason: str) -> None:
        """An answered call moves by its outcome; the cadence counts from it (R10.2)."""
        move = Move(self.lead, segment_of(reason), self.at, reason, reacted=True)
        change_segments([move], by=self.by)
