"""R2.2: whom the desk hands out, in which order, after which wait, and to one telemarketer at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calling import selectors
from calling.models import Lease
from calling.pages import todos
from calling.services import drop_lease, next_lead
from contacts.services import update_contact
from core import clock
from core.errors import AlreadyClaimed, AlreadyDecided, Forbidden, TransitionNotAllowed
from leads.models import Lead
from tests.cast import Firm, Watch, a_phone, fresh
from tests.content import Log, nothing_changes, refused


def handed(firm: Firm, who: str = "tina") -> Lead | None:
    """What the desk hands this telemarketer next; the lease is given back, so that it can be asked again."""
    lead = next_lead(by=firm.people[who])
    Lease.objects.all().delete()
    return lead


def waits(firm: Firm, watch: Watch) -> set[object]:
    return set(selectors.queue(firm.tina, watch.now).values_list("pk", flat=True))


def test_R2_2_call_backs_then_reactivated_then_new_newest_first(firm: Firm, watch: Watch) -> None:
    back = firm.capture()
    firm.call(back, "call_back", call_back_at=watch.now + timedelta(hours=4))
    earlier = firm.capture()
    firm.call(earlier, "call_back", call_back_at=watch.now + timedelta(hours=3))
    watch.go(minutes=1)
    again = firm.capture(name="Li", phone="13800138000")
    firm.call(again, "no_need")
    firm.capture(name="Li", phone="13800138000", medium="form")
    old, new = firm.capture(), None
    watch.go(hours=5)
    new = firm.capture()
    order = []
    for _n in range(5):
        lead = next_lead(by=firm.tina)
        assert lead is not None
        order.append(lead.pk)
        firm.call(lead, "interested", rep=firm.rita)
    assert order == [earlier.pk, back.pk, again.pk, new.pk, old.pk]
    assert next_lead(by=firm.tina) is None


def test_R2_2_a_promised_call_back_comes_at_its_time_and_not_before(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    firm.call(lead, "call_back", call_back_at=watch.now + timedelta(hours=3))
    watch.go(hours=3, microseconds=-1)
    assert handed(firm) is None
    assert selectors.coming(watch.now)["call_back"] == watch.now + timedelta(microseconds=1)
    watch.go(microseconds=1)
    assert handed(firm) == lead


@pytest.mark.parametrize(
    ("called", "again"),
    [
        ((9, 0), (0, 12, 0)),  # two hours later it is morning still: at noon
        ((11, 0), (0, 13, 0)),  # two hours later it is another time of day
        ((13, 0), (0, 17, 30)),
        ((16, 0), (0, 18, 0)),
        ((19, 0), (1, 0, 0)),  # the evening is over: the next day
    ],
)
def test_R2_2_no_answer_waits_and_then_comes_at_another_time_of_day(
    firm: Firm, watch: Watch, called: tuple[int, int], again: tuple[int, int, int]
) -> None:
    watch.to(watch.now.replace(hour=called[0], minute=called[1]))
    lead = firm.capture()
    firm.call(lead, "no_answer")
    days, hour, minute = again
    due = watch.now.replace(hour=hour, minute=minute) + timedelta(days=days)
    watch.to(due - timedelta(microseconds=1))
    assert handed(firm) is None
    assert lead.pk not in waits(firm, watch)
    watch.to(due)
    assert handed(firm) == lead


def test_R2_2_two_telemarketers_never_have_the_same_lead(firm: Firm, watch: Watch) -> None:
    one, two = firm.capture(), firm.capture()
    mine, yours = next_lead(by=firm.tina), next_lead(by=firm.theo)
    assert {mine, yours} == {one, two}
    assert (next_lead(by=firm.tina), next_lead(by=firm.theo)) == (mine, yours), (
        "the same as long as one has it"
    )
    with refused(AlreadyClaimed):
        firm.call(yours, "no_need")
    assert firm.call(mine, "no_need")[1].state == "pooled"
    assert next_lead(by=firm.tina) is None


def test_R2_2_a_lease_comes_back_by_itself_to_the_very_instant(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    assert next_lead(by=firm.tina) == lead
    watch.go(minutes=10, microseconds=-1)
    assert next_lead(by=firm.theo) is None
    watch.go(microseconds=1)
    assert next_lead(by=firm.theo) == lead
    assert next_lead(by=firm.tina) is None
    assert Lease.objects.get().user == firm.theo


def test_R2_2_the_time_of_a_lease_is_the_rulebooks(firm: Firm, watch: Watch) -> None:
    firm.set_rules(lease_minutes=3)
    lead = firm.capture()
    assert next_lead(by=firm.tina) == lead
    watch.go(minutes=3)
    assert next_lead(by=firm.theo) == lead


def test_R2_2_a_call_is_logged_after_the_lease_if_nobody_else_has_the_lead(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    next_lead(by=firm.tina)
    watch.go(minutes=25)
    assert firm.call(lead, "interested", rep=firm.rita)[1].state == "mql"


def test_R2_2_not_logged_over_the_head_of_who_has_it_now(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    next_lead(by=firm.tina)
    since = watch.now
    watch.go(minutes=11)
    next_lead(by=firm.theo)
    with refused(AlreadyClaimed):
        firm.call(lead, "no_need", since=since)
    firm.call(lead, "interested", by=firm.theo, rep=firm.rita)
    with refused(TransitionNotAllowed):
        firm.call(lead, "no_need", since=since)


def test_R2_2_a_call_sent_twice_counts_once(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    next_lead(by=firm.tina)
    since = Lease.objects.get().since
    assert firm.call(lead, "no_answer", since=since)[1].no_answer_streak == 1
    with refused(AlreadyDecided):
        firm.call(lead, "no_answer", since=since)
    assert fresh(lead).no_answer_streak == 1


def test_R2_2_logging_beside_the_desk_keeps_the_lead_in_hand(firm: Firm, watch: Watch) -> None:
    other = firm.capture()
    watch.go(minutes=1)
    lead = firm.capture()
    assert next_lead(by=firm.tina) == lead
    firm.call(other, "no_need")
    assert next_lead(by=firm.tina) == lead
    assert next_lead(by=firm.theo) is None


def test_R2_2_put_back_it_is_a_colleagues_at_once(firm: Firm, watch: Watch, log: Log) -> None:
    old = firm.capture()
    watch.go(minutes=1)
    new = firm.capture()
    assert next_lead(by=firm.tina) == new
    drop_lease(by=firm.tina)
    assert log.only("put_back").subject_id == new.pk
    assert next_lead(by=firm.tina, skip=[new.pk]) == old
    assert next_lead(by=firm.theo) == new


def test_R2_2_only_telemarketers_get_leads(firm: Firm, watch: Watch) -> None:
    firm.capture()
    with nothing_changes():
        for person in firm.people.values():
            if not person.wears("telemarketer"):
                with pytest.raises(Forbidden):
                    next_lead(by=person)


def test_R2_5_without_a_living_phone_a_lead_does_not_come_to_the_desk(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(email="li@example.com")
    assert handed(firm) is None
    assert waits(firm, watch) == set()
    # Whoever talks to them logs it all the same.
    assert firm.call(lead, "interested", channel="email", rep=firm.rita)[1].state == "mql"
    other = firm.capture(phone=a_phone(), wechat="wx_wang")
    other = firm.call(other, "empty_number")[1]
    firm.call(other, "call_back", channel="wechat", call_back_at=watch.now + timedelta(minutes=5))
    watch.go(minutes=5)
    assert handed(firm) is None


def test_R2_3_who_refused_is_not_offered_for_180_days(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(name="Li Lei", phone="13800138000")
    assert waits(firm, watch) == {lead.pk}
    firm.call(lead, "refused")
    firm.capture(name="Li Lei", phone="13800138000", medium="form")
    assert (waits(firm, watch), handed(firm)) == (set(), None)
    watch.go(days=180)
    assert (waits(firm, watch), handed(firm)) == ({lead.pk}, lead)


def test_R2_3_a_call_that_was_asked_for_is_offered_all_the_same(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(name="Li Lei", phone="13800138000", email="li@example.com")
    firm.call(lead, "refused")
    firm.call(lead, "call_back", channel="email", call_back_at=watch.now.replace(hour=15))
    today = todos(firm.tina, watch.now, clock.firm_day(watch.now), False)
    assert [todo.key for todo in today] == [f"lead-{lead.pk}"]
    watch.to(watch.now.replace(hour=15))
    assert (waits(firm, watch), handed(firm)) == ({lead.pk}, lead)


def test_R11_2_who_asked_never_to_be_called_is_not_offered(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    update_contact(lead.contact, by=firm.max, do_not_call=True)
    assert (waits(firm, watch), handed(firm)) == (set(), None)


def test_R2_2_what_waits_is_what_the_desk_hands_out(firm: Firm, watch: Watch) -> None:
    leads = firm.captures(6)
    firm.call(Lead.objects.get(pk=leads[0]), "call_back", call_back_at=watch.now + timedelta(hours=1))
    firm.call(Lead.objects.get(pk=leads[1]), "no_answer")
    taken = next_lead(by=firm.theo)
    assert taken is not None
    waiting = waits(firm, watch)
    got = set()
    while lead := next_lead(by=firm.tina):
        got.add(lead.pk)
        firm.call(lead, "no_need")
    assert got == waiting == set(leads[2:]) - {taken.pk}


def test_R12_1_today_tells_a_telemarketer_how_many_wait(firm: Firm, watch: Watch) -> None:
    firm.captures(3)
    (todo,) = todos(firm.tina, watch.now, clock.firm_day(watch.now), False)
    assert (todo.key, todo.title, todo.url) == ("desk", "3 leads to call", "/calling/")
    assert todos(firm.tina, watch.now, clock.firm_day(watch.now), True) == []
    assert todos(firm.rita, watch.now, clock.firm_day(watch.now), False) == []
