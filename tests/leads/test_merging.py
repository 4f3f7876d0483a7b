"""R1.6: two leads of one person become one, nothing of either history is lost, and who decides what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Notice
from contacts.models import Contact, ContactPoint, MergeSuggestion
from contacts.selectors import of_company, timeline
from core import clock
from core.errors import Forbidden, Overdue, RuleRefused, TransitionNotAllowed, TrunkError
from core.models import Event
from leads import services
from leads.models import Extension, Holding, Label, Lead
from opportunities.models import Opportunity
from orders.models import Order
from tests import invariants
from tests.cast import Firm, Watch, a_phone, fresh
from tests.pages import browser, words


def twin(firm: Firm, **contact: str) -> Lead:
    """Another lead, with ways of its own."""
    return firm.capture(**(contact or {"name": "Lilly", "phone": a_phone(), "email": f"{a_phone()}@x.com"}))


def suggest(firm: Firm, one: Lead, other: Lead) -> None:
    """Somebody comes with a phone of the one and a phone of the other (R1.3)."""
    phones = [lead.contact.points.filter(kind="phone").first().value for lead in (one, other)]
    firm.capture(phone=phones[0], email=f"{a_phone()}@y.com")
    first, second = sorted([one.contact_id, other.contact_id])
    MergeSuggestion.objects.create(one_id=first, other_id=second, at=clock.now())


def snapshot() -> tuple[int, ...]:
    return (
        Event.objects.count(),
        Lead.objects.filter(state="merged").count(),
        Contact.objects.filter(merged_into__isnull=False).count(),
        *Lead.objects.order_by("pk").values_list("version", flat=True),
    )


@pytest.mark.parametrize("further", ["mql", "sql", "converted"])
@pytest.mark.parametrize("less", ["new", "pooled", "invalid"])
def test_R1_6_the_one_further_on_the_trunk_stays(firm: Firm, watch: Watch, further: str, less: str) -> None:
    other = firm.in_state(less)
    watch.go(minutes=1)
    lead = firm.in_state(further)
    stays = services.merge(other, other=lead, by=firm.max)
    assert (stays.pk, fresh(stays).state, fresh(stays).owner) == (lead.pk, further, firm.rita)
    assert (fresh(other).state, fresh(other).owner) == ("merged", None)
    assert fresh(other).contact.merged_into_id == lead.contact_id
    invariants.check()


@pytest.mark.parametrize("state", ["new", "pooled", "invalid"])
def test_R1_6_of_two_in_the_same_place_the_older_stays(firm: Firm, watch: Watch, state: str) -> None:
    older = firm.in_state(state)
    watch.go(minutes=1)
    younger = firm.in_state(state)
    assert services.merge(younger, other=older, by=firm.max).pk == older.pk
    invariants.check()


def test_R1_6_nothing_of_either_history_is_lost(firm: Firm, watch: Watch) -> None:
    firm.set_rules(labels=True)
    gone = firm.pooled("expired", rep=firm.wei)
    watch.go(days=8)
    called = firm.an_sql(lead=twin(firm))
    firm.call(called, "no_answer", by=firm.rita)
    services.add_note(called, text="likes tea", by=firm.rita)
    extension = services.ask_extension(called, reason="holiday", by=firm.rita)
    label = Label.objects.create(name="fair")
    label.leads.add(gone)
    points = ContactPoint.objects.count()
    told = Event.objects.filter(subject_id__in=[gone.pk, called.pk]).count()

    stays = services.merge(called, other=gone, by=firm.max)

    assert stays.pk == called.pk
    assert stays.contact.points.count() == points == ContactPoint.objects.count()
    assert stays.contact.arrivals.count() == 2
    assert {h.user for h in Holding.objects.filter(lead=stays)} == {firm.wei, firm.rita}
    assert stays.calls.count() == 3 and stays.notes.count() == 1
    assert list(stays.labels.all()) == [label]
    assert fresh(extension).state == "pending", "the one who stays keeps what was asked for"
    entries = timeline(stays.contact_id, user=firm.rita)
    assert {"captured", "expired", "noted", "merged", "merged_away", "contacts_merged"} <= {
        e.event.verb for e in entries
    }
    assert len([e for e in entries if e.event.subject_type == "lead"]) == told + 2
    assert {e.by for e in entries if e.event.verb in ("merged", "contacts_merged")} == {firm.max}
    (texts,) = [e.texts for e in entries if e.event.verb == "contacts_merged"]
    assert texts["name"] == ("Li Lei", "Lilly"), "what was different is told"
    invariants.check()


def test_R1_6_a_pending_extension_of_the_lead_that_goes_lapses(firm: Firm, watch: Watch) -> None:
    stays = firm.an_sql()
    watch.go(hours=1)
    goes = firm.an_sql()
    extension = services.ask_extension(goes, reason="holiday", by=firm.rita)
    assert services.merge(goes, other=stays, by=firm.rita).pk == stays.pk
    extension = Extension.objects.get(pk=extension.pk)
    assert (extension.state, extension.lead_id) == ("lapsed", stays.pk)
    assert not Lead.objects.on_extension().exists()
    ended = Holding.objects.get(user=firm.rita, ended="merged")
    assert (ended.lead_id, ended.stage) == (stays.pk, "sql")
    invariants.check()


@pytest.mark.parametrize("login", ["rita", "max", "tina", "sue", "olga"])
def test_R1_6_two_owners_are_a_managers_to_decide(firm: Firm, watch: Watch, login: str) -> None:
    one, two = firm.an_sql(firm.rita), firm.an_sql(firm.rob)
    before = snapshot()
    with pytest.raises(TrunkError) as refused:
        services.merge(one, other=two, by=getattr(firm, login), keep=one)
    assert refused.value.status in (403, 409)
    assert snapshot() == before


@pytest.mark.parametrize("kept", ["rita", "rob"])
@pytest.mark.parametrize(
    ("ritas", "robs"),
    [("sql", "sql"), ("mql", "sql"), ("sql", "converted"), ("converted", "mql"), ("converted", "converted")],
)
def test_R1_6_the_manager_says_whose_it_is_and_the_further_place_stays(
    firm: Firm, watch: Watch, ritas: str, robs: str, kept: str
) -> None:
    one = firm.in_state(ritas, firm.rita)
    watch.go(minutes=1)
    two = firm.in_state(robs, firm.rob)
    rank = ["mql", "sql", "converted"]
    stays = services.merge(one, other=two, by=firm.mark, keep=one if kept == "rita" else two)
    stays = fresh(stays)
    assert stays.owner == getattr(firm, kept)
    assert stays.state == max(ritas, robs, key=rank.index)
    open_ones = Opportunity.objects.open()
    assert open_ones.count() == (stays.state == "converted")
    assert all(
        (o.owner, o.lead_id, o.contact_id) == (stays.owner, stays.pk, stays.contact_id) for o in open_ones
    )
    if ritas == robs == "converted":
        assert stays.pk == (one if kept == "rita" else two).pk
        assert Opportunity.objects.filter(lead=stays, stage="lost").count() == 1
    other = firm.rob if kept == "rita" else firm.rita
    assert Notice.objects.filter(user=other, kind="merged", subject_id=stays.pk).exists()
    invariants.check()


def test_R1_6_without_two_owners_there_is_nothing_to_choose(firm: Firm, watch: Watch) -> None:
    lead, other = firm.an_sql(), firm.capture()
    before = snapshot()
    with pytest.raises(RuleRefused) as refused:
        services.merge(lead, other=other, by=firm.max, keep=other)
    assert refused.value.errors[0].field == "keep"
    for wrong, field in (({"other": lead}, "other"), ({"other": other, "keep": firm.capture()}, "keep")):
        with pytest.raises(RuleRefused) as refused:
            services.merge(lead, by=firm.max, **wrong)
        assert refused.value.errors[0].field == field
    assert snapshot()[1:3] == before[1:3]


def test_R1_6_R10_4_a_rep_does_not_get_at_the_pool_by_calling_two_people_one(
    firm: Firm, watch: Watch
) -> None:
    mine, pooled = firm.an_sql(), firm.pooled(rep=firm.wei)
    before = snapshot()
    with pytest.raises(Forbidden):
        services.merge(mine, other=pooled, by=firm.rita)
    assert snapshot() == before
    suggest(firm, mine, pooled)
    assert services.merge(mine, other=pooled, by=firm.rita).pk == mine.pk
    invariants.check()


def test_R1_6_R6_2_an_overdue_lead_is_not_merged(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    watch.go(days=7)
    with pytest.raises(Overdue) as refused:
        services.merge(lead, other=firm.capture(), by=firm.max)
    assert refused.value.lead_ids == [lead.pk]


def test_R1_6_merged_away_means_merged_away(firm: Firm, watch: Watch) -> None:
    lead, other = firm.an_sql(), firm.capture()
    services.merge(lead, other=other, by=firm.max)
    for verb in (
        lambda: services.merge(other, other=firm.capture(), by=firm.max),
        lambda: services.add_note(other, text="text", by=firm.max),
        lambda: firm.call(other, "interested"),
    ):
        with pytest.raises(TransitionNotAllowed):
            verb()
    assert Lead.objects.actionable_by(firm.max, watch.now).filter(pk=other.pk).exists(), "told the truth: 409"
    assert not Lead.objects.visible_to(firm.max).filter(pk=other.pk).exists()


def test_R1_6_whose_lead_was_merged_away_is_told_the_truth_for_a_day(firm: Firm, watch: Watch) -> None:
    one = firm.an_sql(firm.rita)
    watch.go(minutes=1)
    two = firm.an_sql(firm.rob)
    services.merge(one, other=two, by=firm.mark)
    actionable = Lead.objects.actionable_by
    assert actionable(firm.rob, watch.now).filter(pk=two.pk).exists()
    watch.go(hours=25)
    assert not actionable(firm.rob, watch.now).filter(pk=two.pk).exists()


def test_R1_6_R1_3_a_later_capture_by_a_number_of_who_went_finds_who_stays(firm: Firm, watch: Watch) -> None:
    lead, other = firm.an_sql(), twin(firm)
    number = other.contact.points.get(kind="phone").value
    stays = services.merge(lead, other=other, by=firm.max)
    found, known = services.capture(by=firm.max, contact={"phone": number}, channel="fair", medium="form")
    assert known and found.pk == stays.pk
    assert stays.contact.arrivals.count() == 3
    invariants.check()


def test_R1_6_three_in_a_row_are_one_person(firm: Firm, watch: Watch) -> None:
    first, second, third = (firm.capture() for _n in range(3))
    services.merge(second, other=third, by=firm.max)
    services.merge(first, other=second, by=firm.max)
    assert set(Contact.objects.filter(merged_into=first.contact_id)) == {second.contact, third.contact}
    captured = [e for e in timeline(first.contact_id, user=firm.max) if e.event.verb == "captured"]
    assert len(captured) == 3
    invariants.check()


def test_R1_6_what_was_put_up_for_merging_goes_along(firm: Firm, watch: Watch) -> None:
    stays, goes, third = firm.capture(), firm.capture(), firm.capture()
    suggest(firm, goes, third)
    services.merge(stays, other=goes, by=firm.max)
    assert [s["lead"].pk for s in services.suggestions_for(stays, firm.max)] == [third.pk]


def test_R1_6_two_different_people_are_not_asked_about_again(firm: Firm, watch: Watch) -> None:
    one, other = firm.capture(), firm.capture()
    suggest(firm, one, other)
    with pytest.raises(TransitionNotAllowed):  # not to be seen: it is not in the pool any more, or not yet
        services.keep_apart(one, other=other, by=firm.rita)
    services.keep_apart(one, other=other, by=firm.max)
    assert services.suggestions_for(one, firm.max) == []
    assert Event.objects.filter(verb="kept_apart", by_id=firm.max.pk).count() == 2
    with pytest.raises(TransitionNotAllowed):
        services.keep_apart(one, other=other, by=firm.max)
    invariants.check()


def test_R1_6_R10_4_the_history_of_who_went_is_masked_with_who_stays(firm: Firm, watch: Watch) -> None:
    stays = firm.pooled("released", rep=firm.wei)
    watch.go(minutes=1)
    goes = firm.pooled("released", rep=firm.wang)
    Label.objects.count()
    note = Event.objects.filter(subject_id=goes.pk, verb="released").exists()
    services.merge(stays, other=goes, by=firm.max)
    assert note
    for entry in timeline(stays.contact_id, user=firm.rita):
        assert not entry.texts
    assert not [e for e in timeline(rows=of_company(None, firm.max), user=firm.rita) if e.texts]


def test_R1_6_orders_go_along(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    lead, other = fresh(order.opportunity.lead), firm.capture()
    services.merge(other, other=lead, by=firm.max)
    assert Order.objects.get(pk=order.pk).contact_id == lead.contact_id
    stays = fresh(lead)
    assert (stays.state, stays.owner) == ("converted", firm.rita)
    invariants.check()


def test_R1_6_do_not_call_of_either_holds(firm: Firm, watch: Watch) -> None:
    lead, other = firm.an_sql(), firm.capture()
    Contact.objects.filter(pk=other.contact_id).update(
        do_not_email=True, no_phone_until=watch.now + timedelta(days=9)
    )
    contact = services.merge(lead, other=other, by=firm.max).contact
    assert contact.do_not_email and contact.no_phone_until == watch.now + timedelta(days=9)


def test_R1_6_the_page_of_who_went_leads_to_who_stays(firm: Firm, watch: Watch) -> None:
    lead, other = firm.an_sql(), firm.capture()
    services.merge(lead, other=other, by=firm.max)
    answer = browser(firm.rita).get(f"/leads/{other.pk}")
    assert (answer.status_code, answer["Location"]) == (302, f"/leads/{lead.pk}")
    assert browser(firm.wei).get(f"/leads/{other.pk}").status_code == 404
    assert browser(firm.max).get(f"/api/v1/leads/{other.pk}/").status_code == 404
    assert "Merged" in words(browser(firm.rita).get(f"/leads/{lead.pk}"))
