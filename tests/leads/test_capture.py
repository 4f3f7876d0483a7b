"""R1: how a person becomes a lead, and who is who when they come again."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.models import Notice
from core.errors import Forbidden, RuleRefused
from leads.models import Lead
from leads.rules import Reason, Segment, State
from leads.services import capture
from outreach.models import Arrival
from outreach.rules import ACTED, MEDIA
from tests.cast import CAST, Firm, Watch, a_phone, fresh
from tests.content import Log, faults, refused

MAY_CAPTURE = {"tina", "theo", "rita", "rob", "mark", "wei", "wang", "olga", "max", "sue", "ada", "ivy"}


def take(firm: Firm, medium: str = "form", **contact: str) -> tuple[Lead, bool]:
    return capture(by=firm.max, contact=contact, channel="fair", medium=medium)


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
