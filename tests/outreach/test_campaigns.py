"""Campaigns: what marketing spends money on, for which goal, and what it brought from the message to the order (R11.6)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Forbidden, RuleRefused
from core.models import Event
from leads.models import Lead
from leads.services import capture, contest, return_mql, settle
from opportunities.services import lose
from orders import services as ordering
from outreach.figures import figures_of, goal_figures
from outreach.models import Arrival, Campaign, Message, Reaction
from outreach.services.campaigns import campaigns_named, put_away, save_campaign
from tests.cast import Firm, Watch, a_phone, fresh
from tests.content import nothing_changes

pytestmark = pytest.mark.django_db


def a_campaign(firm: Firm, name: str = "Spring fair", **more: Any) -> Campaign:
    return save_campaign(None, by=firm.max, name=name, **more)


def a_lead(firm: Firm, campaign: Campaign, **more: Any) -> Lead:
    contact = {"name": "Li Lei", "phone": a_phone()}
    return capture(
        by=firm.max, contact=contact, channel="fair", campaign=campaign.name, medium="form", **more
    )[0]


def faults(refused: Any) -> set[tuple[str, str]]:
    return {(error.field, error.code) for error in refused.value.errors}


def test_R11_6_a_campaign_is_kept_with_its_goal_money_and_days(firm: Firm) -> None:
    row = a_campaign(
        firm,
        name="  Spring   fair ",
        goal="order",
        kind="community",
        budget=Decimal("100.50"),
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 3, 1),
        note=" hi ",
    )
    row = fresh(row)
    assert (row.name, row.goal, row.kind, row.note) == ("Spring fair", "order", "community", "hi")
    assert (row.budget, row.cost, row.active) == (Decimal("100.50"), None, True)
    save_campaign(row, by=firm.ada, cost=Decimal(40), goal="spread")
    put_away(row, by=firm.ada)
    assert (fresh(row).cost, fresh(row).goal, fresh(row).active) == (Decimal(40), "spread", False)
    verbs = Event.objects.filter(subject_id=row.pk).order_by("at", "id")
    assert [event.verb for event in verbs] == ["campaign_made", "campaign_changed", "campaign_changed"]
    assert verbs[1].data == {"cost": ["", "40"], "goal": ["order", "spread"]}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"name": "  "}, {("name", "required")}),
        ({"name": "x" * 121}, {("name", "too_long")}),
        ({"name": "taken"}, {("name", "taken")}),
        ({"goal": "fame"}, {("goal", "invalid_choice")}),
        ({"kind": "party"}, {("kind", "invalid_choice")}),
        (
            {"budget": Decimal(-1), "cost": Decimal("1.001")},
            {("budget", "out_of_range"), ("cost", "out_of_range")},
        ),
        ({"budget": Decimal("1e15")}, {("budget", "out_of_range")}),
        ({"cost": Decimal("NaN")}, {("cost", "out_of_range")}),
        ({"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 1)}, {("ends_on", "before_start")}),
        ({"note": "x" * 10_001, "name": ""}, {("note", "too_long"), ("name", "required")}),
    ],
)
def test_R11_6_everything_that_is_wrong_is_said_at_once(
    firm: Firm, more: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    a_campaign(firm, "Taken")
    row = a_campaign(firm)
    for target in (None, row):
        with nothing_changes(), pytest.raises(RuleRefused) as refused:
            save_campaign(target, by=firm.max, **{"name": "Other", **more})
        assert faults(refused) == expected


def test_R1_4_one_that_came_in_by_name_can_be_changed_even_beside_a_twin(firm: Firm, watch: Watch) -> None:
    campaigns_named(["fair", "Fair"], at=watch.now)
    row = Campaign.objects.get(name="Fair")
    save_campaign(row, by=firm.max, name="Fair", goal="order")
    assert fresh(row).goal == "order"


def test_R15_1_marketing_and_administrators_keep_campaigns_nobody_else(firm: Firm) -> None:
    row = a_campaign(firm)
    for user in firm.people.values():
        if user.wears("marketer", "admin"):
            save_campaign(row, by=user, note=user.login)
            continue
        for target in (None, row):
            with nothing_changes(), pytest.raises(Forbidden):
                save_campaign(target, by=user, name=user.login)


# From lead to order


def test_R11_6_R14_1_the_figures_follow_the_trunk(firm: Firm, watch: Watch) -> None:
    row = a_campaign(firm, cost=Decimal(1000))
    other = a_campaign(firm, "Another")
    firm.an_sql(firm.rita, a_lead(firm, other))
    a_lead(firm, row)
    firm.an_mql(firm.rita, a_lead(firm, row))
    firm.an_sql(firm.rita, a_lead(firm, row))
    returned = firm.an_mql(firm.rita, a_lead(firm, row))
    return_mql(returned, reason="no_need", by=firm.rita)
    chance = firm.an_opportunity(firm.rita, firm.an_sql(firm.rita, a_lead(firm, row)))
    lose(chance, reason="pseudo_need", text="no budget at all", by=firm.rita)
    won = firm.an_opportunity(firm.rita, firm.an_sql(firm.rita, a_lead(firm, row)))
    _sign(firm, won)
    got = figures_of([row, other], firm.max)
    assert {k: got[row.pk][k] for k in ("arrivals", "leads", "mql", "mql_pending", "sql")} == {
        "arrivals": 6,
        "leads": 6,
        "mql": 4,
        "mql_pending": 1,
        "sql": 3,
    }
    assert (got[row.pk]["opportunities"], got[row.pk]["orders"], got[row.pk].revenue) == (2, 1, Decimal(1000))
    assert got[row.pk].per_lead == Decimal(1000) / 6 and got[row.pk].per_order == Decimal(1000)
    assert (got[other.pk]["leads"], got[other.pk]["orders"], got[other.pk].revenue) == (1, 0, None)
    assert got[other.pk].per_lead is None, "nothing is known to be spent"


def _sign(firm: Firm, chance: Any) -> None:
    ordering.sign(firm.an_order(opportunity=chance), by=chance.owner)


def test_R4_2_a_return_that_was_contested_with_success_counts_again(firm: Firm) -> None:
    firm.set_rules(contesting=True)
    row = a_campaign(firm)
    lead = return_mql(firm.an_mql(firm.rita, a_lead(firm, row)), reason="no_need", by=firm.rita)
    assert figures_of([row], firm.max)[row.pk]["mql"] == 0
    dispute = contest(lead, text="they did want a call", by=firm.max)
    settle(dispute, verdict="legal", text="heard it", by=firm.mark)
    assert figures_of([row], firm.max)[row.pk]["mql"] == 1


def test_R14_1_who_was_returned_and_qualified_again_counts(firm: Firm, watch: Watch) -> None:
    row = a_campaign(firm)
    lead = return_mql(firm.an_mql(firm.rita, a_lead(firm, row)), reason="no_need", by=firm.rita)
    watch.go(days=40)
    firm.call(fresh(lead), "interested", rep=firm.rob)
    assert figures_of([row], firm.max)[row.pk]["mql"] == 1


def test_R15_2_a_manager_counts_what_the_teams_have_and_no_cost_of_it(firm: Firm) -> None:
    row = a_campaign(firm, cost=Decimal(100))
    firm.an_sql(firm.rita, a_lead(firm, row))
    firm.an_sql(firm.wei, a_lead(firm, row))
    seen = {login: figures_of([row], firm.people[login])[row.pk] for login in ("max", "ada", "mark", "olga")}
    assert [seen[login]["sql"] for login in seen] == [2, 2, 1, 1]
    assert [seen[login].per_lead for login in seen] == [50, 50, None, None]
    assert [seen[login]["arrivals"] for login in seen] == [2, 2, 1, 1]


def test_R15_2_the_revenue_is_of_the_orders_that_one_sees(firm: Firm) -> None:
    row = a_campaign(firm)
    for rep in (firm.rita, firm.wei):
        _sign(firm, firm.an_opportunity(rep, firm.an_sql(rep, a_lead(firm, row))))
    revenue = {
        login: figures_of([row], firm.people[login])[row.pk].revenue for login in ("max", "mark", "sue")
    }
    assert revenue == {"max": 2000, "mark": 1000, "sue": 2000}


def test_R11_6_messages_and_reactions_are_counted_people_once(firm: Firm, watch: Watch) -> None:
    row = a_campaign(firm, goal="spread")
    one, two = firm.capture().contact, firm.capture().contact
    base = {
        "channel": "email",
        "kind": "campaign",
        "campaign": row,
        "created_at": watch.now,
        "due_at": watch.now,
    }
    now = {"sent_at": watch.now, "state": "sent"}
    first = Message.objects.create(
        contact=one, **base, **now, delivered_at=watch.now, opened_at=watch.now, clicked_at=watch.now
    )
    Message.objects.create(contact=one, **base, **now, replied_at=watch.now)
    Message.objects.create(contact=two, **base, **now, bounced_at=watch.now)
    Message.objects.create(contact=two, **base)
    Message.objects.create(**{**base, "kind": "test"}, **now)
    Reaction.objects.create(contact=one, kind="click", at=watch.now, message=first)
    Reaction.objects.create(contact=two, kind="form", at=watch.now, campaign=row)
    Reaction.objects.create(contact=two, kind="form", at=watch.now)
    got = figures_of([row], firm.max)[row.pk]
    names = ("sent", "delivered", "opened", "clicked", "replied", "bounced", "reached", "reactions")
    assert [got[name] for name in names] == [3, 1, 1, 1, 1, 1, 2, 2]
    assert goal_figures(row, got) == [("reached", 2), ("reactions", 2)]


def test_R11_6_each_is_judged_by_the_figure_of_its_goal(firm: Firm) -> None:
    for goal, first in (("spread", "reached"), ("acquire", "leads"), ("order", "orders")):
        row = a_campaign(firm, goal, goal=goal)
        assert goal_figures(row, figures_of([row], firm.max)[row.pk])[0] == (first, 0)


def test_R14_2_what_arrivals_cost_counts_where_nothing_else_is_said(firm: Firm, watch: Watch) -> None:
    row = a_campaign(firm)
    for _n in range(2):
        Arrival.objects.create(
            contact=a_lead(firm, row).contact,
            at=watch.now,
            channel="fair",
            campaign=row,
            medium="form",
            cost=Decimal(30),
        )
    assert figures_of([row], firm.max)[row.pk].per_lead == 30
    save_campaign(row, by=firm.max, cost=Decimal(10))
    assert figures_of([fresh(row)], firm.max)[row.pk].per_lead == 5


def test_P1_the_figures_cost_the_same_few_queries(firm: Firm) -> None:
    def cost(rows: list[Campaign]) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert len(figures_of(rows, firm.max)) == len(rows)
        return len(caught)

    rows = [a_campaign(firm, f"C{n}") for n in range(30)]
    for row in rows:
        a_lead(firm, row)
    assert cost(rows[:1]) == cost(rows) <= 8
    assert figures_of([], firm.max) == {}
