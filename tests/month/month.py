"""A month of a firm, by the real verbs under a held clock, from one seed: people come, are called, handed over, judged,
followed up for a week, prolonged, lost, claimed again; reps are away and one leaves.

Every act has its own instant, sweeps run each hour, and a refusal is an outcome that is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from accounts.models import User
from accounts.services import set_away, set_duty
from calling.services import drop_lease, log_call, next_lead
from core import clock, hooks
from core.errors import Overdue, TrunkError
from core.services import run_sweeps
from leads import services as trunk
from leads.models import Dispute, Extension, Lead
from opportunities import services as selling
from opportunities.models import Opportunity
from opportunities.rules import OPEN
from orders import services as ordering
from pool.services import claim
from tests.cast import MONDAY, Firm
from tests.month.answers import MEDIA, OBJECTIONS, REASONS, RELEASES, TALK, after_call, company_of, weighed

BEGINS = 9
ENDS = 18


class Month:
    """The firm and its clock; `run` lets the days pass."""

    def __init__(self, seed: int, *, reps: int, callers: int, leads: int, days: int = 30) -> None:
        self.rng = Random(seed)
        self.now = MONDAY.replace(hour=0)
        self.ends = self.now + timedelta(days=days)
        self.days, self.nobody_left = days, False
        self.refusals: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        with clock.at(self.now):
            self._people(reps, callers)
        hours = [n for n in range((days - 4) * 24) if self._at_work(self.now + timedelta(hours=n))]
        # Nine of ten come while the firm is at work, the others by a form at night or on a Sunday.
        drawn = (
            self.rng.choice(hours) if self.rng.random() < 0.9 else self.rng.randrange((days - 4) * 24)
            for _ in range(leads)
        )
        self.coming = Counter(drawn)
        self.numbers = 0

    def _people(self, reps: int, callers: int) -> None:
        self.firm = Firm()
        teams = (self.firm.east, self.firm.west)
        known = [self.firm.rita, self.firm.wei, self.firm.rob, self.firm.wang]
        more = [
            User.objects.create(login=f"rep{n}", name=f"Rep {n}", hats=["rep"], team=teams[n % 2])
            for n in range(len(known), reps)
        ]
        self.reps = (known + more)[:reps]
        User.objects.filter(pk__in=[rep.pk for rep in known[reps:]]).update(on_duty=False)
        extra = [
            User.objects.create(login=f"caller{n}", name=f"Caller {n}", hats=["telemarketer"])
            for n in range(2, callers)
        ]
        self.callers = [self.firm.tina, self.firm.theo, *extra][:callers]
        self.firm.set_rules(contesting=True, extensions_a_rep=4, claims_a_day=3, capacity=40)

    # time

    def run(self) -> Month:
        """Let the days pass, hour by hour."""
        for day in range(self.days):
            for hour in range(24):
                self._hour(day * 24 + hour, MONDAY.replace(hour=0) + timedelta(days=day, hours=hour))
        with clock.at(self.ends):
            run_sweeps()
        return self

    def _hour(self, number: int, begins: datetime) -> None:
        self.now, self.nobody_left = begins, False
        with clock.at(begins):
            run_sweeps()
        acts: list[Callable[[], Any]] = [self.somebody_comes for _ in range(self.coming[number])]
        if self._at_work(begins):
            if begins.hour == BEGINS:
                self._morning(number)
            for caller in self.callers:
                acts += [lambda caller=caller: self.dial(caller)] * self.rng.randint(6, 9)
            acts += [lambda rep=rep: self.rep_works(rep) for rep in self.reps]
            acts += [self.managers_decide, self.marketing_contests]
        self.rng.shuffle(acts)
        for act in acts:
            act()

    def _at_work(self, at: datetime) -> bool:
        return at.isoweekday() <= 5 and BEGINS <= at.hour < ENDS

    def _morning(self, number: int) -> None:
        for rep in self.reps:
            draw = self.rng.random()
            if draw < 0.04:
                self.try_to("away", lambda rep=rep: set_away(rep, self.now + timedelta(hours=9), by=rep))
            elif draw < 0.08:
                self.try_to("duty", lambda rep=rep: set_duty(rep, False, by=rep))
            else:
                self.try_to("duty", lambda rep=rep: set_duty(rep, True, by=rep))
        if number // 24 >= self.days * 2 // 3 and len(self.reps) > 3 and not self.done["leave"]:
            self._somebody_leaves()

    def _somebody_leaves(self) -> None:
        """By the rules, or when nobody has room for all of it, to a colleague."""
        gone, heir = self.reps.pop(), self.reps[0]
        if self.try_to("leave", lambda: trunk.leave(gone, by=self.firm.ada, to="rules")) is None:
            self.try_to("leave", lambda: trunk.leave(gone, by=self.firm.ada, to="person", person=heir))

    def try_to(self, name: str, verb: Callable[[], Any]) -> Any:
        """Do it at an instant of its own, as an edge does; None when it is refused."""
        self.now += timedelta(seconds=self.rng.randint(1, 6), microseconds=self.rng.randint(1, 999_999))
        with clock.at(self.now):
            try:
                answer = verb()
            except TrunkError as refusal:
                self.refusals[refusal.code] += 1
                if isinstance(refusal, Overdue):
                    hooks.overdue_met(refusal.lead_ids)
                return None
        self.done[name] += 1
        return answer

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # what people do

    def somebody_comes(self) -> None:
        again = self.numbers > 20 and self.chance(0.03)
        if not again:
            self.numbers += 1
        n = self.rng.randrange(self.numbers) if again else self.numbers
        contact = {"name": f"Person {n}", "phone": f"137{n:08d}", "company_name": company_of(n)}
        self.try_to(
            "capture",
            lambda: trunk.capture(
                by=self.firm.max,
                contact=contact,
                channel="fair",
                medium=weighed(self.rng, MEDIA),
                note="from the stand" if again else "",
            ),
        )

    def dial(self, caller: User) -> None:
        lead = None if self.nobody_left else self.try_to("next", lambda: next_lead(by=caller))
        if lead is None:
            self.nobody_left = True  # a coffee until the next hour
            return
        if self.chance(0.02):
            self.try_to("put_back", lambda: drop_lease(by=caller))
        elif self.chance(0.98):  # else the laptop is closed and the lease runs out
            said = after_call(self.rng, self.now)
            self.try_to("call", lambda: log_call(lead, by=caller, **said))

    def rep_works(self, rep: User) -> None:
        mine = Lead.objects.select_related("contact").filter(owner=rep)
        for lead in mine.filter(state="mql").order_by("handed_at", "id"):
            self.judge(rep, lead)
        for lead in mine.filter(state="sql").order_by("due_at", "id"):
            self.follow(rep, lead)
        for chance in Opportunity.objects.filter(owner=rep, stage__in=OPEN).order_by("created_at", "id"):
            self.sell(rep, chance)
        if self.chance(0.3):
            late = Lead.objects.filter(state="mql", team=rep.team, call_by__lte=self.now).exclude(owner=rep)
            for lead in late.order_by("call_by", "id")[:1]:
                self.try_to("take", lambda lead=lead: trunk.take(lead, by=rep))
        if self.chance(0.25):
            free = Lead.objects.filter(state="pooled", claimable=True).order_by("-pooled_at", "id")
            for lead in free[self.rng.randint(0, 5) :][:2]:
                self.try_to("claim", lambda lead=lead: claim(lead, by=rep))

    def judge(self, rep: User, lead: Lead) -> None:
        draw = self.rng.random()
        if draw < 0.4:
            return  # not yet; some wait too long, and the next rep has them
        if self.chance(0.8):
            self.try_to(
                "call", lambda: log_call(lead, by=rep, outcome=weighed(self.rng, TALK), note="first call")
            )
        if draw < 0.82:
            self.try_to("accept", lambda: trunk.accept(lead, by=rep))
        elif draw < 0.95:
            reason = weighed(self.rng, REASONS)
            self.try_to("return", lambda: trunk.return_mql(lead, reason=reason, text="no", by=rep))
        else:
            self.try_to("object", lambda: trunk.object_to(lead, text=self.rng.choice(OBJECTIONS), by=rep))

    def follow(self, rep: User, lead: Lead) -> None:
        draw, left = self.rng.random(), lead.due_at - self.now
        if left < timedelta(hours=20) and draw < 0.25:
            self.try_to("ask", lambda: trunk.ask_extension(lead, reason="They visit next week", by=rep))
        elif draw < 0.012:
            need = {
                **self.firm.need(company=f"Client {lead.contact.company_name}"),
                "headcount": self.rng.randint(1, 90),
            }
            self.try_to("convert", lambda: selling.convert(lead, by=rep, **need))
        elif draw < 0.016:
            reason = self.rng.choice(RELEASES)
            self.try_to("release", lambda: trunk.release(lead, reason=reason, by=rep))
        elif draw < 0.05:
            self.try_to("note", lambda: trunk.add_note(lead, text="Sent the brochure", by=rep))

    def sell(self, rep: User, chance: Opportunity) -> None:
        draw = self.rng.random()
        if draw < 0.02:
            self.try_to("advance", lambda: selling.advance(chance, by=rep))
        elif draw < 0.03:
            reason = self.rng.choice(["price", "budget", "no_answer", "pseudo_need"])
            self.try_to("lose", lambda: selling.lose(chance, reason=reason, by=rep))
        elif draw < 0.035 and chance.stage == "negotiation":
            order = self.try_to("draft", lambda: ordering.draft(chance, by=rep, term_months=12))
            if order is not None:
                self.try_to("sign", lambda: ordering.sign(order, by=rep))

    def managers_decide(self) -> None:
        managers = (self.firm.mark, self.firm.olga, self.firm.ada)
        for asked in Extension.objects.pending().select_related("lead").order_by("asked_at", "id"):
            if self.chance(0.3):
                verb = trunk.approve_extension if self.chance(0.65) else trunk.reject_extension
                by = self.rng.choice(managers)
                self.try_to("decide", lambda verb=verb, by=by, x=asked: verb(x, by=by, comment="so"))
        for brought in Dispute.objects.open().order_by("at", "id"):
            if self.chance(0.3):
                verdict, by = self.rng.choice(["legal", "illegal"]), self.rng.choice(managers)
                self.try_to("settle", lambda v=verdict, by=by, d=brought: trunk.settle(d, verdict=v, by=by))
        if self.chance(0.1):
            rep = self.rng.choice(self.reps)
            for lead in Lead.objects.filter(state__in=["mql", "sql"], team=rep.team).order_by(
                "handed_at", "id"
            )[:1]:
                self.try_to("assign", lambda lead=lead: trunk.assign(lead, rep=rep, by=self.firm.ada))

    def marketing_contests(self) -> None:
        if self.chance(0.3):
            back = Lead.objects.filter(state="pooled", pool_reason="returned").order_by("-pooled_at", "id")
            for lead in back[:1]:
                self.try_to(
                    "contest", lambda lead=lead: trunk.contest(lead, text="She wanted two", by=self.firm.max)
                )
