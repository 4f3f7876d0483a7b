"""The pipeline's board by mouse, by touch and by keyboard; a colleague who moves a card; the forecast; in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core import clock
from opportunities import services
from opportunities.models import Opportunity
from tests.browser.window import PHONE, WIDE, open_window
from tests.cast import Firm, fresh
from tests.opportunities.many import decided, opportunities

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


# The board asks every eight seconds.
ASKED = 15_000
# What carries the card looks twenty times a second over which column it is; no hand lets go sooner.
HELD = 150


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return Firm()


@pytest.fixture
def chances(firm: Firm) -> Iterator[dict[str, Opportunity]]:
    """Three of Rita's, one at each stage; the last has lived through an experience."""
    rows = {"first": firm.an_opportunity(), "second": firm.an_opportunity(), "third": firm.an_opportunity()}
    for row in list(rows.values())[1:]:
        services.plan_experience(
            row, by=firm.rita, kind="online", starts_at=clock.now(), ends_at=None, note="", held=True
        )
        services.advance(row, by=firm.rita, to="experience")
    services.advance(rows["third"], by=firm.rita, to="negotiation")
    for n, row in enumerate(rows.values()):
        day = clock.firm_day(clock.now()) + timedelta(days=31 * n)
        services.update(row, by=firm.rita, expected_close=day, amount=Decimal("1234.50"))
    yield rows


def card(page: Page, row: Opportunity) -> Locator:
    return page.locator(f'[data-card][data-url="/opportunities/{row.pk}"]')


def lane(page: Page, stage: str) -> Locator:
    return page.locator(f'[data-lane="{stage}"]')


def in_lane(page: Page, row: Opportunity, stage: str) -> None:
    """The card lies in this column."""
    found = lane(page, stage).locator(f'[data-card][data-url="/opportunities/{row.pk}"]')
    expect(found).to_be_visible(timeout=ASKED)


def done(page: Page) -> None:
    """What was moved is moved: no form is open, no answer awaited."""
    expect(page.locator("#board-ask")).not_to_be_visible()
    expect(page.locator(".t-card.is-moving")).to_have_count(0)


def middle(spot: Locator) -> tuple[float, float]:
    box = spot.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 40)


def drag(page: Page, what: Locator, to: Locator) -> None:
    """With the mouse, from card to column; once more if the board was drawn anew just as the hand took the card."""
    for _again in range(3):
        (x, y), (u, v) = middle(what), middle(to)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 8, y + 8, steps=3)
        page.mouse.move(u, v, steps=12)
        if page.locator(".t-board.is-dragging").count():
            break
        page.mouse.up()
    page.mouse.move(u + 2, v + 2, steps=3)
    page.wait_for_timeout(HELD)
    page.mouse.up()


class Finger:
    """One finger on the glass, as the browser's own tools make it."""

    def __init__(self, page: Page) -> None:
        self.page, self.tools = page, page.context.new_cdp_session(page)

    def _say(self, kind: str, *points: dict[str, Any]) -> None:
        self.tools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    def down(self, x: float, y: float) -> None:
        self._say("touchStart", {"x": x, "y": y})

    def move(self, start: tuple[float, float], end: tuple[float, float], steps: int = 12) -> None:
        for n in range(1, steps + 1):
            x = start[0] + (end[0] - start[0]) * n / steps
            y = start[1] + (end[1] - start[1]) * n / steps
            self._say("touchMove", {"x": x, "y": y})
            self.page.wait_for_timeout(16)

    def up(self) -> None:
        self._say("touchEnd")


def test_R8_2_by_mouse_a_move_that_needs_something_asks_and_may_be_skipped(
    browser: Browser, live_server, firm: Firm, chances
) -> None:
    window = open_window(browser, live_server.url, "rita", size=WIDE)
    page = window.open("/pipeline/")
    first = chances["first"]
    # To the experience: what will they experience? Left alone, the card goes home.
    drag(page, card(page, first), lane(page, "experience"))
    dialog = page.locator("#board-ask")
    expect(dialog.locator("input[name=kind]").first).to_be_visible()
    window.shot("board-1-asks")
    page.keyboard.press("Escape")
    done(page)
    in_lane(page, first, "confirmed")
    assert fresh(first).stage == "confirmed"
    # Again, and skipped.
    drag(page, card(page, first), lane(page, "experience"))
    dialog.locator("button[name=skip]").click()
    done(page)
    in_lane(page, first, "experience")
    expect(page.locator('[data-part="head-experience"] .t-count')).to_have_text("2")
    assert fresh(first).stage == "experience"
    # Back asks why; without a reason it says so in the form.
    drag(page, card(page, first), lane(page, "confirmed"))
    dialog.locator("form .btn-primary").click()
    expect(dialog.locator(".t-field__error, [data-refusal]").first).to_be_visible()
    dialog.locator("textarea[name=reason]").fill("They want to wait.")
    dialog.locator("form .btn-primary").click()
    done(page)
    in_lane(page, first, "confirmed")
    # Lost asks why, and the loss can be taken back at once.
    drag(page, card(page, first), lane(page, "lost"))
    dialog.locator("label", has=page.locator('input[value="price"]')).click()
    dialog.locator(".btn-lost").click()
    expect(card(page, first)).to_have_count(0)
    assert fresh(first).stage == "lost"
    page.locator(".t-toast button", has_text="Undo").click()
    in_lane(page, first, "confirmed")
    assert fresh(first).stage == "confirmed"
    assert window.errors == []
    page.context.close()


