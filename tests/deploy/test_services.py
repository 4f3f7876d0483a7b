"""The deployment, proven without a container engine: every service's command runs, and people get through to the CRM."""

from __future__ import annotations

import http.cookiejar
import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.stack import Stack

pytestmark = [pytest.mark.deploy]
PASSWORD = "a-long-password-of-ada"


class Browser:
    """Cookies, redirects and Caddy's own CA as the only one that is trusted."""

    def __init__(self, stack: Stack) -> None:
        self.address = stack.address
        self.jar = http.cookiejar.CookieJar()
        trusted = ssl.create_default_context(cafile=str(stack.authority))
        handlers = (
            urllib.request.HTTPSHandler(context=trusted),
            urllib.request.HTTPCookieProcessor(self.jar),
        )
        self.opener = urllib.request.build_opener(*handlers)

    def ask(
        self, path: str, data: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of an answer."""
        address = f"{self.address}{path}"
        request = urllib.request.Request(address, data=data, headers=headers or {})  # noqa: S310 - our own
        try:
            answer = self.opener.open(request, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, dict(answer.headers), answer.read().decode()

    def send(self, path: str, **fields: str) -> tuple[int, dict[str, str], str]:
        """Fill in a page's form."""
        _status, _headers, page = self.ask(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page[:500]
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        return self.ask(path, body, {"Referer": f"{self.address}{path}"})


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack() as running:
        running.manage("first_admin", given=f"ada\nAda Adams\n{PASSWORD}\n")
        yield running


def test_the_order_is_the_files(stack: Stack) -> None:
    assert stack.order.index("migrate") < stack.order.index("web") < stack.order.index("caddy")
    assert all(process.poll() is None for process in stack.processes.values())


def test_it_is_ready_through_tls(stack: Stack) -> None:
    stack.wait_until_healthy("worker", stack.health_command("worker"))
    status, headers, text = Browser(stack).ask("/readyz")
    assert (status, json.loads(text)["status"]) == (200, "ok")
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_plain_http_is_sent_to_tls(stack: Stack) -> None:
    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any, **kwargs: Any) -> None:
            return None

    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.build_opener(NoRedirect()).open(
            f"http://localhost:{stack.ports['http']}/login/", timeout=10
        )
    assert error.value.code in (301, 302, 308)
    assert error.value.headers["Location"].startswith("https://localhost")
    error.value.close()


def test_a_person_logs_in(stack: Stack) -> None:
    browser = Browser(stack)
    status, _headers, page = browser.send("/login/", login="ada", password=PASSWORD)
    assert status == 200
    assert "Ada Adams" in page
    cookies = {cookie.name: cookie for cookie in browser.jar}
    assert {"__Host-trunk_session", "__Host-trunk_csrf"} <= set(cookies)
    assert all(cookie.secure for cookie in cookies.values())


def test_a_lead_goes_in_by_api_and_comes_out(stack: Stack) -> None:
    key = stack.manage("api_key", "ada", "--scope", "admin")
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    contact = {"name": "王小明", "phone": "+8613800138000", "company_name": "大树科技"}
    body = json.dumps({"contact": contact, "source": {"channel": "web_form"}}).encode()
    browser = Browser(stack)
    status, _headers, text = browser.ask("/api/v1/leads/", body, headers)
    assert status == 201, text
    status, _headers, text = browser.ask(f"/api/v1/leads/{json.loads(text)['id']}/", None, headers)
    assert status == 200
    assert json.loads(text)["contact"]["name"] == "王小明"


def test_the_numbers_of_the_machine_room_stay_inside(stack: Stack) -> None:
    status, _headers, _text = Browser(stack).ask("/metrics")
    assert status == 404


def test_the_application_may_not_change_events(stack: Stack) -> None:
    code = (
        "from django.db import connection as c; "
        "c.cursor().execute(\"SELECT has_table_privilege('core_event', 'UPDATE, DELETE, TRUNCATE')\"); "
    )
    code = code.replace("c.cursor().execute(", "k = c.cursor(); k.execute(") + "print(k.fetchone()[0])"
    assert stack.manage("shell", "--no-imports", "-c", code) == "False"
