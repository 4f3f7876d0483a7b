"""The calendar feed: whose it is, when its address stops, what a calendar program reads in it (R8.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from icalendar import Calendar

from opportunities import calendar, services
from opportunities.models import Opportunity
from tests.cast import SHANGHAI, Firm, Watch
from tests.pages import browser, queries_of, tap, words

AT = datetime(2026, 3, 4, 10, 30, tzinfo=SHANGHAI)


def plan(chance: Opportunity, firm: Firm, **more: Any) -> Any:
    known = {"kind": "visit", "starts_at": AT, "note": "Ring at gate 2, ask for Li; bring the demo"}
    return services.plan_experience(chance, by=firm.rita, **(known | more))


def read(answer: Any) -> dict[str, Any]:
    """The events of a feed by their id, as a calendar program reads them."""
    found = Calendar.from_ical(answer.content)
    return {str(event["UID"]): event for event in found.walk("VEVENT")}


def feed(firm: Firm, login: str = "rita") -> Any:
    person = getattr(firm, login)
    path = calendar.address_of(person) or calendar.renew_address(person)
    return Client().get(path)


def test_R8_1_planned_moved_held_and_fallen_through_are_read_back(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity(company="Blue, Whale; Ltd\\Co")
    event = plan(chance, firm)
    answer = feed(firm)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/calendar; charset=utf-8"
    (found,) = read(answer).values()
    assert found["SUMMARY"] == "visit: Blue, Whale; Ltd\\Co"
    assert found["DESCRIPTION"].endswith("Ring at gate 2, ask for Li; bring the demo")
    assert found.decoded("DTSTART") == AT and found.decoded("DTSTART").utcoffset() == timedelta(0)
    assert found.decoded("DTEND") == AT + timedelta(hours=1)
    assert (found["STATUS"], found["SEQUENCE"]) == ("CONFIRMED", 1)
    assert found["URL"] == f"http://testserver/opportunities/{chance.pk}"
    later = AT + timedelta(days=2)
    services.change_experience(event, by=firm.rita, starts_at=later, ends_at=later + timedelta(hours=3))
    (moved,) = read(feed(firm)).values()
    assert moved["UID"] == found["UID"] and moved["SEQUENCE"] > found["SEQUENCE"]
    assert (moved.decoded("DTSTART"), moved.decoded("DTEND")) == (later, later + timedelta(hours=3))
    services.change_experience(event, by=firm.rita, held=False)
    (gone,) = read(feed(firm)).values()
    assert (gone["STATUS"], gone["TRANSP"]) == ("CANCELLED", "TRANSPARENT")


def test_R8_1_the_text_is_as_the_standard_wants_it(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity(company="Blue, Whale; Ltd")
    plan(chance, firm, note="First line\nBEGIN:VEVENT\r\nSUMMARY:forged\n" + "很长的一行" * 40)
    raw = feed(firm).content
    assert b"\r\n" in raw and not raw.replace(b"\r\n", b"").count(b"\n")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert raw.count(b"\r\nBEGIN:VEVENT") == 1 and b"\r\nSUMMARY:forged" not in raw
    assert b"Blue\\, Whale\\; Ltd" in raw
    assert b"DTSTART:20260304T023000Z" in raw
    (found,) = read(feed(firm)).values()
    assert "BEGIN:VEVENT" in found["DESCRIPTION"] and "很长的一行" * 40 in found["DESCRIPTION"]


def test_R8_1_no_title_tells_a_phone_number(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(lead=firm.capture(phone="13900000001", email="li@example.com"))
    plan(firm.an_opportunity(lead=lead), firm, note="")
    raw = feed(firm).content.decode()
    assert "13900000001" not in raw and "1390000" not in raw and "li@example.com" not in raw


def test_R15_2_a_feed_holds_the_own_and_what_is_near(firm: Firm, watch: Watch) -> None:
    mine = firm.an_opportunity()
    plan(mine, firm)
    services.plan_experience(firm.an_opportunity(firm.wei), by=firm.wei, kind="visit", starts_at=AT)
    held = firm.an_opportunity()
    event = plan(held, firm, kind="online", starts_at=watch.now)
    services.change_experience(event, by=firm.rita, held=True)
    lost = firm.an_opportunity()
    plan(lost, firm)
    services.lose(lost, by=firm.rita, reason="price", text="")
    assert {str(e["SUMMARY"]) for e in read(feed(firm)).values()} == {
        f"visit: {mine.company.name}",
        f"online meeting: {held.company.name}",
    }
    assert len(read(feed(firm, "wei"))) == 1 and read(feed(firm, "mark")) == {}
    watch.go(days=120)
    assert read(feed(firm)) == {}


def test_R8_1_an_address_is_made_renewed_and_stops_at_once(firm: Firm, watch: Watch) -> None:
    client = browser(firm.rita)
    assert "Make an address" in words(client.get("/me/")) and calendar.address_of(firm.rita) == ""
    assert tap(client, "/calendar/address/", on="/me/").status_code == 200
    old = calendar.address_of(firm.rita)
    assert f'value="http://testserver{old}"' in client.get("/me/").content.decode()
    assert Client().get(old).status_code == 200
    answer = tap(client, "/calendar/address/", on="/me/")
    assert "The old one has stopped" in answer["HX-Trigger"]
    new = calendar.address_of(firm.rita)
    assert new != old and (Client().get(old).status_code, Client().get(new).status_code) == (404, 200)
    assert Client().get("/calendar/address/").status_code in (302, 404, 405)
    assert Client().post("/calendar/address/").status_code == 302, "not without a session"
    firm.rita.is_active = False
    firm.rita.save(update_fields=["is_active"])
    assert Client().get(new).status_code == 404, "who has left"


def forged(firm: Firm) -> list[str]:
    return [
        "x",
        "x" * 5_000,
        "%00",
        "a:b:c",
        signing.dumps([str(firm.rita.pk), 1], salt="other"),
        signing.dumps([str(firm.rita.pk), 2], salt=calendar.SALT),
        signing.dumps(["no id", 1], salt=calendar.SALT),
        signing.dumps([None, None], salt=calendar.SALT),
        signing.dumps([str(firm.rita.pk), 10**30], salt=calendar.SALT),
        signing.dumps("text", salt=calendar.SALT),
        signing.dumps({"a": 1}, salt=calendar.SALT),
    ]


def test_an_address_that_is_none_is_a_404(firm: Firm, watch: Watch) -> None:
    calendar.address_of(firm.rita)
    for token in forged(firm):
        answer = Client().get(f"/calendar/{token}.ics")
        assert answer.status_code == 404, token
    path = calendar.renew_address(firm.rita)
    assert Client().post(path).status_code == 405
    answer = Client().get(path)
    assert not answer.cookies and "private" in answer["Cache-Control"]


def test_the_feed_costs_the_same_with_many_in_it(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    plan(chance, firm)
    path = calendar.renew_address(firm.rita)
    one = queries_of(Client(), path)
    for n in range(5):
        plan(chance, firm, starts_at=AT + timedelta(days=n))
    assert queries_of(Client(), path) == one
    assert len(read(Client().get(path))) == 6


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_feed_speaks_the_language_of_its_owner(firm: Firm, watch: Watch, language: str) -> None:
    firm.rita.language = language
    firm.rita.save(update_fields=["language"])
    plan(firm.an_opportunity(company="Blue Whale Ltd"), firm, kind="trial", ends_at=AT + timedelta(days=14))
    (found,) = read(feed(firm)).values()
    assert str(found["SUMMARY"]).endswith("Blue Whale Ltd")
    assert (str(found["SUMMARY"]) == "trial: Blue Whale Ltd") is (language == "en")
    assert found["TRANSP"] == "TRANSPARENT"
    assert found.decoded("DTEND") == (AT + timedelta(days=14)).astimezone(UTC)
