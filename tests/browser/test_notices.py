"""R3.2 in the open browser: call now without a reload, the bell, mail's choice; on desk and phone, in Chinese too."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from accounts.services import notify
from core import clock
from leads import services as trunk
from leads.models import Lead
from tests.browser.window import AXE, PHONE, WIDE, Window, open_window
from tests.cast import Firm

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SOON = 15_000  # a page asks every few seconds
LOOKS = [
    ("en", "light", WIDE),
    ("zh-hans", "dark", PHONE),
    ("zh-hans", "light", WIDE),
    ("en", "light", PHONE),
]


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return Firm()


def fine(window: Window) -> None:
    """Nothing was wrong: no error of script, policy or server, nothing cut, nothing serious for axe."""
    found = [*window.errors, window.overflow(), *(window.serious() if AXE.exists() else [])]
    assert [what for what in found if what] == []


def bell(page: Page, size: tuple[int, int]) -> Any:
    return page.locator(".t-bell--phone" if size == PHONE else ".t-bell")


def interested(firm: Firm, name: str = "Han Meimei", phone: str = "13900002222") -> Lead:
    """Somebody else's browser or program: a telemarketer logs that the customer is interested."""
    lead = firm.capture(name=name, phone=phone, company_name="晨光诊所 Dawn Clinic")
    return firm.call(lead, "interested", rep=firm.rita)[1]


@pytest.mark.slow
@pytest.mark.parametrize(("language", "theme", "size"), LOOKS)
def test_R3_2_the_open_page_says_call_now_without_a_reload(
    browser: Browser, live_server, firm: Firm, language: str, theme: str, size: tuple[int, int]
) -> None:
    firm.an_sql(firm.rita)
    window = open_window(browser, live_server.url, "rita", language=language, theme=theme, size=size)
    page = window.open("/")
    expect(page.locator("#today [data-row]").first).to_be_visible()
    page.evaluate("window.stayed = true")
    expect(bell(page, size).locator("[data-unread]")).to_be_hidden()

    lead = interested(firm)
    toast = page.locator("[data-loud]")
    expect(toast).to_be_visible(timeout=SOON)
    expect(toast).to_contain_text("Han Meimei")
    expect(toast).to_contain_text("Dawn Clinic")
    assert toast.locator(".t-toast__dial").get_attribute("href") == "tel:+8613900002222"
    expect(bell(page, size).locator("[data-unread]")).to_have_text("1")
    # The list shows it, too, and nothing was loaded anew.
    expect(page.locator("#today")).to_contain_text("Han Meimei", timeout=SOON)
    assert page.evaluate("window.stayed") is True
    window.shot("notices-1-call-now")
    fine(window)

    page.wait_for_timeout(7_500)
    expect(toast).to_be_visible()  # it stays until it is touched
    toast.get_by_role("link").last.click()
    page.wait_for_url(f"**/leads/{lead.pk}")
    expect(bell(page, size).locator("[data-unread]")).to_be_hidden(timeout=SOON)
    expect(page.locator("[data-loud]")).to_have_count(0)
    window.page.context.close()


@pytest.mark.slow
def test_R3_2_at_most_two_toasts_and_a_touched_one_does_not_come_back(
    browser: Browser, live_server, firm: Firm
) -> None:
    window = open_window(browser, live_server.url, "rita", size=PHONE)
    page = window.open("/leads/")
    for n in range(4):
        interested(firm, f"Person {n}", f"1390000333{n}")
    # The list of leads shows them, too, and the row that was chosen by key stays chosen.
    expect(page.locator("#rows [data-row]")).to_have_count(4, timeout=SOON)
    page.keyboard.press("j")
    here = page.locator("#rows [data-row].is-here")
    chosen = here.locator("b").first.text_content() or ""
    interested(firm, "Person 4", "13900003334")
    expect(page.locator("#rows [data-row]")).to_have_count(5, timeout=SOON)
    expect(here).to_contain_text(chosen)
    toasts = page.locator("#toasts > li")
    expect(toasts).to_have_count(2, timeout=SOON)
    window.shot("notices-2-two-toasts")
    box = page.locator("#toasts").bounding_box()
    bar = page.locator("#t-bottom").bounding_box()
    assert box and bar and box["y"] + box["height"] <= bar["y"], "the bar under the thumb stays free"
    assert box["height"] < 260
    for left in (2, 2, 2, 1, 0):
        page.locator("[data-loud] button").last.click()
        expect(page.locator("[data-loud]")).to_have_count(left, timeout=SOON)
    page.reload()
    expect(page.locator(".t-bell--phone [data-unread]")).to_have_text("5")
    page.wait_for_timeout(1_500)
    expect(page.locator("[data-loud]")).to_have_count(0)
    fine(window)
    window.page.context.close()


