"""The one cast that everybody knows, and short cuts along the trunk. Everything is made through the verbs.

Tina and Theo call; Rita and Rob sell for East, Mark manages them; Wei and Wang sell for West, Olga manages them;
Max does marketing, Pia presales, Sue success, Ada administers, Ivy is a program.

`firm` is the fixture. Its short cuts take the time from the clock; `watch` holds the clock and moves it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import Team, User
from calling.models import Call
from calling.services import log_call
from catalogue.models import Product
from core import clock, rulebook
from core.ids import uuid7
from leads import services as trunk
from leads.models import Lead
from leads.services import Capture, capture_many
from opportunities import services as selling
from opportunities.models import Opportunity
from opportunities.services import Need
from orders import services as ordering
from orders.models import Order

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Monday at nine in the firm's morning.
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
TICK = timedelta(microseconds=1)
PASSWORD = "trunk-demo"

CAST: dict[str, tuple[list[str], str]] = {
    "tina": (["telemarketer"], ""),
    "theo": (["telemarketer"], ""),
    "rita": (["rep"], "East"),
    "rob": (["rep"], "East"),
    "mark": (["manager"], "East"),
    "wei": (["rep"], "West"),
    "wang": (["rep"], "West"),
    "olga": (["manager"], "West"),
    "max": (["marketer"], ""),
    "pia": (["presales"], ""),
    "sue": (["success"], ""),
    "ada": (["admin"], ""),
    "ivy": (["integration"], ""),
}
_numbers = count(1)
_password: list[str] = []


def a_phone() -> str:
    """A mobile number that nobody else in this run has."""
    return f"138{next(_numbers):08d}"


def a_company() -> str:
    """A company name that nobody else in this run has."""
    return f"Needful Things {next(_numbers)} Ltd"


class Watch:
    """The clock of a test: it stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self.to(start)

    def to(self, instant: datetime) -> datetime:
        """Set the clock."""
        self.now = instant
        clock._set.set(instant)
        return instant

    def go(self, **more: float) -> datetime:
        """Let time pass: `watch.go(days=7, hours=-1)`."""
        return self.to(self.now + timedelta(**more))


