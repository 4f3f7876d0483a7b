"""What leads put on Today (R12.1): first calls, hand-overs to judge, weeks that run, call-backs, steps that are due."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import Hat, User
from core import clock, rulebook
from core.models import Event
from core.web import words
from core.web.today import DAY, LAST, NOW, REST, RISK, SOON, STEP, Todo
from leads import selectors
from leads import todo_rows as rows
from leads import todo_team as team
from leads.models import Extension, Lead
from leads.rules import State

MOST = 600
SOON_END = timedelta(hours=48)


def todos(user: User, at: datetime, day: date, tomorrow: bool) -> list[Todo]:
    """What this person holds and has to act on, now or on that day; for a manager, the team's."""
    found: list[Todo] = []
    own, offered = Q(pk__in=[]), Q(pk__in=[])
    if user.wears(Hat.REP):
        own = _own(user, day)
        offered = Q(pk__in=[]) if tomorrow else team.not_called(user, at)
    others = team.wanted(user, at) if user.wears(Hat.MANAGER) and not tomorrow else Q(pk__in=[])
    leads = list(selectors.for_lists(annotated(own | offered | others, user, at))[:MOST])
    allowed = selectors.allowed_actions(leads, user, at)
    limit = rulebook.get("at_risk_days")
    for lead in leads:
        if lead.owner_id == user.pk:
            own_row = _Held(lead, at, limit).on(day) if tomorrow else _Held(lead, at, limit).now()
            found += [own_row.todo(allowed[lead.pk])] if own_row else []
        elif not tomorrow:
            found += team.rows_of(lead, user, at, allowed[lead.pk])
    if user.wears(Hat.MANAGER) and not tomorrow:
        found += team.lines(user, at)
    return found


def _own(user: User, day: date) -> Q:
    """All MQLs and SQLs of the own, and whom else one has promised to call."""
    promised = Q(state=State.CONVERTED, call_back_at__lt=clock.day_starts(day + timedelta(days=1)))
    return Q(owner=user) & (Q(state__in=[State.MQL, State.SQL]) | promised)


def annotated(wanted: Q, user: User, at: datetime) -> QuerySet[Lead]:
    """These leads with `called` (since the hand-over, R3.2), `asked` (an extension waits) and `worked_at` (by the
    user); what is overdue has gone (R6.2)."""
    events = Event.objects.filter(subject_id=OuterRef("pk"))
    mine = events.filter(by_id=user.pk).order_by("-at").values("at")[:1]
    found = Lead.objects.filter(wanted).exclude(state=State.SQL, due_at__lte=at)
    return found.annotate(
        called=Exists(events.filter(verb="called", at__gt=OuterRef("handed_at"))),
        asked=Exists(Extension.objects.pending().filter(lead=OuterRef("pk"))),
        worked_at=Subquery(mine),
    ).order_by("due_at", "judge_by", "pk")


