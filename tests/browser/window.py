"""Chromium for the tests: a window of somebody, in a language, a theme and a width, that notices what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from accounts.models import User
from crm.config import var_folder

BASE = Path(__file__).resolve().parents[2]
AXE = BASE / "node_modules" / "axe-core" / "axe.min.js"
WIDE, PHONE = (1440, 900), (390, 844)
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
]
# Said of each answer of 400 and above, by the browser and by htmx; those are judged by their status.
BY_STATUS = ("Failed to load resource", "Response Status Error Code 4")

# A key or click that comes while the answer to the last one is being drawn is nobody's.
BUSY = ".htmx-request, .htmx-swapping, .htmx-settling"


@dataclass
class Window:
    """A page with the errors that it met: of scripts, of the content policy, of the server."""

    page: Page
    base: str
    name: str
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(f"script: {error}"))
        self.page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(BY_STATUS):
            self.errors.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500 or (response.status == 404 and "favicon" not in response.url):
            self.errors.append(f"{response.status}: {response.url}")

    def open(self, path: str) -> Page:
        """Go to a page of ours and wait until it is quiet."""
        answer = self.page.goto(self.base + path, wait_until="load")
        if answer is not None and answer.status >= 400:
            self.errors.append(f"{answer.status}: {path}")
        return self.page

    def overflow(self) -> str:
        """What sticks out to the right of the window, if the page can be pushed sideways; else nothing."""
        return self.page.evaluate(OVERFLOW)

    def shot(self, name: str) -> Path:
        """Keep a picture of the whole page under the data folder."""
        folder = var_folder() / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}-{self.name}.png"
        self.page.screenshot(path=path, full_page=True, animations="disabled")
        return path

    def serious(self) -> list[str]:
        """What axe-core finds serious or critical on this page."""
        if not self.page.evaluate("() => Boolean(window.axe)"):
            # Through the tools of the browser, not as a script of the page, which its policy would rightly refuse.
            self.page.evaluate(AXE.read_text())
        # What is still fading in has not its own colours yet.
        self.page.evaluate(STILL)
        found: list[dict[str, Any]] = self.page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
            ".filter(v => ['serious', 'critical'].includes(v.impact))"
            ".map(v => ({id: v.id, help: v.help, where: v.nodes.slice(0, 3).map(n => n.target.join(' '))}))"
        )
        return [f"{v['id']}: {v['help']} ({'; '.join(v['where'])})" for v in found]


STILL = """
() => Promise.race([
  Promise.allSettled(document.getAnimations().filter(a => a.effect.getComputedTiming().endTime < 5000).map(a => a.finished)),
  new Promise(done => setTimeout(done, 2000)),
]).then(() => true)
"""
OVERFLOW = """
() => {
  const root = document.documentElement, wide = root.clientWidth;
  if (root.scrollWidth <= wide + 1) return '';
  const out = [...document.querySelectorAll('body *')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && box.right > wide + 1 && !e.closest('.table-responsive, [data-scrolls]');
  });
  return `${root.scrollWidth} px wide: ` + out.slice(0, 3).map(e => e.tagName + '.' + e.className).join(', ');
}
"""


def open_window(
    browser: Browser,
    base: str,
    login: str = "",
    *,
    language: str = "",
    theme: str = "light",
    size: tuple[int, int] = WIDE,
) -> Window:
    """A window of this person, logged in; of a stranger without a log-in name."""
    context: BrowserContext = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        locale="zh-CN" if language == "zh-hans" else "en-GB",
        timezone_id="Asia/Shanghai",
        is_mobile=size == PHONE,
        has_touch=size == PHONE,
        device_scale_factor=1,
    )
    context.set_default_timeout(30_000)
    if login:
        person = User.objects.get(login=login)
        if language and person.language != language:
            person.language = language
            person.save(update_fields=["language"])
        client = Client()
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])
    if language:
        context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": base}])
    width = "phone" if size == PHONE else "wide"
    return Window(context.new_page(), base, f"{language or 'en'}-{theme}-{width}")
