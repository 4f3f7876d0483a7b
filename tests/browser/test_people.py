"""People in the browser: an administrator lets a rep leave, after seeing what goes where; a rep goes away; rules."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from leads.models import AssignmentRule, Lead
from tests.browser.window import PHONE, WIDE, open_window
from tests.cast import Firm, fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return Firm()


@pytest.mark.parametrize(("language", "size"), [("en", WIDE), ("zh-hans", PHONE)])
def test_R15_3_a_rep_leaves_and_everything_goes_on(
    browser: Browser, live_server, firm: Firm, language: str, size: tuple[int, int]
) -> None:
    firm.an_sql(firm.rita)
    firm.an_mql(firm.rita)
    chance = firm.an_opportunity(firm.rita)
    look = {"language": language, "size": size}
    hers = open_window(browser, live_server.url, "rita", **look)
    hers.open("/")
    ada = open_window(browser, live_server.url, "ada", **look)
    page = ada.open("/people/")
    page.locator("#rows a.t-name", has_text="Rita").click()
    page.wait_for_url(re.compile(rf"/people/{firm.rita.pk}/"))
    ada.shot("people-1-person")
    page.locator("a[href$='/leave/']").click()
    expect(page.locator("#plan form button.btn-lost")).to_be_visible()
    ada.shot("people-2-in-turn")

    page.locator("input[name=to][value=person]").check()
    expect(page.locator("#plan form")).to_have_count(0)
    page.locator("#heir").select_option(str(firm.wei.pk))
    expect(page.locator("#plan .t-goes").first).to_contain_text("Wei")
    expect(page.locator("#plan")).not_to_contain_text("Rob")
    ada.shot("people-3-to-one")
    assert fresh(chance).owner == firm.rita, "a preview changes nothing"
    page.locator("#plan form button.btn-lost").click()
    page.wait_for_url(re.compile(rf"/people/{firm.rita.pk}/$"))
    expect(page.locator("#main h1")).to_have_text("Rita")
    ada.shot("people-4-left")
    assert fresh(chance).owner == firm.wei
    assert set(Lead.objects.values_list("owner__login", flat=True)) == {"wei"}

    hers.page.goto(f"{live_server.url}/leads/")
    expect(hers.page.locator("input[name=password]")).to_be_visible()
    assert ada.errors == []
    if size == PHONE:
        assert not ada.overflow()
    for window in (hers, ada):
        window.page.context.close()


@pytest.mark.slow
def test_R3_1_a_rep_is_away_by_the_own_menu_and_a_rule_is_moved(
    browser: Browser, live_server, firm: Firm
) -> None:
    rita = open_window(browser, live_server.url, "rita")
    page = rita.open("/")
    page.locator(".t-side .t-me summary").click()
    page.locator(".t-side .t-me a[href='/people/me/']").click()
    page.wait_for_url(re.compile(rf"/people/{firm.rita.pk}/"))
    page.locator("input[name=away_until]").fill("2099-01-05T09:00")
    page.locator("form[action$='/away/'] button").first.click()
    expect(page.locator("form[action$='/away/'] button[value=back]")).to_be_visible()
    assert fresh(firm.rita).away_until is not None
    page.locator("form[action$='/away/'] button[value=back]").click()
    expect(page.locator("form[action$='/away/'] button[value=back]")).to_have_count(0)
    assert fresh(firm.rita).away_until is None

    firm.set_rules(assignment_rules=True)
    ada = open_window(browser, live_server.url, "ada")
    page = ada.open("/people/assignment/")
    for name, rep in (("One", firm.wei), ("Two", firm.rita)):
        page.locator("[data-open='new-rule']").first.click()
        form = page.locator("#new-rule form")
        form.locator("input[name=name]").fill(name)
        form.locator(f"input[name=reps][value='{rep.pk}']").check()
        form.locator("button.btn-primary").click()
        expect(page.locator(".t-words h2", has_text=name)).to_be_visible()
    page.locator("button[name=do][value=up]").nth(1).click()
    expect(page.locator(".t-words h2").first).to_have_text("Two")
    ada.shot("people-5-rules")
    assert list(AssignmentRule.objects.values_list("name", flat=True)) == ["Two", "One"]

    page = ada.open("/rulebook/")
    page.locator("#labels .t-switch").click()
    expect(page.locator("#labels .t-switch")).to_have_attribute("aria-checked", "true")
    page.locator("#holidays input[name=from]").fill("2026-10-01")
    page.locator("#holidays input[name=to]").fill("2026-10-03")
    page.locator("#holidays button.btn-primary").click()
    expect(page.locator("#holidays input[name=value]")).to_have_count(3)
    expect(page.locator("#holidays")).to_be_in_viewport()
    ada.shot("people-6-rulebook")
    for window in (rita, ada):
        assert window.errors == []
        window.page.context.close()
