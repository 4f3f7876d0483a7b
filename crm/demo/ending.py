"""The last week is arranged so that "now" is a busy moment: weeks that end soon, hand-overs to judge, a full desk.

Instants count back from the end, whatever the hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from calling.services import log_call
from core import clock
from crm.demo import deals, desk, firm, more_time, now, reps, verdicts
from crm.demo.people import CALLERS, REPS
from crm.demo.persons import Person
from crm.demo.world import World
from leads.models import Lead
from leads.services import accept, set_next_step
from opportunities.models import Opportunity
from opportunities.services import update

# Hours that are left of these weeks at the end, for the first rep; the others' differ a little.
DUE_IN = [1.6, 7.5, 20, 33, 44, 77, 118]
MQLS, SQLS, DEALS = (3, 5), (8, 15), (8, 14)
DESK, BACK = 42, 3


def days(world: World) -> None:
    """Put the last week's arranged moments into the queue."""
    staged: dict[str, list[Person]] = {rep: [] for rep in REPS}
    for n, rep in enumerate(REPS):
        for hours in DUE_IN:
            left = hours * (1 + 0.13 * n) if hours > 2 else hours + 0.1 * n
            began = world.end - timedelta(days=7) + timedelta(hours=left)
            world.at(began - timedelta(minutes=95), stage, rep, began, staged[rep])
        world.at(world.end - timedelta(hours=6.5, minutes=7 * n), settle_deals, rep)
        world.at(world.end - timedelta(hours=5.5, minutes=9 * n), settle_weeks, rep)
        world.at(world.end - timedelta(hours=4.5, minutes=8 * n), settle_hand_overs, rep)
        world.at(_today(world, n), reps.claim_some, rep, 2 + n % 2, "held")
        world.at(world.end - timedelta(minutes=25 + n), forgotten, rep)
    more_time.arranged(world, staged)
    world.at(world.end - timedelta(hours=19), fill_desk, DESK // 2)
    world.at(world.end - timedelta(hours=2.5), fill_desk, DESK)
    world.at(world.end - timedelta(hours=2), call_backs)
    world.at(world.end - timedelta(hours=1, minutes=40), known_again)
    now.days(world)


def _today(world: World, n: int) -> datetime:
    """Some time today before the end, so that the claims are today's."""
    begins = max(clock.day_starts(clock.firm_day(world.end)), world.end - timedelta(hours=7))
    return begins + (world.end - begins) * (0.3 + 0.12 * n)


def fresh(world: World, at: datetime | None = None) -> Person:
    """Somebody who has just filled in a form."""
    person = world.crowd.person(reach="phone wechat" if world.chance(0.5) else "phone email")
    person.staged = True
    row = desk.row_of(world, person, firm.SOURCES[world.rng.choice([1, 2, 4, 6])])
    desk.captured(world, [(person, row)])
    return person


def stage(world: World, rep: str, began: datetime, staged: list[Person]) -> None:
    """A week of this rep that begins just so: captured, called, accepted."""
    person = fresh(world)
    staged.append(person)
    person.plan = ["interested"]
    world.at(began - timedelta(minutes=48), desk.call, person, rep)
    world.at(began, take, person)


def take(world: World, person: Person) -> None:
    """The rep accepts, and holds it until the end."""
    lead = Lead.objects.select_related("owner").get(pk=person.lead_id)
    row = accept(lead, by=world.people[lead.owner.login])  # type: ignore[union-attr]
    reps.week(world, person, row, "held")


def settle_deals(world: World, rep: str) -> None:
    """Bring the number of open opportunities of a rep to what one person can look after."""
    found = Opportunity.objects.open().filter(owner=world.people[rep]).order_by("created_at", "id")
    rows = [row for row in found if not world.persons[row.lead_id].staged]
    for row in rows[: max(0, len(rows) - DEALS[1])]:
        person = world.persons[row.lead_id]
        deals.give_up(world, person, row, world.people[rep])
    spare = [x for x in _held(world, rep, "sql") if not world.persons[x.pk].staged]
    for lead in spare[: max(0, DEALS[0] - len(rows))]:
        deals.convert_lead(world, world.persons[lead.pk], rep, "lies at first")


def settle_weeks(world: World, rep: str) -> None:
    """Between 8 and 15 SQLs: judge some more, or convert and give back some."""
    held = _held(world, rep, "sql")
    mqls = [x for x in _held(world, rep, "mql") if not world.persons[x.pk].staged]
    for lead in mqls[: max(0, SQLS[0] - len(held))]:
        verdicts.judge(world, world.persons[lead.pk], "accept")
    spare = [x for x in held if not world.persons[x.pk].staged]
    for lead in spare[: max(0, len(held) - SQLS[1] + 3)]:
        reps.give_back(world, world.persons[lead.pk], rep)


def settle_hand_overs(world: World, rep: str) -> None:
    """Between 3 and 5 MQLs to judge, none older than a day; most were called as promised."""
    held = [lead for lead in _held(world, rep, "mql") if not world.persons[lead.pk].staged]
    yesterday = world.now - timedelta(hours=18)
    old = [lead for lead in held if lead.handed_at and lead.handed_at < yesterday]
    waiting = [lead for lead in held if lead not in old]
    for lead in [*old, *waiting[: max(0, len(waiting) - MQLS[1] + 1)]]:
        verdicts.judge(world, world.persons[lead.pk], world.draw({"accept": 2, "no_need": 3}))
    for _ in range(world.rng.randint(*MQLS) - 1 - len(waiting)):
        person = fresh(world)
        person.plan = ["interested"]
        handed = world.now + timedelta(minutes=world.rng.randint(20, 230))
        world.at(handed, desk.call, person, rep)
        world.at(handed + timedelta(minutes=world.rng.randint(2, 12)), now.rung, person)


def _held(world: World, rep: str, state: str) -> list[Lead]:
    return list(
        Lead.objects.filter(owner=world.people[rep], state=state).order_by("accepted_at", "handed_at", "id")
    )


def forgotten(world: World, rep: str) -> None:
    """A few next steps are overdue, one record has none."""
    today = clock.firm_day(world.now)
    for lead in _held(world, rep, "sql")[2:4]:
        person = world.persons[lead.pk]
        step = world.say(person, "next_lead")
        set_next_step(lead, text=step, on=today - timedelta(days=1), by=world.people[rep])
    rows = Opportunity.objects.open().filter(owner=world.people[rep]).order_by("created_at", "id")
    for n, row in enumerate(rows):
        person = world.persons[row.lead_id]
        days = [-2, 0, None, 1][n] if n < 4 else world.rng.randint(1, 8)
        if days is None:
            update(row, by=world.people[rep], next_step="", next_step_on=None)
        elif n < 4 or (row.next_step_on and row.next_step_on < today):
            day = today + timedelta(days=days)
            update(row, by=world.people[rep], next_step=world.say(person, "next_deal"), next_step_on=day)


def fill_desk(world: World, wanted: int) -> None:
    """People come in until the desk has that many."""
    there = Lead.objects.filter(state="new").count()
    people = [world.crowd.person() for _ in range(max(0, wanted - there))]
    for person in people:
        person.staged = True
    sources = world.rng.choices(firm.SOURCES, [s[4] for s in firm.SOURCES], k=len(people))
    rows = [(p, desk.row_of(world, p, s)) for p, s in zip(people, sources, strict=True)]
    for _person, row in rows:
        row.at = world.now - timedelta(minutes=world.rng.randint(1, 150))
    if rows:
        desk.captured(world, rows)


def call_backs(world: World) -> None:
    """Some on the desk asked to be rung again: two are due by now, others today and tomorrow; some did not answer."""
    rows = list(
        Lead.objects.filter(state="new", call_back_at__isnull=True, contact__points__kind="phone")
        .distinct()
        .order_by("created_at", "id")
    )
    rng = world.rng
    hours: list[Any] = [1.2, 1.7, 1.95, 3, 4, 6, 20, 26]
    for lead, wait in zip(rows, [*hours, None, None, None, None], strict=False):
        person = world.persons[lead.pk]
        promised = wait is not None
        log_call(
            lead,
            outcome="call_back" if promised else "no_answer",
            by=world.people[rng.choice(CALLERS)],
            note=world.say(person, "call_back") if promised else "",
            duration=rng.randint(10, 90),
            step=1 if promised else None,
            call_back_at=world.now + timedelta(hours=wait) if promised else None,
        )


def known_again(world: World) -> None:
    """Three from the pool fill in a form and stand first on the desk."""
    rows = Lead.objects.filter(state="pooled", contact__do_not_call=False)
    rows = rows.exclude(pool_reason="returned").order_by("created_at", "id")
    found = list(rows.values_list("pk", "pool_reason"))
    bought = [pk for pk, reason in found if reason == "third_party"]
    own = [pk for pk, _reason in found if pk not in bought]
    for pk in world.rng.sample(own if len(own) >= BACK else [*own, *bought], BACK):
        person = world.persons[pk]
        person.staged = True
        desk.captured(world, [(person, desk.row_of(world, person, firm.SOURCES[2]))])
