"""R15.2: who sees which rows, hat by kind of record; what one may not see is not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Team, User
from calling.models import Call
from contacts.models import Company, Contact
from contacts.services import create_contact, save_company
from leads.models import Lead
from leads.services import release
from opportunities.models import Opportunity
from orders.models import Order
from pool.services import claim
from tests.cast import TICK, Firm, Watch, fresh, person

EVERYTHING = {"max", "ada", "ivy"}
REPS = {"rita", "rob", "wei", "wang"}
MANAGERS = {"mark", "olga"}

Maker = Callable[[Firm], Any]
# Rita of East owns it; Tina called it; Theo, Wei, Wang, Olga have nothing to do with it.
RECORDS: dict[str, tuple[Maker, set[str]]] = {
    "new lead": (lambda f: f.capture(), {"tina", "theo"}),
    "new lead a rep brought": (lambda f: f.capture(by=f.rob), {"tina", "theo", "rob"}),
    "mql": (lambda f: f.an_mql(), {"rita", "mark", "tina"}),
    "sql": (lambda f: f.an_sql(), {"rita", "mark", "tina"}),
    "converted lead": (lambda f: f.an_opportunity().lead, {"rita", "mark", "tina"}),
    "pooled lead": (lambda f: f.pooled("expired"), REPS | MANAGERS | {"tina"}),
    "third-party lead": (lambda f: f.pooled("third_party"), REPS | MANAGERS),
    "invalid lead": (lambda f: f.an_invalid(), {"tina"}),
    "customer's lead": (lambda f: f.a_signed_order().opportunity.lead, {"rita", "mark", "tina", "sue"}),
    "opportunity": (lambda f: f.an_opportunity(), {"rita", "mark", "tina"}),
    "lost opportunity": (lambda f: f.chance_at("lost"), {"rita", "mark", "tina"}),
    "won opportunity": (lambda f: f.chance_at("won"), {"rita", "mark", "tina", "sue"}),
    "next chance": (lambda f: f.chance_at("scheduled"), {"rita", "mark", "tina", "sue"}),
    "draft": (lambda f: f.an_order(), {"rita", "mark", "tina"}),
    "order": (lambda f: f.a_signed_order(), {"rita", "mark", "tina", "sue"}),
    "contact of an sql": (lambda f: f.an_sql().contact, {"rita", "mark", "tina"}),
    "contact in the pool": (lambda f: f.pooled("expired").contact, REPS | MANAGERS | {"tina"}),
    "contact of a customer": (lambda f: f.a_signed_order().contact, {"rita", "mark", "tina", "sue"}),
    "contact without a lead": (lambda f: create_contact(by=f.ada, points={"wechat": "wx_12345"}), set()),
    "company of an opportunity": (lambda f: f.an_opportunity().company, {"rita", "mark", "tina"}),
    "customer": (lambda f: f.a_signed_order().company, {"rita", "mark", "tina", "sue"}),
    "company of nobody": (lambda f: save_company(None, by=f.ada, name="Acme"), set()),
}


def seen_by(record: Any, firm: Firm) -> set[str]:
    rows = type(record).objects
    return {login for login, p in firm.people.items() if rows.visible_to(p).filter(pk=record.pk).count() == 1}


@pytest.mark.parametrize("kind", RECORDS)
def test_R15_2_hat_by_record(firm: Firm, watch: Watch, kind: str) -> None:
    make, also = RECORDS[kind]
    assert seen_by(make(firm), firm) == EVERYTHING | also


def test_R15_2_an_mql_in_the_queue_is_its_teams_managers(firm: Firm, watch: Watch) -> None:
    lead = firm.a_waiting_mql()
    assert seen_by(lead, firm) == EVERYTHING | {"tina", "mark" if lead.team == firm.east else "olga"}


def test_R15_2_a_manager_sees_downwards_and_not_upwards(firm: Firm, watch: Watch) -> None:
    top = Team.objects.create(name="China")
    Team.objects.filter(pk=firm.east.pk).update(parent=top)
    User.objects.filter(login="olga").update(team=top)
    lead, chance, order = firm.an_sql(), firm.an_opportunity(), firm.an_order()
    above = firm.an_sql(firm.wei)
    Lead.objects.filter(pk=above.pk).update(team=top)
    for record in (lead, chance, order):
        rows = type(record).objects
        assert rows.visible_to(person(firm.olga)).filter(pk=record.pk).exists()
        assert rows.visible_to(person(firm.mark)).filter(pk=record.pk).exists()
    assert not Lead.objects.visible_to(person(firm.mark)).filter(pk=above.pk).exists()


def test_R15_2_a_manager_without_a_team_manages_nobody(firm: Firm, watch: Watch) -> None:
    User.objects.filter(login="mark").update(team=None)
    lead = firm.an_sql()
    assert not Lead.objects.visible_to(person(firm.mark)).filter(pk=lead.pk).exists()


def test_R15_1_rights_are_the_union_of_the_hats(firm: Firm, watch: Watch) -> None:
    User.objects.filter(login="pia").update(hats=["presales", "telemarketer", "rep"])
    pia = person(firm.pia)
    new, pooled, others = firm.capture(), firm.pooled("expired"), firm.an_sql()
    rows = Lead.objects.visible_to(pia)
    assert {lead.pk for lead in rows} == {new.pk, pooled.pk}
    assert others.pk not in rows.values_list("pk", flat=True)


def test_R15_2_a_rep_sees_the_timeline_of_own_customers_through_others_records(
    firm: Firm, watch: Watch
) -> None:
    order = firm.a_signed_order(firm.rita)
    lead = firm.capture(phone="13800138000", company_name=order.company.name)
    theirs = firm.an_opportunity(firm.wei, lead=firm.an_sql(firm.wei, lead=lead), company=order.company)
    assert Opportunity.objects.visible_to(firm.rita).filter(pk=theirs.pk).exists()
    assert Lead.objects.visible_to(firm.rita).filter(pk=lead.pk).exists()
    assert Contact.objects.visible_to(firm.rita).filter(pk=lead.contact_id).exists()


def test_R15_2_what_two_calls_made_is_listed_once(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    firm.call(lead, "no_answer")
    mql = firm.an_mql(lead=lead)
    firm.call(mql, "interested")
    order = firm.a_signed_order()
    firm.call(order.opportunity.lead, "interested")
    for rows in (
        Lead.objects.visible_to(firm.tina),
        Opportunity.objects.visible_to(firm.tina),
        Order.objects.visible_to(firm.tina),
        Company.objects.visible_to(firm.tina),
        Contact.objects.visible_to(firm.tina),
    ):
        ids = list(rows.values_list("pk", flat=True))
        assert len(ids) == len(set(ids))


def test_R15_2_merged_records_are_not_listed(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    other = firm.capture()
    lead.merge_away()
    lead.store("state")
    Contact.objects.filter(pk=lead.contact_id).update(merged_into=other.contact)
    assert not Lead.objects.visible_to(firm.ada).filter(pk=lead.pk).exists()
    assert not Contact.objects.visible_to(firm.ada).filter(pk=lead.contact_id).exists()


def acts_on(firm: Firm, lead: Lead, watch: Watch) -> set[str]:
    return {
        login
        for login, p in firm.people.items()
        if Lead.objects.actionable_by(p, watch.now).filter(pk=lead.pk).exists()
    }


def test_the_loser_of_a_race_finds_the_lead_for_a_day(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("released", rep=firm.rita)
    watch.go(days=3)
    claim(lead, by=firm.wei)
    assert acts_on(firm, lead, watch) == EVERYTHING | REPS | MANAGERS | {"tina"}
    watch.go(hours=24)
    assert acts_on(firm, lead, watch) == EVERYTHING | REPS | MANAGERS | {"tina"}
    watch.to(watch.now + TICK)
    assert acts_on(firm, lead, watch) == EVERYTHING | {"wei", "olga", "tina"}


def test_the_last_holder_finds_the_lead_for_a_day(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita)
    gone = release(lead, reason="no_fit", by=firm.rita)
    watch.go(minutes=1)
    firm.capture(phone=gone.contact.points.get().value)
    assert "rita" in acts_on(firm, fresh(lead), watch)
    watch.go(hours=24)
    watch.to(watch.now + timedelta(minutes=1))
    assert "rita" not in acts_on(firm, fresh(lead), watch)


def test_R15_2_calls_are_seen_with_their_lead(firm: Firm, watch: Watch) -> None:
    call = firm.call(firm.an_sql(), "no_answer", by=firm.rita)[0]
    seen = {n for n, p in firm.people.items() if Call.objects.visible_to(p).filter(pk=call.pk).exists()}
    assert seen == {"rita", "mark", "tina", "max", "ada", "ivy"}
