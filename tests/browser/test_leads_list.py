"""The list of leads as people use it: filter, save a view, choose columns, act on many, ask before typing, merge."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import SavedView
from contacts.models import MergeSuggestion
from core import clock
from leads import services
from leads.models import Lead
from tests.browser.window import PHONE, WIDE, Window, open_window
from tests.cast import Firm, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return Firm()


def scene(firm: Firm) -> dict[str, Lead]:
    firm.set_rules(labels=True)
    made = {
        "wei": firm.an_sql(
            firm.wei, firm.capture(name="张伟", phone="13800138000", company_name="深圳市新星科技有限公司")
        ),
        "ming": firm.capture(name="王小明", phone="13900001111", company_name="晨光诊所"),
        "rob": firm.an_sql(firm.rob, firm.capture(name="Rob's customer", phone="13900002222")),
        "rita": firm.an_sql(firm.rita, firm.capture(name="Rita's customer", email="li@example.com")),
        "again": firm.an_sql(firm.rob, firm.capture(name="The same again", phone="13900003333")),
    }
    firm.pooled("released", rep=firm.wei)
    one, other = sorted([made["rita"].contact_id, made["again"].contact_id])
    MergeSuggestion.objects.create(one_id=one, other_id=other, at=clock.now())
    return made


def act_on_many(page: Page, window: Window, firm: Firm, made: dict[str, Lead]) -> None:
    """The preview says what would become of each, the answer what became."""
    page.locator("[data-tick-all]").check()
    page.locator("button[name=action][value=assign]").click()
    page.locator("#bulk-dialog select[name=rep]").select_option(label="Rita")
    expect(page.locator("#bulk-preview tbody tr")).to_have_count(2)
    window.shot("leads-4-preview")
    assert fresh(made["rob"]).owner == firm.rob, "a preview changes nothing"
    page.locator("#bulk-dialog button.btn-primary").click()
    expect(page.locator("[data-bulk-done]")).to_be_visible()
    window.shot("leads-5-answer")
    assert fresh(made["rob"]).owner == fresh(made["again"]).owner == firm.rita
    page.locator("[data-bulk-done] a.btn-primary").click()
    expect(page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "size", "theme"),
    [("en", WIDE, "light"), ("zh-hans", PHONE, "light"), ("zh-hans", WIDE, "dark")],
)
def test_U2_the_list_of_leads(
    browser: Browser, live_server, firm: Firm, language: str, size: tuple[int, int], theme: str
) -> None:
    made = scene(firm)
    mark = open_window(browser, live_server.url, "mark", language=language, size=size, theme=theme)
    page = mark.open("/leads/?state=all")
    mark.shot("leads-1-list")
    rows = page.locator("#rows tbody tr")

    # Search as you type: two characters of a name.
    page.locator("input[name=q]").first.press_sequentially("小明")
    expect(rows).to_have_count(0)  # on the desk: not a manager's to see
    page.locator("input[name=q]").first.fill("")
    page.locator("input[name=q]").first.press_sequentially("cus")
    expect(rows).to_have_count(2)

    # A filter, kept as a view.
    mark.open("/leads/?state=all")
    page.locator("button[data-open=filters]").click()
    page.locator("#filters select[name=owner]").select_option("rob")
    mark.shot("leads-2-filters")
    page.locator("#filters button.btn-primary").click()
    expect(rows).to_have_count(2)
    expect(page.locator(".l-taken")).to_have_count(1)
    page.locator("button[data-open=view-menu]").click()
    assert not mark.overflow()
    mark.shot("leads-3-menu")
    page.locator("#view-menu button[data-open=save-view]").click()
    page.locator("#view-name").fill("Rob")
    mark.shot("leads-3-save")
    page.locator("#save-view button.btn-primary").click()
    expect(page.locator(".l-views a[aria-current]")).to_contain_text("Rob")
    assert SavedView.objects.get().query == "state=all&owner=rob"
    mark.shot("leads-3-saved")

    if size == WIDE:
        act_on_many(page, mark, firm, made)
    else:
        services.assign(made["again"], rep=firm.rita, by=firm.mark)

    # Columns.
    page.locator("button[data-open=view-menu]").click()
    page.locator("#view-menu button[data-open=columns]").click()
    for name in ("phone", "team", "medium"):
        page.locator(f"#columns input[value={name}]").check()
    mark.shot("leads-6-columns")
    page.locator("#columns button.btn-primary").click()
    expect(page.locator("#columns[open]")).to_have_count(0)
    mark.open("/leads/?state=all")
    mark.shot("leads-7-more-columns")
    assert not mark.overflow() and not mark.serious(), mark.serious()

    # Two leads of one person.
    mark.open(f"/leads/{made['rita'].pk}")
    mark.shot("leads-8-perhaps-the-same")
    page.locator("a[href*='/same/?with=']").first.click()
    mark.shot("leads-9-side-by-side")
    assert not mark.overflow() and not mark.serious(), mark.serious()
    page.locator("button[form=merge]").click()
    page.wait_for_url(re.compile(r"/leads/[0-9a-f-]{36}$"))
    assert Lead.objects.filter(state="merged").count() == 1
    mark.shot("leads-10-merged")
    assert not mark.errors, mark.errors


@pytest.mark.parametrize(("language", "size"), [("en", WIDE), ("zh-hans", PHONE)])
def test_R1_5_U2_asking_while_typing(
    browser: Browser, live_server, firm: Firm, language: str, size: tuple[int, int]
) -> None:
    scene(firm)
    rita = open_window(browser, live_server.url, "rita", language=language, size=size)
    page = rita.open("/leads/")
    page.locator("button[data-open=new-lead]").click()
    page.locator("#new-lead input[name=phone]").press_sequentially("138 0013 8000")
    expect(page.locator("#new-known")).to_contain_text("Wei")
    expect(page.locator("#new-known")).to_contain_text("138****8000")
    rita.shot("leads-11-known")
    rita.open("/leads/")
    page.locator("button[data-open=check]").click()
    page.locator("#check input[name=company_name]").press_sequentially("新星科技")
    page.locator("#check input[name=phone]").press_sequentially("13900009999")
    page.locator("#check input[name=phone]").press("Enter")
    expect(page.locator("#check-known")).not_to_be_empty()
    rita.shot("leads-12-check")
    assert not rita.overflow() and not rita.serious(), rita.serious()
    assert not rita.errors, rita.errors


def test_U2_on_a_phone_leads_are_ticked_one_by_one(browser: Browser, live_server, firm: Firm) -> None:
    scene(firm)
    for login, path in (("mark", "/leads/"), ("rita", "/pool/")):
        window = open_window(browser, live_server.url, login, language="en", size=PHONE, theme="light")
        page = window.open(path)
        page.locator("[data-tick]").first.check()
        expect(page.locator("[data-bulk]")).to_be_visible()
        window.shot(f"ticked-{login}")
        assert (window.overflow(), window.errors) == ("", [])
