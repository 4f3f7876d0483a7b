"""One action on many leads: what would become of each is what becomes of each; a refusal of one is its own."""

from __future__ import annotations

import pytest

from core.models import Event
from leads import bulk, labels
from leads.models import Lead
from tests import invariants
from tests.cast import Firm, Watch, fresh
from tests.pages import browser, tap, words


def ids(*leads: Lead) -> list[str]:
    return [str(lead.pk) for lead in leads]


def rows(firm: Firm, name: str, by, data: dict, *leads: Lead, dry: bool) -> list[bulk.Row]:
    from core import clock

    do = bulk.preview if dry else bulk.run
    return do(bulk.ACTIONS[name], [lead.pk for lead in leads], data, by=by, at=clock.now())


def told(found: list[bulk.Row]) -> list[tuple]:
    return [(row.lead.pk, row.was, row.then, row.ok, row.code) for row in found]


def test_the_preview_changes_nothing_and_is_what_happens(firm: Firm, watch: Watch) -> None:
    firm.set_rules(capacity=2)
    leads = [firm.an_mql(firm.rita), firm.an_sql(firm.rita), firm.capture(), firm.pooled(rep=firm.wei)]
    firm.set_rules(capacity=60)
    more = [firm.an_sql(firm.rita)]
    firm.set_rules(capacity=2)
    events, versions = Event.objects.count(), list(Lead.objects.order_by("pk").values_list("pk", "version"))
    data = {"rep": firm.rob}
    before = rows(firm, "assign", firm.mark, data, *leads, *more, dry=True)
    assert Event.objects.count() == events
    assert list(Lead.objects.order_by("pk").values_list("pk", "version")) == versions
    after = rows(firm, "assign", firm.mark, data, *leads, *more, dry=False)
    assert told(before) == told(after)
    assert [row.ok for row in after].count(True) == 2, "room for two: the third is told so"
    assert {row.code for row in after if not row.ok} >= {"capacity_reached"}
    assert fresh(leads[0]).owner == fresh(leads[1]).owner == firm.rob
    invariants.check()


def test_a_refusal_of_one_leaves_the_others_done(firm: Firm, watch: Watch) -> None:
    mine, theirs = firm.an_sql(firm.rita), firm.an_sql(firm.rob)
    data = {"reason": "no_time", "text": ""}
    found = rows(firm, "release", firm.rita, data, mine, theirs, dry=False)
    assert [(row.lead.pk, row.ok) for row in found] == [(mine.pk, True)], "what one does not see is not there"
    found = rows(firm, "release", firm.mark, data, mine, theirs, dry=False)
    assert [row.ok for row in found] == [False, True]
    invariants.check()


def test_R6_2_what_is_overdue_leaves_at_its_due_time(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    watch.go(days=8)
    (row,) = rows(firm, "next", firm.mark, {"next_step": "call", "next_step_on": None}, lead, dry=True)
    assert (row.ok, row.code, fresh(lead).state) == (False, "overdue", "sql")
    rows(firm, "next", firm.mark, {"next_step": "call", "next_step_on": None}, lead, dry=False)
    assert fresh(lead).state == "pooled" and fresh(lead).pooled_at == lead.due_at
    invariants.check()


@pytest.mark.parametrize(
    ("login", "names"),
    [
        ("rita", {"next", "release"}),
        ("mark", {"assign", "next", "release"}),
        ("max", {"assign", "next"}),
        ("tina", {"next"}),
        ("pia", set()),
    ],
)
def test_only_what_a_hat_may_try_is_offered(firm: Firm, login: str, names: set[str]) -> None:
    assert {action.name for action in bulk.offered(getattr(firm, login))} == names


def test_R0_2_labels_in_bulk_need_the_branch(firm: Firm, watch: Watch) -> None:
    firm.set_rules(labels=True)
    label = labels.make(by=firm.max, name="fair")
    leads = [firm.capture(), firm.an_sql()]
    assert "labels" in {action.name for action in bulk.offered(firm.max)}
    found = rows(firm, "labels", firm.max, {"on": [label], "off": []}, *leads, dry=False)
    assert [row.then for row in found] == ["+ fair", "+ fair"] and label.leads.count() == 2


def test_the_dialog_asks_previews_and_answers_row_by_row(firm: Firm, watch: Watch) -> None:
    leads = [firm.an_sql(firm.rita), firm.capture()]
    client, given = browser(firm.mark), {"action": "assign", "lead": ids(*leads)}
    form = words(tap(client, "/leads/bulk/", given))
    assert "2 leads are chosen" in form and "Rob" in form
    assert "what would become" in words(tap(client, "/leads/bulk/preview/", given))
    given["rep"] = str(firm.rob.pk)
    shown = words(tap(client, "/leads/bulk/preview/", given))
    assert "goes to Rob" in shown
    assert fresh(leads[0]).owner == firm.rita
    answer = tap(client, "/leads/bulk/run/", given, on="/leads/?state=sql")
    assert "goes to Rob" in words(answer) and "/leads/?state=sql" in answer.content.decode()
    assert fresh(leads[0]).owner == firm.rob


def test_all_that_match_the_filters(firm: Firm, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    leads = [firm.an_sql(firm.rita) for _n in range(3)]
    firm.an_sql(firm.wei)
    given = {"action": "next", "all": "on", "query": "owner=rita&state=sql"}
    client = browser(firm.mark)
    assert "3 leads are chosen" in words(tap(client, "/leads/bulk/", given))
    tap(client, "/leads/bulk/run/", {**given, "next_step": "call", "next_step_on": "2026-03-05"})
    assert {fresh(lead).next_step for lead in leads} == {"call"}
    assert Lead.objects.filter(next_step="call").count() == 3
    monkeypatch.setattr(bulk, "MOST", 2)
    assert "More match" in words(tap(client, "/leads/bulk/", given))


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"action": "assign"}, 422),
        ({"action": "assign", "lead": ["x"]}, 422),
        ({"action": "assign", "lead": ["x"] * 301}, 422),
        ({"action": "nothing"}, 404),
        ({}, 404),
        ({"action": "assign", "all": "on", "query": "x=%00&q=%00&owner=nobody"}, 200),
        ({"action": "assign", "all": "on", "query": "\x00=1"}, 422),
    ],
)
def test_bad_input_is_refused_with_words(firm: Firm, given: dict, status: int) -> None:
    assert tap(browser(firm.mark), "/leads/bulk/", given).status_code == status
    assert tap(browser(firm.mark), "/leads/bulk/run/", given).status_code in (status, 422)
