"""Today, the list, one lead and its forms: what the page says, refuses and costs."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from leads import services
from orders import services as ordering
from pool.services import claim
from tests.cast import Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words

LISTS = [
    *[
        (login, url)
        for login in ("rita", "mark", "tina", "max")
        for url in ("/leads/", "/leads/?state=all", "/pool/")
    ],
    *[(login, "/") for login in ("rita", "mark", "tina")],
]
# Each page once, each hat once.
QUICK = {("mark", "/leads/"), ("rita", "/leads/?state=all"), ("max", "/pool/"), ("tina", "/")}


@pytest.mark.parametrize(
    ("login", "url"), [pytest.param(*one, marks=[] if one in QUICK else pytest.mark.slow) for one in LISTS]
)
def test_a_list_needs_as_many_queries_for_thirty_rows_as_for_one(
    firm: Firm, watch: Watch, url: str, login: str
) -> None:
    client = browser(getattr(firm, login))

    def more() -> None:
        firm.an_sql()
        firm.an_mql()
        firm.capture()
        firm.pooled()

    more()
    one = queries_of(client, url)
    for _n in range(8):
        more()
    assert queries_of(client, url) == one <= MOST_QUERIES


def test_a_lead_page_stays_within_the_queries(firm: Firm, watch: Watch) -> None:
    lead = firm.an_opportunity().lead
    for text in ("one", "two", "three"):
        services.add_note(lead, text=text, by=firm.rita)
    assert queries_of(browser(firm.rita), f"/leads/{lead.pk}") <= MOST_QUERIES


def test_the_lead_page_offers_what_may_be_done_and_nothing_else(firm: Firm, watch: Watch) -> None:
    mql = firm.an_mql()
    said = words(browser(firm.rita).get(f"/leads/{mql.pk}"))
    assert "Accept" in said and "Return to marketing" in said
    assert "Make an opportunity" not in said and "Give back" not in said
    services.accept(mql, by=firm.rita)
    said = words(browser(firm.rita).get(f"/leads/{mql.pk}"))
    assert (
        "Make an opportunity" in said and "Give back" in said and "Accept" not in said.replace("Accepted", "")
    )


def test_R15_2_a_lead_out_of_sight_is_not_there(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita)
    assert browser(firm.wei).get(f"/leads/{lead.pk}").status_code == 404


def test_accepting_draws_today_again_in_one_answer(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    answer = tap(browser(firm.rita), f"/leads/{lead.pk}/accept/")
    assert answer.status_code == 200
    assert answer["HX-Retarget"] == "#main"
    assert json.loads(answer["HX-Trigger"])["trunk:toast"]["toasts"][0]["text"].startswith("Accepted.")
    assert fresh(lead).state == "sql"
    assert "7 d 0 h" in words(answer)


def test_accepting_works_as_a_plain_post(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    answer = browser(firm.rita).post(f"/leads/{lead.pk}/accept/", follow=True)
    assert answer.redirect_chain and answer.status_code == 200
    assert "Accepted." in words(answer)


def test_a_refusal_comes_in_place_with_every_field(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    answer = tap(browser(firm.rita), f"/leads/{lead.pk}/release/", {"reason": "other"})
    assert answer.status_code == 422
    assert answer["X-Refused"] == "reason_required"
    assert 'data-field="text"' in answer.content.decode()
    plain = browser(firm.rita).post(f"/leads/{lead.pk}/release/", {"reason": "other"})
    assert plain.status_code == 422 and "Not done" in words(plain)


def test_R6_2_the_page_says_that_the_week_is_over_and_takes_the_lead_back(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    client = browser(firm.rita)
    watch.to(lead.due_at)
    answer = tap(client, f"/leads/{lead.pk}/notes/", {"text": "too late"})
    assert answer.status_code == 409 and "gone back to the public pool" in words(answer)
    gone = fresh(lead)
    assert (gone.state, gone.pooled_at) == ("pooled", lead.due_at)


def test_R1_2_a_wrong_phone_is_named_beside_its_field(firm: Firm, watch: Watch) -> None:
    data = {"phone": "12", "medium": "form", "channel": "Spring Salon"}
    answer = tap(browser(firm.rita), "/leads/new/", data)
    assert answer.status_code == 422
    assert 'data-field="phone"' in answer.content.decode() and "“12”" in words(answer)


def test_a_new_lead_opens_its_page_and_a_known_one_is_said_to_be_known(firm: Firm, watch: Watch) -> None:
    data = {"name": "Han Meimei", "phone": "13900000001", "medium": "form", "channel": "Spring Salon"}
    client = browser(firm.tina)
    answer = tap(client, "/leads/new/", data, on="/leads/")
    assert answer.status_code == 200 and "Han Meimei" in words(answer)
    assert answer["HX-Push-Url"].startswith("/leads/")
    again = tap(client, "/leads/new/", data, on="/leads/")
    assert "known already" in again["HX-Trigger"]


def test_R12_1_today_puts_first_what_is_lost_first(firm: Firm, watch: Watch) -> None:
    late = firm.an_sql()
    watch.go(days=3)
    early = firm.an_sql()
    watch.go(hours=1)
    call = firm.an_mql()
    page = browser(firm.rita).get("/").content.decode()
    places = [page.index(f'id="lead-{lead.pk}"') for lead in (call, late, early)]
    assert places == sorted(places)
    assert "Call now" in page


def test_tomorrow_shows_what_has_its_day_then(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    other = firm.an_sql()
    tomorrow = watch.now.date() + timedelta(days=1)
    services.set_next_step(lead, text="Send the quote", on=tomorrow, by=firm.rita)
    page = browser(firm.rita).get("/?day=tomorrow").content.decode()
    assert f"lead-{lead.pk}" in page and f"lead-{other.pk}" not in page


def test_bad_parameters_never_break_a_list(firm: Firm, watch: Watch) -> None:
    client = browser(firm.max)
    for query in (
        "state=nonsense",
        "cursor=x",
        "ordering=password",
        "q=%00",
        "q=%E6%9D%8E",
        "owner=x&q=%27%22",
    ):
        assert client.get(f"/leads/?{query}").status_code == 200
        assert client.get(f"/pool/?{query}").status_code == 200


def test_the_trunk_bar_draws_the_way_through_the_pool(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled()
    page = browser(firm.rob).get(f"/leads/{lead.pk}").content.decode()
    assert 'class="t-branch t-branch--now"' in page and "In the pool: given back" in page
    watch.go(hours=1)
    claim(lead, by=firm.rob)
    page = browser(firm.rob).get(f"/leads/{lead.pk}").content.decode()
    assert "Pool: given back" in page and "claimed again" in page


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_that_no_calendar_holds_is_refused_and_today_stands(firm: Firm, day: str) -> None:
    lead = firm.an_sql(firm.rita)
    client = browser(firm.rita)
    url, opened = f"/leads/{lead.pk}", client.get("/").status_code
    assert client.post(f"{url}/next/", {"next_step": "Call", "next_step_on": day}).status_code == 422
    call = {"outcome": "call_back", "call_back_at": f"{day}T23:59"}
    assert client.post(f"{url}/calls/", call).status_code == 422
    assert (opened, client.get("/").status_code) == (200, 200)


def test_R2_2_a_click_on_a_number_opens_the_firms_dialler_everywhere(firm: Firm, watch: Watch) -> None:
    lead, client = firm.an_mql(), browser(firm.rita)
    number = lead.contact.points.get().value
    addresses = (f"/leads/{lead.pk}/", "/", "/notices/")
    firm.set_rules(dialler_url="https://dial.example/?to={phone}")
    for address in addresses[::-1]:  # opening the record reads the notice
        text = client.get(address).content.decode()
        assert f'href="https://dial.example/?to=%2B{number[1:]}" target="_blank"' in text, address
    firm.set_rules(dialler_url="tel:{phone}")
    for address in addresses[:2]:
        assert f'href="tel:{number}"' in client.get(address).content.decode(), address


def test_R2_3_no_page_offers_to_dial_who_is_not_to_be_phoned(firm: Firm, watch: Watch) -> None:
    chance, client = firm.an_opportunity(), browser(firm.rita)
    addresses = (f"/leads/{chance.lead_id}/", f"/opportunities/{chance.pk}/", "/")
    assert all('href="tel:' in client.get(address).content.decode() for address in addresses)
    firm.call(chance.lead, "refused", by=firm.rita)
    assert not any('href="tel:' in client.get(address).content.decode() for address in addresses)
    promise = watch.now + timedelta(days=1)
    firm.call(chance.lead, "call_back", by=firm.rita, call_back_at=promise)
    assert all('href="tel:' in client.get(address).content.decode() for address in addresses)


def test_R8_5_a_converted_lead_is_at_risk_until_the_order_is_signed(firm: Firm, watch: Watch) -> None:
    chance, client = firm.an_opportunity(), browser(firm.rita)
    address = f"/leads/{chance.lead_id}/"
    watch.go(days=31)
    assert "at risk, 1 day over" in client.get(address).content.decode()
    ordering.sign(firm.an_order(opportunity=chance), by=firm.rita)
    assert "at risk" not in client.get(address).content.decode()
