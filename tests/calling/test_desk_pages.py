"""The calling desk as a page: by htmx in one round trip, as a plain form, and what it shows (R2.2–R2.4, R3.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from calling import dialling, selectors
from calling.models import Call, Lease
from calling.services import drop_lease, next_lead, save_script
from contacts.services import update_contact
from core.errors import RuleRefused
from core.models import Event, RuleValue
from leads import services as trunk
from leads.models import Lead
from tests.cast import Firm, Watch, a_phone, fresh
from tests.content import faults, nothing_changes, refused
from tests.pages import browser, queries_of, tap, words

DESK = "/calling/"


@pytest.fixture
def script(firm: Firm) -> Any:
    steps: list[dict[str, Any]] = [
        {"title": "Who we are", "text": "Hello {name}, this is {me}.", "questions": []},
        {
            "title": "What it solves",
            "text": "Thirty seconds.",
            "questions": [{"key": "seats", "text": "How many?"}],
        },
        {"title": "Hand over", "text": "A colleague calls you.", "questions": []},
    ]
    return save_script(None, by=firm.max, name="Standard", steps=steps, is_default=True)


def post_of(lead: Lead, **values: Any) -> dict[str, Any]:
    return {"since": Lease.objects.get(lead=lead).since.isoformat(), **values}


def log(client: Any, lead: Lead, **values: Any) -> Any:
    return tap(client, f"/calling/leads/{lead.pk}/", post_of(lead, **values), on=DESK)


def test_R2_2_looking_takes_nothing_and_the_page_asks_for_the_next_lead(firm: Firm, watch: Watch) -> None:
    lead, client = (
        firm.capture(name="Li Lei", company_name="Morning Light", phone="13800138000"),
        browser(firm.tina),
    )
    with nothing_changes():
        page = client.get(DESK)
    assert 'hx-trigger="submit, load"' in page.content.decode()
    answer = tap(client, "/calling/next/", on=DESK)
    assert Lease.objects.get().lead == lead
    text = words(answer)
    assert "Li Lei" in text and "Morning Light" in text and "138 0013 8000" in text and "fair · form" in text
    assert 'id="main"' not in answer.content.decode(), "a part of the page, not a page"
    assert "Li Lei" in words(client.get(DESK)), "the lead in hand stays"


def test_R2_2_put_back_in_another_window_the_page_asks_again(
    firm: Firm, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm.capture(name="Li Lei", phone=a_phone())

    def and_lost(**more: Any) -> Any:
        lead = next_lead(**more)
        drop_lease(by=firm.tina)
        return lead

    monkeypatch.setattr("calling.views.services.next_lead", and_lost)
    answer = tap(browser(firm.tina), "/calling/next/", on=DESK)
    assert answer.status_code == 200 and "Li Lei" not in words(answer)
    assert 'hx-trigger="submit, load"' in answer.content.decode()


def test_R2_3_logged_and_the_next_one_in_one_round_trip(firm: Firm, watch: Watch, script: Any) -> None:
    firm.duty("rita")
    firm.capture(name="Wang Wu", phone=a_phone())
    watch.go(minutes=1)
    lead, client = firm.capture(name="Li Lei", phone=a_phone()), browser(firm.tina)
    shown = tap(client, "/calling/next/", on=DESK)
    assert "Hello Li Lei, this is Tina." in words(shown)
    watch.go(seconds=95)
    sent = {"outcome": "interested", "note": "12 seats", "step": "1", "reached": "2", "answer.seats": " 12 "}
    answer = log(client, lead, version=script.pk, **sent)
    assert "Wang Wu" in words(answer)
    assert "MQL: handed to Rita." in answer["HX-Trigger"]
    call = Call.objects.get()
    assert (call.outcome, call.step, call.duration, call.note) == ("interested", 2, 95, "12 seats")
    assert (call.script_version, call.answers) == (script, {"seats": "12"})
    assert "1 call today" in words(answer) and "1 MQL" in words(answer)


def test_R2_3_without_scripts_of_the_browser_it_is_a_plain_form(firm: Firm, watch: Watch) -> None:
    firm.capture(name="Wang Wu", phone=a_phone())
    watch.go(minutes=1)
    lead, client = firm.capture(name="Li Lei", phone=a_phone()), browser(firm.tina)
    assert client.post("/calling/next/")["Location"] == DESK
    answer = client.post(f"/calling/leads/{lead.pk}/", post_of(lead, outcome="no_need"), follow=True)
    assert answer.redirect_chain == [(DESK, 302)]
    assert "Wang Wu" in words(answer) and "Logged. The lead is in the pool." in words(answer)


def test_R2_3_what_is_wrong_is_said_and_nothing_is_lost(firm: Firm, watch: Watch) -> None:
    lead, client = firm.capture(), browser(firm.tina)
    tap(client, "/calling/next/", on=DESK)
    wrong = [
        ({"note": "x"}, "Choose one of the seven"),
        ({"outcome": "call_back"}, "When did you promise to call back?"),
        ({"outcome": "call_back", "call_back_at": "2020-01-01T10:00"}, "A call-back lies in the future."),
        ({"outcome": "call_back", "call_back_at": "soon"}, "date"),
        ({"outcome": "no_need", "step": "7"}, "3"),
        ({"outcome": "no_need", "version": "x"}, "valid"),
    ]
    with nothing_changes():
        for values, said in wrong:
            answer = log(client, lead, **values)
            assert answer.status_code == 422
            assert said in words(answer)
        for odd in (
            "x",
            "2026-13-01T00:00:00+00:00",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
        ):
            sent = {"since": odd, "back_in": odd, "outcome": "call_back"}
            answer = tap(client, f"/calling/leads/{lead.pk}/", sent, on=DESK)
            assert answer.status_code == 422


@pytest.mark.parametrize(
    ("choice", "hours"),
    [("hour", 1), ("later", 6), ("morning", 24), ("afternoon", 30), ("monday", 24 * 7)],
)
def test_R2_3_the_quick_times_of_a_call_back(firm: Firm, watch: Watch, choice: str, hours: int) -> None:
    lead, client = firm.capture(), browser(firm.tina)
    tap(client, "/calling/next/", on=DESK)
    log(client, lead, outcome="call_back", back_in=choice)
    assert fresh(lead).call_back_at == watch.now + timedelta(hours=hours)


def test_R2_2_a_colleagues_promise_is_kept_by_whoever_is_free(firm: Firm, watch: Watch) -> None:
    firm.call(firm.capture(), "call_back", by=firm.theo, call_back_at=watch.now + timedelta(hours=1))
    watch.go(hours=1, minutes=20)
    page = words(tap(browser(firm.tina), "/calling/next/", on=DESK))
    assert "Theo promised to call back 20 min ago" in page


def test_R2_3_what_was_shown_is_what_is_promised(firm: Firm, watch: Watch) -> None:
    watch.to(watch.now.replace(hour=13))
    lead, client = firm.capture(), browser(firm.tina)
    page = tap(client, "/calling/next/", on=DESK).content.decode()
    assert "today 15:00" in page
    shown = watch.now.replace(hour=15)
    assert f'value="{shown.isoformat()}"' in page
    watch.go(minutes=45)
    log(client, lead, outcome="call_back", back_in=shown.isoformat())
    assert fresh(lead).call_back_at == shown


def test_R2_3_a_typed_time_goes_before_a_quick_one(firm: Firm, watch: Watch) -> None:
    lead, client = firm.capture(), browser(firm.tina)
    tap(client, "/calling/next/", on=DESK)
    log(client, lead, outcome="call_back", back_in="hour", call_back_at="2026-03-05T14:30")
    assert fresh(lead).call_back_at == watch.now.replace(day=5, hour=14, minute=30)


def test_R2_2_sent_twice_it_counts_once_and_work_goes_on(firm: Firm, watch: Watch) -> None:
    lead, client = firm.capture(), browser(firm.tina)
    tap(client, "/calling/next/", on=DESK)
    sent = post_of(lead, outcome="no_answer")
    for _n in range(2):
        answer = tap(client, f"/calling/leads/{lead.pk}/", sent, on=DESK)
        assert answer.status_code == 200
    assert Call.objects.count() == 1


def test_R2_2_a_colleague_has_it_now_the_answer_is_clear(firm: Firm, watch: Watch) -> None:
    lead, client = firm.capture(), browser(firm.tina)
    tap(client, "/calling/next/", on=DESK)
    sent = post_of(lead, outcome="no_need", note="long talk")
    watch.go(minutes=11)
    next_lead(by=firm.theo)
    with nothing_changes():
        answer = tap(client, f"/calling/leads/{lead.pk}/", sent, on=DESK)
    assert answer.status_code == 409
    assert "A colleague is talking to them now" in words(answer)
    assert "What you wrote stays here" in words(answer)
    assert "HX-Retarget" not in answer, "what was typed stays on the page"


def test_R2_2_put_back_one_gets_another_and_can_have_it_again(firm: Firm, watch: Watch) -> None:
    lead, client = firm.capture(name="Li Lei", phone=a_phone()), browser(firm.tina)
    tap(client, "/calling/next/", on=DESK)
    answer = tap(client, "/calling/put-back/", on=DESK)
    assert "Nobody to call right now" in words(answer) and "Show what I put back (1)" in words(answer)
    assert not Lease.objects.exists()
    assert "Li Lei" in words(tap(client, "/calling/next/", {"again": "1"}, on=DESK))
    assert "A break" in words(tap(client, "/calling/put-back/", {"pause": "1"}, on=DESK))
    assert not Lease.objects.exists()
    watch.go(minutes=30)
    tap(client, "/calling/next/", on=DESK)
    assert Lease.objects.get().lead == lead


def test_R2_2_put_back_after_its_time_it_is_not_the_next_one_again(firm: Firm, watch: Watch) -> None:
    firm.capture(name="Wang Wu", phone=a_phone())
    watch.go(minutes=1)
    firm.capture(name="Li Lei", phone=a_phone())
    client = browser(firm.tina)
    assert "Li Lei" in words(tap(client, "/calling/next/", on=DESK))
    watch.go(minutes=15)
    assert "Wang Wu" in words(tap(client, "/calling/put-back/", on=DESK))


def test_R2_2_an_empty_desk_says_when_the_next_call_back_is_due(firm: Firm, watch: Watch) -> None:
    firm.call(firm.capture(), "call_back", call_back_at=watch.now + timedelta(hours=6))
    firm.call(firm.capture(), "no_answer")
    answer = tap(browser(firm.tina), "/calling/next/", on=DESK)
    text = words(answer)
    assert "The next call-back is due today 15:00" in text
    assert "Who did not answer is tried again from today 12:00" in text
    assert "desk:look" in answer.content.decode(), "it looks again by itself"


def test_R3_3_who_wears_both_hats_is_told_it_is_theirs(firm: Firm, watch: Watch) -> None:
    firm.tina.hats = ["telemarketer", "rep"]
    firm.tina.team = firm.east
    firm.tina.save()
    lead, client = firm.capture(), browser(firm.tina)
    tap(client, "/calling/next/", on=DESK)
    answer = log(client, lead, outcome="interested")
    assert "It is yours: MQL and SQL at once" in answer["HX-Trigger"]
    assert (fresh(lead).state, fresh(lead).owner) == ("sql", firm.tina)


def test_R14_2_the_figures_of_a_telemarketers_day(firm: Firm, watch: Watch) -> None:
    firm.an_mql()
    watch.go(days=1)
    for outcome in ("no_answer", "no_need", "wrong_number"):
        firm.call(firm.capture(), outcome)
    accepted, returned = firm.an_mql(), firm.an_mql()
    trunk.accept(accepted, by=firm.rita)
    trunk.return_mql(returned, reason="no_need", by=firm.rita)
    firm.call(firm.capture(), "no_need", by=firm.theo)
    figures = selectors.day_figures(firm.tina, watch.now)
    assert figures == {"calls": 5, "reached": 3, "mqls": 2, "accepted": 1, "returned": 1, "rate": 60}
    assert selectors.day_figures(firm.theo, watch.now)["calls"] == 1


def test_Q_the_desk_asks_a_fixed_number_of_questions(firm: Firm, watch: Watch, script: Any) -> None:
    firm.captures(3)
    client = browser(firm.tina)
    tap(client, "/calling/next/", on=DESK)
    few = queries_of(client, DESK)
    firm.captures(30)
    for _n in range(8):
        firm.call(firm.capture(), "no_need")
    held = Lease.objects.get().lead
    for n in range(8):
        trunk.add_note(held, text=f"note {n}", by=firm.tina)
    assert queries_of(client, DESK) <= few + 1
    assert few <= 22


def test_R15_1_the_desk_is_for_telemarketers(firm: Firm, watch: Watch) -> None:
    lead = firm.capture()
    others = [person for person in firm.people.values() if not person.wears("telemarketer")]
    clients = [browser(person) for person in others]
    with nothing_changes():
        for client in clients:
            assert client.get(DESK).status_code == 403
            for url in ("/calling/next/", "/calling/put-back/", f"/calling/leads/{lead.pk}/"):
                assert tap(client, url, {"outcome": "no_need"}).status_code == 403


@pytest.mark.parametrize(
    ("template", "href"),
    [
        ("tel:{phone}", "tel:+8613800138000"),
        ("https://dial.example/?to={phone}&x=1", "https://dial.example/?to=%2B8613800138000&amp;x=1"),
        ("microsip:{phone}", "microsip:+8613800138000"),
        ("javascript:alert('{phone}')", "tel:+8613800138000"),
        (" JavaScript:alert({phone})", "tel:+8613800138000"),
        ("data:text/html,{phone}", "tel:+8613800138000"),
        ("/dial/{phone}", "tel:+8613800138000"),
        ("https://dial.example/", "tel:+8613800138000"),
        ('https://x.example/"><script>{phone}', "https://x.example/&quot;&gt;&lt;script&gt;%2B8613800138000"),
    ],
)
def test_R2_2_a_click_dials_and_never_runs_anything(
    firm: Firm, watch: Watch, template: str, href: str
) -> None:
    # As it may have come into the database by another way: the Rulebook itself refuses what is no dialler.
    RuleValue.objects.create(key="dialler_url", value=template)
    firm.capture(phone="13800138000")
    answer = tap(browser(firm.tina), "/calling/next/", on=DESK)
    assert f'href="{href}"' in answer.content.decode()


@pytest.mark.parametrize(
    "template", ["javascript:{phone}", "JAVASCRIPT:{phone}", "/dial/{phone}", "tel:", "data:{phone}"]
)
def test_R2_2_the_rulebook_takes_only_what_dials(firm: Firm, template: str) -> None:
    with refused(RuleRefused) as caught:
        firm.set_rules(dialler_url=template)
    assert faults(caught) == [("dialler_url", "invalid")]
    firm.set_rules(dialler_url="microsip:{phone}")


def test_R2_2_an_extension_goes_along(firm: Firm) -> None:
    assert dialling.link("tel:{phone}", "+862112345678", "286") == "tel:+862112345678;ext=286"
    assert dialling.link("sip:{phone}@pbx", "+862112345678", "286") == "sip:+862112345678@pbx"
    assert (
        dialling.link("https://d.example/{phone}/{extension}", "+86211", "28&6")
        == "https://d.example/%2B86211/28%266"
    )


def test_R11_2_no_link_while_the_person_may_not_be_phoned(firm: Firm, watch: Watch) -> None:
    lead, client = firm.capture(phone="13800138000"), browser(firm.tina)
    assert "tel:" in tap(client, "/calling/next/", on=DESK).content.decode()
    update_contact(lead.contact, by=firm.max, do_not_call=True)
    assert "tel:" not in client.get(DESK).content.decode()


def test_R2_3_why_there_is_no_need_is_asked_only_where_a_firm_wants_it(firm: Firm, watch: Watch) -> None:
    lead, client = firm.capture(), browser(firm.tina)
    assert 'name="reason"' not in tap(client, "/calling/next/", on=DESK).content.decode()
    assert 'name="reason"' not in client.get(f"/leads/{lead.pk}/do/call/").content.decode()
    firm.set_rules(no_need_reasons=True)
    assert 'name="reason"' in client.get(DESK).content.decode()
    log(client, lead, outcome="no_need", reason="too_expensive")
    assert fresh(lead).pool_detail == "too_expensive"


def test_R15_4_the_desk_says_by_which_way(firm: Firm, watch: Watch) -> None:
    lead, client = firm.capture(), browser(firm.tina)
    tap(client, "/calling/next/", on=DESK)
    log(client, lead, outcome="no_answer")
    assert Event.objects.get(verb="called").way == "page"


def test_R2_2_the_page_of_a_lead_says_who_is_talking_to_them(firm: Firm, watch: Watch) -> None:
    lead, client = firm.capture(), browser(firm.tina)
    assert "Log call" in words(client.get(f"/leads/{lead.pk}/"))
    next_lead(by=firm.theo)
    page = words(client.get(f"/leads/{lead.pk}/"))
    assert "Theo is talking to them now" in page and "Log call" not in page
    assert "until 09:10" in words(client.get(f"/leads/{lead.pk}/do/call/", headers={"HX-Request": "true"}))
    assert "Log call" in words(browser(firm.theo).get(f"/leads/{lead.pk}/"))
    watch.go(minutes=10)
    assert "Log call" in words(client.get(f"/leads/{lead.pk}/"))