class _Held:
    """Where a lead of one's own stands on Today, and why."""

    def __init__(self, lead: Lead, at: datetime, limit: int) -> None:
        self.lead, self.at, self.today = lead, at, clock.firm_day(at)
        # Of a converted lead its opportunity tells; a customer who has signed is not at risk (R8.5).
        self.over = selectors.risk(lead, at, limit) if lead.state != State.CONVERTED else None
        self.promise = lead.call_back_at if lead.state != State.MQL or lead.called else None  # type: ignore[attr-defined]
        self.missing = lead.next_step_on is None or not lead.next_step
        self.why: Any = ""
        self.lost_at = at
        self.more: dict[str, Any] = {}

    def put(self, part: str, lost_at: datetime, why: Any, **more: Any) -> _Held:
        self.lost_at, self.why, self.more = lost_at, why, {"part": part, **more}
        return self

    def todo(self, allowed: list[str]) -> Todo:
        """The row."""
        state = self.lead.state
        names = {State.MQL: rows.JUDGE, State.SQL: rows.WEEK}.get(state, rows.TALK)  # type: ignore[call-overload]
        uncalled = state == State.MQL and not self.lead.called  # type: ignore[attr-defined]
        missing = self.missing and not uncalled and state != State.CONVERTED
        return rows.row(
            self.lead,
            self.at,
            self.why,
            self.lost_at,
            allowed,
            names,
            missing=missing,
            risk=self.over,
            **self.more,
        )

    # Now

    def now(self) -> _Held | None:
        """What is to do with it now (R12.1); an SQL with time and a later step runs on."""
        if self.lead.state == State.MQL and not self.lead.called:  # type: ignore[attr-defined]
            return self._first_call()
        if self.promise and self.promise <= self.at:
            return self._promised(NOW, urgent=True)
        if self.lead.state == State.MQL:
            return self._judge()
        if self.lead.state == State.CONVERTED:
            return self._promised(DAY)
        return self._week()

    def _first_call(self) -> _Held:
        lead = self.lead
        due = lead.call_by or lead.handed_at or self.at
        if due <= self.at:
            why = _("Call now: the first call was missed, and a colleague may take it")
            return self.put(NOW, due, why, at=due, urgent=True)
        if lead.judge_by and lead.judge_by < due:
            # Over a weekend the time to judge runs out before the first call is due.
            why = _("Call, then accept or return it by then, or the next rep gets it")
            return self.put(LAST, lead.judge_by, why, at=lead.judge_by)
        today = clock.firm_day(due) == self.today
        why = (
            _("Call now: the customer was told to expect you")
            if today
            else _("First call: the customer was told to expect you")
        )
        return self.put(NOW if today else LAST, due, why, at=due, urgent=today)

    def _promised(self, part: str, **more: Any) -> _Held:
        assert self.promise is not None
        why = _("You promised to call back %(when)s") % {"when": words.when(self.promise, self.at)}
        return self.put(part, self.promise, why, at=self.promise, **more)

    def _judge(self) -> _Held:
        due = self.lead.judge_by or self.at
        if self.promise and clock.firm_day(self.promise) <= self.today:
            why = _("Call back %(when)s as promised, then accept or return it")
            return self.put(LAST, due, why % {"when": words.when(self.promise, self.at)}, at=due)
        return self.put(LAST, due, _("Accept or return it by then, or the next rep gets it"), at=due)

    def _week(self) -> _Held:
        lead, at = self.lead, self.at
        assert lead.due_at is not None
        left = lead.due_at - at
        step_due = not self.missing and lead.next_step_on <= self.today  # type: ignore[operator]
        asked = lead.asked  # type: ignore[attr-defined]
        if left <= words.LAST_DAY:
            return self.put(LAST, lead.due_at, self._ends(), urgent=True)
        if self.promise and clock.firm_day(self.promise) == self.today:
            return self._promised(DAY)
        if step_due:
            ends = clock.day_starts(lead.next_step_on + timedelta(days=1))  # type: ignore[operator]
            return self.put(DAY, ends, self._step())
        if left <= SOON_END and not (asked and not self.missing):
            return self.put(SOON, lead.due_at, self._ends())
        if self.missing and not self.promise:
            return self.put(STEP, lead.due_at, self._step())
        if self.over is not None and not rows.rests(lead.worked_at, at):  # type: ignore[attr-defined]
            why = rows.risk_words(lead.worked_at, at)  # type: ignore[attr-defined]
            return self.put(RISK, lead.due_at, why)
        return self.put(REST, lead.due_at, self._ahead())

    def _step(self) -> str:
        lead = self.lead
        if not self.missing:
            return rows.step_words(lead.next_step, lead.next_step_on, self.today)
        return rows.no_step_words(lead.next_step, lead.last_touch_at, lead.accepted_at, self.at)

    def _ends(self) -> str:
        why = (
            _("Back to the pool %(when)s, unless your manager approves")
            if self.lead.asked  # type: ignore[attr-defined]
            else _("Back to the pool %(when)s")
        )
        return f"{why % {'when': words.when(self.lead.due_at, self.at)}} · {self._step()}"  # type: ignore[arg-type]

    def _ahead(self) -> str:
        if self.missing and self.promise:
            return str(self._promised(REST).why)
        return f"{_('Extension asked for')} · {self._step()}" if self.lead.asked else self._step()  # type: ignore[attr-defined]

    # Tomorrow

    def on(self, day: date) -> _Held | None:
        """What has its day then: a week that ends, a promise, what is to judge, a step."""
        lead = self.lead
        if lead.due_at and clock.firm_day(lead.due_at) == day:
            return self.put(LAST, lead.due_at, self._ends())
        call_by = lead.call_by if lead.state == State.MQL and not lead.called else None  # type: ignore[attr-defined]
        if call_by and clock.firm_day(call_by) == day:
            return self._first_call()
        if lead.state == State.MQL and lead.judge_by and clock.firm_day(lead.judge_by) == day:
            return self._judge()
        if self.promise and clock.firm_day(self.promise) == day:
            return self._promised(DAY)
        if lead.next_step and lead.next_step_on == day:
            return self.put(DAY, clock.day_starts(day + timedelta(days=1)), self._step())
        return None
