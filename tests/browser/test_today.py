"""A rep empties Today: by keyboard at the desk, by hand on a phone, in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core import clock
from leads import services
from leads.models import Extension, Lead
from opportunities.models import Opportunity
from tests import invariants
from tests.browser.window import PHONE, WIDE, Window, open_window
from tests.cast import SHANGHAI, Firm, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# A Tuesday at ten: the offices are open, and what began a week ago ends today.
TUESDAY = datetime(2026, 3, 10, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return Firm()


@pytest.fixture
def morning(firm: Firm, settings) -> Iterator[dict[str, Lead]]:
    """One of each kind for Rita, and a call that Rob has missed."""
    leads: dict[str, Lead] = {}
    with clock.at(TUESDAY - timedelta(days=7) + timedelta(hours=3)):
        leads["ends"] = firm.an_sql()
    with clock.at(TUESDAY - timedelta(days=1)):
        leads["promised"], leads["none"], leads["wins"] = firm.an_sql(), firm.an_sql(), firm.an_sql()
        firm.call(leads["promised"], "call_back", by=firm.rita, call_back_at=TUESDAY - timedelta(minutes=5))
        for name in ("promised", "wins"):
            services.set_next_step(
                leads[name], text="Ask", on=clock.firm_day(TUESDAY) + timedelta(days=2), by=firm.rita
            )
        services.set_next_step(leads["wins"], text="Need", on=clock.firm_day(TUESDAY), by=firm.rita)
    with clock.at(TUESDAY - timedelta(minutes=20)):
        leads["missed"] = firm.an_mql(firm.rob)
    with clock.at(TUESDAY - timedelta(minutes=2)):
        leads["call"], leads["wrong"] = firm.an_mql(), firm.an_mql()
    settings.CLOCK_OFFSET = (TUESDAY - clock.real_now()).total_seconds()
    yield leads


def row(page: Page, lead: Lead) -> Locator:
    return page.locator(f"#lead-{lead.pk}")


def in_hand(page: Page, lead: Lead) -> None:
    """Go down the list with j until this row is in hand."""
    page.locator("#main h1").focus()
    page.evaluate("document.querySelectorAll('.is-here').forEach((r) => r.classList.remove('is-here'))")
    for _n in range(12):
        page.keyboard.press("j")
        if "is-here" in (row(page, lead).get_attribute("class") or ""):
            return
    raise AssertionError("no j reaches the row")


def settled(page: Page, n: int) -> None:
    """The head tells what is left to do."""
    expect(page.locator("[data-count] b")).to_have_text(str(n))


def test_U4_a_rep_empties_today_by_keyboard(browser: Browser, live_server, firm: Firm, morning) -> None:
    window = open_window(browser, live_server.url, "rita", size=WIDE)
    page = window.open("/")
    settled(page, 6)
    window.shot("today-1-full")
    page.keyboard.press("?")
    expect(page.locator("[data-keys-here]")).to_contain_text("Accept")
    page.keyboard.press("Escape")

    # Calls, then accepts with one key; the next step makes it run on.
    in_hand(page, morning["call"])
    page.keyboard.press("a")
    expect(row(page, morning["call"]).locator(".t-clock")).to_be_visible()
    expect(row(page, morning["call"])).to_be_focused()
    page.keyboard.press("s")
    next_step(page, 3)
    settled(page, 5)

    in_hand(page, morning["wrong"])
    page.keyboard.press("r")
    expect(panel(page).locator("input[name=reason]").first).to_be_focused()
    page.keyboard.press("ArrowUp")  # round to the last
    page.keyboard.press("Enter")
    settled(page, 4)
    assert fresh(morning["wrong"]).pool_detail == "duplicate"

    in_hand(page, morning["promised"])
    page.keyboard.press("l")
    expect(panel(page)).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    settled(page, 3)

    in_hand(page, morning["none"])
    page.keyboard.press("s")
    next_step(page, 2)
    settled(page, 2)

    in_hand(page, morning["wins"])
    page.keyboard.press("o")
    form = panel(page)
    form.locator("input[name=company]").fill("Needful Things Ltd")
    form.locator("input[name=headcount]").fill("12")
    form.locator("select[name$=product]").first.select_option(label="Seats")
    send(page)
    expect(page.locator("li[id^=opportunity-]")).to_be_visible()
    chance = Opportunity.objects.get()
    expect(page.locator(f"#opportunity-{chance.pk}")).to_be_visible()
    page.locator(f"#opportunity-{chance.pk}").focus()
    page.keyboard.press("s")
    next_step(page, 2)
    settled(page, 1)

    # What ends today can only be given back, converted, or asked for; then it is the manager's.
    in_hand(page, morning["ends"])
    page.keyboard.press("e")
    panel(page).locator("textarea[name=reason]").fill("The budget is decided on Thursday.")
    send(page)
    expect(row(page, morning["ends"])).to_contain_text("unless your manager approves")
    services.approve_extension(Extension.objects.get(), by=firm.mark)
    page.reload()
    in_hand(page, morning["ends"])
    page.keyboard.press("s")
    next_step(page, 3)
    expect(page.locator("[data-done]")).to_be_visible()
    expect(row(page, morning["missed"])).to_contain_text("you may take it")
    window.shot("today-2-done")
    invariants.check()
    assert window.errors == []
    window.page.context.close()


def test_U2_a_rep_works_through_today_on_a_phone_in_chinese(
    browser: Browser, live_server, firm: Firm, morning
) -> None:
    window = open_window(browser, live_server.url, "rita", language="zh-hans", size=PHONE)
    page = window.open("/")
    settled(page, 6)
    assert window.overflow() == ""
    row(page, morning["call"]).locator("form button").click()
    expect(row(page, morning["call"]).locator(".t-clock")).to_be_visible()
    by_hand(page, morning["call"], "next")
    next_step(page, 3)
    settled(page, 5)
    by_hand(page, morning["none"], "next")
    next_step(page, 3)
    settled(page, 4)
    by_hand(page, morning["ends"], "release")
    window.shot("today-3-phone")
    assert window.overflow() == ""
    choose(page, "reason", "no_fit")
    send(page)
    settled(page, 3)
    assert fresh(morning["ends"]).state == "pooled"
    row(page, morning["missed"]).locator("form button").click()
    settled(page, 4)
    assert fresh(morning["missed"]).owner == firm.rita
    page.locator("a[href*='day=tomorrow']").click()
    expect(row(page, morning["call"])).to_have_count(0)
    window.shot("today-4-tomorrow")
    assert window.overflow() == ""
    assert window.errors == []
    window.page.context.close()


@pytest.mark.slow
def test_R6_3_the_clock_runs_and_somebody_faster_is_told_in_the_row(
    browser: Browser, live_server, firm: Firm, morning, settings
) -> None:
    window = open_window(browser, live_server.url, "rita", size=WIDE)
    page = window.open("/")
    chip = row(page, morning["ends"]).locator("[data-clock]")
    expect(chip).to_have_attribute("data-level", "last")
    said = chip.inner_text()
    # The page's own clock goes on by an hour, as it would if one looked at it for an hour.
    page.evaluate(
        "() => { const real = performance.now.bind(performance); performance.now = () => real() + 3.6e6; }"
    )
    expect(chip).not_to_have_text(said, timeout=8000)
    in_hand(page, morning["none"])
    page.keyboard.press("n")
    panel(page).locator("textarea[name=text]").fill("too late")
    services.assign(morning["none"], rep=firm.rob, by=firm.mark)
    send(page)
    expect(panel(page).locator("[data-refused]").first).not_to_be_empty()
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    said = row(page, morning["none"]).locator("[data-refused]").first
    expect(said).not_to_be_empty()
    expect(said).to_contain_text("A colleague was faster")
    assert window.errors == []
    window.page.context.close()


def panel(page: Page) -> Locator:
    return page.locator(".t-day__panel form")


def send(page: Page) -> None:
    panel(page).locator("button.btn-primary").click()


def by_hand(page: Page, lead: Lead, name: str) -> None:
    """Open the buttons of a row with its three dots, and one of its forms."""
    row(page, lead).locator(".t-day__more").click()
    row(page, lead).locator(f"a[hx-get$='/do/{name}/']").click()
    expect(panel(page)).to_be_visible()


def choose(page: Page, name: str, value: str) -> None:
    """A reason, whether its form shows keys or a list."""
    if panel(page).locator(f"select[name={name}]").count():
        panel(page).locator(f"select[name={name}]").select_option(value)
    else:
        panel(page).locator(f"input[name={name}][value={value}]").check(force=True)


def next_step(page: Page, days: int) -> None:
    form = panel(page)
    expect(form.locator("input[name=next_step]")).to_be_focused()
    form.locator("input[name=next_step]").fill("Send the quote")
    form.locator("input[name=next_step_on]").fill(str(clock.firm_day(TUESDAY) + timedelta(days=days)))
    form.locator("input[name=next_step_on]").press("Enter")
    expect(form).to_have_count(0)


def test_U4_the_keys_of_a_row_are_only_its_own(browser: Browser, live_server, firm: Firm, morning) -> None:
    window: Window = open_window(browser, live_server.url, "rita", size=WIDE)
    page = window.open("/")
    in_hand(page, morning["none"])
    page.keyboard.press("a")
    expect(panel(page)).to_have_count(0)
    assert fresh(morning["call"]).state == "mql", "an SQL cannot be accepted, and no other row was"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/leads/{morning['none'].pk}")
    assert window.errors == []
    window.page.context.close()


def test_R3_2_a_hand_over_shows_at_once_but_not_under_ones_hands(
    browser: Browser, live_server, firm: Firm, morning
) -> None:
    window = open_window(browser, live_server.url, "rita", size=WIDE)
    page = window.open("/")
    settled(page, 6)
    in_hand(page, morning["none"])
    page.keyboard.press("n")
    panel(page).locator("textarea[name=text]").fill("in the middle of something")
    fresh_one = firm.an_mql()
    expect(page.locator("#toasts li")).not_to_have_count(0, timeout=15_000)
    expect(row(page, fresh_one)).to_have_count(0)
    expect(panel(page).locator("textarea[name=text]")).to_have_value("in the middle of something")
    send(page)
    expect(row(page, fresh_one)).to_be_visible()
    later = firm.an_mql()
    expect(row(page, later)).to_be_visible(timeout=15_000)
    expect(row(page, morning["none"])).to_be_focused()
    assert window.errors == []
    window.page.context.close()
