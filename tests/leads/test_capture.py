"""R1: how a person becomes a lead, and who is who when they come again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Notice
from contacts.models import Contact, ContactPoint, MergeSuggestion
from contacts.rules import parse_point
from contacts.services import create_contact
from core.errors import Forbidden, RuleRefused
from leads.models import Lead
from leads.rules import Reason, Segment, State
from leads.services import Capture, capture, capture_many
from outreach.models import Arrival
from outreach.rules import ACTED, MEDIA
from tests.cast import CAST, Firm, Watch, a_phone, fresh
from tests.content import Log, faults, nothing_changes, refused

MAY_CAPTURE = {"tina", "theo", "rita", "rob", "mark", "wei", "wang", "olga", "max", "sue", "ada", "ivy"}


def take(firm: Firm, medium: str = "form", **contact: str) -> tuple[Lead, bool]:
    return capture(by=firm.max, contact=contact, channel="fair", medium=medium)


def row(medium: str = "form", name: str = "", company_name: str = "", **points: str) -> Capture:
    parsed = [parse_point(kind, text) for kind, text in points.items()]
    return Capture(parsed, channel="fair", medium=medium, name=name, company_name=company_name)


@pytest.mark.parametrize("login", list(CAST))
def test_R15_1_who_may_capture(firm: Firm, login: str) -> None:
    details = {"phone": a_phone()}
    if login in MAY_CAPTURE:
        assert capture(by=firm.people[login], contact=details, channel="fair")[1] is False
    else:
        with refused(Forbidden):
            capture(by=firm.people[login], contact=details, channel="fair")


@pytest.mark.parametrize(
    "contact",
    [{"phone": "138 0013 8000"}, {"email": "A@b.cn"}, {"wechat": "wx_12345"}],
    ids=["phone", "email", "wechat"],
)
def test_R1_1_one_way_to_reach_someone_is_enough(firm: Firm, contact: dict[str, str]) -> None:
    assert take(firm, **contact)[0].state == State.NEW


@pytest.mark.parametrize("contact", [{}, {"name": "Li Lei"}, {"phone": "  ", "email": ""}], ids=str)
def test_R1_1_without_any_way_there_is_no_lead(firm: Firm, contact: dict[str, str]) -> None:
    with refused(RuleRefused) as caught:
        take(firm, **contact)
    assert faults(caught) == [("contact", "required")]


def test_R1_2_everything_that_is_wrong_is_said_at_once(firm: Firm) -> None:
    with refused(RuleRefused) as caught:
        capture(
            by=firm.max,
            contact={"phone": "12345", "email": "nobody", "wechat": "ab"},
            channel="Big Fair!",
            medium="pigeon",
            cost=Decimal("-1"),
        )
    assert faults(caught) == [
        ("phone", "not_a_phone"),
        ("email", "not_an_email"),
        ("wechat", "not_wechat"),
        ("source.channel", "invalid"),
        ("source.medium", "unknown"),
        ("source.cost", "out_of_range"),
    ]
    assert all(
        word in str(caught.value)
        for word in ["“12345”", "“nobody”", "“ab”", "“Big Fair!”", "“pigeon”", "“-1”"]
    )


def test_R1_2_one_wrong_value_keeps_the_right_ones_out_too(firm: Firm) -> None:
    with refused(RuleRefused):
        take(firm, phone=a_phone(), email="nobody")


def test_R1_2_what_was_typed_is_kept(firm: Firm) -> None:
    lead = take(firm, phone="0755-8888 6666 ext 12", email="Tom@Example.COM")[0]
    points = {p.kind: (p.value, p.extension, p.typed, p.first_choice) for p in lead.contact.points.all()}
    assert points == {
        "phone": ("+8675588886666", "12", "0755-8888 6666 ext 12", True),
        "email": ("tom@example.com", "", "Tom@Example.COM", True),
    }


def test_R1_4_the_source_is_kept_for_ever_and_later_touches_too(firm: Firm, watch: Watch, log: Log) -> None:
    phone = a_phone()
    first = capture(
        by=firm.max,
        contact={"phone": phone},
        channel="baidu",
        medium="ad",
        campaign="Spring",
        cost=Decimal("12.50"),
        note="clicked",
    )[0]
    watch.go(days=3)
    again, known = capture(by=firm.tina, contact={"phone": phone}, channel="fair", medium="conference")
    assert (again.pk, known) == (first.pk, True)
    lead = fresh(first)
    assert (lead.channel, lead.medium, lead.cost, lead.campaign.name) == (
        "baidu",
        "ad",
        Decimal("12.50"),
        "Spring",
    )
    assert (lead.captured_by, lead.acquired_at, lead.created_at) == (
        firm.max,
        first.created_at,
        first.created_at,
    )
    touches = Arrival.objects.filter(contact=lead.contact).order_by("at")
    assert [(t.channel, t.medium, t.cost, t.by) for t in touches] == [
        ("baidu", "ad", Decimal("12.50"), firm.max),
        ("fair", "conference", None, firm.tina),
    ]
    assert log.verbs() == ["captured", "arrived"]
    born, came = log.new()
    assert (born.by_id, born.from_state, born.to_state, born.way) == (firm.max.pk, "", "new", "command")
    assert born.data["channel"] == "baidu"
    assert [t.new for t in born.texts.all()] == ["clicked"]
    assert (came.by_id, came.from_state, came.to_state, came.at) == (firm.tina.pk, "new", "new", watch.now)


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


@pytest.mark.parametrize("state", ["mql", "sql", "converted"])
def test_R1_3_the_owner_is_told_that_a_known_person_came(firm: Firm, watch: Watch, state: str) -> None:
    lead = firm.in_state(state)
    phone = lead.contact.points.get().value
    with_owner = (fresh(lead).state, fresh(lead).owner_id, fresh(lead).due_at)
    take(firm, phone=phone)
    assert (fresh(lead).state, fresh(lead).owner_id, fresh(lead).due_at) == with_owner
    notice = Notice.objects.get(kind="arrived_again")
    assert (notice.user, notice.subject_id, notice.data["medium"]) == (firm.rita, lead.pk, "form")


def test_R1_3_a_customer_that_comes_again_is_shown_to_its_owner(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    take(firm, phone=order.contact.points.get().value)
    notice = Notice.objects.get(kind="customer_arrived")
    assert (notice.user, notice.data["company"]) == (firm.rita, str(order.company_id))


def test_R1_3_a_new_person_at_a_customer_goes_to_its_owner(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    lead = take(firm, phone=a_phone(), company_name=order.company.name.upper())[0]
    assert lead.contact.company_id == order.company_id
    assert Notice.objects.get(kind="new_person_at_customer").user == firm.rita
    assert Lead.objects.visible_to(firm.rita).filter(pk=lead.pk).exists()
    assert not Lead.objects.visible_to(firm.rob).filter(pk=lead.pk).exists()
    firm.duty("rita", "rob", "wei", "wang")
    assert firm.call(lead, "interested")[1].owner == firm.rita


@pytest.mark.parametrize("medium", MEDIA)
def test_R1_3_who_acts_comes_back_from_the_pool(firm: Firm, watch: Watch, log: Log, medium: str) -> None:
    lead = firm.pooled("released")
    phone = lead.contact.points.get().value
    watch.go(days=40)
    take(firm, medium, phone=phone)
    after = fresh(lead)
    if medium in ACTED:
        assert (after.state, after.run, after.back_at, after.pool_reason) == (State.NEW, 2, watch.now, "")
        event = log.only("reactivated")
        assert (event.from_state, event.to_state, event.data) == ("pooled", "new", {"why": medium, "run": 2})
    else:
        assert (after.state, after.run, after.pool_reason) == (State.POOLED, 1, Reason.RELEASED)
        assert log.verbs()[-1] == "arrived"


def test_R1_3_do_not_call_stays_in_the_pool_and_marketing_is_told(firm: Firm, watch: Watch) -> None:
    lead = firm.call(firm.capture(), "refused", do_not_call=True)[1]
    take(firm, phone=lead.contact.points.get().value)
    assert fresh(lead).state == State.POOLED
    assert [n.user for n in Notice.objects.filter(kind="do_not_call_arrived")] == [firm.max]


def test_R1_3_an_invalid_lead_comes_back_with_a_way_that_lives(firm: Firm, watch: Watch) -> None:
    lead = firm.an_invalid()
    phone = lead.contact.points.get().value
    take(firm, phone=phone)
    assert fresh(lead).state == State.INVALID
    take(firm, phone=phone, email="alive@example.com")
    assert (fresh(lead).state, fresh(lead).run) == (State.NEW, 2)


def test_R10_1_third_party_lists_enter_the_pool(firm: Firm, watch: Watch, log: Log) -> None:
    lead = take(firm, "third_party_list", phone=a_phone())[0]
    assert (lead.state, lead.pool_reason, lead.pool_segment, lead.pooled_at, lead.claimable) == (
        State.POOLED,
        Reason.THIRD_PARTY,
        Segment.THIRD_PARTY,
        watch.now,
        False,
    )
    assert log.only("captured").to_state == "pooled"


def test_R1_3_a_list_moves_no_known_lead(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    take(firm, "third_party_list", phone=lead.contact.points.get().value)
    assert fresh(lead).state == State.SQL


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
