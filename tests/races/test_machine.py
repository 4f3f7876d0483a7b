"""Q7: the whole trunk, its verbs in any order by anybody, with jumps in time; after each step all invariants hold.

Beside them, three laws of every verb: a refusal changes nothing; what the button shows can be done; what is done
was shown. The first is checked by counting events and versions, the others by `allowed_actions`.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.services import set_duty
from calling.rules import Outcome
from calling.services import log_call
from contacts.models import Contact
from contacts.rules import Point
from contacts.services import update_contact
from core import clock, hooks
from core.errors import Overdue, TrunkError
from core.models import Event
from core.services import run_sweeps
from leads import selectors as leads_read
from leads import services as trunk
from leads.models import Lead
from leads.rules import ReleaseReason, ReturnReason
from leads.services import Capture, capture_many
from opportunities import selectors as opportunities_read
from opportunities import services as selling
from opportunities.models import Opportunity
from opportunities.rules import LostReason
from orders import selectors as orders_read
from orders import services as ordering
from orders.models import Order
from pool.services import claim, claim_many
from tests import invariants
from tests.cast import CAST, MONDAY, Firm

SOMEBODY = st.sampled_from(sorted(CAST))
OWNER = "whose it is"
SELLER = st.sampled_from([OWNER] * 6 + ["rita", "rob", "wei", "wang", "mark", "olga", "ada"])
REP = st.sampled_from(["rita", "rob", "wei", "wang"])
CALLER = st.sampled_from(["tina"] * 4 + [OWNER, "theo", "rita", "rob", "mark", "max"])
ANY = st.integers(0, 999)  # which of those there are, counted round
PERSON = st.integers(0, 11)  # few people, so that they come again
JUMPS = [
    timedelta(seconds=1),
    timedelta(minutes=10),
    timedelta(hours=3),
    timedelta(days=1),
    timedelta(days=6, hours=23, minutes=59, seconds=59),
    timedelta(days=8),
    timedelta(days=31),
]
TRACE = """
SELECT (SELECT count(*) FROM core_event), (SELECT count(*) FROM accounts_notice), (SELECT count(*) FROM leads_holding),
       (SELECT sum(version) FROM leads_lead), (SELECT sum(version) FROM opportunities_opportunity),
       (SELECT sum(version) FROM orders_order), (SELECT sum(version) FROM contacts_contact),
       (SELECT count(*) FROM leads_holding WHERE to_at IS NULL), (SELECT count(*) FROM contacts_contactpoint)
