"""A telemarketer's hour at the desk without a mouse: twenty leads by keys, in both languages, on a phone too (R2.2–R2.4)."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Browser, Page, expect

from calling.models import Call, Lease
from calling.services import save_script
from leads.models import Lead
from tests import invariants
from tests.browser.window import PHONE, WIDE, Window, open_window
from tests.cast import Firm

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LEADS = 20
# The keys of one call each, without the Enter that logs it; the desk's outcomes in turn.
CALLS = [
    ("ArrowRight", "ArrowRight", "1"),
    ("2", "m"),
    ("3",),
    ("4",),
    ("5",),
    ("PageDown", "6"),
    ("7", "0"),
]
EXPECTED = ["interested", "call_back", "no_answer", "empty_number", "wrong_number", "no_need", "refused"]


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    firm = Firm()
    firm.duty("rita", "rob")
    steps = [
        {"title": "一句话", "text": "{name}您好，我是{me}。", "questions": []},
        {
            "title": "What it solves",
            "text": "Thirty seconds. " * 12,
            "questions": [{"key": "seats", "text": "How many?"}],
        },
        {"title": "Hand over", "text": "A colleague calls you.", "questions": []},
    ]
    save_script(None, by=firm.max, name="Standard", steps=steps, is_default=True)
    return firm


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def in_hand(page: Page) -> str:
    """Whom the desk shows now."""
    return page.locator("#desk-form").get_attribute("action") or ""


def logged(page: Page, before: str) -> None:
    """Wait until the lead that was in hand has left the desk."""
    expect(page.locator(f'#desk-form[action="{before}"]')).to_have_count(0)


def work(page: Page, window: Window, many: int) -> None:
    """So many calls, by keys only."""
    for n in range(many):
        expect(page.locator("#desk-form")).to_be_visible()
        before = in_hand(page)
        keys = CALLS[n % len(CALLS)]
        press(page, *keys)
        if n == 0:
            press(page, "ArrowLeft", "q")
            page.keyboard.type("12")
            press(page, "Enter", "n")
            page.keyboard.type("王总想看演示")
            window.shot("desk-1-a-call")
        press(page, "Enter")
        logged(page, before)


@pytest.mark.parametrize(("language", "size"), [("en", WIDE), ("zh-hans", PHONE)])
def test_R2_2_twenty_leads_by_keyboard_only(
    browser: Browser, live_server, firm: Firm, language: str, size: tuple[int, int]
) -> None:
    firm.captures(LEADS)
    tina = open_window(browser, live_server.url, "tina", language=language, size=size)
    page = tina.open("/calling/")
    work(page, tina, LEADS)
    expect(page.locator("[data-desk-look]")).to_be_visible()
    tina.shot("desk-2-nobody-left")
    assert tina.overflow() == ""
    calls = list(Call.objects.order_by("at"))
    assert [call.outcome for call in calls] == [EXPECTED[n % 7] for n in range(LEADS)]
    assert len({call.lead_id for call in calls}) == LEADS
    first = calls[0]
    assert (first.step, first.answers, first.note) == (3, {"seats": "12"}, "王总想看演示")
    assert all(call.duration is not None and call.duration < 120 for call in calls)
    owners = Counter(Lead.objects.filter(state="mql").values_list("owner__login", flat=True))
    assert owners == {"rita": 2, "rob": 1} or owners == {"rita": 1, "rob": 2}
    assert not Lease.objects.exists()
    assert tina.errors == []
    invariants.check()
    page.context.close()


def test_R2_3_a_choice_can_be_changed_and_nothing_is_sent_by_chance(
    browser: Browser, live_server, firm: Firm
) -> None:
    firm.captures(2)
    tina = open_window(browser, live_server.url, "tina")
    page = tina.open("/calling/")
    expect(page.locator("#desk-form")).to_be_visible()
    before = in_hand(page)
    press(page, "Enter")  # nothing is chosen yet
    press(page, "1", "2")
    expect(page.locator("[name=outcome]:checked")).to_have_value("call_back")
    press(page, "Enter")  # no time is chosen yet
    expect(page.locator("[data-field=call_back_at] .t-field__error")).to_be_visible()
    press(page, "n")
    page.keyboard.type("137")  # figures in a note choose nothing
    page.keyboard.press("Shift+Enter")
    note = page.locator("[name=note]")
    note.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    press(page, "Escape", "6")
    assert not Call.objects.exists()
    press(page, "Enter")
    logged(page, before)
    call = Call.objects.get()
    assert (call.outcome, call.note) == ("no_need", "137")
    # Back to the others, a break, and on again.
    before = in_hand(page)
    press(page, "b")
    logged(page, before)
    expect(page.locator("button[name=again]")).to_be_visible()
    press(page, "b")
    expect(page.locator("#desk-form")).to_be_visible()
    assert tina.errors == []
    page.context.close()


def test_R2_2_an_empty_desk_looks_again_by_itself(browser: Browser, live_server, firm: Firm) -> None:
    tina = open_window(browser, live_server.url, "tina")
    page = tina.open("/calling/")
    expect(page.locator("[data-desk-look]")).to_be_visible()
    firm.capture(name="王小明", phone="13900001111")
    page.evaluate("() => window.htmx.trigger(document.querySelector('[data-desk-look]'), 'desk:look')")
    expect(page.locator("#desk-who")).to_have_text("王小明")
    expect(page.locator("[data-step='1']")).to_contain_text("王小明您好，我是Tina。")
    assert page.locator("[data-dial]").get_attribute("href") == "tel:+8613900001111"
    assert tina.errors == []
    page.context.close()


@pytest.mark.parametrize(("language", "theme", "size"), [("en", "light", WIDE), ("zh-hans", "dark", PHONE)])
def test_U1_the_desk_and_its_scripts_are_for_everybody(
    browser: Browser, live_server, firm: Firm, language: str, theme: str, size: tuple[int, int]
) -> None:
    firm.capture(name="Li Lei", phone="13900001111", email="li@example.com", company_name="Morning Light")
    look = {"language": language, "theme": theme, "size": size}
    tina = open_window(browser, live_server.url, "tina", **look)
    page = tina.open("/calling/")
    expect(page.locator("#desk-form")).to_be_visible()
    press(page, "2")
    tina.shot("desk-3-call-back")
    assert tina.serious() == []
    assert tina.overflow() == ""
    max_ = open_window(browser, live_server.url, "max", **look)
    for path in ("/calling/scripts/", "/calling/scripts/new/"):
        page = max_.open(path)
        assert max_.serious() == []
        assert max_.overflow() == ""
    page = max_.open("/calling/scripts/")
    page.locator("a.t-name--open").click()
    page.locator("[name='steps.1.text']").fill("Good day, {name}")
    expect(page.locator("#preview [data-step='1']")).to_contain_text("Good day, ")
    page.locator("[data-asks='1'] [data-ask-add]").click()
    page.keyboard.type("How did you hear of us?")
    page.locator(".t-script form button.btn-primary").click()
    expect(page.locator(".t-version")).to_have_count(2)
    max_.shot("desk-4-script")
    assert (tina.errors, max_.errors) == ([], [])
    for window in (tina, max_):
        window.page.context.close()
