"""P3: what a click costs in the verb, one at a time and sixteen at once, against one conditional UPDATE."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from bench.database import analyze, empty
from bench.measure import Figure, each, p95, spread, stopwatch

AT_ONCE = 16


def run(size: int) -> Iterator[Figure]:
    """Claim, accept, log a call, convert and advance."""
    yield from _claims(size)
    for name, make in (
        ("accept", _accepts),
        ("log call", _calls),
        ("convert", _converts),
        ("advance", _advances),
    ):
        empty()
        times = each(make(size))
        yield Figure(f"{name}, one at a time", spread(times))


def _claims(size: int) -> Iterator[Figure]:
    from django.db import connection

    from core import clock
    from pool.services import claim
    from tests.races import scene
    from tests.races.harness import race

    firm = scene.firm(reps=AT_ONCE, claims_a_day=1000, capacity=100_000)
    ids = scene.pooled(firm, 3 * size)
    analyze()

    def by_hand(pk: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE leads_lead SET state = 'sql', owner_id = %s, accepted_at = %s, due_at = %s, pooled_at = NULL, "
                "pool_reason = '', pool_segment = '' WHERE id = %s AND state = 'pooled'",
                [firm.rita.pk, clock.now(), clock.now() + scene.WEEK, pk],
            )

    plain = each(partial(by_hand, pk) for pk in ids[:size])
    times = each(partial(claim, pk, by=firm.rob) for pk in ids[size : 2 * size])
    yield Figure("claim, one at a time", spread(times), f"UPDATE: {spread(plain)}", p95(times) / p95(plain))
    rest = ids[2 * size :]

    def many(n: int) -> int:
        for pk in rest[n::AT_ONCE]:
            claim(pk, by=firm.reps[n])
        return len(rest[n::AT_ONCE])

    with stopwatch() as took:
        done = sum(outcome.value for outcome in race(partial(many, n) for n in range(AT_ONCE)))
    yield Figure(f"claim, {AT_ONCE} at a time in one process", f"{done / took():.0f}/s")


def _accepts(size: int) -> list[Callable[[], Any]]:
    from leads.services import accept
    from tests.races import scene

    firm = scene.firm()
    return [partial(accept, lead, by=firm.rita) for lead in scene.leads(scene.mqls(firm, [firm.rita] * size))]


def _calls(size: int) -> list[Callable[[], Any]]:
    from calling.services import log_call
    from tests.races import scene

    firm = scene.firm(reps=16, capacity=100_000)
    found = scene.leads(scene.captured(firm.max, size))
    return [partial(log_call, lead, outcome="interested", by=firm.tina) for lead in found]


def _converts(size: int) -> list[Callable[[], Any]]:
    from core import clock
    from opportunities.services import Need, convert
    from tests.races import scene

    firm = scene.firm()
    due = clock.now() + timedelta(days=3)
    found = scene.leads(scene.sqls(firm, [firm.rita] * size, [due] * size))
    need = {"products": [Need(firm.product)], "headcount": 5, "by": firm.rita}
    return [partial(convert, lead, company=f"Apex {n} Ltd", **need) for n, lead in enumerate(found)]


def _advances(size: int) -> list[Callable[[], Any]]:
    from opportunities.services import advance

    chances = [call() for call in _converts(size)]
    return [partial(advance, chance, by=chance.owner) for chance in chances]
