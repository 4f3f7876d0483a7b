"""The marketer writes a template, sees it on a real person, tries it out, and mails a saved view (R10.10, R11.3)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from accounts.models import SavedView
from outreach.models import Mailing, Message, Template
from outreach.services.campaigns import save_campaign
from outreach.services.mailing_sweep import decide_due
from outreach.services.mailings import save_mailing
from tests.browser.window import PHONE, WIDE, Window, open_window
from tests.cast import Firm

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    firm = Firm()
    firm.set_rules(touch_hours="00:00-23:59")
    return firm


def fine(window: Window) -> None:
    assert window.overflow() == "" and window.serious() == [] and window.errors == []


def test_R10_10_a_template_is_written_seen_on_a_real_person_and_tried(
    browser: Browser, live_server, firm: Firm
) -> None:
    firm.capture(name="Han Meimei", phone="13800138071", company_name="Blue Whale Ltd")
    firm.capture(name="Li Lei", phone="13800138072")
    window = open_window(browser, live_server.url, "max")
    page = window.open("/campaigns/")
    expect(page.locator(".t-side [aria-current]")).to_contain_text("Campaigns")
    page.locator(".t-choice a", has_text="Templates").click()
    page.locator(".t-chip", has_text="SMS").click()
    page.keyboard.press("c")
    page.locator("[name=name]").fill("Salon")
    page.locator("[name=text_en]").fill(
        "Hi {{ name | there }} of {{ company | your firm }}: https://example.com/salon"
    )
    page.locator("#try label", has_text="English").click()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Hi Li Lei of your firm")
    expect(preview).to_contain_text("the person's company is not known")
    expect(preview).to_contain_text("Nothing says how to opt out")
    # Somebody else, found by a part of the company's name.
    page.locator("#try [name=q]").press_sequentially("blue wh")
    expect(page.locator("#people label")).to_have_count(1)
    page.locator("#people label", has_text="Han Meimei").click()
    expect(preview).to_contain_text("Hi Han Meimei of Blue Whale Ltd")
    page.locator("[name=text_en]").fill("Hi {{ nmae }}")
    expect(preview).to_contain_text("“nmae” is nothing that can be filled in")
    page.locator("#template-form .btn-primary").click()
    expect(page.locator("#template-form [data-field=text_en]")).to_contain_text("nmae")
    window.shot("template-refused")
    page.locator("[name=text_en]").fill("Hi {{ name | there }}, salon on Saturday. Reply STOP to opt out")
    expect(preview.locator(".t-smslength")).to_have_attribute("title", "GSM-7")
    page.locator("#template-form .btn-primary").click()
    expect(page.locator("h1")).to_have_text("Salon")
    expect(page.locator("#preview")).to_contain_text("Hi Han Meimei, salon")
    page.locator("[name=to]").fill("138")
    page.locator("button", has_text="Send a test").click()
    expect(page.locator("[data-field=to]")).to_contain_text("not a phone number")
    page.locator("[name=to]").fill("13900139000")
    page.locator("button", has_text="Send a test").click()
    expect(page.locator(".t-toast").last).to_contain_text("+8613900139000")
    window.shot("template")
    fine(window)
    message = Message.objects.get()
    assert (message.kind, message.text) == ("test", "Hi Han Meimei, salon on Saturday. Reply STOP to opt out")


def test_R11_3_a_mailing_says_who_gets_it_starts_and_is_stopped(
    browser: Browser, live_server, firm: Firm
) -> None:
    firm.captures(4)
    no = firm.capture(name="Wants None", phone="13800138073").contact
    no.do_not_sms = True
    no.store("do_not_sms")
    SavedView.objects.create(user=firm.max, page="leads", name="Everybody", query="state=all")
    window = open_window(browser, live_server.url, "max")
    page = window.open("/campaigns/")
    page.keyboard.press("c")
    page.locator("[name=name]").fill("Spring salon")
    page.locator("label", has_text="win orders").click()
    page.locator("[name=budget]").fill("2000")
    page.locator("[name=cost]").fill("500")
    page.locator(".btn-primary").click()
    expect(page.locator("h1")).to_have_text("Spring salon")
    page.keyboard.press("c")
    page.locator("[name=view]").select_option(label="Everybody")
    page.locator("[name=template]").select_option(label="SMS · Not now: a short hello")
    whom = page.locator("#whom")
    expect(whom).to_contain_text("wants no SMS")
    expect(whom).to_contain_text("Wants None")
    window.shot("mailing-form")
    fine(window)
    page.locator("#mailing-form .btn-primary").click()
    expect(page.locator(".t-head")).to_contain_text("draft")
    page.keyboard.press("s")
    expect(page.locator("#start")).to_contain_text("4 get it at once, 0 wait, 1 do not get it")
    window.shot("mailing-start")
    page.locator("#start .btn-primary").click()
    expect(page.locator(".t-head")).to_contain_text("running")
    mailing = Mailing.objects.get()
    decide_due(mailing.starts_at)
    page = window.open(f"/campaigns/mailings/{mailing.pk}/")
    expect(page.locator(".t-look")).to_contain_text("decided: they get it")
    window.shot("mailing")
    fine(window)
    assert Message.objects.filter(source_id=mailing.pk).count() == 4
    page = window.open(f"/campaigns/{mailing.campaign_id}/")
    expect(page.locator("#main")).to_contain_text("Not now: a short hello")
    window.shot("campaign")
    fine(window)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_U1_the_pages_are_for_everybody(
    browser: Browser, live_server, firm: Firm, language: str, theme: str, size: tuple[int, int]
) -> None:
    firm.captures(2)
    view = SavedView.objects.create(user=firm.max, page="leads", name="All", query="state=all")
    campaign = save_campaign(None, by=firm.max, name="Spring", goal="order")
    template = Template.objects.get(code="third_email")
    mailing = save_mailing(None, by=firm.max, campaign=campaign, template=template, view=view)
    window = open_window(browser, live_server.url, "max", language=language, theme=theme, size=size)
    for path in (
        "/campaigns/",
        "/campaigns/new/",
        f"/campaigns/{campaign.pk}/",
        f"/campaigns/{campaign.pk}/mailing/",
        f"/campaigns/mailings/{mailing.pk}/",
        "/campaigns/templates/",
        f"/campaigns/templates/{template.pk}/",
    ):
        window.open(path)
        fine(window)
