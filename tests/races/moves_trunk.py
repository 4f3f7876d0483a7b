"""Moves of the state machine: the desk, the rep's week, the pool."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from accounts.services import set_duty
from calling.rules import Outcome
from calling.services import log_call
from contacts.models import Contact
from contacts.rules import Point
from contacts.services import update_contact
from core import clock
from leads import services as trunk
from leads.models import Lead
from leads.rules import ReleaseReason, ReturnReason
from leads.services import Capture, capture_many
from pool.services import claim, claim_many
from tests.races.machine import ANY, CALLER, PERSON, REP, SELLER, SOMEBODY, Frame


class Trunk(Frame):
    """From the first contact to the SQL, and the pool."""

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
            self.one(n, "new", "mql", "pooled"),
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
        self.on_lead(self.one(n, "mql"), login, "accept", lambda lead, by: trunk.accept(lead, by=by))

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SELLER, reason=st.sampled_from([*ReturnReason.values, ""]))
    def give_back_to_marketing(self, n: int, login: str, reason: str) -> None:
        self.on_lead(
            self.one(n, "mql"), login, "return", lambda lead, by: trunk.return_mql(lead, reason=reason, by=by)
        )

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SELLER, reason=st.sampled_from(ReleaseReason.values))
    def release(self, n: int, login: str, reason: str) -> None:
        self.on_lead(
            self.one(n, "sql"), login, "release", lambda lead, by: trunk.release(lead, reason=reason, by=by)
        )

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=st.sampled_from(["mark", "olga", "ada", "max", "rita"]), to=REP)
    def assign(self, n: int, login: str, to: str) -> None:
        rep = self.who(to)
        self.on_lead(
            self.one(n, "mql", "sql"), login, "assign", lambda lead, by: trunk.assign(lead, rep=rep, by=by)
        )

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=SOMEBODY, text=st.sampled_from(["", "said yes"]))
    def note(self, n: int, login: str, text: str) -> None:
        self.on_lead(
            self.one(n, "mql", "sql"), login, "note", lambda lead, by: trunk.add_note(lead, text=text, by=by)
        )

    @precondition(lambda self: self.leads)
    @rule(n=ANY, login=REP)
    def claim(self, n: int, login: str) -> None:
        self.on_lead(self.one(n, "pooled"), login, "claim", lambda lead, by: claim(lead, by=by))

    @precondition(lambda self: self.leads)
    @rule(login=REP, picks=st.lists(ANY, min_size=1, max_size=6))
    def claim_several(self, login: str, picks: list[int]) -> None:
        ids = [self.leads[n % len(self.leads)] for n in picks]
        answers = self.do(lambda: claim_many(ids, by=self.who(login)))
        assert answers is None or [answer.lead_id for answer in answers] == ids

    @rule(login=REP, on=st.booleans())
    def duty(self, login: str, on: bool) -> None:
        set_duty(self.who(login), on, by=self.who(login))
