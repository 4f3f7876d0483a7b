"""R3.1, a branch: conditions on source, region, product and size pick the reps of a hand-over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from accounts.services import set_away, set_duty
from contacts.models import Company, Contact
from core.errors import Forbidden, NotFound, RuleRefused
from leads.assignment import drop_rule, facts_of, first_match, matches, move_rule, save_rule, switch_rule
from leads.models import AssignmentRule, Lead
from leads.services import hand_out_waiting
from outreach.models import Campaign
from tests.cast import CAST, Firm, Watch, a_phone, fresh
from tests.content import Log, faults, nothing_changes, refused
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words


@pytest.fixture
def on(firm: Firm, watch: Watch) -> Firm:
    firm.set_rules(assignment_rules=True)
    return firm


def a_rule(firm: Firm, *reps: User, name: str = "fairs", **conditions: Any) -> AssignmentRule:
    return save_rule(None, by=firm.mark, name=name, conditions=conditions, reps=reps or [firm.wang])


def a_lead(firm: Firm, **company: Any) -> Lead:
    """A lead by the fair, of a company with these facts."""
    lead = firm.capture(name="Li Lei", phone=a_phone(), company_name="Star Works Ltd")
    contact = Contact.objects.get(pk=lead.contact_id)
    if contact.company_id is None:
        contact.company = Company.objects.create(
            name="Star Works Ltd", exact_name="starworks", core_name="starworks", created_at=lead.created_at
        )
        contact.save()
    Company.objects.filter(pk=contact.company_id).update(**company)
    return fresh(lead)


@pytest.mark.parametrize(
    ("conditions", "held"),
    [
        ({}, True),
        ({"channel": ["web", " FAIR "]}, True),
        ({"channel": ["web"]}, False),
        ({"medium": ["form"]}, True),
        ({"medium": ["ad"]}, False),
        ({"region": ["Shenzhen", "Guangzhou"]}, True),
        ({"region": ["Beijing"]}, False),
        ({"industry": ["clinics"], "region": ["shenzhen"]}, True),
        ({"industry": ["clinics"], "region": ["Beijing"]}, False),
        ({"size_from": ["50"]}, True),
        ({"size_from": ["51"]}, False),
        ({"size_to": ["50"]}, True),
        ({"size_to": ["49"]}, False),
        ({"product": ["01900000-0000-7000-8000-000000000000"]}, False),
    ],
)
def test_R3_1_all_conditions_must_hold_one_word_of_each(
    on: Firm, conditions: dict[str, list[str]], held: bool
) -> None:
    lead = a_lead(on, region="Shenzhen", industry="Clinics", size=50)
    contact = Contact.objects.select_related("company").get(pk=lead.contact_id)
    assert matches(conditions, facts_of(lead, contact)) is held


def test_R3_1_an_unknown_size_meets_no_size(on: Firm) -> None:
    lead = a_lead(on, size=None)
    contact = Contact.objects.select_related("company").get(pk=lead.contact_id)
    assert not matches({"size_from": ["0"]}, facts_of(lead, contact))
    assert not matches({"size_to": ["10"]}, facts_of(lead, contact))


def test_R3_1_the_first_rule_that_fits_picks_the_reps(on: Firm) -> None:
    a_rule(on, on.wang, name="fairs", channel=["fair"])
    a_rule(on, on.rita, name="rest")
    assert on.call(a_lead(on), "interested")[1].owner == on.wang
    other = AssignmentRule.objects.get(name="rest")
    move_rule(other, by=on.mark, up=True)
    assert on.call(on.capture(), "interested")[1].owner == on.rita
    switch_rule(other, by=on.mark, active=False)
    assert on.call(on.capture(), "interested")[1].owner == on.wang


def test_R3_1_among_the_chosen_it_goes_in_turn(on: Firm, watch: Watch) -> None:
    a_rule(on, on.wang, on.wei)
    owners = []
    for _n in range(4):
        owners.append(on.call(on.capture(), "interested")[1].owner)
        watch.go(minutes=1)
    assert sorted(rep.login for rep in owners) == ["wang", "wang", "wei", "wei"]


@pytest.mark.parametrize("why", ["off", "away", "full", "left"])
def test_R3_1_are_the_chosen_not_free_it_waits_in_the_queue(on: Firm, watch: Watch, why: str) -> None:
    a_rule(on, on.wang)
    if why == "off":
        set_duty(on.wang, False, by=on.wang)
    elif why == "away":
        set_away(on.wang, watch.now + timedelta(days=1), by=on.wang)
    elif why == "full":
        User.objects.filter(pk=on.wang.pk).update(capacity=0)
    else:
        User.objects.filter(pk=on.wang.pk).update(is_active=False)
    lead = on.call(on.capture(), "interested")[1]
    assert (lead.state, lead.owner) == ("mql", None) and lead.team is not None
    assert hand_out_waiting(watch.now) == 0
    User.objects.filter(pk=on.wang.pk).update(on_duty=True, away_until=None, capacity=None, is_active=True)
    assert hand_out_waiting(watch.now) == 1 and fresh(lead).owner == on.wang


def test_R0_1_while_it_is_off_no_rule_counts(on: Firm) -> None:
    rule = a_rule(on, on.wang)
    on.set_rules(assignment_rules=False)
    on.duty("rita")
    assert on.call(on.capture(), "interested")[1].owner == on.rita
    for verb in (
        lambda: save_rule(rule, by=on.ada, name="x", conditions={}, reps=[on.rita]),
        lambda: move_rule(rule, by=on.ada, up=True),
        lambda: switch_rule(rule, by=on.ada, active=False),
        lambda: drop_rule(rule, by=on.ada),
    ):
        with refused(NotFound):
            verb()


@pytest.mark.parametrize("login", list(CAST))
def test_R15_1_administrators_and_managers_say_who_gets_what(on: Firm, login: str) -> None:
    by = on.people[login]
    if login in ("ada", "mark", "olga"):
        rule = save_rule(None, by=by, name="x", conditions={}, reps=[on.rita])
        assert drop_rule(rule, by=by) is None
    else:
        with refused(Forbidden):
            save_rule(None, by=by, name="x", conditions={}, reps=[on.rita])
        rule = a_rule(on)
        for verb in (
            lambda: move_rule(rule, by=by, up=True),
            lambda: switch_rule(rule, by=by, active=False),
            lambda: drop_rule(rule, by=by),
        ):
            with refused(Forbidden):
                verb()


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"name": " "}, ("name", "required")),
        ({"name": "x" * 81}, ("name", "invalid")),
        ({"reps": []}, ("reps", "required")),
        ({"reps": "mark"}, ("reps", "not_a_rep")),
        ({"conditions": {"colour": ["red"]}}, ("colour", "unknown")),
        ({"conditions": {"size_from": ["many"]}}, ("size_from", "invalid")),
        ({"conditions": {"size_from": -1}}, ("size_from", "invalid")),
        ({"conditions": {"size_from": 50, "size_to": 10}}, ("size_to", "too_small")),
        ({"conditions": {"medium": ["telepathy"]}}, ("medium", "unknown")),
        ({"conditions": {"product": ["x"]}}, ("product", "unknown")),
        ({"conditions": {"campaign": ["x"]}}, ("campaign", "unknown")),
        ({"conditions": {"region": ["x" * 121]}}, ("region", "too_long")),
        ({"conditions": {"region": [str(n) for n in range(51)]}}, ("region", "too_long")),
    ],
)
def test_R3_1_what_a_rule_cannot_be(on: Firm, wrong: dict[str, Any], expected: tuple[str, str]) -> None:
    fields = {"name": "fairs", "conditions": {}, "reps": [on.rita], **wrong}
    if fields["reps"] == "mark":
        fields["reps"] = [on.mark]
    with refused(RuleRefused) as caught:
        save_rule(None, by=on.ada, **fields)
    assert faults(caught) == [expected]


def test_R15_4_each_change_of_a_rule_is_an_event_with_old_and_new(on: Firm, log: Log) -> None:
    rule = a_rule(on, on.wang, channel=["fair"], region=["", " "], size_from=None)
    assert rule.conditions == {"channel": ["fair"]}, "what is empty is not a condition"
    assert log.only("assignment_made").by_id == on.mark.pk
    save_rule(rule, by=on.ada, name="fairs", conditions={"channel": ["web"]}, reps=[on.wang, on.wei])
    event = log.only("assignment_changed")
    assert event.data["conditions"] == [{"channel": ["fair"]}, {"channel": ["web"]}]
    assert set(event.data) == {"conditions", "reps"}
    drop_rule(rule, by=on.ada)
    assert log.only("assignment_dropped").data["name"] == ["fairs", None]
    with refused(NotFound):
        switch_rule(rule, by=on.ada, active=True)


def test_R3_1_the_list_keeps_its_order(on: Firm) -> None:
    for name in "abc":
        a_rule(on, name=name)

    def names() -> list[str]:
        return list(AssignmentRule.objects.values_list("name", flat=True))

    a, c = AssignmentRule.objects.get(name="a"), AssignmentRule.objects.get(name="c")
    move_rule(c, by=on.ada, up=True)
    assert names() == ["a", "c", "b"]
    move_rule(a, by=on.ada, up=False)
    assert names() == ["c", "a", "b"]
    with nothing_changes():
        move_rule(c, by=on.ada, up=True)
    drop_rule(c, by=on.ada)
    a_rule(on, name="d")
    assert names() == ["a", "b", "d"]


# The pages


def test_R0_1_off_means_no_page_and_no_way_to_it(firm: Firm) -> None:
    ada = browser(firm.ada)
    assert ada.get("/people/assignment/").status_code == 404
    assert "Who gets what" not in words(ada.get("/people/")) + words(ada.get("/rulebook/"))
    assert tap(ada, "/people/assignment/new/", {"name": "x", "reps": [str(firm.rita.pk)]}).status_code == 404
    firm.set_rules(assignment_rules=True)
    assert ada.get("/people/assignment/").status_code == 200
    assert "Who gets what" in words(ada.get("/people/"))
    assert browser(firm.rita).get("/people/assignment/").status_code == 403


def test_R3_1_a_manager_makes_orders_and_tries_rules(on: Firm) -> None:
    mark = browser(on.mark)
    campaign = Campaign.objects.create(name="Spring", created_at=a_lead(on).created_at)
    data = {
        "name": "South",
        "region": "Shenzhen，Guangzhou, ",
        "size_from": "20",
        "campaign": [str(campaign.pk)],
        "product": [str(on.product.pk)],
        "medium": ["form"],
        "reps": [str(on.wang.pk)],
    }
    assert tap(mark, "/people/assignment/new/", data, on="/people/assignment/").status_code == 200
    rule = AssignmentRule.objects.get()
    assert rule.conditions["region"] == ["Shenzhen", "Guangzhou"] and rule.conditions["size_from"] == ["20"]
    tap(mark, "/people/assignment/new/", {"name": "Fair", "channel": "fair", "reps": [str(on.wei.pk)]})
    page = words(browser(on.ada).get("/people/assignment/?q=Li Lei"))
    assert "Region: Shenzhen, Guangzhou" in page and "Campaign: Spring" in page and "20 staff or more" in page
    assert "1 lead of the last 30 days" in page and "→ Fair: Wei" in page
    edit = mark.get(f"/people/assignment/{rule.pk}/").content.decode()
    assert 'value="Shenzhen, Guangzhou"' in edit
    url = f"/people/assignment/{rule.pk}/"
    answer = tap(mark, f"{url}save/", {"name": "", "reps": [str(on.wang.pk)]})
    assert answer.status_code == 422 and 'data-field="name"' in answer.content.decode()
    assert tap(mark, f"{url}save/", {"name": "All", "reps": [str(on.wang.pk)]}).status_code == 200
    assert fresh(rule).conditions == {}
    for do in ("down", "up", "off", "on"):
        assert tap(mark, f"{url}act/", {"do": do}, on="/people/assignment/").status_code == 200
    assert tap(mark, f"{url}act/", {"do": "burn"}).status_code == 422
    assert tap(mark, f"{url}act/", {"do": "drop"}, on=url).status_code == 200
    assert tap(mark, f"{url}act/", {"do": "up"}).status_code == 404


def test_the_page_needs_a_fixed_number_of_queries(on: Firm) -> None:
    mark = browser(on.mark)
    a_rule(on, name="one", product=[str(on.product.pk)])
    on.capture()
    few = queries_of(mark, "/people/assignment/")
    for n in range(10):
        a_rule(on, name=f"r{n}", channel=[f"c{n}"])
        on.capture()
    assert queries_of(mark, "/people/assignment/") == few <= MOST_QUERIES + 3


def test_the_first_match_reads_nothing_more(on: Firm, django_assert_num_queries: Any) -> None:
    rules = [a_rule(on, name="a", channel=["web"]), a_rule(on, name="b")]
    lead = Lead.objects.select_related("contact__company").get(pk=on.capture().pk)
    with django_assert_num_queries(0):
        assert first_match(rules, lead) == rules[1]


def test_R1_3_a_customers_owner_comes_before_every_condition(on: Firm, watch: Watch) -> None:
    a_rule(on, on.wang, channel=["fair"])
    company = on.a_signed_order(on.rita).company
    lead = on.capture(name="Han Mei", phone=a_phone(), company_name=company.name)
    assert on.call(lead, "interested")[1].owner == on.rita
    assert on.call(on.capture(), "interested")[1].owner == on.wang
