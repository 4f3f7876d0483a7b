"""R12.1 for who leads a team, wears two hats, or calls."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from core.services import run_sweeps
from core.web.today import KNOW, LAST, NOW
from leads import services
from leads.models import Lead
from tests.cast import Firm, Watch
from tests.leads.test_today import row, today
from tests.pages import browser


def test_R12_1_a_manager_sees_the_queue_missed_calls_and_weeks_that_end(firm: Firm, watch: Watch) -> None:
    watch.go(days=1)
    ends = firm.an_sql()
    services.ask_extension(ends, reason="One more week for the trial.", by=firm.rita)
    watch.go(days=6, hours=1)  # a Monday
    missed, foreign = firm.an_mql(), firm.an_mql(firm.wei)
    watch.go(hours=1)
    waiting = firm.a_waiting_mql()
    Lead.objects.filter(pk=waiting.pk).update(team=firm.east)
    found = {item.key: item for item in today(firm.mark)}
    assert found[f"lead-{waiting.pk}"].part == NOW
    assert found[f"lead-{missed.pk}"].part == NOW and found[f"lead-{missed.pk}"].owner == firm.rita
    assert found[f"lead-{ends.pk}"].part == LAST
    assert f"lead-{foreign.pk}" not in found
    decide = found["line-extensions"]
    assert (decide.part, decide.title) == (LAST, "1 extension to decide")
    watch.go(days=1)
    run_sweeps()
    found = {item.key: item for item in today(firm.mark)}
    assert "line-extensions" not in found
    assert found["line-expired"].part == KNOW and "1 of them was neglected" in str(found["line-expired"].why)
    assert not [item for item in today(firm.olga) if item.key.startswith("line-")]


def test_R15_1_who_wears_two_hats_sees_each_customer_once(firm: Firm, watch: Watch) -> None:
    firm.mark.hats = ["manager", "rep"]
    firm.mark.save(update_fields=["hats"])
    mine, missed = firm.an_mql(firm.mark), firm.an_mql(firm.rob)
    watch.go(hours=1)
    keys = [item.key for item in today(firm.mark)]
    assert sorted(keys) == sorted([f"lead-{mine.pk}", f"lead-{missed.pk}"])
    assert {act["name"] for act in row(firm.mark, missed).acts} == {"take", "assign", "note"}


def test_R2_2_a_telemarketer_sees_the_own_promises_and_the_way_to_the_desk(firm: Firm, watch: Watch) -> None:
    firm.capture()
    mine, others = firm.capture(), firm.capture()
    firm.call(mine, "call_back", call_back_at=watch.now + timedelta(hours=2))
    firm.call(others, "call_back", by=firm.theo, call_back_at=watch.now + timedelta(hours=2))
    found = [item.key for item in today(firm.tina)]
    assert f"lead-{mine.pk}" in found and f"lead-{others.pk}" not in found and "desk" in found


def test_R8_5_a_manager_is_told_how_many_of_the_team_are_at_risk(firm: Firm, watch: Watch) -> None:
    old, older = firm.capture(), firm.capture()
    firm.an_opportunity(firm.rob, lead=None)
    watch.go(days=31)
    firm.an_mql(firm.rita, lead=old)
    firm.an_sql(firm.wei, lead=older)
    firm.an_sql(firm.rob)
    found = {item.key: item for item in today(firm.mark)}
    assert found["line-risk"].title == "1 opportunity at risk"
    line = found["line-risk-leads"]
    assert (line.title, line.part) == ("1 lead at risk", KNOW)
    assert f'href="/leads/{old.pk}' in browser(firm.mark).get(line.url).content.decode()
    assert len(rows_of_list(browser(firm.mark).get(line.url))) == 1


def rows_of_list(answer: Any) -> list[str]:
    return re.findall(r"<tr[^>]*data-row", answer.content.decode())
