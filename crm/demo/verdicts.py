"""What reps do with a hand-over: the first call, the verdict, and what a manager has to settle about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from calling.services import log_call
from crm.demo import desk, reps, scripts
from crm.demo.persons import Person
from crm.demo.reps import SAME_TEAM
from crm.demo.world import World
from leads.models import Dispute, Lead
from leads.services import accept, assign, contest, object_to, return_mql, settle, take

VERDICTS = {
    "accept": 74,
    "no_need": 7,
    "unreachable": 4,
    "duplicate": 2,
    "wrong_number": 2.5,
    "empty_number": 2,
    "refused": 2,
    "dead": 2,
    "given": 4,
    "objection": 3,
}
LAST_JUDGING = timedelta(hours=16)


def expect(world: World, person: Person, lead: Lead) -> None:
    """A rep has somebody new: an MQL to call now and to judge soon, or, wearing both hats, an SQL at once."""
    if lead.state == "sql":
        reps.week(world, person, lead)
        return
    when = world.soon(0.3, 7 if world.chance(0.9) else 20)
    if when >= world.end - LAST_JUDGING or person.staged:
        return
    person.rung = ""
    if world.chance(0.82):
        world.at(world.working(world.now + timedelta(minutes=world.rng.randint(1, 13))), ring, person)
    elif lead.call_by is not None and world.chance(0.5):
        world.at(world.working(lead.call_by + timedelta(minutes=world.rng.randint(4, 40))), snatch, person)
    world.at(when, judge, person)


def _mql(person: Person) -> Lead | None:
    lead = Lead.objects.select_related("owner", "team", "contact").get(pk=person.lead_id)
    return lead if lead.state == "mql" else None


def ring(world: World, person: Person) -> None:
    """The first call, within the minutes that were promised; who is none says so at once."""
    lead = _mql(person)
    if lead is None or lead.owner is None or person.rung:
        return
    verdict = _draw(world, person)
    if verdict == "given":
        return
    rep = world.people[lead.owner.login]
    first_call(world, person, lead, rep, verdict)
    if verdict in ("accept", "objection"):
        person.rung = rep.login
    if verdict != "accept":
        conclude(world, person, lead, rep, verdict)


def snatch(world: World, person: Person) -> None:
    """The first call was missed: the next rep of the team takes it (R3.2)."""
    lead = _mql(person)
    if lead is not None and lead.owner is not None:
        row = take(lead, by=world.people[SAME_TEAM[lead.owner.login][0]])
        world.at(world.soon(0.05, 0.2), ring, person)
        world.at(world.soon(0.5, 5), judge, person)
        assert row.owner is not None


def judge(world: World, person: Person, verdict: str = "") -> None:
    """The rep calls if that was not done, then accepts it or gives it back as illegal."""
    lead = _mql(person)
    if lead is None or Dispute.objects.open().filter(lead=lead).exists():
        return
    if lead.owner is None:
        _from_queue(world, person, lead, verdict)
        return
    rep = world.people[lead.owner.login]
    if person.rung == rep.login:
        conclude(world, person, lead, rep, verdict or "accept")
        return
    verdict = verdict or _draw(world, person)
    if verdict == "given":
        other, boss = SAME_TEAM[rep.login]
        assign(lead, rep=world.people[other], by=world.people[boss])
        world.at(world.soon(0.5, 6), judge, person, "accept")
        return
    first_call(world, person, lead, rep, verdict)
    conclude(world, person, lead, rep, verdict)


def _from_queue(world: World, person: Person, lead: Lead, verdict: str) -> None:
    """Nobody has it: what the reps let pass the manager gives to one of them; for the rest the round finds somebody."""
    if lead.holdings.filter(run=lead.run, ended="passed_on").exists():
        give_out(world, lead)
    world.at(world.soon(1, 5), judge, person, verdict)


def give_out(world: World, lead: Lead) -> None:
    """The manager of the team gives what waits to one of the own reps."""
    boss, rep = ("mark", "rob") if lead.team is None or lead.team.name == "East" else ("olga", "wei")
    assign(lead, rep=world.people[rep], by=world.people[boss])


def empty_queue(world: World) -> None:
    """Each morning the manager looks at what has waited for more than a day."""
    waiting = Lead.objects.waiting().filter(handed_at__lt=world.now - timedelta(hours=20))
    for lead in waiting.select_related("team").order_by("handed_at", "id"):
        give_out(world, lead)
        world.at(world.soon(0.2, 4), judge, world.persons[lead.pk])


def days(world: World) -> None:
    """Those mornings."""
    for n in range(2, world.days):
        world.at(world.moment(world.day(n), 9.2, 9.4), empty_queue)


def _draw(world: World, person: Person) -> str:
    verdict = world.draw({**VERDICTS, "accept": VERDICTS["accept"] * scripts.pull(world, person)})
    return "no_need" if verdict == "unreachable" and "phone" not in person.points else verdict


def conclude(world: World, person: Person, lead: Lead, rep: Any, verdict: str) -> None:
    """Accept, give back, or put it to the manager."""
    if verdict == "accept":
        reps.week(world, person, accept(lead, by=rep))
    elif verdict == "objection":
        dispute = object_to(lead, text=world.say(person, "objection"), by=rep)
        world.at(world.soon(0.5, 9), decide, person, dispute)
    elif verdict not in ("refused", "dead"):
        return_mql(lead, reason=verdict, text=world.say(person, f"return_{verdict}"), by=rep)
        if verdict != "duplicate" and world.chance(0.3):
            world.at(world.soon(3, 40), doubt, person)


def doubt(world: World, person: Person) -> None:
    """Marketing contests a return (R4.2)."""
    lead = Lead.objects.get(pk=person.lead_id)
    if lead.state == "pooled" and lead.pool_reason == "returned":
        dispute = contest(lead, text=world.say(person, "contest"), by=world.people["max"])
        world.at(world.soon(2, 45), decide, person, dispute)


def decide(world: World, person: Person, dispute: Dispute) -> None:
    """The manager settles."""
    row = Dispute.objects.select_related("team").get(pk=dispute.pk)
    if row.verdict != Dispute.Verdict.OPEN:  # the rep's time was over before; the next one judges
        if row.kind == "objection":
            person.rung = ""
            world.at(world.soon(0.3, 5), judge, person)
        return
    verdict = "legal" if world.chance(0.55) else "illegal"
    boss = world.people["mark" if row.team and row.team.name == "East" else "olga"]
    settle(row, verdict=verdict, text=world.say(person, f"settled_{row.kind}_{verdict}"), by=boss)
    if row.kind == "objection" and verdict == "legal":
        world.at(world.soon(0.3, 5), judge, person, "accept")


def first_call(world: World, person: Person, lead: Lead, rep: Any, verdict: str) -> None:
    """The rep rings, as the telemarketer promised."""
    outcome = {
        "accept": "interested" if world.chance(0.8) else "",
        "objection": "interested",
        "no_need": "no_need",
        "unreachable": "no_answer",
        "refused": "refused",
        "dead": "empty_number",
        "wrong_number": "wrong_number",
    }.get(verdict, "")
    if not outcome or ("phone" not in person.points and verdict != "accept"):
        return
    kind = {"interested": "first_call", "wrong_number": "wrong"}.get(outcome, outcome)
    note = "" if outcome in ("no_answer", "empty_number") else world.say(person, kind)
    channel = "phone" if "phone" in person.points else ("wechat" if "wechat" in person.points else "email")
    # Named, so that no round is asked for somebody who has a rep already.
    log_call(
        lead,
        outcome=outcome,
        by=rep,
        channel=channel,
        duration=world.rng.randint(10, 900),
        note=note,
        rep=rep,
    )
    if outcome in ("empty_number", "wrong_number"):
        desk.number_gone(person)
