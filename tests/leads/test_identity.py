"""R1.3: who is who, in one batch and across batches."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Contact, ContactPoint, MergeSuggestion
from contacts.rules import parse_point
from contacts.selectors import timeline
from contacts.services import create_contact
from leads.models import Lead
from leads.services import Capture, capture, capture_many
from outreach.models import Arrival
from tests.cast import Firm, Watch, a_phone, fresh
from tests.content import Log, nothing_changes


def take(firm: Firm, medium: str = "form", **contact: str) -> tuple[Lead, bool]:
    return capture(by=firm.max, contact=contact, channel="fair", medium=medium)


def row(medium: str = "form", name: str = "", company_name: str = "", **points: str) -> Capture:
    parsed = [parse_point(kind, text) for kind, text in points.items()]
    return Capture(parsed, channel="fair", medium=medium, name=name, company_name=company_name)


KNOWN_AGAIN = [
    ({"phone": "13800138000"}, {"phone": "+86 138-0013-8000"}),
    ({"phone": "13800138000"}, {"phone": "0086 １３８ ００１３ ８０００"}),
    ({"phone": "0755-88886666 ext 12"}, {"phone": "(0755) 8888 6666转12"}),
    ({"email": "tom@example.com"}, {"email": " TOM@Example.com "}),
    ({"wechat": "WeiXin_88"}, {"wechat": "ｗｅｉｘｉｎ_８８"}),
    ({"phone": "13800138000", "email": "tom@example.com"}, {"email": "Tom@example.com"}),
    ({"phone": "13800138000"}, {"phone": "13800138000", "email": "new@example.com"}),
]


@pytest.mark.parametrize(("first", "again"), KNOWN_AGAIN, ids=lambda v: " ".join(v.values()))
def test_R1_3_a_person_is_known_in_any_format(
    firm: Firm, first: dict[str, str], again: dict[str, str]
) -> None:
    lead = take(firm, **first)[0]
    same, known = take(firm, **again)
    assert (same.pk, known) == (lead.pk, True)
    assert (Lead.objects.count(), Contact.objects.count(), Arrival.objects.count()) == (1, 1, 2)


def test_R1_3_another_extension_is_another_person(firm: Firm) -> None:
    one = take(firm, phone="0755-88886666 ext 12")[0]
    other, known = take(firm, phone="0755-88886666 ext 13")
    assert known is False
    assert other.contact_id != one.contact_id


def test_R1_3_a_known_person_gains_what_was_not_known(firm: Firm, log: Log) -> None:
    lead = take(firm, phone="13800138000", name="Li Lei")[0]
    take(firm, phone="13800138000", email="li@example.com", name="Somebody Else", title="Buyer")
    contact = fresh(lead.contact)
    assert (contact.name, contact.title) == ("Li Lei", "Buyer")
    assert contact.points.filter(kind="email", value="li@example.com", first_choice=True).exists()
    assert log.verbs() == ["captured", "contact_changed", "arrived"]


def test_R1_3_values_of_different_people_move_nothing_and_suggest_a_merge(firm: Firm) -> None:
    one = take(firm, phone="13800138000")[0]
    other = take(firm, email="b@example.com")[0]
    points = set(ContactPoint.objects.values_list("contact_id", "value"))
    lead, known = take(firm, phone="13800138000", email="b@example.com", wechat="wx_12345")
    assert (lead.pk, known) == (one.pk, True)
    assert set(ContactPoint.objects.values_list("contact_id", "value")) == points
    pair = MergeSuggestion.objects.get()
    assert {pair.one_id, pair.other_id} == {one.contact_id, other.contact_id}
    take(firm, phone="13800138000", email="b@example.com")
    assert MergeSuggestion.objects.count() == 1


def test_R1_3_phone_goes_before_email_and_email_before_wechat(firm: Firm) -> None:
    by_phone = take(firm, phone="13800138000")[0]
    by_email = take(firm, email="b@example.com")[0]
    take(firm, wechat="wx_12345")
    assert take(firm, wechat="wx_12345", email="b@example.com", phone="13800138000")[0].pk == by_phone.pk
    assert take(firm, wechat="wx_12345", email="b@example.com")[0].pk == by_email.pk
    assert MergeSuggestion.objects.count() == 3


def test_R1_3_the_same_person_twice_in_one_batch_is_one(firm: Firm) -> None:
    done = capture_many(
        [
            row(phone="13800138000"),
            row(phone="+86 138 0013 8000", email="li@example.com"),
            row(email="LI@example.com"),
        ],
        by=firm.max,
    )
    assert len({d.lead_id for d in done}) == 1
    assert [d.known for d in done] == [False, True, True]
    assert (Lead.objects.count(), Arrival.objects.count()) == (1, 3)
    assert set(ContactPoint.objects.values_list("kind", flat=True)) == {"phone", "email"}


def test_R1_3_a_batch_knows_as_much_as_one_after_the_other(firm: Firm, watch: Watch, log: Log) -> None:
    rows = [
        row(phone="13800138000", name="Li Lei"),
        row(phone="13800138000", name="Somebody Else", company_name="Acme"),
        row(medium="conference", phone="13900139000"),
    ]
    done = capture_many(rows, by=firm.max)
    contact = Contact.objects.get(pk=done[0].contact_id)
    assert (contact.name, contact.company_name) == ("Li Lei", "Acme")
    assert log.verbs() == ["captured", "captured", "arrived"]
    assert log.new()[-1].subject_id == done[0].lead_id


def test_R1_3_one_number_twice_in_a_row_is_one_number(firm: Firm) -> None:
    known = take(firm, email="li@example.com")[0]
    twice = row(email="li@example.com", phone="13800138000")
    twice.points.append(parse_point("phone", "+86 138 0013 8000"))
    capture_many([twice], by=firm.max)
    assert list(known.contact.points.filter(kind="phone").values_list("value", flat=True)) == [
        "+8613800138000"
    ]


def test_R1_3_two_new_people_of_a_batch_that_turn_out_one_are_suggested(firm: Firm) -> None:
    done = capture_many(
        [
            row(phone="13800138000"),
            row(email="li@example.com"),
            row(phone="13800138000", email="li@example.com"),
        ],
        by=firm.max,
    )
    assert [d.known for d in done] == [False, False, True]
    assert done[2].contact_id == done[0].contact_id
    assert MergeSuggestion.objects.count() == 1


def test_R1_3_the_answers_of_a_batch_are_in_the_order_of_its_rows(firm: Firm) -> None:
    known = take(firm, phone="13900139000")[0]
    done = capture_many([row(phone=a_phone()) for _n in range(20)] + [row(phone="13900139000")], by=firm.max)
    assert done[-1].lead_id == known.pk
    assert len({d.lead_id for d in done}) == 21
    assert [d.known for d in done] == [False] * 20 + [True]


def test_R1_3_an_empty_batch_does_nothing(firm: Firm) -> None:
    with nothing_changes():
        assert capture_many([], by=firm.max) == []


def test_R1_3_a_contact_without_a_lead_gets_one(firm: Firm) -> None:
    contact = create_contact(by=firm.sue, points={"phone": "13800138000"}, name="Li Lei")
    lead, known = take(firm, phone="13800138000")
    assert (lead.contact_id, known) == (contact.pk, False)


def test_a_batch_keeps_its_own_times_and_its_import(firm: Firm, watch: Watch, log: Log) -> None:
    came = watch.now.replace(year=2025)
    import_id = lead_id = None
    rows: list[Any] = [Capture([parse_point("phone", a_phone())], channel="fair", medium="import", at=came)]
    import_id = firm.rita.pk
    (done,) = capture_many(rows, by=firm.max, import_id=import_id)
    lead_id = done.lead_id
    lead = Lead.objects.get(pk=lead_id)
    assert (lead.acquired_at, lead.created_at) == (came, watch.now)
    assert Arrival.objects.get().at == came
    assert Arrival.objects.get().import_id == import_id
    assert log.only("captured").data["import"] == str(import_id)


def test_R15_4_a_new_way_to_reach_a_known_person_is_on_the_timeline(firm: Firm, watch: Watch) -> None:
    phone = a_phone()
    lead = firm.capture(name="Li Lei", phone=phone)
    firm.capture(name="Li Lei", phone=phone, email="li@example.com")
    (texts,) = [
        e.texts for e in timeline(lead.contact_id, user=firm.ada) if e.event.verb == "contact_changed"
    ]
    assert texts == {"email": ("", "li@example.com")}
    firm.capture(name="Li Lei", phone=phone, email="li@example.com")
    assert (
        len([e for e in timeline(lead.contact_id, user=firm.ada) if e.event.verb == "contact_changed"]) == 1
    )