@pytest.mark.slow
def test_R3_2_what_somebody_types_is_not_lost_when_news_come(
    browser: Browser, live_server, firm: Firm
) -> None:
    firm.an_sql(firm.rita)
    window = open_window(browser, live_server.url, "rita")
    page = window.open("/")
    row = page.locator("#today [data-row]").first
    row.hover()
    row.locator("a[hx-get$='/do/call/']").first.click()
    note = page.locator("#today textarea[name=note], #today input[name=note]").first
    note.fill("wants it by Friday")
    interested(firm)
    expect(page.locator("[data-loud]")).to_be_visible(timeout=SOON)
    page.wait_for_timeout(5_000)
    expect(note).to_have_value("wants it by Friday")
    window.shot("notices-3-typing")
    fine(window)
    window.page.context.close()


@pytest.mark.slow
def test_R3_2_a_hidden_tab_tells_in_its_title(browser: Browser, live_server, firm: Firm) -> None:
    window = open_window(browser, live_server.url, "rita")
    page = window.open("/")
    expect(page.locator("#main h1")).to_be_visible()
    page.wait_for_timeout(1_000)
    # Chromium without a window is never hidden: the page is told that it is.
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    interested(firm)
    expect(page).to_have_title(re.compile(r"^\(1\) "), timeout=45_000)
    seen = User.objects.get(pk=firm.rita.pk).last_seen_at
    page.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title(re.compile(r"^[^(]"))
    assert seen is not None
    fine(window)
    window.page.context.close()


@pytest.mark.parametrize(("language", "theme", "size"), LOOKS[:2])
def test_the_notice_centre_and_my_settings(
    browser: Browser, live_server, firm: Firm, language: str, theme: str, size: tuple[int, int]
) -> None:
    at = clock.now()
    interested(firm)
    lead = firm.an_sql(firm.rita)
    notify([firm.rita], "due_soon", lead, at=at, hours=24)
    notify([firm.rita], "extension_approved", lead, at=at)
    order = firm.a_signed_order(firm.rita)
    firm.capture(phone=order.contact.points.get().value, medium="form")
    gone = firm.an_sql(firm.rita)
    trunk.expire_due([gone.pk], gone.due_at)
    window = open_window(browser, live_server.url, "rita", language=language, theme=theme, size=size)
    page = window.open("/leads/")
    page.keyboard.press("n")
    page.wait_for_url("**/notices/")
    rows = page.locator(".t-notices > li")
    unread = page.locator(".t-notices > li.is-unread")
    expect(unread).to_have_count(6)
    assert rows.count() > 6, "those that are over stay in the list"
    window.shot("notices-4-centre")
    fine(window)
    unread.first.locator("form[action$='/read/'] button").click()
    expect(unread).to_have_count(5)
    page.locator("[data-key=r]").click()
    expect(unread).to_have_count(0)
    expect(bell(page, size).locator("[data-unread]")).to_be_hidden(timeout=SOON)
    window.shot("notices-5-all-read")

    window.open("/me/")
    window.shot("notices-6-settings")
    fine(window)
    page.locator("input[name=email]").fill("rita@example.com")
    box = page.locator("input[name=mail_kinds][value=given]")
    box.check()
    page.locator("form[action$='/me/settings/'] button").click()
    expect(page.locator("#toasts > li").first).to_be_visible()
    rita = User.objects.get(pk=firm.rita.pk)
    assert rita.email == "rita@example.com" and "given" in rita.mail_kinds
    page.locator("input[name=old]").fill("wrong")
    page.locator("input[name=new]").fill("a new pass-word")
    page.locator("form[action$='/me/password/'] button").click()
    expect(page.locator("form[action$='/me/password/'] .t-field__error")).to_be_visible()
    fine(window)
    window.page.context.close()
