"""R2.1, R2.3: whom Today offers a telemarketer to call."""

from __future__ import annotations

from calling.pages import todos
from core import clock
from tests.cast import Firm, Watch


def _offered(firm: Firm, watch: Watch) -> set[str]:
    return {todo.key for todo in todos(firm.tina, watch.now, clock.firm_day(watch.now), False)}


def test_R2_3_who_refused_is_not_offered_for_180_days(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(name="Li Lei", phone="13800138000")
    assert f"lead-{lead.pk}" in _offered(firm, watch)
    firm.call(lead, "refused")
    firm.capture(name="Li Lei", phone="13800138000", medium="form")
    assert f"lead-{lead.pk}" not in _offered(firm, watch)
    watch.go(days=180)
    assert f"lead-{lead.pk}" in _offered(firm, watch)


def test_R2_3_a_call_that_was_asked_for_is_offered_all_the_same(firm: Firm, watch: Watch) -> None:
    lead = firm.capture(name="Li Lei", phone="13800138000", email="li@example.com")
    firm.call(lead, "refused")
    firm.call(lead, "call_back", channel="email", call_back_at=watch.now.replace(hour=15))
    assert f"lead-{lead.pk}" in _offered(firm, watch)
