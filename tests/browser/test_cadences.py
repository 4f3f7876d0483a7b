"""A marketer edits a cadence, runs it dry, and sees who is held back and why (R10.1, R10.8, R10.10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser, expect

from core import clock
from leads.models import Lead
from pool.models import Cadence, CadenceStep, Entry
from tests.browser.window import PHONE, WIDE, Window, open_window
from tests.cast import SHANGHAI, Firm
from tests.pool.cadence_stage import cadence_of, contact_of, leave, no_need, react, sweep

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DAY = 24 * 60
NAMES = ["Han Meimei", "Li Lei", "Wang Fang", "Zhang Wei", "Liu Yang", "Chen Jie", "Zhao Min", "Sun Li"]


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return Firm()


def fine(window: Window) -> None:
    assert window.overflow() == "" and window.serious() == [] and window.errors == []


def peopled(firm: Firm) -> Cadence:
    """People in the middle of their cadence: reached, reacted, held back; the clock of the page is the real one."""
    now = clock.now()
    began = now - timedelta(days=40)
    leads: list[Lead] = []
    for n, name in enumerate(NAMES):
        with clock.at(began - timedelta(hours=n * 3)):
            leads.append(no_need(firm))
        contact_of(leads[-1], name=name, company_name=f"Needful Things {n} Ltd")
    sweep_days(began, now, leads)
    contact_of(leads[0], do_not_sms=True, do_not_email=True)
    contact_of(leads[1], do_not_email=True)
    return cadence_of("not_now")


def sweep_days(since: datetime, until: datetime, leads: list[Lead]) -> None:
    """The sweep at ten in the morning of each day, and what it wrote leaves."""
    day = since.astimezone(SHANGHAI).replace(hour=10, minute=0)
    while day < until:
        with clock.at(day), transaction.atomic():
            sweep(day)
            sent = leave(day)
            if sent and sent[0].contact_id == leads[-1].contact_id:
                react(leads[-1], "open", day, sent[0])
        day += timedelta(days=1)


def test_R10_10_a_marketer_edits_a_cadence_and_runs_it_dry(browser: Browser, live_server, firm: Firm) -> None:
    cadence = peopled(firm)
    stood = dict(Entry.objects.filter(cadence=cadence, state="running").values_list("pk", "step_key"))
    assert stood
    window = open_window(browser, live_server.url, "max")
    page = window.open("/campaigns/cadences/")
    expect(page.locator(".t-cadence")).to_have_count(5)
    window.shot("cadences")
    fine(window)
    page.locator(".t-cadence h2 a", has_text="not now").click()
    expect(page.locator(".t-cad__stop")).to_have_count(5)
    window.shot("cadence")
    fine(window)
    page.locator(".t-head__actions .btn", has_text="Change the steps").click()
    changes = page.locator("#cadence-changes")
    expect(changes).to_contain_text("The steps stay as they are.")
    # A longer wait, and one more step that comes only to who did not open the last message.
    page.locator("[name=steps-0-wait]").fill("45")
    expect(changes).to_contain_text("Step 1 waits 45 days instead of 30 days")
    page.locator("#add-2").click()
    expect(page.locator(".t-cadstep")).to_have_count(4)
    expect(changes).to_contain_text("1 thing is still missing")
    page.locator("[name=steps-3-way_1]").select_option(index=1)
    page.locator("[name=steps-3-wait]").fill("3")
    page.locator("[name=steps-3-condition]").select_option("not_opened")
    expect(changes).to_contain_text("Step 4 is new")
    expect(changes).to_contain_text("keep their place")
    window.shot("cadence-edit")
    fine(window)
    # Nonsense is refused beside its field.
    page.locator("[name=steps-1-wait]").fill("-2")
    page.locator(".t-cadedit__side .btn-primary").click()
    expect(page.locator("[data-field=steps-1-wait] .t-field__error")).to_be_visible()
    window.shot("cadence-refused")
    page.locator("[name=steps-1-wait]").fill("7")
    page.locator(".t-cadedit__side .btn-primary").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(page.locator(".t-cadhistory")).to_contain_text("Version 2")
    expect(page.locator(".t-cad__stop")).to_have_count(6)
    steps = CadenceStep.objects.filter(version__cadence=cadence, version__number=2)
    assert [step.wait_minutes // DAY for step in steps] == [45, 7, 7, 3]
    assert dict(Entry.objects.filter(cadence=cadence, state="running").values_list("pk", "step_key")) == stood
    # What it would do now, and to whom it would not.
    page.locator(".t-head__actions .btn", has_text="Dry run").click()
    expect(page.locator("h1")).to_have_text("Dry run")
    held = page.locator(".t-cadheld details", has_text="wants no")
    held.first.locator("summary").click()
    expect(held.first.locator("ul")).to_contain_text("Han Meimei")
    page.locator(".t-text summary").first.click()
    expect(page.locator(".t-text .t-readtext").first).to_be_visible()
    window.shot("cadence-dry")
    fine(window)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "theme", "language"),
    [
        (WIDE, "dark", "zh-hans"),
        (PHONE, "light", "en"),
        (PHONE, "dark", "zh-hans"),
        (WIDE, "light", "zh-hans"),
    ],
)
def test_the_pages_in_other_widths_looks_and_languages(
    browser: Browser, live_server, firm: Firm, size: tuple[int, int], theme: str, language: str
) -> None:
    cadence = peopled(firm)
    other: Any = Cadence.objects.get(segment="third_party")
    window = open_window(browser, live_server.url, "max", language=language, theme=theme, size=size)
    for name, url in (
        ("cadences", "/campaigns/cadences/"),
        ("cadence", f"/campaigns/cadences/{cadence.pk}/"),
        ("cadence-on", f"/campaigns/cadences/{other.pk}/"),
        ("cadence-edit", f"/campaigns/cadences/{cadence.pk}/edit/"),
        ("cadence-dry", f"/campaigns/cadences/{cadence.pk}/dry-run/"),
        ("cadence-leads", f"/campaigns/cadences/{cadence.pk}/leads/"),
    ):
        window.open(url)
        window.shot(name)
        fine(window)
