"""Forms on the web: whoever fills one in is a lead by R1, what they agreed to is kept, they have reacted (R10.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact
from core import clock
from core.errors import Forbidden, RuleRefused, TransitionNotAllowed
from core.models import Event
from intake.models import Registration
from intake.services import attend, attend_at_door, attend_list, fill_in, save_form
from leads.models import Lead
from leads.services import merge
from outreach.models import Campaign, Consent, Reaction
from outreach.rendering import language_of
from tests.cast import Firm, Watch, a_phone, fresh
from tests.content import content
from tests.intake.landing import a_form, an_event, filled


def refused(call: Any) -> dict[str, str]:
    """Field → code of what was refused; nothing was changed by it."""
    before = content()
    with pytest.raises(RuleRefused) as told:
        call()
    assert content() == before
    return {error.field: error.code for error in told.value.errors}


def test_R1_1_whoever_fills_in_a_form_is_a_lead_with_its_source(firm: Firm) -> None:
    spring = Campaign.objects.create(name="Spring", created_at=clock.now())
    form = a_form(firm, campaign=spring, channel="website", product=firm.product)
    made = filled(form, phone="138 0000 1111", note="Please call")
    lead = Lead.objects.get(contact=made.contact)
    assert (lead.state, lead.channel, lead.medium, lead.campaign, lead.product) == (
        "new",
        "website",
        "form",
        spring,
        firm.product,
    )
    assert (made.new, made.times) == (True, 1)
    event = Event.objects.get(verb="captured", subject_id=lead.pk)
    assert (event.way, event.way_ref, event.by_id) == ("form", str(form.pk), None)


def test_R1_3_the_same_person_twice_is_one_lead_and_one_registration(firm: Firm) -> None:
    form, phone = a_form(firm), a_phone()
    first, again = filled(form, phone=phone), filled(form, phone=phone)
    assert first.pk == again.pk and again.times == 2
    assert Lead.objects.filter(contact=first.contact).count() == 1


@pytest.mark.parametrize("reason", ["no_need", "unreachable", "released", "third_party"])
def test_R10_6_who_lies_in_the_pool_and_fills_in_a_form_is_back_on_the_desk(firm: Firm, reason: str) -> None:
    lead = firm.pooled(reason)
    phone = lead.contact.points.get(kind="phone").value
    filled(a_form(firm), phone=phone)
    lead = fresh(lead)
    assert (lead.state, lead.run) == ("new", 2) and lead.back_at is not None
    assert Reaction.objects.get(contact=lead.contact).kind == "form"


def test_R11_1_who_fills_in_a_form_is_written_to_in_its_language(firm: Firm) -> None:
    phone = a_phone()
    made = filled(a_form(firm, language="en"), phone=phone)
    assert language_of(fresh(made.contact)) == "en"
    filled(a_form(firm, title="问问我们", language="zh-hans"), phone=phone)
    assert language_of(fresh(made.contact)) == "en", "what is known stays"


def test_R11_2_what_was_agreed_to_is_kept_word_by_word(firm: Firm) -> None:
    form = a_form(firm, consent="You may write to me.")
    made = filled(form)
    save_form(form, by=firm.max, consent="Something else.")
    kept = Consent.objects.get(contact=made.contact)
    assert (kept.text, kept.given, kept.way) == ("You may write to me.", True, "form")


def test_R11_2_without_agreeing_nothing_is_kept(firm: Firm) -> None:
    form = a_form(firm, consent="You may write to me.")
    values = {"name": "Han Mei", "phone": a_phone()}
    assert refused(lambda: fill_in(form, values)) == {"consent": "required"}


def test_R1_3_do_not_call_stays_where_it_is_and_marketing_is_told(firm: Firm) -> None:
    lead = firm.pooled("no_need")
    Contact.objects.filter(pk=lead.contact_id).update(do_not_call=True)
    filled(a_form(firm), phone=lead.contact.points.get(kind="phone").value)
    assert fresh(lead).state == "pooled"


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({}, {"name": "required", "phone": "required"}),
        ({"name": "A", "phone": "12"}, {"phone": "invalid_phone"}),
        ({"name": "A" * 121, "phone": "13800000000"}, {"name": "too_long"}),
        ({"name": " ", "phone": "13800000000"}, {"name": "required"}),
    ],
)
def test_R1_2_everything_that_is_wrong_is_said_at_once(firm: Firm, values: Any, codes: Any) -> None:
    form = a_form(firm)
    told = refused(lambda: fill_in(form, values))
    assert set(told) == set(codes)


def test_a_form_that_needs_no_particular_way_still_needs_one(firm: Firm) -> None:
    form = a_form(firm, asked={"phone": False, "email": False})
    assert refused(lambda: fill_in(form, {})) == {"phone": "required"}
    assert filled(form, phone="", email="a@example.com").contact.points.get().kind == "email"


def test_what_a_form_does_not_ask_for_is_not_taken(firm: Firm) -> None:
    made = filled(a_form(firm), company_name="Acme", title="Boss", email="x@example.com")
    assert (made.contact.company_name, made.contact.title) == ("", "")
    assert made.contact.points.count() == 1


def test_a_closed_form_takes_nothing(firm: Firm) -> None:
    form = a_form(firm, active=False)
    before = content()
    with pytest.raises(TransitionNotAllowed):
        filled(form)
    assert content() == before


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": " "}, {"title": "required"}),
        ({"asked": {"name": True}}, {"asked": "required"}),
        ({"kind": "party"}, {"kind": "invalid"}),
        ({"kind": "salon"}, {"starts_at": "required"}),
        ({"link": "javascript:alert(1)"}, {"link": "invalid"}),
        ({"channel": "Big Fair!"}, {"channel": "invalid"}),
        ({"slug": "Über uns"}, {"slug": "invalid"}),
        ({"text": "x" * 4001}, {"text": "too_long"}),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(firm: Firm, fields: Any, wrong: Any) -> None:
    assert refused(lambda: a_form(firm, **fields)) == wrong


def test_two_forms_have_two_addresses(firm: Firm) -> None:
    form = a_form(firm, slug="ask")
    assert refused(lambda: a_form(firm, slug="ask")) == {"slug": "taken"}
    assert save_form(form, by=firm.max, slug="ask", title="Ask us more").slug == "ask"
    assert save_form(form, by=firm.max, title="Another title").slug == "ask"


def test_an_event_ends_after_it_begins(firm: Firm) -> None:
    at = clock.now()
    assert refused(lambda: an_event(firm, ends_at=at - timedelta(days=1))) == {"ends_at": "out_of_range"}


@pytest.mark.parametrize("login", ["tina", "rita", "mark", "pia", "sue", "ivy"])
def test_R15_1_only_marketing_and_administrators_make_forms(firm: Firm, login: str) -> None:
    before = content()
    with pytest.raises(Forbidden):
        save_form(None, by=firm.people[login], title="Mine", asked={"phone": True})
    assert content() == before


class TestComing:
    """Who came to an event is told by ticket, at the door, by a list or by hand; it is a reaction (R10.2)."""

    def test_R10_2_the_first_time_counts(self, firm: Firm) -> None:
        made = filled(an_event(firm))
        row, first = attend(made, way="ticket", by=firm.rita)
        assert first and row.attended_by == "ticket"
        row, again = attend(made, way="list", by=firm.max)
        assert not again and row.attended_by == "ticket"
        kinds = list(
            Reaction.objects.filter(contact=made.contact).order_by("at").values_list("kind", flat=True)
        )
        assert kinds == ["form", "event"]
        assert Event.objects.filter(verb="attended", contact_id=made.contact_id).count() == 1

    @pytest.mark.parametrize("login", ["pia", "sue", "ivy"])
    def test_R15_1_not_everybody_stands_at_the_door(self, firm: Firm, login: str) -> None:
        made = filled(an_event(firm))
        with pytest.raises(Forbidden):
            attend(made, way="ticket", by=firm.people[login])
        assert fresh(made).attended_at is None

    def test_nobody_comes_to_a_form(self, firm: Firm) -> None:
        with pytest.raises(TransitionNotAllowed):
            attend(filled(a_form(firm)), way="hand", by=firm.max)

    def test_at_the_door_who_is_registered_is_found_and_who_is_not_is_captured(self, firm: Firm) -> None:
        event, phone = an_event(firm), a_phone()
        made = filled(event, phone=phone)
        row, first = attend_at_door(event, phone)
        assert first and row.pk == made.pk
        row, first = attend_at_door(event, "new.guest@example.com")
        assert first and row.new and Lead.objects.get(contact=row.contact).medium == "salon"
        with pytest.raises(RuleRefused):
            attend_at_door(event, "hello")

    def test_a_list_is_tried_first_and_then_done(self, firm: Firm, tmp_path: Any) -> None:
        event, phone = an_event(firm), a_phone()
        filled(event, phone=phone)
        known = firm.capture(name="Known", phone=(known_phone := a_phone()))
        path = tmp_path / "came.csv"
        path.write_text(
            f"姓名,手机\nHan Mei,{phone}\nKnown,{known_phone}\nNew,{a_phone()}\nBad,12\n", encoding="utf-8"
        )
        before = content()
        told = attend_list(event, path, by=firm.max, dry_run=True)
        assert (told.registered, told.known, told.new, len(told.refused)) == (1, 1, 1, 1)
        assert content() == before
        told = attend_list(event, path, by=firm.max)
        assert told.came == 3 and told.refused[0][0] == 5
        assert Registration.objects.filter(form=event, attended_by="list").count() == 3
        assert Registration.objects.get(contact=known.contact).new is False
        assert attend_list(event, path, by=firm.max).again == 3

    def test_R1_6_who_became_one_person_came_once(self, firm: Firm) -> None:
        event = an_event(firm)
        one, other = filled(event), filled(event)
        attend(other, way="hand", by=firm.max)
        leads = [Lead.objects.get(contact=row.contact) for row in (one, other)]
        merge(leads[0], other=leads[1], by=firm.max)
        kept = Contact.objects.get(pk=fresh(leads[0]).contact_id)
        stays = kept.merged_into_id or kept.pk
        rows = Registration.objects.filter(form=event, contact_id=stays)
        assert [row.attended_by for row in rows] == ["hand"]


def test_R1_3_fifty_at_once_of_one_person_make_one_lead(firm: Firm, watch: Watch) -> None:
    form, phone = a_form(firm), a_phone()
    for _n in range(50):
        filled(form, phone=phone)
    assert Lead.objects.filter(contact__points__value=f"+86{phone}").count() == 1
    assert Registration.objects.get(form=form).times == 50


def test_a_form_asks_in_its_own_order(firm: Firm) -> None:
    asked = {"note": False, "company_name": False, "phone": True, "name": True}
    form = a_form(firm, asked=asked)
    page = Client().get(f"/f/{form.slug}/").content.decode()
    places = [page.index(f'name="{name}"') for name in ("name", "phone", "company_name", "note")]
    assert places == sorted(places)
