"""At most so many requests a minute and key, counted once each however many come at the same time."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings

from accounts.models import User
from accounts.services import make_key
from core import rulebook
from core.api import throttle
from tests.api.conftest import Api, problem


def _ident() -> str:
    return f"test-{uuid.uuid4()}"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> throttle._Counter:
    counter = throttle._Counter()
    monkeypatch.setattr(throttle, "counter", counter)
    return counter


def test_exactly_the_limit_passes_also_when_requests_race(counted: throttle._Counter) -> None:
    ident = _ident()
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _n: counted.wait(ident, 50), range(120)))
    assert waits.count(0) == 50
    assert all(1 <= wait <= 60 for wait in waits if wait)
    assert counted.wait(_ident(), 50) == 0


def test_the_minute_slides_so_its_edge_lets_no_double_share_through(counted: throttle._Counter) -> None:
    ident = _ident()
    assert [counted.wait(ident, 3) for _n in range(4)][:3] == [0, 0, 0]
    client = redis.Redis.from_url(settings.REDIS_URL)
    key = f"throttle:{ident}"
    oldest = client.zrange(key, 0, 0)[0]
    client.zincrby(key, -50, oldest)
    assert 9 <= counted.wait(ident, 3) <= 10
    client.zincrby(key, -11, oldest)
    assert counted.wait(ident, 3) == 0
    assert counted.wait(ident, 3) > 50


def test_without_valkey_requests_pass(counted: throttle._Counter, settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    assert counted.wait(_ident(), 1) == 0
    assert counted.wait(_ident(), 1) == 0


@pytest.mark.django_db
def test_the_limit_is_the_rulebook_s_and_counts_each_key(counted: throttle._Counter) -> None:
    admin = User.objects.create_user("boss", name="Boss", hats=["admin"])
    rulebook.change({"api_requests_per_minute": 10}, by=admin)
    one, other = Api(make_key(admin)), Api(make_key(admin))
    assert [one.get("/api/v1/me/").status_code for _n in range(10)] == [200] * 10
    answer = one.get("/api/v1/me/")
    problem(answer, 429, "throttled")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert other.get("/api/v1/me/").status_code == 200
