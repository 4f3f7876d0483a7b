"""Moves of the state machine: leases, extensions, disputes, missed calls, merging, leaving."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from calling import services as desk
from leads import known
from leads import services as trunk
from leads.models import Dispute, Extension, Lead
from tests.races.machine import ANY, OWNER, PERSON, REP, SELLER, SOMEBODY, Frame, trace

DESK = st.sampled_from(["tina", "tina", "theo", "rita", "max"])
MANAGER = st.sampled_from(["mark", "olga", "ada", "ada", "ada", "rita", OWNER])
MARKETER = st.sampled_from(["max", "max", "max", "rita", "ada"])
TEXT = st.sampled_from(["", "so it is", "so it is"])
MOST_LEFT = 3  # of the four reps and two telemarketers: somebody stays


class Week(Frame):
    """What happens beside the straight way."""

    @rule(login=DESK, picks=st.lists(ANY, max_size=2))
    def next_lead(self, login: str, picks: list[int]) -> None:
        by = self.who(login)
        skip = [self.leads[n % len(self.leads)] for n in picks if self.leads]
        lead = self.do(lambda: desk.next_lead(by=by, skip=skip))
        assert lead is None or (lead.state == "new" and lead.lease.user_id == by.pk and lead.pk not in skip)

    @rule(login=DESK)
    def put_back(self, login: str) -> None:
        self.do(lambda: desk.drop_lease(by=self.who(login)))

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SELLER, text=TEXT)
    def ask_extension(self, n: int, login: str, text: str) -> None:
        lead = self.one(n, "sql")
        if lead.extensions.filter(state="pending").exists():
            asked = self.do(lambda: trunk.ask_extension(lead, reason=text, by=self.who(login, lead)))
            assert asked is None, "a second request beside one that waits"
        else:
            self.on_lead(
                lead, login, "extend", lambda lead, by: trunk.ask_extension(lead, reason=text, by=by)
            )

    @rule(login=MANAGER, n=ANY, yes=st.booleans())
    def decide(self, login: str, n: int, yes: bool) -> None:
        rows = Extension.objects.select_related("lead__owner").order_by("asked_at", "id")
        waiting = list(rows.filter(state="pending") if n % 4 else rows) or list(rows)
        if waiting:
            chosen = waiting[n // 4 % len(waiting)]
            verb = trunk.approve_extension if yes else trunk.reject_extension
            was = chosen.state
            done = self.do(lambda: verb(chosen, by=self.who(login, chosen.lead), comment="so"))
            assert done is None or was == "pending", "decided twice"

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SELLER, text=TEXT)
    def object_to(self, n: int, login: str, text: str) -> None:
        lead = self.one(n, "mql")
        self.do(lambda: trunk.object_to(lead, text=text, by=self.who(login, lead)))

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=MARKETER, text=TEXT)
    def contest(self, n: int, login: str, text: str) -> None:
        lead = self.one(n, "pooled")
        self.do(lambda: trunk.contest(lead, text=text, by=self.who(login, lead)))

    @rule(login=MANAGER, n=ANY, verdict=st.sampled_from(["legal", "illegal", "perhaps"]))
    def settle(self, login: str, n: int, verdict: str) -> None:
        rows = Dispute.objects.select_related("lead__owner").order_by("at", "id")
        brought = list(rows.filter(verdict="open") if n % 4 else rows) or list(rows)
        if brought:
            chosen = brought[n // 4 % len(brought)]
            was = chosen.verdict
            by = self.who(login, chosen.lead)
            done = self.do(lambda: trunk.settle(chosen, verdict=verdict, text="so", by=by))
            assert done is None or was == "open", "settled twice"

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=REP)
    def take(self, n: int, login: str) -> None:
        lead = self.one(n, "mql")
        self.do(lambda: trunk.take(lead, by=self.who(login)))

    @precondition(lambda self: len(self.leads) > 1)
    @rule(n=ANY, m=ANY, login=st.sampled_from(["mark", "max", "ada", "ada", "rita", OWNER]), keep=ANY)
    def merge(self, n: int, m: int, login: str, keep: int) -> None:
        pks = [self.leads[k % len(self.leads)] for k in (n, m)]
        rows = Lead.objects.select_related("contact", "owner").in_bulk(pks)
        lead, other = rows[pks[0]], rows[pks[1]]
        chosen = [None, lead, other][keep % 3]
        self.do(lambda: trunk.merge(lead, other=other, by=self.who(login, lead), keep=chosen))

    @precondition(lambda self: len(self.left) < MOST_LEFT)
    @rule(
        login=st.sampled_from(["rob", "wei", "wang", "theo"]),
        by=st.sampled_from(["ada", "ada", "ada", "mark"]),
        to=st.sampled_from(["person", "rules", "pool", ""]),
        person=REP,
        really=st.sampled_from([True, False, False]),
    )
    def leave(self, login: str, by: str, to: str, person: str, really: bool) -> None:
        if login in self.left or not really:
            return
        user, rep = self.firm.people[login], self.firm.people[person]
        promised = trunk.preview_leaving(user)
        held = Lead.objects.filter(owner=user).count()
        gone = self.do(lambda: trunk.leave(user, by=self.who(by), to=to, person=rep))
        if gone is not None:
            self.left.add(login)
            assert held >= sum(promised.values())

    @rule(login=SOMEBODY, n=PERSON, company=st.sampled_from(["", "Apex", "Apex Ltd"]))
    def ask_before_typing(self, login: str, n: int, company: str) -> None:
        before = trace()
        values = {"phone": f"137{n:08d}", "email": "", "wechat": ""}
        self.do(lambda: known.check(by=self.who(login), values=values, company_name=company))
        assert trace() == before, "a question changed something"