def test_R8_2_with_the_answer_the_move_is_done_in_one_go_and_a_gate_puts_the_card_back(
    browser: Browser, live_server, firm: Firm, chances
) -> None:
    window = open_window(browser, live_server.url, "rita", size=WIDE)
    page = window.open("/pipeline/")
    first, dialog = chances["first"], page.locator("#board-ask")
    drag(page, card(page, first), lane(page, "experience"))
    dialog.locator("input[name=starts_at]").fill("2027-03-02T10:00")
    dialog.locator("form .btn-primary").click()
    done(page)
    in_lane(page, first, "experience")
    assert fresh(first).stage == "experience" and first.experience_events.count() == 1
    # Somebody else had it a moment ago: the card goes back and the reason is said.
    second = chances["second"]
    services.lose(second, reason="price", by=firm.mark)
    drag(page, card(page, second), lane(page, "negotiation"))
    page.wait_for_timeout(500)
    if dialog.is_visible():
        dialog.locator("button", has_text="Skip").click()
        expect(dialog.locator("[data-refusal]")).to_be_visible()
        page.keyboard.press("Escape")
    expect(lane(page, "negotiation").locator(f'[data-url="/opportunities/{second.pk}"]')).to_have_count(0)
    assert fresh(second).stage == "lost"
    page.context.close()


def test_U2_by_touch_a_long_press_takes_the_card_and_a_swipe_does_not(
    browser: Browser, live_server, firm: Firm, chances
) -> None:
    window = open_window(browser, live_server.url, "rita", language="zh-hans", size=PHONE)
    page = window.open("/pipeline/")
    assert window.overflow() == ""
    window.shot("board-3-phone")
    first, finger = chances["first"], Finger(page)
    x, y = middle(card(page, first))
    # A swipe scrolls on to the next column and moves nothing.
    finger.down(x, y)
    finger.move((x, y), (x - 250, y), steps=8)
    finger.up()
    page.wait_for_timeout(600)
    assert page.evaluate("document.querySelector('.t-board').scrollLeft") > 0
    assert fresh(first).stage == "confirmed"
    page = window.open("/pipeline/")
    # A long press takes it; held at the edge, the board goes on under it.
    x, y = middle(card(page, first))
    finger.down(x, y)
    page.wait_for_timeout(450)
    finger.move((x, y), (374, y + 4), steps=10)
    expect(page.locator(".t-board.is-dragging")).to_be_visible()
    for n in range(40):
        finger.move((374, y + 4), (374, y + 4 + n % 2), steps=1)
        box = lane(page, "experience").bounding_box()
        if box and box["x"] < 200:
            break
    box = lane(page, "experience").bounding_box()
    assert box is not None and box["x"] < 300
    end = (box["x"] + 70, box["y"] + 30)
    finger.move((374, y + 4), end, steps=8)
    # The board may go on a little while the finger leaves its edge: follow the column until the card stays in it.
    taken = lane(page, "experience").locator(f'[data-card][data-url="/opportunities/{first.pk}"]')
    seen = 0
    for n in range(60):
        page.wait_for_timeout(HELD)
        seen = seen + 1 if taken.count() and 60 < end[0] < 330 else 0
        if seen == 3:
            break
        box = lane(page, "experience").bounding_box()
        assert box is not None
        # Out of sight on one side: held at that edge, the board comes back.
        there = (min(max(box["x"] + 90 + n % 3 * 10, 20), 374), box["y"] + 30 + n % 3 * 5)
        finger.move(end, there, steps=4)
        end = there
    finger.up()
    skip = page.locator("#board-ask button[name=skip]")
    skip.wait_for()
    assert window.overflow() == ""
    window.shot("board-4-touch")
    skip.click()
    done(page)
    in_lane(page, first, "experience")
    assert fresh(first).stage == "experience"
    assert window.errors == []
    page.context.close()


