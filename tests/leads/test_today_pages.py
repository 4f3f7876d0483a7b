"""Today as a page: what it costs, what an action on a row answers, what the filters show."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from core import clock
from leads import services
from opportunities.models import Opportunity
from tests.cast import Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words


def count(answer: Any) -> int:
    """How many things the head says are to do."""
    found = re.search(r"data-count>.*?<b>(\d+)</b>", answer.content.decode(), flags=re.DOTALL)
    assert found
    return int(found.group(1))


def rows(answer: Any) -> list[str]:
    """The rows that are drawn, by what they speak of."""
    return re.findall(r'<li data-row data-refuse-here id="([^"]+)"', answer.content.decode())


def in_days(watch: Watch, days: int) -> str:
    return str(clock.firm_day(watch.now) + timedelta(days=days))


OTHER_LOOKS = [
    pytest.param(f"/?{look}", marks=pytest.mark.slow) for look in ("day=tomorrow", "show=steps", "show=rest")
]


@pytest.mark.parametrize("url", ["/", *OTHER_LOOKS])
def test_P1_today_needs_as_many_queries_for_sixty_rows_as_for_one(firm: Firm, watch: Watch, url: str) -> None:
    def more(times: int) -> None:
        for _n in range(times):
            firm.an_mql()
            firm.an_sql()
            firm.an_opportunity()

    counts = []
    for times in (1, 9, 10):
        more(times)
        counts.append(queries_of(browser(firm.rita), url))
    assert counts[0] == counts[1] == counts[2] <= MOST_QUERIES
    assert len(rows(browser(firm.rita).get("/"))) == 60


def test_P1_a_managers_today_needs_as_many_for_many(firm: Firm, watch: Watch) -> None:
    firm.an_opportunity()
    services.ask_extension(firm.an_sql(), reason="One more week for the trial.", by=firm.rita)
    watch.go(days=6, hours=1)
    firm.an_mql()
    watch.go(days=1, hours=0.5)
    one = queries_of(browser(firm.mark), "/")
    for _n in range(10):
        firm.an_mql(firm.rob)
        firm.a_waiting_mql()
    watch.go(hours=1)
    assert max(one, queries_of(browser(firm.mark), "/")) <= MOST_QUERIES


def test_R12_1_an_action_answers_with_the_list_as_it_is_now(firm: Firm, watch: Watch) -> None:
    lead, other = firm.an_mql(), firm.an_sql()
    client = browser(firm.rita)
    before = client.get("/")
    assert count(before) == 2 and "Done for today" not in words(before)
    answer = tap(client, f"/leads/{lead.pk}/accept/")
    assert count(answer) == 2 and "HX-Push-Url" not in answer
    step = {"next_step": "Send the quote", "next_step_on": in_days(watch, 3)}
    answer = tap(client, f"/leads/{lead.pk}/next/", step)
    assert count(answer) == 1 and rows(answer) == [f"lead-{other.pk}"]
    assert json.loads(answer["HX-Trigger"])["trunk:toast"]["toasts"][0]["text"] == "Next step kept."
    answer = tap(client, f"/leads/{other.pk}/release/", {"reason": "no_fit"})
    assert count(answer) == 0 and rows(answer) == []
    assert "Done for today" in words(answer) and "1 runs on, nothing due today" in words(answer)
    assert rows(client.get("/?show=rest")) == [f"lead-{lead.pk}"]


def test_R5_2_who_converts_on_today_stays_there(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    need = {
        "company": "Needful Things Ltd",
        "headcount": "10",
        "products-TOTAL_FORMS": "1",
        "products-INITIAL_FORMS": "0",
        "products-0-product": str(firm.product.pk),
        "products-0-purpose": "",
        "products-0-quantity": "1",
    }
    answer = tap(browser(firm.rita), f"/leads/{lead.pk}/convert/", need)
    assert answer.status_code == 200 and "HX-Push-Url" not in answer
    assert rows(answer) == [f"opportunity-{Opportunity.objects.get().pk}"]


def test_R7_1_another_week_is_asked_for_in_place(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    client = browser(firm.rita)
    watch.go(days=6, hours=1)
    assert f"/leads/{lead.pk}/do/extend/" in client.get("/").content.decode()
    answer = tap(client, f"/leads/{lead.pk}/extend/", {"reason": "The budget is decided on Monday."})
    assert answer.status_code == 200 and "unless your manager approves" in words(answer)
    assert f"/leads/{lead.pk}/do/extend/" not in answer.content.decode()
    assert "1 of 10" in words(answer)


def test_R3_2_a_missed_call_is_taken_from_today(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql(firm.rob)
    watch.go(minutes=20)
    client = browser(firm.rita)
    before = client.get("/")
    assert "may be taken" in words(before) and count(before) == 0
    assert f"/leads/{lead.pk}/take/" in before.content.decode()
    answer = tap(client, f"/leads/{lead.pk}/take/")
    assert answer.status_code == 200 and count(answer) == 1
    assert fresh(lead).owner == firm.rita and f"lead-{lead.pk}" in rows(answer)


def test_R6_2_a_row_that_is_gone_says_so_in_place(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    client = browser(firm.rita)
    client.get("/")
    watch.to(lead.due_at)
    answer = tap(client, f"/leads/{lead.pk}/notes/", {"text": "too late"})
    assert answer.status_code == 409 and "gone back to the public pool" in words(answer)
    assert rows(client.get("/")) == []


def test_R12_2_what_has_no_next_step_is_one_click_away(firm: Firm, watch: Watch) -> None:
    none, planned = firm.an_sql(), firm.an_sql()
    services.set_next_step(planned, text="Call", on=clock.firm_day(watch.now), by=firm.rita)
    client = browser(firm.rita)
    page = words(client.get("/"))
    assert "No next step 1" in page
    assert rows(client.get("/?show=steps")) == [f"lead-{none.pk}"]


def test_R12_1_the_load_stands_in_the_head(firm: Firm, watch: Watch) -> None:
    firm.an_sql()
    firm.an_opportunity()
    page = words(browser(firm.rita).get("/"))
    assert "Open records 2 of 60" in page and "Extensions 0 of 10" in page and "Claims today 0 of 10" in page


def test_R12_1_a_day_without_anything_says_what_to_do(firm: Firm, watch: Watch) -> None:
    assert "Done for today" in words(browser(firm.rita).get("/"))
    assert "Nothing planned for tomorrow" in words(browser(firm.rita).get("/?day=tomorrow"))
    assert "Everything has a next step" in words(browser(firm.rita).get("/?show=steps"))
    for query in ("show=x", "day=x", "show=rest&day=tomorrow", "show=%00"):
        assert browser(firm.rita).get(f"/?{query}").status_code == 200
    assert browser(firm.pia).get("/").status_code == 302, "no list of this kind: to the own first place"


def test_R6_3_the_clock_has_a_notch_for_each_extension(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    asked = services.ask_extension(lead, reason="One more week for the trial.", by=firm.rita)
    assert "t-clock__notch" not in browser(firm.rita).get("/").content.decode()
    services.approve_extension(asked, by=firm.mark)
    for url in ("/", f"/leads/{lead.pk}", "/leads/?state=sql"):
        page = browser(firm.rita).get(url).content.decode()
        assert page.count("t-clock__notch") == 1 and "data-clock" in page, url
