"""Of what will move by itself: what concerns a person, in words, with what can still be done (R10.8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.models import Hat, User
from accounts.permissions import team_ids
from contacts.querysets import ALL_SEEING
from core import clock
from core.web.phrases import chosen
from leads.models import Lead
from leads.rules import Segment
from pool.ahead import EXPIRED, LAPSED, PASSED_ON, Ahead, Move

TODAY, TOMORROW = "today", "tomorrow"


@dataclass(frozen=True)
class Line:
    """One move as it is told: the lead if it may be opened, whom it leaves, why, and what can still be done where."""

    move: Move
    lead: Lead | None
    who: User | None
    why: str
    act: str
    url: str


class Leaving:
    """What will move, for one person: a rep the own, a manager the teams', marketing and administrators all."""

    def __init__(self, found: Ahead, user: User) -> None:
        self.found, self.user = found, user
        every = list(self._concerning())
        weeks = {(move.lead_id, move.who) for move in every if move.kind == EXPIRED}
        # A request lapses because its week ends: one thing that happens, not two.
        self.lapsing = {
            (move.lead_id, move.who)
            for move in every
            if move.kind == LAPSED and (move.lead_id, move.who) in weeks
        }
        self.moves = [
            move for move in every if move.kind != LAPSED or (move.lead_id, move.who) not in self.lapsing
        ]

    def _concerning(self) -> Iterable[Move]:
        if self.user.wears(*ALL_SEEING):
            return self.found.moves
        mine = {str(self.user.pk)}
        if teams := team_ids(self.user):
            mine |= {str(pk) for pk in User.objects.filter(team__in=teams).values_list("pk", flat=True)}
        return (move for move in self.found.moves if move.who in mine)

    @cached_property
    def people(self) -> dict[str, User]:
        """Who loses something or gets it, by id."""
        ids = {pk for move in self.moves for pk in (move.who, move.to) if pk}
        return {str(pk): user for pk, user in User.objects.in_bulk(ids).items()}

    @cached_property
    def tomorrow(self) -> datetime:
        """When the firm's next day begins."""
        return clock.day_starts(clock.firm_day(self.found.at) + timedelta(days=1))

    def day_of(self, move: Move) -> str:
        """On which of the two days it happens."""
        return TODAY if move.at < self.tomorrow else TOMORROW

    @cached_property
    def kinds(self) -> Counter[str]:
        """How many of each kind."""
        counts = Counter(move.kind for move in self.moves)
        counts[LAPSED] += len(self.lapsing)
        return counts

    @cached_property
    def days(self) -> Counter[str]:
        """How many today and tomorrow."""
        return Counter(self.day_of(move) for move in self.moves)

    @cached_property
    def by_person(self) -> list[tuple[User, int]]:
        """Whom it leaves, who loses most first; only where there are several."""
        counts = Counter(move.who for move in self.moves if move.who in self.people)
        listed = [(self.people[pk], n) for pk, n in counts.most_common()]
        return listed if len(listed) > 1 else []

    def wanted(self, kind: str = "", day: str = "", login: str = "") -> list[Move]:
        """The moves of this kind, on this day, of this person."""
        return [
            move
            for move in self.moves
            if (not kind or move.kind == kind or (kind == LAPSED and self._lapses(move)))
            and (not day or self.day_of(move) == day)
            and (not login or (move.who in self.people and self.people[move.who].login == login))
        ]

    def _lapses(self, move: Move) -> bool:
        return move.kind == LAPSED or (move.lead_id, move.who) in self.lapsing

    def lines(self, moves: list[Move]) -> list[Line]:
        """These moves in words; a lead that one may not see stays without its name (R15.2)."""
        seen = Lead.objects.visible_to(self.user).filter(pk__in={move.lead_id for move in moves})
        leads = seen.select_related("contact").in_bulk()
        return [self._line(move, leads.get(move.lead_id)) for move in moves]

    def _line(self, move: Move, lead: Lead | None) -> Line:
        url = reverse("leads:lead", args=[lead.pk]) if lead else ""
        who = self.people.get(move.who)
        own = who is not None and who.pk == self.user.pk
        if self._lapses(move):
            why = _("The week is over and the request for more time is not decided: back to the pool")
            if move.kind == LAPSED:
                why = _("The request for more time ends undecided")
            if self.user.wears(Hat.MANAGER, Hat.ADMIN) and not own:
                return Line(move, lead, who, why, _("Decide it"), reverse("leads:approvals"))
            act = _("Ask your manager to decide it") if own else _("Look what can be saved")
            return Line(move, lead, who, why, act, url)
        if move.kind == EXPIRED:
            act = _("Make it an opportunity, or ask for more time") if own else _("Look what can be saved")
            return Line(move, lead, who, _("The week is over: back to the pool"), act, url)
        if move.kind == PASSED_ON:
            act = _("Accept or return it") if own else _("Judge it, or give it to somebody")
            return Line(move, lead, who, self._passes(move), act, url)
        names = {"was": chosen(Segment.choices, move.was), "becomes": chosen(Segment.choices, move.becomes)}
        why = _("In the pool, from “%(was)s” to “%(becomes)s”") % names
        return Line(move, lead, None, why, _("Give it to the desk or to a rep"), url)

    def _passes(self, move: Move) -> str:
        to = self.people.get(move.to)
        if to is None:
            return _("Nobody judged it in time: to the team's queue")
        return _("Nobody judged it in time: to %(name)s") % {"name": to.name}