class Firm:
    """People by log-in as attributes, the two teams, a product at 100.00, and short cuts along the trunk."""

    tina: User
    theo: User
    rita: User
    rob: User
    mark: User
    wei: User
    wang: User
    olga: User
    max: User
    pia: User
    sue: User
    ada: User
    ivy: User

    def __init__(self) -> None:
        if not _password:
            _password.append(make_password(PASSWORD))
        self.east, self.west = Team.objects.bulk_create(Team(pk=uuid7(), name=n) for n in ("East", "West"))
        teams = {"East": self.east, "West": self.west, "": None}
        people = [
            User(
                pk=uuid7(),
                login=login,
                name=login.title(),
                hats=hats,
                team=teams[team],
                password=_password[0],
            )
            for login, (hats, team) in CAST.items()
        ]
        self.people: dict[str, User] = {}
        for person in User.objects.bulk_create(people):
            self.people[person.login] = person
            setattr(self, person.login, person)
        self.product = Product.objects.create(name="Seats", price=Decimal("100.00"), unit="seat")

    def duty(self, *names: str) -> None:
        """Only these are on duty: hand-overs come to nobody else."""
        User.objects.update(on_duty=False)
        User.objects.filter(login__in=names).update(on_duty=True)

    def set_rules(self, **values: Any) -> None:
        """Change numbers of the Rulebook, as Ada would."""
        rulebook.change(values, by=self.ada)

    def capture(self, by: User | None = None, *, medium: str = "form", **contact: str) -> Lead:
        """A lead on the desk; without details a person of its own."""
        who = contact or {"name": "Li Lei", "phone": a_phone()}
        return trunk.capture(by=by or self.max, contact=who, channel="fair", medium=medium)[0]

    def captures(self, many: int) -> list[Any]:
        """Many leads at once, by the bulk verb; answers their ids."""
        rows = [
            Capture([_point("phone", a_phone())], channel="fair", medium="form", name=f"Person {n}")
            for n in range(many)
        ]
        return [done.lead_id for done in capture_many(rows, by=self.max)]

    def call(self, lead: Lead, outcome: str, by: User | None = None, **more: Any) -> tuple[Call, Lead]:
        """A logged conversation, Tina's unless somebody else is named."""
        return log_call(lead, outcome=outcome, by=by or self.tina, **more)

    def an_mql(self, rep: User | None = None, lead: Lead | None = None) -> Lead:
        """A lead that was interested and is the rep's to judge."""
        return self.call(lead or self.capture(), "interested", rep=rep or self.rita)[1]

    def a_waiting_mql(self) -> Lead:
        """An MQL in a team's queue: nobody was on duty."""
        was = list(User.objects.filter(on_duty=True).values_list("pk", flat=True))
        self.duty()
        lead = self.call(self.capture(), "interested")[1]
        User.objects.filter(pk__in=was).update(on_duty=True)
        return lead

    def an_sql(self, rep: User | None = None, lead: Lead | None = None) -> Lead:
        """An accepted lead: the rep's week begins now."""
        rep = rep or self.rita
        return trunk.accept(self.an_mql(rep, lead), by=rep)

    def pooled(self, reason: str = "released", rep: User | None = None, detail: str = "") -> Lead:
        """A lead in the pool for this reason; expired ones lay a week with the rep, and the clock moves on by it."""
        rep = rep or self.rita
        if reason == "released":
            return trunk.release(self.an_sql(rep), reason=detail or "no_time", by=rep)
        if reason == "returned":
            return trunk.return_mql(self.an_mql(rep), reason=detail or "no_need", by=rep)
        if reason == "expired":
            lead = self.an_sql(rep)
            trunk.expire_due([lead.pk], lead.due_at)
            return fresh(lead)
        if reason == "lost":
            chance = selling.lose(self.an_opportunity(rep), reason=detail or "price", text="text", by=rep)
            return fresh(chance.lead)
        if reason == "third_party":
            return self.capture(medium="third_party_list")
        if reason == "unreachable":
            lead = self.capture()
            for _time in range(rulebook.get("no_answer_most")):
                lead = self.call(lead, "no_answer")[1]
            return lead
        if reason == "dead_number":
            return self.call(
                self.capture(phone=a_phone(), email=f"p{next(_numbers)}@example.com"), "empty_number"
            )[1]
        return self.call(self.capture(), reason)[1]

    def an_invalid(self) -> Lead:
        """A lead whom nobody can reach any more."""
        return self.call(self.capture(), "empty_number")[1]

    def need(self, **more: Any) -> dict[str, Any]:
        """What converting asks for."""
        return {"company": a_company(), "products": [Need(self.product)], "headcount": 10, **more}

    def an_opportunity(self, rep: User | None = None, lead: Lead | None = None, **need: Any) -> Opportunity:
        """New business of the rep's at stage 1: ten seats, 1,000.00."""
        rep = rep or self.rita
        return selling.convert(lead or self.an_sql(rep), by=rep, **self.need(**need))

    def an_order(
        self, rep: User | None = None, opportunity: Opportunity | None = None, **terms: Any
    ) -> Order:
        """A draft of the rep's."""
        chance = opportunity or self.an_opportunity(rep)
        return ordering.draft(chance, by=chance.owner, **terms)

    def a_signed_order(self, rep: User | None = None, signed_on: date | None = None, **terms: Any) -> Order:
        """An order: its company is a customer, and the next chance is scheduled."""
        order = self.an_order(rep, **terms)
        return ordering.sign(order, by=order.owner, signed_on=signed_on)

    def in_state(self, state: str, rep: User | None = None) -> Lead:
        """A lead in a state of the trunk; the owner is the rep where there is one."""
        if state == "converted":
            return fresh(self.an_opportunity(rep).lead)
        if state == "pooled":
            return self.pooled(rep=rep)
        makers = {"new": self.capture, "invalid": self.an_invalid, "waiting": self.a_waiting_mql}
        if state in makers:
            return makers[state]()
        return {"mql": self.an_mql, "sql": self.an_sql}[state](rep)


def _point(kind: str, text: str) -> Any:
    from contacts.rules import parse_point

    return parse_point(kind, text)


def fresh(record: Any) -> Any:
    """The record as it is in the database now."""
    return type(record).objects.get(pk=record.pk)


def person(user: User) -> User:
    """The person as in the database now, without what an earlier request remembered."""
    return User.objects.select_related("team").get(pk=user.pk)


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Hold the clock at a Monday morning, and move it."""
    with clock.at(MONDAY):
        yield Watch(MONDAY)


@pytest.fixture
def firm(db: None) -> Firm:
    """The cast."""
    return Firm()
