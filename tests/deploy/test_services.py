"""The deployment, proven without a container engine: every service's command runs, and people get through to the CRM."""

from __future__ import annotations

import http.cookiejar
import json
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
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


class Person:
    """Somebody with a key of the API."""

    def __init__(self, stack: Stack, login: str) -> None:
        self.browser = Browser(stack)
        self.key = stack.manage("api_key", login, "--scope", "admin")

    def get(self, path: str) -> dict[str, Any]:
        return self._answer(*self.browser.ask(f"/api/v1/{path}", None, self._headers()))

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        kind = {"Content-Type": "application/json"}
        return self._answer(
            *self.browser.ask(f"/api/v1/{path}", json.dumps(body).encode(), self._headers() | kind)
        )

    def upload(self, path: str, file: str, **fields: str) -> dict[str, Any]:
        """A multipart form with one CSV file."""
        lines = [
            f'--edge\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}' for k, v in fields.items()
        ]
        head = '--edge\r\nContent-Disposition: form-data; name="file"; filename="leads.csv"\r\n'
        lines += [f"{head}Content-Type: text/csv\r\n\r\n{file}", "--edge--\r\n"]
        kind = {"Content-Type": "multipart/form-data; boundary=edge"}
        body = "\r\n".join(lines).encode()
        return self._answer(*self.browser.ask(f"/api/v1/{path}", body, self._headers() | kind))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    @staticmethod
    def _answer(status: int, _headers: dict[str, str], text: str) -> dict[str, Any]:
        assert status < 300, (status, text)
        return json.loads(text)


PEOPLE = """
from accounts.models import Team, User
from catalogue.models import Product
team = Team.objects.create(name="East")
for login, hat in (("tina", "telemarketer"), ("rita", "rep"), ("max", "marketer")):
    User.objects.create_user(login, name=login.title(), hats=[hat], team=team if hat == "rep" else None, on_duty=True)
Product.objects.create(name="Seats", price=100, unit="seat")
"""


def soon(ask: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it becomes true in that time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ask():
            return True
        time.sleep(0.5)
    return False


def test_the_journey_from_a_file_of_leads_to_a_signed_order(stack: Stack) -> None:
    stack.manage("shell", "--no-imports", "-c", PEOPLE)
    tina, rita, max_ = (Person(stack, login) for login in ("tina", "rita", "max"))
    file = "姓名,手机,公司\n王小明,13800138000,大树科技\n李雷,13900139000,小草贸易\n"
    job = max_.upload("imports/", file, source="web_form")
    assert soon(lambda: max_.get(f"imports/{job['id']}/")["state"] == "done")
    lead = max_.get("leads/?q=13800138000")["results"][0]
    assert lead["contact"]["name"] == "王小明"
    path = f"leads/{lead['id']}"
    assert tina.post(f"{path}/calls/", outcome="interested")["owner"]["login"] == "rita"
    assert rita.post(f"{path}/accept/")["state"] == "sql"
    seats = rita.get("products/")["results"][0]["id"]
    need = {
        "company": "大树科技",
        "products": [{"product": seats, "quantity": 10, "purpose": "all"}],
        "headcount": 40,
    }
    chance = rita.post(f"{path}/convert/", **need)["opportunity"]
    for _stage in ("experience", "negotiation"):
        rita.post(f"opportunities/{chance['id']}/advance/")
    order = rita.post("orders/", opportunity=chance["id"], term={"months": 12})
    assert rita.post(f"orders/{order['id']}/sign/")["state"] == "signed"
    assert rita.get(f"opportunities/{chance['id']}/")["stage"] == "won"


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
