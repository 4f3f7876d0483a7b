"""Of what expired: neglected or worked, and how much the rep held then (R12.3). Read by pages and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, DateTimeField, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.permissions import team_ids
from contacts.querysets import ALL_SEEING
from core import rulebook
from core.hooks import Point
from core.models import Event
from leads.models import Holding, Lead
from leads.rules import Ended

# What counts as working on somebody: a conversation of any channel, a message, a note of one.
TOUCHES = ("called", "messaged", "noted")

held_besides: Point[Callable[..., Any]] = Point(
    "([(user id, instant)]) -> {(user id, instant): open records of other kinds that the user held then}"
)


@dataclass(frozen=True)
class Expired:
    """A lead that ran out on a rep: touches in its week, and how many open records the rep held at that instant."""

    holding: Holding
    touches: int
    held: int
    neglected: bool

    @property
    def lead(self) -> Lead:
        return self.holding.lead

    @property
    def rep(self) -> User:
        return self.holding.user

    @property
    def at(self) -> datetime:
        assert self.holding.to_at is not None
        return self.holding.to_at


def is_neglected(touches: int, least: int) -> bool:
    """Fewer touches in its week than the Rulebook asks for (R12.3)."""
    return touches < least


def expired(user: User, since: datetime, until: datetime) -> QuerySet[Holding]:
    """Holdings whose week ran out in this time, of whom the user may judge: a manager the teams below, marketing and
    administrators all, a rep the own (R15.2)."""
    found = Holding.objects.filter(ended=Ended.EXPIRED, to_at__gte=since, to_at__lt=until)
    if user.wears(*ALL_SEEING):
        return found
    return found.filter(Q(user=user) | Q(user__team__in=team_ids(user)))


def with_touches(holdings: QuerySet[Holding]) -> QuerySet[Any]:
    """The same with `touches`: what those who held the lead did in its week, whoever of them held it last (R6.5)."""
    week = Holding.objects.filter(lead=OuterRef("lead"), run=OuterRef("run"), stage=Holding.Stage.SQL)
    began = week.order_by().values("lead").annotate(first=Min("from_at")).values("first")
    holders = Holding.objects.filter(
        lead=OuterRef("subject_id"), run=OuterRef(OuterRef("run")), stage=Holding.Stage.SQL
    )
    touches = Event.objects.filter(
        subject_id=OuterRef("lead_id"),
        verb__in=TOUCHES,
        at__gte=OuterRef("began_at"),
        at__lt=OuterRef("to_at"),
        by_id__in=holders.values("user_id"),
    )
    counted = touches.order_by().values("subject_id").annotate(n=Count("pk")).values("n")
    return holdings.annotate(
        began_at=Coalesce(Subquery(began, output_field=DateTimeField()), F("from_at")),
    ).annotate(touches=Coalesce(Subquery(counted, output_field=IntegerField()), 0))


def with_held(holdings: QuerySet[Holding]) -> QuerySet[Any]:
    """The same with `held`: MQLs and SQLs that the rep held at that instant, this one among them."""
    then = Holding.objects.filter(user=OuterRef("user"), from_at__lte=OuterRef("to_at")).filter(
        Q(to_at__isnull=True) | Q(to_at__gte=OuterRef("to_at"))
    )
    counted = then.order_by().values("user").annotate(n=Count("lead", distinct=True)).values("n")
    return holdings.annotate(held=Coalesce(Subquery(counted, output_field=IntegerField()), 0))


def expired_rows(user: User, since: datetime, until: datetime) -> list[Expired]:
    """What expired in this time, latest first, each with touches, open records held then, neglected or worked."""
    found = with_held(with_touches(expired(user, since, until)))
    rows = list(found.select_related("lead__contact", "user__team").order_by("-to_at", "-id"))
    least = rulebook.get("neglected_touches")
    more = held_besides.merged([(row.user_id, row.to_at) for row in rows])
    return [_expired(row, least, more) for row in rows]


def _expired(row: Any, least: int, more: dict[Any, int]) -> Expired:
    held = row.held + more.get((row.user_id, row.to_at), 0)
    return Expired(row, row.touches, held, is_neglected(row.touches, least))


def sets(user: User, since: datetime, until: datetime) -> dict[str, QuerySet[Any]]:
    """What expired in this time, and of it the neglected, to be counted with other sets in one query."""
    gone = expired(user, since, until)
    least = rulebook.get("neglected_touches")
    return {"expired": gone, "neglected": with_touches(gone).filter(touches__lt=least)}


@dataclass(frozen=True)
class Figures:
    """What expired, on one rep or on all: how many, how many neglected, and the open records held then, on average."""

    rep: User | None
    expired: int
    neglected: int
    held: int

    @property
    def worked(self) -> int:
        return self.expired - self.neglected

    @property
    def share(self) -> int:
        """How much of it was neglected, in percent."""
        return round(100 * self.neglected / self.expired) if self.expired else 0


def figures(rows: list[Expired], rep: User | None = None) -> Figures:
    """These rows as figures."""
    held = round(sum(row.held for row in rows) / len(rows)) if rows else 0
    return Figures(rep, len(rows), sum(row.neglected for row in rows), held)


def by_rep(rows: Iterable[Expired]) -> list[Figures]:
    """The same per rep, who neglected most first."""
    groups: dict[Any, list[Expired]] = {}
    for row in rows:
        groups.setdefault(row.rep.pk, []).append(row)
    found = [figures(listed, listed[0].rep) for listed in groups.values()]
    return sorted(found, key=lambda one: (-one.neglected, -one.expired, str(one.rep)))
