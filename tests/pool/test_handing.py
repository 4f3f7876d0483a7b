"""R4.2, R10.5: marketing's desk of returned MQLs, and handing pool leads on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Notice, User
from calling.services import next_lead
from contacts.models import Contact
from core.errors import Forbidden, RuleRefused, TransitionNotAllowed
from leads.models import Holding
from leads.rules import State
from leads.services import accept
from pool.handing import CALLING, RULES, cadence_many, hand_out, let_cadence
from pool.selectors import marketings_desk
from pool.services import claim
from tests.cast import Firm, Watch, fresh
from tests.content import Log, nothing_changes, refused
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words


def codes(answers) -> list[str]:
    return [answer.error.code if answer.error else "ok" for answer in answers]


def test_R4_2_a_returned_mql_lies_three_days_on_marketings_desk(firm: Firm, watch: Watch) -> None:
    lead, other = firm.pooled("returned"), firm.pooled("released")
    assert lead.next_touch_at == watch.now + timedelta(days=3)
    assert list(marketings_desk(firm.max, watch.now)) == [lead]
    assert other.next_touch_at is None
    assert not marketings_desk(firm.max, watch.go(days=3)).exists(), "its cadence begins"


def test_R4_2_let_the_cadence_have_it(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.pooled("returned")
    log = type(log)()
    watch.go(hours=1)
    row = let_cadence(lead, by=firm.max)
    assert (row.state, row.next_touch_at) == (State.POOLED, watch.now)
    assert not marketings_desk(firm.max, watch.now).exists()
    assert log.verbs() == ["to_cadence"]
    with refused(TransitionNotAllowed), nothing_changes():
        let_cadence(lead, by=firm.max)


def test_R10_5_back_to_the_calling_desk_first_in_the_queue(firm: Firm, watch: Watch, log: Log) -> None:
    lead = firm.pooled("returned")
    watch.go(hours=1)
    firm.capture()
    (answer,) = hand_out([lead.pk], to=CALLING, by=firm.max)
    row = fresh(lead)
    assert answer.ok and (row.state, row.run, row.back_at, row.next_touch_at) == (
        State.NEW,
        2,
        watch.now,
        None,
    )
    assert next_lead(by=firm.tina) == lead
    assert "reactivated" in log.verbs()


def test_R10_5_to_a_rep_as_an_mql_to_be_judged(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("expired")
    (answer,) = hand_out([lead.pk], to=firm.wei, by=firm.max)
    row = fresh(lead)
    assert answer.ok and (row.state, row.owner, row.team) == (State.MQL, firm.wei, firm.west)
    assert row.judge_by == watch.now + timedelta(days=1) and row.run == 2
    assert Notice.objects.filter(kind="call_now", user=firm.wei, subject_id=lead.pk).exists()
    assert Holding.objects.open().get(lead=lead).began == "handed_over"
    assert accept(row, by=firm.wei).state == State.SQL


def test_R10_5_by_the_rules_of_hand_over(firm: Firm, watch: Watch) -> None:
    leads = [firm.pooled("released") for _n in range(4)]
    watch.go(hours=1)
    hand_out([lead.pk for lead in leads], to=RULES, by=firm.max)
    assert len({fresh(lead).owner for lead in leads}) == 4
    last = firm.pooled("released")
    firm.duty()
    hand_out([last.pk], to=RULES, by=firm.max)
    assert (fresh(last).state, fresh(last).owner) == (State.MQL, None)


def test_R3_1_a_full_rep_gets_no_more(firm: Firm, watch: Watch) -> None:
    User.objects.filter(login="rob").update(capacity=1)
    leads = [firm.pooled("released") for _n in range(2)]
    answers = hand_out([lead.pk for lead in leads], to=firm.rob, by=firm.max)
    assert codes(answers) == ["ok", "capacity_reached"]
    assert fresh(leads[1]).state == State.POOLED


def test_R10_5_an_answer_for_each(firm: Firm, watch: Watch) -> None:
    quiet, numberless = firm.pooled("no_need"), firm.pooled("dead_number")
    Contact.objects.filter(pk=quiet.contact_id).update(do_not_call=True)
    held, fine = firm.an_sql(), firm.pooled("returned")
    ids = [quiet.pk, numberless.pk, held.pk, fine.pk, "nonsense", firm.rita.pk]
    answers = hand_out(ids, to=CALLING, by=firm.max)
    assert codes(answers) == [
        "do_not_call",
        "no_phone",
        "transition_not_allowed",
        "ok",
        "not_found",
        "not_found",
    ]
    assert codes(cadence_many([held.pk, quiet.pk], by=firm.max)) == ["transition_not_allowed"] * 2


def test_R10_5_the_preview_is_what_would_happen_and_changes_nothing(firm: Firm, watch: Watch) -> None:
    ids = [firm.pooled("returned").pk for _n in range(3)]
    with nothing_changes():
        before = hand_out(ids, to=RULES, by=firm.max, dry_run=True)
    after = hand_out(ids, to=RULES, by=firm.max)
    assert codes(before) == codes(after)
    assert [a.lead.owner_id for a in before] == [a.lead.owner_id for a in after]


@pytest.mark.parametrize("login", ["tina", "rita", "mark", "pia", "sue", "ivy"])
def test_R10_5_only_marketing_hands_out(firm: Firm, watch: Watch, login: str) -> None:
    lead, by = firm.pooled("returned"), getattr(firm, login)
    with nothing_changes():
        with refused(Forbidden):
            hand_out([lead.pk], to=CALLING, by=by)
        with refused(Forbidden):
            let_cadence(lead, by=by)
    with refused(RuleRefused):
        hand_out([lead.pk], to="nowhere", by=firm.max)


def test_R4_2_the_page_of_marketings_desk(firm: Firm, watch: Watch) -> None:
    firm.set_rules(contesting=True)
    lead, other = firm.pooled("returned", detail="wrong_number"), firm.pooled("released")
    client = browser(firm.max)
    said = words(client.get("/pool/?segment=desk"))
    assert "wrong number" in said and "Calling desk" in said and "Contest" in said
    assert str(other.pk) not in client.get("/pool/?segment=desk").content.decode()
    assert "Marketing's desk" not in words(browser(firm.rita).get("/pool/"))
    few = queries_of(client, "/pool/?segment=desk")
    for _n in range(6):
        firm.pooled("returned")
    assert queries_of(client, "/pool/?segment=desk") == few <= MOST_QUERIES
    firm.set_rules(contesting=False)
    assert "Contest the return" not in words(client.get("/pool/?segment=desk"))
    answer = tap(client, "/pool/hand/", {"lead": lead.pk, "to": "calling", "sure": "yes"}, on="/pool/")
    assert answer.status_code == 200 and fresh(lead).state == State.NEW


def test_R10_5_handing_out_in_bulk_is_shown_first(firm: Firm, watch: Watch) -> None:
    leads = [firm.pooled("returned") for _n in range(3)]
    held = leads[0]
    claimed = firm.pooled("released")
    claim(claimed, by=firm.rob)
    ids = [str(lead.pk) for lead in [*leads, claimed]]
    client = browser(firm.max)
    with nothing_changes():
        answer = tap(client, "/pool/hand/", {"lead": ids, "to": "wei"}, on="/pool/?segment=desk")
    said = words(answer)
    assert answer.status_code == 200 and "to Wei" in said and "1 stay" in said and "Hand on 3 leads" in said
    answer = tap(client, "/pool/hand/", {"lead": ids, "to": "wei", "sure": "yes"}, on="/pool/?segment=desk")
    assert answer.status_code == 200 and fresh(held).owner == firm.wei
    assert "3 leads handed on." in answer["HX-Trigger"] and "1 stayed." in answer["HX-Trigger"]
    for bad in (
        {"lead": ids},
        {"lead": ids, "to": "nobody"},
        {"to": "calling"},
        {"lead": "x", "to": "rules"},
    ):
        assert tap(client, "/pool/hand/", bad, on="/pool/").status_code == 422
    assert tap(browser(firm.rita), "/pool/hand/", {"lead": ids, "to": "calling"}).status_code == 403
