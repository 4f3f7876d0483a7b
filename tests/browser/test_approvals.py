"""A manager decides five extensions by key; in Chinese and on a phone, too; marketing works off its desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from leads import services
from leads.models import Extension, Lead
from tests.browser.window import BUSY, PHONE, WIDE, Window, open_window
from tests.cast import Firm

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OPEN = "[data-row].is-here"


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    found = Firm()
    found.set_rules(contesting=True)
    return found


def requests(firm: Firm, many: int = 5) -> list[Extension]:
    rows = []
    for n in range(many):
        rep = (firm.rita, firm.rob)[n % 2]
        lead = firm.an_sql(rep, firm.capture(name=f"Customer {n}", phone=f"1390000000{n}"))
        services.add_note(lead, text="They compare two offers", by=rep)
        rows.append(services.ask_extension(lead, reason=f"They decide on Friday ({n})", by=rep))
    return rows


def fine(window: Window) -> None:
    assert window.overflow() == "" and window.serious() == [] and window.errors == []


def test_U2_a_manager_decides_five_extensions_by_key(browser: Browser, live_server, firm: Firm) -> None:
    rows = requests(firm)
    window = open_window(browser, live_server.url, "mark")
    page = window.open("/approvals/")
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    expect(page.locator("[data-row]")).to_have_count(5)
    expect(page.locator(OPEN)).to_contain_text("They decide on Friday (0)")
    window.shot("approvals")
    fine(window)
    page.keyboard.press("j")
    expect(page.locator(OPEN)).to_contain_text("They decide on Friday (1)")
    page.keyboard.press("a")
    expect(page.locator("[data-row]")).to_have_count(4)
    expect(page.locator(BUSY)).to_have_count(0)
    expect(page.locator(OPEN)).to_contain_text("They decide on Friday (2)")
    page.keyboard.press("r")
    expect(page.locator(f"{OPEN} input[name=comment]")).to_be_focused()
    page.keyboard.type("Not this time")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(3)
    expect(page.locator(BUSY)).to_have_count(0)
    expect(page.locator(OPEN)).to_contain_text("They decide on Friday (3)")
    page.keyboard.press("k")
    expect(page.locator(OPEN)).to_contain_text("They decide on Friday (0)")
    for left in (2, 1):
        page.keyboard.press("a")
        expect(page.locator("[data-row]")).to_have_count(left)
        expect(page.locator(BUSY)).to_have_count(0)
    page.keyboard.press("r")
    expect(page.locator(f"{OPEN} input[name=comment]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(0)
    assert loads == [], "without a page load"
    states = [Extension.objects.get(pk=row.pk).state for row in rows]
    assert sorted(states) == ["approved"] * 3 + ["rejected"] * 2
    assert Extension.objects.get(pk=rows[2].pk).comment == "Not this time"
    window.shot("approvals-empty")
    window.open("/approvals/?show=decided")
    window.shot("approvals-decided")
    fine(window)


def test_what_somebody_else_decided_is_said_in_its_place(browser: Browser, live_server, firm: Firm) -> None:
    first, *_rest = requests(firm, 2)
    window = open_window(browser, live_server.url, "mark")
    page = window.open("/approvals/")
    expect(page.locator(OPEN)).to_contain_text("(0)")
    services.reject_extension(first, by=firm.ada)
    page.keyboard.press("a")
    expect(page.locator(OPEN)).to_contain_text("Ada has rejected this already.")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("[data-row]")).to_have_count(0)
    assert window.errors == []


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "dark"), (PHONE, "light")])
def test_U2_in_chinese_on_a_phone_too(
    browser: Browser, live_server, firm: Firm, size: tuple[int, int], theme: str
) -> None:
    requests(firm, 2)
    services.object_to(firm.an_mql(), text="一位学生", by=firm.rita)
    returned = services.return_mql(firm.an_mql(), reason="no_need", text="没有需求", by=firm.rita)
    services.contest(returned, text="问过两次价格", by=firm.max)
    window = open_window(browser, live_server.url, "mark", language="zh-hans", size=size, theme=theme)
    page = window.open("/approvals/")
    expect(page.locator("[data-row]")).to_have_count(4)
    window.shot("approvals-all")
    fine(window)
    page.locator("[data-row]").nth(1).locator("a").first.click()
    expect(page.locator("[data-row]").nth(1)).to_have_class("t-decide is-here")
    for left in (3, 2, 1, 0):
        page.locator(f"{OPEN} form button.btn-primary").click()
        expect(page.locator("[data-row]")).to_have_count(left)
    window.shot("approvals-done")
    fine(window)


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_U2_a_rep_asks_and_the_lead_says_what_becomes_of_it(
    browser: Browser, live_server, firm: Firm, size: tuple[int, int]
) -> None:
    lead = firm.an_sql()
    window = open_window(browser, live_server.url, "rita", size=size)
    page = window.open(f"/leads/{lead.pk}")
    page.keyboard.press("e")
    page.locator("textarea[name=reason]").fill("They decide on Friday")
    window.shot("extension-ask")
    fine(window)
    page.locator("#panel button.btn-primary").click()
    expect(page.locator(".t-asked")).to_contain_text("waiting for Mark")
    services.approve_extension(Extension.objects.get(), by=firm.mark, comment="Once")
    window.open(f"/leads/{lead.pk}")
    expect(page.locator(".t-asked")).to_contain_text("Mark granted another week")
    window.shot("extension-granted")
    fine(window)


def test_U2_a_rep_puts_a_lead_to_the_manager_from_the_return(
    browser: Browser, live_server, firm: Firm
) -> None:
    lead = firm.an_mql()
    window = open_window(browser, live_server.url, "rita")
    page = window.open(f"/leads/{lead.pk}")
    page.keyboard.press("r")
    page.locator("#panel a[href$='/do/object/']").click()
    page.locator("#panel form[action$='/object/'] textarea[name=text]").fill("A competitor")
    page.locator("#panel button.btn-primary").click()
    expect(page.locator(".t-asked")).to_contain_text("waiting for Mark")
    fine(window)


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_U2_marketing_works_off_its_desk(
    browser: Browser, live_server, firm: Firm, size: tuple[int, int]
) -> None:
    leads = [firm.pooled("returned") for _n in range(4)]
    window = open_window(browser, live_server.url, "max", size=size)
    page = window.open("/pool/?segment=desk")
    expect(page.locator("#rows [data-row]")).to_have_count(4)
    window.shot("marketings-desk")
    fine(window)
    page.locator("#rows [data-row]").first.locator("button[value=calling]").click()
    expect(page.locator("#rows [data-row]")).to_have_count(3)
    page.locator("#rows [data-row]").first.locator("summary").click()
    if size == WIDE:
        window.shot("marketings-desk-more")
    page.locator("#rows [data-row]").first.locator("button[value=cadence]").click()
    expect(page.locator("#rows [data-row]")).to_have_count(2)
    if size == WIDE:
        page.locator("[data-tick-all]").check()
        page.locator("#bulk button[value=rules]").click()
        expect(page.locator("#hand-preview dd")).to_have_count(2)
        window.shot("marketings-desk-preview")
        page.locator("#hand-preview button.btn-primary").click()
        expect(page.locator("#rows [data-row]")).to_have_count(0)
        assert Lead.objects.filter(pk__in=[lead.pk for lead in leads], state="mql").count() == 2
    assert window.overflow() == "" and window.errors == []
