"""Who takes over what a person leaves behind: one who was named, or the reps in turn (R15.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from core.errors import FieldError, RuleRefused
from leads.services.handover import has_room, load_of


class Heirs:
    """The person who was named, whatever they hold already; else the reps on duty, in turn, within their capacity.

    A hand-over prefers who is at work now (R3.1); what a leaver held is spread evenly instead. The rows of `reps` must
    be locked, and the turn of the round taken.
    """

    def __init__(self, reps: Collection[User], at: datetime, named: User | None = None) -> None:
        self.named, self.at = named, at
        self.reps = [rep for rep in reps if rep.is_active and rep.wears(Hat.REP)]
        self.load = load_of([rep.pk for rep in self.reps])
        self.given: Counter[Any] = Counter()
        self.companies: dict[Any, User] = {}

    def next(self, *, only: Collection[Any] | None = None, exclude: Collection[Any] = ()) -> User | None:
        """Whose turn it is for an open record, or None: nobody on duty has room."""
        if self.named:
            return self.named
        free = [
            rep
            for rep in self.reps
            if rep.at_post(self.at)
            and rep.pk not in exclude
            and (only is None or rep.pk in only)
            and has_room(rep, self.load)
        ]
        return self._turn(free)

    def anyone(self) -> User:
        """Whose turn it is for what no capacity counts: a customer, a chance of later. Raises RuleRefused."""
        if self.named:
            return self.named
        found = self._turn([rep for rep in self.reps if rep.at_post(self.at)]) or self._turn(self.reps)
        if found is None:
            raise nobody()
        return found

    def of_company(self, company_id: Any, *, counts: bool) -> User:
        """One colleague for all that belongs to a company; `counts` for an open record. Raises RuleRefused."""
        found = self.companies.get(company_id)
        if found is None:
            found = self.next() if counts else self.anyone()
            if found is None:
                raise nobody()
            self.companies[company_id] = found
        return found

    def _turn(self, free: list[User]) -> User | None:
        if not free:
            return None
        never = datetime.min.replace(tzinfo=self.at.tzinfo)
        chosen = min(free, key=lambda u: (self.given[u.pk], u.last_handed_at or never, u.login))
        self.given[chosen.pk] += 1
        self.load[chosen.pk] = self.load.get(chosen.pk, 0) + 1
        return chosen


def nobody() -> RuleRefused:
    """The refusal when nobody can take over: it is refused whole, nothing has moved."""
    message = _("Nobody on duty has room for what is an opportunity: choose who takes over.")
    return RuleRefused("nobody_free", errors=[FieldError("person", "required", message)])