@pytest.mark.slow
def test_the_board_stays_true_when_a_colleague_moves_a_card(
    browser: Browser, live_server, firm: Firm, chances
) -> None:
    opportunities(firm, [{"stage": "confirmed"} for _n in range(70)])
    window = open_window(browser, live_server.url, "mark", size=WIDE)
    page = window.open("/pipeline/")
    page.locator(".t-lane__more").first.click()
    cards = lane(page, "confirmed").locator("[data-card]")
    expect(cards).to_have_count(71)
    page.mouse.wheel(0, 900)
    page.wait_for_timeout(300)
    mark = page.evaluate("(window.here = document.body, window.scrollY)")
    third = chances["third"]
    services.back(third, by=firm.rita, to="experience", reason="They think it over.")
    in_lane(page, third, "experience")
    expect(page.locator('[data-part="head-negotiation"] .t-count')).to_have_text("0")
    # Nothing was loaded anew: the same document, as far down, with what had been loaded on.
    assert page.evaluate("window.here === document.body") and abs(page.evaluate("window.scrollY") - mark) < 4
    expect(cards).to_have_count(71)
    # While a card is in the hand nothing moves under it; afterwards it does.
    page.evaluate("window.scrollTo(0, 0)")
    x, y = middle(card(page, chances["second"]))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y + 10, steps=4)
    expect(page.locator(".t-board.is-dragging")).to_be_visible()
    services.advance(third, by=firm.rita, to="negotiation")
    page.wait_for_timeout(9500)
    in_lane(page, third, "experience")
    page.mouse.up()
    in_lane(page, third, "negotiation")
    assert window.errors == []
    page.context.close()


@pytest.mark.parametrize(("language", "size"), [("en", WIDE), ("zh-hans", PHONE)])
def test_R8_3_forecast_and_win_rates(
    browser: Browser, live_server, firm: Firm, chances, language: str, size: tuple[int, int]
) -> None:
    decided(firm, 24, won=2, furthest="experience")
    decided(firm, 9, won=6, furthest="negotiation")
    decided(firm, 6, won=5, furthest="negotiation", kind="renewal")
    opportunities(firm, [{"amount": None}, {"expected_close": None, "owner": firm.rob}])
    window = open_window(browser, live_server.url, "mark", language=language, size=size)
    page = window.open("/pipeline/?view=forecast&kind=new_business")
    expect(page.locator(".t-forecast tbody tr")).to_have_count(3)
    window.shot("forecast-1-firm")
    assert window.overflow() == ""
    page.locator('.t-chip[href*="by=owner"]').click()
    expect(page).to_have_url(live_server.url + "/pipeline/?view=forecast&kind=new_business&by=owner")
    expect(page.locator(".t-forecast thead th")).to_have_count(7)
    window.shot("forecast-2-reps")
    assert window.overflow() == ""
    assert window.serious() == []
    page.locator('nav a[href*="view=list"]').last.click()
    expect(page.locator("tr[data-row]")).to_have_count(5)
    window.open("/pipeline/calibration/")
    window.shot("forecast-3-rates")
    assert window.overflow() == ""
    assert window.serious() == []
    window.open("/pipeline/")
    window.shot("forecast-4-board")
    assert window.overflow() == ""
    assert window.errors == []
    page.context.close()


@pytest.mark.slow
def test_what_is_typed_goes_along_to_the_figures_the_chips_and_the_list(
    browser: Browser, live_server, firm: Firm, chances
) -> None:
    firm.an_opportunity(company="Blue Whale Ltd")
    window = open_window(browser, live_server.url, "rita", size=WIDE)
    page = window.open("/pipeline/")
    expect(page.locator("#head-figures")).to_contain_text("4 open")
    page.locator("#main input[name=q]").press_sequentially("whale", delay=40)
    expect(page.locator("#head-figures")).to_contain_text("1 open")
    expect(page.locator("#chips .t-chip", has_text="New business").locator(".t-count")).to_have_text("1")
    expect(page.locator("#main input[name=q]")).to_be_focused()
    page.locator("#shown-as a", has_text="List").click()
    expect(page).to_have_url(f"{live_server.url}/pipeline/?q=whale&view=list")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    assert window.errors == []
    page.context.close()


def test_U4_by_keyboard(browser: Browser, live_server, firm: Firm, chances) -> None:
    window = open_window(browser, live_server.url, "rita", size=WIDE)
    page = window.open("/pipeline/")
    first = chances["first"]
    card(page, first).locator("a").first.focus()
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    in_lane(page, first, "experience")
    page.keyboard.press("Escape")
    in_lane(page, first, "confirmed")
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.locator("#board-ask button[name=skip]").click()
    done(page)
    in_lane(page, first, "experience")
    assert fresh(first).stage == "experience"
    # The menu on the card does the same.
    card(page, first).locator(".t-card__move").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#board-ask .t-moves")).to_be_visible()
    window.shot("board-2-menu")
    page.locator("#board-ask .t-moves a", has_text="confirmed").click()
    page.locator("#board-ask textarea[name=reason]").fill("Too early.")
    page.locator("#board-ask form .btn-primary").click()
    done(page)
    in_lane(page, first, "confirmed")
    assert window.errors == []
    assert window.serious() == []
    page.context.close()
