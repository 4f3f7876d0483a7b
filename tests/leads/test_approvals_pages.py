"""Approvals, and the panels that lead there: what is offered, said, refused, and what it costs."""

from __future__ import annotations

import pytest

from accounts.models import User
from leads import services
from leads.models import Dispute, Extension
from leads.rules import State
from tests.cast import Firm, Watch, fresh, person
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words


def asked(firm: Firm, rep: User | None = None, reason: str = "They decide on Friday") -> Extension:
    rep = rep or firm.rita
    return services.ask_extension(firm.an_sql(rep), reason=reason, by=rep)


def objected(firm: Firm) -> Dispute:
    return services.object_to(firm.an_mql(), text="A student, not a buyer", by=firm.rita)


def contested(firm: Firm) -> Dispute:
    lead = services.return_mql(firm.an_mql(), reason="no_need", text="Laughed at me", by=firm.rita)
    return services.contest(lead, text="She asked for a price", by=firm.max)


def approvals(user: User, query: str = "") -> str:
    answer = browser(user).get(f"/approvals/{query}")
    assert answer.status_code == 200
    return words(answer)


def test_R7_1_the_manager_sees_what_waits_with_what_is_needed_to_decide(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    watch.go(hours=1)
    services.add_note(lead, text="The boss is away until Friday", by=firm.rita)
    firm.call(lead, "no_answer", by=firm.rita)
    watch.go(days=5)
    services.ask_extension(lead, reason="They decide on Friday", by=firm.rita)
    said = approvals(firm.mark)
    for word in (
        "Rita asks for another week",
        "They decide on Friday",
        "The boss is away until Friday",
        "Days on it 5",
        "Calls and notes 2",
        "0 of 2",
        "1 of 10",
        "1 waits for your word",
    ):
        assert word in said


def test_R7_1_only_who_may_decide_has_it_on_the_list(firm: Firm, watch: Watch) -> None:
    asked(firm)
    assert "Nothing to decide" in approvals(firm.olga)
    assert "Rita asks" in approvals(firm.ada)
    User.objects.filter(login="rita").update(hats=["rep", "manager"])
    assert "Nothing to decide" in approvals(person(firm.rita)), "nobody decides their own"


@pytest.mark.parametrize("login", ["rita", "tina", "max", "pia", "sue"])
def test_the_page_is_for_managers_and_administrators(firm: Firm, watch: Watch, login: str) -> None:
    client = browser(getattr(firm, login))
    assert client.get("/approvals/").status_code == 403
    assert 'href="/approvals/"' not in client.get("/leads/").content.decode()


def test_the_place_counts_what_this_person_may_decide(firm: Firm, watch: Watch) -> None:
    firm.set_rules(contesting=True)
    asked(firm), objected(firm), contested(firm)
    from core.web import nav

    def count(user: User) -> int:
        (entry,) = [e for e in nav.entries(person(user)) if e.name == "approvals"]
        return nav.count_many({"n": entry.count})["n"]

    assert (count(firm.mark), count(firm.olga), count(firm.ada)) == (3, 0, 3)
    firm.set_rules(contesting=False)
    assert count(firm.mark) == 2


@pytest.mark.parametrize("login", ["tina", "rita", "mark", "max", "sue", "ada"])
def test_ui_with_the_branches_off_there_are_at_most_seven_places(
    firm: Firm, watch: Watch, login: str
) -> None:
    from core.web import nav

    trunk = [e for e in nav.entries(getattr(firm, login)) if e.group == nav.TRUNK]
    assert len(trunk) <= 7


def test_R7_2_approving_goes_on_to_the_next_without_a_page_load(firm: Firm, watch: Watch) -> None:
    first, second = asked(firm), asked(firm, firm.rob)
    client = browser(firm.mark)
    then = f"/approvals/?on={second.pk}"
    answer = tap(client, f"/approvals/extensions/{first.pk}/approve/", {"next": then}, on="/approvals/")
    assert answer.status_code == 200 and answer["HX-Retarget"] == "#main"
    said = words(answer)
    assert "Rob asks" in said and "Rita asks" not in said and "1 waits" in said
    assert fresh(first).state == "approved" and "another week" in answer["HX-Trigger"]
    assert 'class="t-decide is-here"' in answer.content.decode()
    assert "/approve/?" not in answer.content.decode(), "the links are the page's own"


def test_R7_1_rejecting_with_a_word(firm: Firm, watch: Watch) -> None:
    row = asked(firm)
    client = browser(firm.mark)
    answer = tap(
        client, f"/approvals/extensions/{row.pk}/reject/", {"comment": "Not again"}, on="/approvals/"
    )
    assert answer.status_code == 200 and "Nothing to decide" in words(answer)
    assert (fresh(row).state, fresh(row).comment) == ("rejected", "Not again")
    said = words(browser(firm.rita).get(f"/leads/{row.lead_id}"))
    assert "Mark said no to another week" in said and "Not again" in said


def test_what_somebody_else_decided_is_said_in_place(firm: Firm, watch: Watch) -> None:
    row = asked(firm)
    services.approve_extension(row, by=firm.ada)
    answer = tap(browser(firm.mark), f"/approvals/extensions/{row.pk}/reject/", on="/approvals/")
    assert answer.status_code == 409 and answer["X-Refused"] == "already_decided"
    assert "Ada has approved this already" in words(answer)
    assert fresh(row).state == "approved"


def test_R7_4_too_late_is_said_and_the_lead_has_gone(firm: Firm, watch: Watch) -> None:
    row = asked(firm)
    watch.to(row.due_before)
    answer = tap(browser(firm.mark), f"/approvals/extensions/{row.pk}/approve/", on="/approvals/")
    assert answer.status_code == 409 and answer["X-Refused"] == "overdue"
    assert (fresh(row).state, fresh(row.lead).state) == ("lapsed", State.POOLED)
    answer = tap(browser(firm.mark), f"/approvals/extensions/{row.pk}/approve/", on="/approvals/")
    assert answer["X-Refused"] == "already_decided" and "Too late" in words(answer)


def test_a_foreign_request_is_not_there(firm: Firm, watch: Watch) -> None:
    row, dispute = asked(firm), objected(firm)
    for user in (firm.olga, firm.wei, firm.tina):
        assert tap(browser(user), f"/approvals/extensions/{row.pk}/approve/").status_code == 404
        assert tap(browser(user), f"/approvals/disputes/{dispute.pk}/settle/").status_code == 404
    assert tap(browser(firm.rita), f"/approvals/extensions/{row.pk}/approve/").status_code == 403


def test_R4_1_the_manager_settles_an_objection_from_the_page(firm: Firm, watch: Watch) -> None:
    agree, deny = objected(firm), objected(firm)
    said = approvals(firm.mark, "?show=objection")
    assert "Rita says it is no MQL" in said and "A student, not a buyer" in said
    client = browser(firm.mark)
    url = "/approvals/disputes/{}/settle/"
    assert tap(client, url.format(agree.pk), {"verdict": "illegal"}, on="/approvals/").status_code == 200
    assert fresh(agree.lead).state == State.POOLED
    assert tap(client, url.format(deny.pk), {"verdict": "legal"}, on="/approvals/").status_code == 200
    assert fresh(deny.lead).state == State.MQL
    assert tap(client, url.format(deny.pk), {"verdict": "legal"}, on="/approvals/").status_code == 409


def test_R4_2_a_contest_shows_both_reasons_and_the_calls(firm: Firm, watch: Watch) -> None:
    firm.set_rules(contesting=True)
    contested(firm)
    said = approvals(firm.mark)
    assert "Max contests the return by Rita" in said and "She asked for a price" in said
    assert "Laughed at me" in said and "No need now" in said
    firm.set_rules(contesting=False)
    said = approvals(firm.mark)
    assert "Contests" not in said and "Max contests" not in said


def test_what_was_decided_is_kept(firm: Firm, watch: Watch) -> None:
    services.approve_extension(asked(firm), by=firm.mark, comment="Last time")
    services.settle(objected(firm), verdict="illegal", by=firm.mark)
    said = approvals(firm.mark, "?show=decided")
    assert "Approved" in said and "Last time" in said and "An illegal MQL" in said
    assert "Nothing decided yet" in approvals(firm.olga, "?show=decided")


def test_approvals_needs_as_many_queries_for_twenty_rows_as_for_three(firm: Firm, watch: Watch) -> None:
    firm.set_rules(contesting=True)
    client = browser(firm.mark)
    asked(firm), objected(firm), contested(firm)
    few = queries_of(client, "/approvals/")
    for _n in range(5):
        asked(firm), objected(firm), contested(firm)
    assert queries_of(client, "/approvals/") == few <= MOST_QUERIES
    assert queries_of(client, "/approvals/?show=decided") <= MOST_QUERIES


def test_R7_the_panel_says_what_is_used_and_that_the_clock_runs_on(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    client = browser(firm.rita)
    said = words(client.get(f"/leads/{lead.pk}/do/extend/", headers={"HX-Request": "true"}))
    assert "0 of 2" in said and "0 of 10" in said and "Mark decides" in said and "clock runs on" in said
    answer = tap(client, f"/leads/{lead.pk}/extend/", {"reason": ""}, on=f"/leads/{lead.pk}")
    assert answer.status_code == 422 and answer["X-Refused"] == "reason_required"
    answer = tap(client, f"/leads/{lead.pk}/extend/", {"reason": "Budget on Friday"}, on=f"/leads/{lead.pk}")
    assert answer.status_code == 200
    said = words(answer)
    assert "waiting for Mark" in said and "Budget on Friday" in said
    assert "Ask for another week" not in said
    said = words(browser(firm.mark).get(f"/leads/{lead.pk}"))
    assert "Rita asked for another week" in said and "Decide" in said


def test_R4_1_the_return_panel_leads_to_the_manager(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    client = browser(firm.rita)
    assert "Put it to the manager" in words(client.get(f"/leads/{lead.pk}/do/return/"))
    answer = tap(client, f"/leads/{lead.pk}/object/", {"text": "A competitor"}, on=f"/leads/{lead.pk}")
    assert answer.status_code == 200 and "waiting for Mark" in words(answer)
    assert "Put it to the manager" not in words(client.get(f"/leads/{lead.pk}/do/return/"))


def test_R4_2_marketing_contests_from_the_lead_page(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("returned")
    client = browser(firm.max)
    assert client.get(f"/leads/{lead.pk}/do/contest/").status_code == 404
    firm.set_rules(contesting=True)
    assert client.get(f"/leads/{lead.pk}/do/contest/").status_code == 200
    answer = tap(client, f"/leads/{lead.pk}/contest/", {"text": "She asked"}, on=f"/leads/{lead.pk}")
    assert answer.status_code == 200 and "Max contests the return" in words(answer)
    assert client.get(f"/leads/{lead.pk}/do/contest/").status_code == 404


def test_R3_2_a_missed_first_call_can_be_taken_from_the_panel(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    client = browser(firm.rob)
    assert tap(client, f"/leads/{lead.pk}/take/").status_code == 404
    watch.go(minutes=15)
    assert client.get(f"/leads/{lead.pk}").status_code == 404, "seen only where it may be taken"
    assert tap(client, f"/leads/{lead.pk}/take/").status_code == 200
    assert fresh(lead).owner == firm.rob


def test_a_request_costs_a_lead_page_one_query_more(firm: Firm, watch: Watch) -> None:
    """What was asked costs one query more, that for the names of those it waits for."""
    plain, row = firm.an_sql(), asked(firm)
    mql, dispute = firm.an_mql(), objected(firm)
    for user in (firm.rita, firm.mark):
        client = browser(user)
        for without, with_one in ((plain, row.lead), (mql, dispute.lead)):
            before = queries_of(client, f"/leads/{without.pk}")
            assert queries_of(client, f"/leads/{with_one.pk}") <= before + 1
