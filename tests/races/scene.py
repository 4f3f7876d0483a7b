"""A firm for races, and leads by the hundred in the state that a race starts from.

Rows come in by the product's bulk capture and then walk the trunk set-based, with the events and holdings that the
verbs would have written: five thousand SQLs take a second, and the invariants hold on them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models import Team, User
from catalogue.models import Product
from contacts.rules import Point
from core import clock
from core.models import RuleValue
from leads.models import Lead
from leads.services import Capture, capture_many, expire_due

WEEK = timedelta(days=7)
_numbers = itertools.count(1)

_WALK = """
WITH given AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(owners)s::uuid[], %(dues)s::timestamptz[]) AS g(id, owner_id, due_at)
), mql AS (
    UPDATE leads_lead l SET state = 'mql', owner_id = g.owner_id, team_id = u.team_id, qualified_at = %(handed)s,
        qualified_by_id = %(by)s, handed_at = %(handed)s, judge_by = %(handed)s + interval '1 day',
        call_by = %(handed)s + interval '15 minutes'
    FROM given g JOIN accounts_user u ON u.id = g.owner_id WHERE l.id = g.id
), held AS (
    INSERT INTO leads_holding (lead_id, user_id, stage, run, from_at, due_at, extensions_used, began, ended, detail)
    SELECT id, owner_id, 'mql', 1, %(handed)s, %(handed)s + interval '1 day', 0, 'handed_over', '', '' FROM given
), said AS (
    INSERT INTO core_event (at, verb, subject_type, subject_id, by_id, way, way_ref, from_state, to_state, data)
    SELECT %(handed)s, 'qualified', 'lead', id, %(by)s, 'command', '', 'new', 'mql', '{}' FROM given
)
INSERT INTO core_event (at, verb, subject_type, subject_id, by_id, way, way_ref, from_state, to_state, data)
SELECT %(handed)s + interval '1 microsecond', 'handed_over', 'lead', id, %(by)s, 'command', '', 'mql', 'mql',
       jsonb_build_object('rep', owner_id)
FROM given
"""
_ACCEPT = """
WITH given AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(owners)s::uuid[], %(dues)s::timestamptz[]) AS g(id, owner_id, due_at)
), sql AS (
    UPDATE leads_lead l SET state = 'sql', accepted_at = g.due_at - interval '7 days', due_at = g.due_at, judge_by = NULL,
        call_by = NULL
    FROM given g WHERE l.id = g.id
), closed AS (
    UPDATE leads_holding h SET to_at = g.due_at - interval '7 days', ended = 'accepted'
    FROM given g WHERE h.lead_id = g.id AND h.to_at IS NULL
), said AS (
    INSERT INTO core_event (at, verb, subject_type, subject_id, by_id, way, way_ref, from_state, to_state, data)
    SELECT due_at - interval '7 days', 'accepted', 'lead', id, owner_id, 'command', '', 'mql', 'sql', '{}' FROM given
)
SELECT 1
"""
_HOLD = """
INSERT INTO leads_holding (lead_id, user_id, stage, run, from_at, due_at, extensions_used, began, ended, detail)
SELECT id, owner_id, 'sql', 1, due_at - interval '7 days', due_at, 0, 'accepted', '', ''
FROM unnest(%(ids)s::uuid[], %(owners)s::uuid[], %(dues)s::timestamptz[]) AS g(id, owner_id, due_at)
"""


@dataclass
class Firm:
    """The people of a race: Tina calls, Mark manages East, Max does marketing, Ada administers, and many reps."""

    team: Team
    reps: list[User]
    tina: User
    mark: User
    max: User
    ada: User
    product: Product
    former: User = field(repr=False)

    @property
    def rita(self) -> User:
        return self.reps[0]

    @property
    def rob(self) -> User:
        return self.reps[1]


def firm(reps: int = 2, **rules: Any) -> Firm:
    """A firm with so many reps; `rules` are numbers of the Rulebook."""
    set_rules(**rules)
    team = Team.objects.create(name="East")
    person = User.objects.create
    people = [
        person(login=f"rep{n:02d}", name=f"Rep {n}", hats=["rep"], team=team) for n in range(max(reps, 2))
    ]
    return Firm(
        team=team,
        reps=people,
        tina=person(login="tina", name="Tina", hats=["telemarketer"]),
        mark=person(login="mark", name="Mark", hats=["manager"], team=team),
        max=person(login="max", name="Max", hats=["marketer"]),
        ada=person(login="ada", name="Ada", hats=["admin"]),
        product=Product.objects.create(name="Trunk", price=100, unit="seat"),
        former=person(login="former", name="Former", hats=["rep"], team=team, on_duty=False),
    )


def set_rules(**rules: Any) -> None:
    """Put numbers into the Rulebook."""
    for key, value in rules.items():
        RuleValue.objects.update_or_create(key=key, defaults={"value": value})


def phone(n: int | None = None) -> str:
    """A phone number that nobody else has."""
    return f"+86138{next(_numbers) if n is None else n:08d}"


def captured(by: User, count: int, at: datetime | None = None, *, chunk: int = 5_000) -> list[Any]:
    """New leads on the desk; answers their ids."""
    ids: list[Any] = []
    with clock.at(at or clock.now()):
        while len(ids) < count:
            size = min(chunk, count - len(ids))
            rows = [Capture([Point("phone", phone())], "fair", "import", name="Someone") for _ in range(size)]
            ids += [row.lead_id for row in capture_many(rows, by=by)]
    return ids


def mqls(firm: Firm, owners: Sequence[User], at: datetime | None = None) -> list[Any]:
    """One MQL for each owner named, handed over at that time; answers the ids."""
    handed = at or clock.now()
    ids = captured(firm.max, len(owners), handed - timedelta(hours=1))
    _run([_WALK], ids, owners, [handed] * len(ids), handed, firm)
    return ids


def sqls(firm: Firm, owners: Sequence[User], dues: Sequence[datetime]) -> list[Any]:
    """One SQL for each owner named, due at the times named; answers the ids."""
    handed = min(dues) - WEEK - timedelta(hours=1)
    ids = captured(firm.max, len(owners), handed - timedelta(hours=1))
    _run([_WALK, _ACCEPT, _HOLD], ids, owners, dues, handed, firm)
    return ids


def pooled(firm: Firm, count: int) -> list[Any]:
    """Claimable leads in the pool: `former` let their week run out two days ago; answers the ids."""
    due = clock.now() - timedelta(days=2)
    ids = sqls(firm, [firm.former] * count, [due] * count)
    expire_due(ids, due)
    return ids


def leads(ids: Sequence[Any]) -> list[Lead]:
    """These leads as they are now, in this order."""
    rows = Lead.objects.select_related("contact", "owner").in_bulk(list(ids))
    return [rows[pk] for pk in ids]


def _run(
    statements: list[str],
    ids: Sequence[Any],
    owners: Sequence[User],
    dues: Sequence[datetime],
    handed: datetime,
    firm: Firm,
) -> None:
    given = {
        "ids": [str(pk) for pk in ids],
        "owners": [str(owner.pk) for owner in owners],
        "dues": list(dues),
        "handed": handed,
        "by": str(firm.tina.pk),
    }
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, given)
