"""The state machine's frame: the firm at work, how a verb is tried, what must hold after each step (Q7).

Beside the invariants three laws of every verb: a refusal changes nothing; what the button shows can be done; what is
done was shown. The first is checked by counting events and versions, the others by `allowed_actions`.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core import clock, hooks
from core.errors import Overdue, TrunkError
from core.models import Event
from core.services import run_sweeps
from leads import selectors as leads_read
from leads import services as trunk
from leads.models import Lead
from opportunities import selectors as opportunities_read
from opportunities import services as selling
from opportunities.models import Opportunity
from orders import selectors as orders_read
from orders import services as ordering
from orders.models import Order
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
       (SELECT count(*) FROM leads_holding WHERE to_at IS NULL), (SELECT count(*) FROM contacts_contactpoint),
       (SELECT count(*) FROM leads_extension), (SELECT count(*) FROM leads_extension WHERE state = 'pending'),
       (SELECT count(*) FROM leads_dispute), (SELECT count(*) FROM leads_dispute WHERE verdict = 'open'),
       (SELECT string_agg(concat(lead_id, user_id, until), ' ' ORDER BY lead_id) FROM calling_lease),
       (SELECT count(*) FROM accounts_user WHERE is_active), (SELECT count(*) FROM calling_call),
       (SELECT sum(version) FROM opportunities_quote), (SELECT count(*) FROM opportunities_quoteline),
       (SELECT count(*) FROM orders_orderline), (SELECT count(*) FROM orders_payment),
       (SELECT string_agg(concat(order_id, due_on, amount), ' ' ORDER BY order_id, due_on, id) FROM orders_instalment),
       (SELECT sum(value) FROM core_counter), (SELECT count(*) FROM outreach_message),
       (SELECT count(*) FROM orders_order), (SELECT count(*) FROM contacts_company)
"""
seen: Counter[str] = Counter()  # what happened in all lives together


def trace() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(TRACE)
        return cursor.fetchone()


class Frame(RuleBasedStateMachine):
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
        self.left: set[str] = set()

    @initialize()
    def begin(self) -> None:
        """The firm is not new: somebody stands at each place of the trunk."""
        firm = self.firm
        made = [firm.capture(phone=f"137{n:08d}") for n in range(4)]
        firm.call(made[0], "interested", rep=firm.rita)
        firm.an_sql(firm.rob, made[1])
        firm.an_sql(firm.rita, made[2])
        made += [
            firm.pooled("released", firm.rob),
            firm.pooled("third_party"),
            firm.pooled("returned", firm.wei),
        ]
        made += [firm.an_mql(firm.wei), firm.an_sql(firm.wei)]
        trunk.object_to(made[-2], text="not ours", by=firm.wei)
        trunk.ask_extension(made[-1], reason="a visit", by=firm.wei)
        chances = [firm.an_opportunity(firm.rita, company="Apex Ltd"), firm.an_opportunity(firm.wei)]
        selling.advance(chances[0], by=firm.rita)
        orders = [firm.an_order(firm.wei, chances[1]), firm.a_signed_order(firm.rob, term_days=3)]
        firm.set_rules(order_approval=True)
        chances.append(firm.an_opportunity(firm.rob))
        orders.append(ordering.submit(firm.an_order(firm.rob, chances[2], discount=Decimal(40)), by=firm.rob))
        selling.draft_quote(chances[0], by=firm.rita, discount=Decimal("12.5"))
        selling.send_quote(selling.draft_quote(chances[0], by=firm.rita), to="li@example.com", by=firm.rita)
        chances += Opportunity.objects.filter(signed_before__isnull=False)
        made += [chance.lead for chance in chances if chance.lead_id not in {lead.pk for lead in made}]
        self.leads = [lead.pk for lead in made]
        self.chances = [chance.pk for chance in chances]
        self.orders = [order.pk for order in orders]
        firm.set_rules(capacity=4, claims_a_day=2, extensions_a_lead=1, extensions_a_rep=1, contesting=True)

    def teardown(self) -> None:
        seen.update(Event.objects.values_list("verb", flat=True))
        self.held.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.all.__exit__(None, None, None)

    # how a verb is tried

    def who(self, login: str, record: Any = None) -> Any:
        """The person who tries it; who has left cannot log in, and the administrator does it instead."""
        owner = getattr(record, "owner", None) or self.firm.rita
        login = owner.login if login == OWNER else login
        user = self.firm.people["ada" if login in self.left else login]
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

    def one(self, n: int, *states: str) -> Lead:
        """One of the leads, three times of four one that is in such a state, if there is any."""
        rows = Lead.objects.select_related("contact__company", "owner", "team")
        fit = rows.filter(pk__in=self.leads, state__in=states).order_by("created_at", "id") if n % 4 else None
        found = list(fit) if fit is not None else []
        return found[n // 4 % len(found)] if found else rows.get(pk=self.leads[n // 4 % len(self.leads)])

    def on_lead(self, lead: Lead, login: str, action: str, call: Callable[[Lead, Any], Any]) -> Any:
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

    @rule(what=st.sampled_from(["due_at", "due_at", "judge_by", "call_by", "call_back_at"]))
    def the_next_due_instant_comes(self, what: str) -> None:
        due = Lead.objects.filter(**{f"{what}__gt": self.now}).order_by(what).first()
        if due is not None:
            self.go(getattr(due, what))

    @rule()
    def sweep(self) -> None:
        run_sweeps()
        again = trace()
        run_sweeps()
        assert trace() == again, "a second sweep found something to do"

    def know(self, model: Any, known: list[Any], pk: Any) -> None:
        if pk is not None and pk not in known:
            known.append(pk)

    def go(self, instant: datetime) -> None:
        self.held.__exit__(None, None, None)
        self.now = instant
        self.held = clock.at(instant)
        self.held.__enter__()

    # what must hold

    @invariant()
    def all_is_well(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        invariants.check(again=True)
