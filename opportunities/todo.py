"""What opportunities put on Today (R12.1): a step that is due or missing, what is at risk, chances that became active."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import Hat, User
from accounts.permissions import team_ids
from contacts.models import ContactPoint
from core import clock, rulebook
from core.models import Event
from core.web import words
from core.web.today import DAY, KNOW, REST, RISK, STEP, Todo, act, address
from leads import neglect, todo_rows
from opportunities import rates, selectors, todo_deal
from opportunities.models import Opportunity
from opportunities.rules import OPEN, Kind, Stage

MOST = 600
SOMETIME = timedelta(days=3)


def todos(user: User, at: datetime, day: date, tomorrow: bool) -> list[Todo]:
    """The own open opportunities, with what is to do on each; for a manager, how many of the team are at risk."""
    found: list[Todo] = []
    limit = rulebook.get("at_risk_days")
    if user.wears(Hat.REP):
        for row in _own(user, at, day, tomorrow):
            held = _Held(row, at, limit)
            if not tomorrow:
                found.append(held.now())
            elif row.next_step_on == day or row.active_on == day:
                found.append(held.on(day))
            if row.happens:  # type: ignore[attr-defined]
                found.append(todo_deal.event_of(row, at))
    if user.wears(Hat.MANAGER) and not tomorrow:
        found += _team_at_risk(user, at, limit)
    return found


def _own(user: User, at: datetime, day: date, tomorrow: bool) -> list[Opportunity]:
    events = Event.objects.filter(by_id=user.pk).order_by("-at").values("at")
    first = ContactPoint.objects.filter(contact=OuterRef("contact"), kind="phone", dead_at__isnull=True)
    held = Opportunity.objects.filter(owner=user).annotate(
        worked_at=Subquery(events.filter(subject_id=OuterRef("pk"))[:1]),
        talked_at=Subquery(events.filter(subject_id=OuterRef("lead_id"))[:1]),
        happens=todo_deal.planned(at, day, tomorrow),
        phone=Subquery(first.order_by("-first_choice", "id").values("value")[:1]),
    )
    if tomorrow:
        that_day = Q(next_step_on=day) | Q(happens__isnull=False)
        held = held.filter(Q(stage__in=OPEN) & that_day | Q(stage=Stage.SCHEDULED, active_on=day))
    else:
        held = held.open()
    return list(held.select_related("company", "contact", "lead").order_by("stage_since", "pk")[:MOST])


class _Held:
    """Where an opportunity of one's own stands on Today, and why."""

    def __init__(self, row: Opportunity, at: datetime, limit: int) -> None:
        self.row, self.at, self.today = row, at, clock.firm_day(at)
        self.over = selectors.risk(row, at, limit)
        self.missing = row.next_step_on is None or not row.next_step
        done = [moment for moment in (row.worked_at, row.talked_at) if moment]  # type: ignore[attr-defined]
        self.worked_at = max(done, default=None)

    def now(self) -> Todo:
        """What is to do with it now; one with a later step runs on."""
        row, at = self.row, self.at
        if not self.missing and row.next_step_on <= self.today:  # type: ignore[operator]
            return self._stepped(row.next_step_on)  # type: ignore[arg-type]
        # What has no day comes behind what is lost soon, the longer it has lain in its stage the sooner.
        sometime = at + 2 * SOMETIME - min(at - row.stage_since, SOMETIME)
        if row.kind != Kind.NEW_BUSINESS and (self.worked_at is None or self.worked_at < row.stage_since):
            why = _("%(kind)s is open since %(when)s: talk to your customer") % {
                "kind": capfirst(row.get_kind_display()),
                "when": words.when(row.stage_since, at),
            }
            return self._todo(DAY, clock.day_starts(self.today + timedelta(days=1)), why)
        if self.missing:
            why = todo_rows.no_step_words(row.next_step, self.worked_at, row.created_at, at)
            return self._todo(STEP, sometime, why)
        if self.over is not None and not todo_rows.rests(self.worked_at, at):
            return self._todo(RISK, sometime, todo_rows.risk_words(self.worked_at, at))
        ends = clock.day_starts(row.next_step_on + timedelta(days=1))  # type: ignore[operator]
        return self._todo(REST, ends, row.next_step, on=row.next_step_on)

    def on(self, day: date) -> Todo:
        """What has its day then."""
        if self.row.stage == Stage.SCHEDULED:
            why = _("%(kind)s opens: talk to your customer") % {"kind": capfirst(self.row.get_kind_display())}
            return self._todo(DAY, clock.day_starts(day + timedelta(days=1)), why, on=day)
        return self._stepped(day)

    def _stepped(self, day: date) -> Todo:
        ends = clock.day_starts(day + timedelta(days=1))
        return self._todo(DAY, ends, self.row.next_step, on=day)

    def _todo(self, part: str, lost_at: datetime, why: Any, on: date | None = None) -> Todo:
        row = self.row
        new_business = row.kind == Kind.NEW_BUSINESS
        who = f" · {row.contact}" if row.contact and str(row.contact) != row.company.name else ""
        return Todo(
            key=f"opportunity-{row.pk}",
            # New business is its lead's; beside it a customer may have other chances, each a line of its own.
            about=str(row.lead_id) if new_business and row.lead_id else "",
            title=row.company.name,
            note=f"{words.money(row.amount, row.currency)}{who}",
            mark=str(row.get_stage_display() if new_business else row.get_kind_display()),
            url=address("opportunities:opportunity", row.pk),
            why=why,
            lost_at=lost_at,
            part=part,
            on=on,
            phone=row.phone or "" if selectors.may_ring(row, self.at) else "",  # type: ignore[attr-defined]
            acts=self._acts(),
            missing=self.missing and row.stage != Stage.SCHEDULED,
            risk=self.over,
        )

    def _acts(self) -> list[dict[str, Any]]:
        row = self.row
        panel = lambda name: address("opportunities:panel", row.pk, name)  # noqa: E731
        acts = [act("next", _("Next step"), "flag", "s", url=panel("next"))]
        if row.stage == Stage.SCHEDULED:
            return acts
        if row.lead_id:
            talk = lambda name: address("leads:panel", row.lead_id, name)  # noqa: E731
            acts.append(act("call", _("Log call"), "phone", "l", url=talk("call")))
            acts.append(act("note", _("Note"), "note", "n", url=talk("note")))
        acts.append(act("contract", _("Contract"), "signature", "c", url=panel("contract")))
        acts.append(act("lose", pgettext("act", "Lost"), "circle-x", url=panel("lose")))
        return acts


