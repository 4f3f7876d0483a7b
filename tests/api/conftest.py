"""What the API's tests share: people with keys, and a client that speaks JSON and nothing else."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import make_key
from core.api import throttle


class Api:
    """A program with a key. Answers are Django's, with `.data` as the decoded JSON."""

    def __init__(self, key: str = "", **headers: str) -> None:
        self.headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **headers}
        self.client = Client(raise_request_exception=True)

    def send(self, method: str, path: str, body: Any = None, raw: bytes | None = None, **headers: str) -> Any:
        if not path.startswith(("/", "http")):
            path = f"/api/v1/{path}"
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = given.pop("Content-Type", "application/json")
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        answer = self.client.generic(
            method, path, data, content_type=kind if data else "", headers={**self.headers, **given}
        )
        kind = answer.get("Content-Type", "")
        answer.data = json.loads(answer.content) if "json" in kind and answer.content else None
        return answer

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("PATCH", path, body, **headers)


def problem(answer: Any, status: int, code: str) -> list[tuple[str, str]]:
    """Check that an answer is this problem, and return its (field, code) pairs."""
    assert answer.status_code == status, (answer.status_code, answer.content)
    assert answer["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code"} <= set(answer.data)
    assert answer.data["status"] == status
    assert answer.data["code"] == code
    return [(row["field"], row["code"]) for row in answer.data.get("errors", [])]


@pytest.fixture(autouse=True)
def uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests of tests are not counted; the throttle's own test counts them."""
    monkeypatch.setattr(throttle.counter, "wait", lambda ident, limit: 0)


@pytest.fixture
def someone(db: None) -> User:
    return User.objects.create_user("someone", "a long password", name="Some One", hats=["admin"])


@pytest.fixture
def api(someone: User) -> Api:
    return Api(make_key(someone, scope="write"))


@pytest.fixture
def firm(db: None) -> Any:
    """The firm with its people; see tests/api/firm.py."""
    from tests.api.firm import Firm

    return Firm()
