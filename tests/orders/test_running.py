"""R9.1, R9.4: in force and ended by date, terminated by hand, the thank-you that says who helps."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.errors import Forbidden, RuleRefused, TransitionNotAllowed
from core.models import Event
from core.services import run_sweeps
from opportunities.models import Opportunity
from orders.models import Order
from orders.rules import State
from orders.services import begin_due, draft, end_due, sign, terminate
from outreach.models import Message
from tests.cast import MONDAY, Firm, Watch, fresh
from tests.content import Log, content, faults, nothing_changes, refused, swept
from tests.pages import browser, tap, words

TODAY = MONDAY.date()
MIDNIGHT = MONDAY.replace(hour=0)


def test_R9_1_in_force_from_its_first_day_and_ended_after_its_last(
    firm: Firm, watch: Watch, log: Log
) -> None:
    order = firm.a_signed_order(term_days=10, starts_on=TODAY + timedelta(days=3))
    begins, ends = MIDNIGHT + timedelta(days=3), MIDNIGHT + timedelta(days=13)
    with nothing_changes():
        assert begin_due(begins - timedelta(microseconds=1)) == 0
    assert begin_due(begins + timedelta(hours=30)) == 1
    assert (fresh(order).state, log.only("in_force").at) == (State.IN_FORCE, begins)
    with nothing_changes():
        assert end_due(ends - timedelta(microseconds=1)) == 0
    assert end_due(ends) == 1
    row = fresh(order)
    assert (row.state, row.closed_at, row.ends_on) == (State.ENDED, ends, date(2026, 3, 14))
    event = log.only("ended")
    assert (event.at, event.from_state, event.to_state, event.by_id) == (ends, "in_force", "ended", None)
    with nothing_changes():
        assert begin_due(ends) == end_due(ends) == 0


def test_R9_1_bought_once_it_never_ends(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    assert begin_due(watch.now) == 1
    assert end_due(MONDAY + timedelta(days=20_000)) == 0
    assert fresh(order).state == State.IN_FORCE


def test_R9_1_entered_late_it_is_not_in_force_before_it_was_signed(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order(signed_on=date(2026, 1, 5), term_days=10)
    begin_due(watch.now)
    end_due(watch.now)
    assert (fresh(order).state, fresh(order).closed_at) == (State.ENDED, watch.now)
    found = Event.objects.filter(subject_id=order.pk, verb__in=["signed", "in_force", "ended"]).order_by("id")
    assert [(e.verb, e.at) for e in found] == [(v, watch.now) for v in ("signed", "in_force", "ended")]


def test_Q5_begun_and_ended_late_and_twice_it_is_the_same_database(firm: Firm, watch: Watch) -> None:
    firm.a_signed_order(firm.rita, term_days=7)
    watch.go(hours=5)
    firm.a_signed_order(firm.wei, term_days=20, starts_on=TODAY + timedelta(days=2))
    days = [MIDNIGHT + timedelta(days=n, minutes=1) for n in range(1, 30, 2)]
    punctual = swept(days)
    assert punctual != content(by_chance=False)
    assert swept([days[-1]]) == punctual
    assert swept([days[4], days[4], days[-1], days[-1] + timedelta(hours=5)]) == punctual


# Terminated


def next_of(order: Order) -> Opportunity:
    return Opportunity.objects.get(signed_before=order.opportunity)


def test_R9_4_termination_closes_the_next_chance(firm: Firm, watch: Watch, log: Log) -> None:
    order = firm.a_signed_order(term_months=12)
    begin_due(watch.now)
    waiting = draft(next_of(order), by=firm.rita)
    watch.go(days=10)
    terminate(order, reason=" They moved away ", by=firm.rita, on=TODAY + timedelta(days=9))
    row, chance = fresh(order), next_of(order)
    assert (row.state, row.terminated_on, row.closed_at) == ("terminated", date(2026, 3, 11), watch.now)
    assert (chance.stage, chance.lost_reason, chance.closed_at) == ("lost", "other", watch.now)
    assert fresh(waiting).state == "cancelled"
    assert log.only("terminated").data == {"terminated_on": "2026-03-11"}
    with nothing_changes():
        run_sweeps(MONDAY + timedelta(days=900))


def test_R9_4_termination_closes_the_next_chance_that_is_open_already(
    firm: Firm, watch: Watch, log: Log
) -> None:
    order = firm.a_signed_order(term_months=3)
    watch.go(days=75)
    run_sweeps(watch.now)
    assert next_of(order).stage == "confirmed"
    said = words(browser(firm.rita).get(f"/orders/{order.pk}/do/terminate/"))
    assert "The open renewal (opportunity confirmed) is closed" in said
    terminate(order, reason="They moved away", by=firm.rita)
    assert (next_of(order).stage, next_of(order).lost_from) == ("lost", "confirmed")


@pytest.mark.parametrize(
    ("reason", "away", "error"),
    [
        ("", 0, ("reason", "required")),
        ("x", -1, ("terminated_on", "out_of_range")),
        ("x", 1, ("terminated_on", "out_of_range")),
    ],
)
def test_R9_1_terminated_with_a_reason_and_not_in_the_future(
    firm: Firm, watch: Watch, reason: str, away: int, error: tuple[str, str]
) -> None:
    order = firm.a_signed_order(term_months=12)
    with refused(RuleRefused) as caught:
        terminate(order, reason=reason, by=firm.rita, on=TODAY + timedelta(days=away))
    assert faults(caught) == [error]


def test_R9_1_only_what_is_signed_is_terminated_by_who_works_on_it(firm: Firm, watch: Watch) -> None:
    unsigned, order = firm.an_order(), firm.a_signed_order(term_months=12)
    with refused(TransitionNotAllowed):
        terminate(unsigned, reason="x", by=firm.rita)
    with nothing_changes():
        for login in ("tina", "rob", "wei", "olga", "max", "pia", "sue", "ivy"):
            with pytest.raises(Forbidden):
                terminate(order, reason="x", by=firm.people[login])
    terminate(order, reason="x", by=firm.mark)
    with refused(TransitionNotAllowed):
        terminate(order, reason="x", by=firm.mark)


def test_the_page_names_what_termination_does(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order(term_months=12)
    client = browser(firm.rita)
    said = words(client.get(f"/orders/{order.pk}/do/terminate/"))
    assert "The renewal that was to open on" in said and "cannot be taken back" in said
    bad = tap(client, f"/orders/{order.pk}/terminate/", {"reason": ""})
    assert bad.status_code == 422 and 'data-field="reason"' in bad.content.decode()
    page = words(tap(client, f"/orders/{order.pk}/terminate/", {"reason": "They moved away"}))
    assert "terminated" in page and "Nothing is planned" in page and "They moved away" in page
    assert tap(browser(firm.max), f"/orders/{order.pk}/terminate/", {"reason": "x"}).status_code == 403


# The thank-you


def test_R9_4_the_thank_you_says_who_helps(firm: Firm, watch: Watch) -> None:
    order = firm.an_order(opportunity=firm.an_opportunity(lead=firm.an_sql(lead=firm.capture(
        name="Li Lei", phone="13900001111", email="li@example.com"))))  # fmt: skip
    sign(order, by=firm.rita)
    message = Message.objects.get(about_id=order.pk, kind="thank_you")
    assert (message.to, message.state) == ("li@example.com", "queued")
    assert "Rita" in message.text and order.number in message.text
    page = words(browser(firm.rita).get(f"/orders/{order.pk}/"))
    assert "Thank-you" in page and "li@example.com" in page and "waiting" in page
    assert not firm.rita.notices.filter(kind="thank_by_hand").exists()


def test_R9_4_without_an_address_the_owner_says_it(firm: Firm, watch: Watch) -> None:
    firm.a_signed_order()
    assert firm.rita.notices.filter(kind="thank_by_hand").count() == 1
    assert "for the order yourself" in words(browser(firm.rita).get("/notices/"))
    assert not Message.objects.exists()
    firm.set_rules(thank_you=False)
    firm.a_signed_order()
    assert firm.rita.notices.filter(kind="thank_by_hand").count() == 1


def test_the_order_says_in_how_many_days_the_next_chance_opens(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order(term_days=45)
    chance = next_of(order)
    left = (chance.active_on - TODAY).days if chance.active_on else 0
    assert f"in {left} days" in words(browser(firm.rita).get(f"/orders/{order.pk}/"))