def _team_at_risk(user: User, at: datetime, limit: int) -> list[Todo]:
    since = at - timedelta(days=limit)
    came = Q(lead__back_at__lte=since) | Q(lead__back_at__isnull=True, lead__acquired_at__lte=since)
    risky = Opportunity.objects.open().filter(came, kind=Kind.NEW_BUSINESS, team__in=team_ids(user))
    n = risky.exclude(owner=user).count()
    if not n:
        return []
    title = ngettext("%(n)s opportunity at risk", "%(n)s opportunities at risk", n) % {"n": n}
    return [
        Todo(
            key="line-risk",
            title=title,
            url=reverse("opportunities:pipeline") + "?at_risk=true&view=list",
            why=_late(limit),
            lost_at=at + timedelta(days=7),
            part=KNOW,
            sign="alert-triangle",
        )
    ]


def _late(limit: int) -> str:
    """Why they are at risk, with the measured average cycle beside (R8.5)."""
    late = _("Not signed %(days)s days after the customer came to us") % {"days": limit}
    cycle = rates.cycle()
    if cycle is None:
        return late
    usual = ngettext("signed after %(n)s day on average", "signed after %(n)s days on average", cycle)
    return words.listed([late, usual % {"n": cycle}])


def held_besides(wanted: list[tuple[Any, datetime]]) -> dict[tuple[Any, datetime], int]:
    """How many opportunities each user had open at each instant (R12.3)."""
    rows = Opportunity.objects.filter(owner__in={user_id for user_id, _at in wanted}).exclude(
        stage=Stage.SCHEDULED
    )
    begins, ends = defaultdict(list), defaultdict(list)
    for owner, made, active_on, closed in rows.values_list("owner", "created_at", "active_on", "closed_at"):
        # The next chance counts from the day on which it became active, not from the signature before.
        start = max(made, clock.day_starts(active_on)) if active_on else made
        begins[owner].append(start)
        ends[owner].extend([closed] if closed else [])
    for listed in (*begins.values(), *ends.values()):
        listed.sort()
    return {
        (user, at): bisect_right(begins[user], at) - bisect_right(ends[user], at) for user, at in set(wanted)
    }


neglect.held_besides.register(held_besides)