"""


seen: Counter[str] = Counter()  # what happened in all lives together
EVERYTHING = {
    *(
        "captured",
        "arrived",
        "reactivated",
        "called",
        "do_not_call",
        "number_dead",
        "qualified",
        "handed_over",
    ),
    *("accepted", "returned", "released", "expired", "pooled", "invalidated", "assigned", "claimed", "noted"),
    *(
        "converted",
        "opened",
        "advanced",
        "moved_back",
        "lost",
        "drafted",
        "signed",
        "won",
        "scheduled",
        "cancelled",
    ),
}


def trace() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(TRACE)
        return cursor.fetchone()


class Trunk(RuleBasedStateMachine):
    """The firm at work. Each example is a transaction that is rolled back at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.all = transaction.atomic()
        self.all.__enter__()
        self.now = MONDAY
        self.held = clock.at(self.now)
        self.held.__enter__()
        self.firm = Firm()
        self.companies = itertools.cycle(["Apex Ltd", "深圳市新星科技有限公司", "Nova Inc"])
        self.leads: list[Any] = []
        self.chances: list[Any] = []
        self.orders: list[Any] = []

    @initialize()
    def begin(self) -> None:
        """The firm is not new: somebody stands at each place of the trunk."""
        firm = self.firm
        made = [firm.capture(phone=f"137{n:08d}") for n in range(4)]
        firm.call(made[0], "interested", rep=firm.rita)
        firm.an_sql(firm.rob, made[1])
        firm.an_sql(firm.rita, made[2])
        made += [firm.pooled("released", firm.rob), firm.pooled("third_party")]
        chances = [firm.an_opportunity(firm.rita, company="Apex Ltd"), firm.an_opportunity(firm.wei)]
        selling.advance(chances[0], by=firm.rita)
        orders = [firm.an_order(firm.wei, chances[1]), firm.a_signed_order(firm.rob, term_days=3)]
        chances += Opportunity.objects.filter(signed_before__isnull=False)
        made += [chance.lead for chance in chances if chance.lead_id not in {lead.pk for lead in made}]
        self.leads = [lead.pk for lead in made]
        self.chances = [chance.pk for chance in chances]
        self.orders = [order.pk for order in orders]
        firm.set_rules(capacity=4, claims_a_day=2)

    def teardown(self) -> None:
        seen.update(Event.objects.values_list("verb", flat=True))
        self.held.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.all.__exit__(None, None, None)

    # how a verb is tried

    def who(self, login: str, record: Any = None) -> Any:
        owner = getattr(record, "owner", None) or self.firm.rita
        user = self.firm.people[owner.login if login == OWNER else login]
        user.__dict__.pop("_team_ids", None)
        return user

    def do(self, call: Callable[[], Any], action: str = "", allowed: list[str] | None = None) -> Any:
        """Try a verb as an edge does; None when it was refused."""
        before = trace()
        try:
            answer = call()
        except TrunkError as refusal:
            assert trace() == before, f"{action or call}: a refusal ({refusal.code}) changed something"
            if allowed is not None and refusal.status in (403, 409):
                assert action not in allowed, f"{action} was offered and answers {refusal.code}"
            if isinstance(refusal, Overdue):
                hooks.overdue_met(refusal.lead_ids)
            return None
        assert allowed is None or action in allowed, f"{action} was done and not offered"
        return answer

    def on_lead(self, n: int, login: str, action: str, call: Callable[[Lead, Any], Any]) -> Any:
        lead = Lead.objects.select_related("contact__company", "owner", "team").get(
            pk=self.leads[n % len(self.leads)]
        )
        by = self.who(login, lead)
        allowed = leads_read.allowed_actions([lead], by, clock.now())[lead.pk]
        return self.do(lambda: call(lead, by), action, allowed)

    def on_chance(self, n: int, login: str, action: str, call: Callable[[Opportunity, Any], Any]) -> Any:
        chance = Opportunity.objects.get(pk=self.chances[n % len(self.chances)])
        by = self.who(login, chance)
        allowed = opportunities_read.allowed_actions(chance, by, clock.now())
        return self.do(lambda: call(chance, by), action, allowed)

    def on_order(self, n: int, login: str, action: str, call: Callable[[Order, Any], Any]) -> Any:
        order = Order.objects.get(pk=self.orders[n % len(self.orders)])
        by = self.who(login, order)
        return self.do(lambda: call(order, by), action, orders_read.allowed_actions(order, by))

    # time

    @rule(jump=st.sampled_from(JUMPS))
    def time_passes(self, jump: timedelta) -> None:
        self.go(self.now + jump)

    @rule()
    def the_next_due_instant_comes(self) -> None:
        due = Lead.objects.filter(state="sql", due_at__gt=self.now).order_by("due_at").first()
        if due is not None:
            self.go(due.due_at)

    @rule()
    def sweep(self) -> None:
        run_sweeps()
        again = trace()
        run_sweeps()
        assert trace() == again, "a second sweep found something to do"

    def go(self, instant: Any) -> None:
        self.held.__exit__(None, None, None)
        self.now = instant
        self.held = clock.at(instant)
        self.held.__enter__()

    # the desk

    @rule(
        login=SOMEBODY,
        n=PERSON,
        mail=st.booleans(),
        medium=st.sampled_from(["form", "import", "api", "third_party_list", "inbound_call"]),
    )
    def capture(self, login: str, n: int, mail: bool, medium: str) -> None:
        ways = {"phone": f"137{n:08d}", "email": f"p{n % 7}@example.com" if mail else ""}
        company = "Apex Ltd" if n % 3 == 0 else ""
        details = {"name": f"Person {n}", "company_name": company, **ways}
        done = self.do(
            lambda: trunk.capture(by=self.who(login), contact=details, channel="fair", medium=medium)
        )
        self.know(Lead, self.leads, done and done[0].pk)

    @rule(people=st.lists(PERSON, min_size=1, max_size=5), medium=st.sampled_from(["import", "form"]))
    def capture_several(self, people: list[int], medium: str) -> None:
        rows = [Capture([Point("phone", f"+86137{n:08d}")], "list", medium) for n in people]
        for done in capture_many(rows, by=self.firm.max):
            self.know(Lead, self.leads, done.lead_id)

    def know(self, model: Any, known: list[Any], pk: Any) -> None:
        if pk is not None and pk not in known:
            known.append(pk)

    @precondition(lambda self: self.leads)
    @rule(
        n=ANY,
        login=CALLER,
        outcome=st.sampled_from(Outcome.values),
        to=st.sampled_from(["", "", "rita", "wei"]),
        channel=st.sampled_from(["phone", "phone", "phone", "email"]),
        do_not_call=st.booleans(),
    )
    def call(self, n: int, login: str, outcome: str, to: str, channel: str, do_not_call: bool) -> None:
        back = clock.now() + timedelta(hours=2)
        rep = self.who(to) if to else None
        self.on_lead(
            n,
            login,
            "call",
            lambda lead, by: log_call(
                lead,
                outcome=outcome,
                by=by,
                channel=channel,
                call_back_at=back,
                rep=rep,
                do_not_call=do_not_call,
            ),
        )

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SOMEBODY, number=PERSON)
    def another_number(self, n: int, login: str, number: int) -> None:
        contact = Contact.objects.get(leads=self.leads[n % len(self.leads)])
        points = {"phone": f"139{number:08d}"}
        self.do(lambda: update_contact(contact, by=self.who(login), points=points))

    # the rep

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SELLER)
    def accept(self, n: int, login: str) -> None:
        self.on_lead(n, login, "accept", lambda lead, by: trunk.accept(lead, by=by))

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SELLER, reason=st.sampled_from([*ReturnReason.values, ""]))
    def give_back_to_marketing(self, n: int, login: str, reason: str) -> None:
        self.on_lead(n, login, "return", lambda lead, by: trunk.return_mql(lead, reason=reason, by=by))

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SELLER, reason=st.sampled_from(ReleaseReason.values))
    def release(self, n: int, login: str, reason: str) -> None:
        self.on_lead(n, login, "release", lambda lead, by: trunk.release(lead, reason=reason, by=by))

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=st.sampled_from(["mark", "olga", "ada", "max", "rita"]), to=REP)
    def assign(self, n: int, login: str, to: str) -> None:
        rep = self.who(to)
        self.on_lead(n, login, "assign", lambda lead, by: trunk.assign(lead, rep=rep, by=by))

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SOMEBODY, text=st.sampled_from(["", "said yes"]))
    def note(self, n: int, login: str, text: str) -> None:
        self.on_lead(n, login, "note", lambda lead, by: trunk.add_note(lead, text=text, by=by))

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=REP)
    def claim(self, n: int, login: str) -> None:
        self.on_lead(n, login, "claim", lambda lead, by: claim(lead, by=by))

    @precondition(lambda self: self.leads)
    @rule(login=REP, picks=st.lists(ANY, min_size=1, max_size=6))
    def claim_several(self, login: str, picks: list[int]) -> None:
        ids = [self.leads[n % len(self.leads)] for n in picks]
        answers = self.do(lambda: claim_many(ids, by=self.who(login)))
        assert answers is None or [answer.lead_id for answer in answers] == ids

    @rule(login=REP, on=st.booleans())
    def duty(self, login: str, on: bool) -> None:
        set_duty(self.who(login), on, by=self.who(login))

    # opportunities and orders

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SELLER, headcount=st.sampled_from([5, 1, None]))
    def convert(self, n: int, login: str, headcount: int | None) -> None:
        need = self.firm.need(company=next(self.companies), headcount=headcount)
        chance = self.on_lead(n, login, "convert", lambda lead, by: selling.convert(lead, by=by, **need))
        self.know(Opportunity, self.chances, chance and chance.pk)

    @precondition(lambda self: self.chances)
    @rule(n=ANY, login=SELLER, to=st.sampled_from(["", "", "negotiation", "won"]))
    def advance(self, n: int, login: str, to: str) -> None:
        self.chance_moves(n, login, "advance", to, lambda chance, by: selling.advance(chance, by=by, to=to))

    @precondition(lambda self: self.chances)
    @rule(n=ANY, login=SELLER, to=st.sampled_from(["", "", "confirmed"]))
    def back(self, n: int, login: str, to: str) -> None:
        self.chance_moves(
            n, login, "back", to, lambda chance, by: selling.back(chance, by=by, reason="not yet", to=to)
        )

    def chance_moves(self, n: int, login: str, action: str, to: str, call: Callable[..., Any]) -> None:
        if to:  # the button names no stage; a stage that cannot be reached is refused whoever asks
            chance = Opportunity.objects.get(pk=self.chances[n % len(self.chances)])
            self.do(lambda: call(chance, self.who(login, chance)))
        else:
            self.on_chance(n, login, action, call)

    @precondition(lambda self: self.chances)
    @rule(n=ANY, login=SELLER, reason=st.sampled_from(LostReason.values))
    def lose(self, n: int, login: str, reason: str) -> None:
        self.on_chance(
            n, login, "lose", lambda chance, by: selling.lose(chance, reason=reason, text="so", by=by)
        )

    @precondition(lambda self: self.chances)
    @rule(n=ANY, login=SELLER)
    def reopen(self, n: int, login: str) -> None:
        chance = Opportunity.objects.get(pk=self.chances[n % len(self.chances)])
        self.do(lambda: selling.reopen(chance, by=self.who(login, chance)))

    @precondition(lambda self: self.chances)
    @rule(n=ANY, login=SELLER, term=st.sampled_from([{}, {"term_months": 12}, {"term_days": 3}]))
    def draft(self, n: int, login: str, term: dict[str, int]) -> None:
        chance = Opportunity.objects.get(pk=self.chances[n % len(self.chances)])
        order = self.do(lambda: ordering.draft(chance, by=self.who(login, chance), **term))
        self.know(Order, self.orders, order and order.pk)

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=SELLER)
    def sign(self, n: int, login: str) -> None:
        order = Order.objects.get(pk=self.orders[n % len(self.orders)])
        signed = self.do(lambda: ordering.sign(order, by=self.who(login, order)))
        if signed is not None:
            next_one = Opportunity.objects.get(signed_before=signed.opportunity_id)
            self.know(Opportunity, self.chances, next_one.pk)

    @precondition(lambda self: self.orders)
    @rule(n=ANY, login=SELLER)
    def cancel(self, n: int, login: str) -> None:
        self.on_order(n, login, "cancel", lambda order, by: ordering.cancel(order, by=by))

    # what must hold

    @invariant()
    def all_is_well(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        invariants.check()


def walk(examples: int, steps: int, **more: Any) -> None:
    run_state_machine_as_test(
        Trunk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # a failure prints its steps; making them fewer would take minutes
            **more,
        ),
    )


@pytest.mark.django_db
def test_Q7_the_trunk_holds_whatever_is_done() -> None:
    walk(16, 50)
    assert len(EVERYTHING & set(seen)) >= 20, "the walk has been nearly everywhere"


@pytest.mark.slow
@pytest.mark.django_db
def test_Q7_the_trunk_holds_through_two_hundred_lives() -> None:
    """Other examples in every run; a failure prints the steps that lead to it."""
    walk(200, 50, derandomize=False, print_blob=True)
    assert len(EVERYTHING & set(seen)) >= 24, "the walk has been nearly everywhere"
