"""Health, cache, tasks, logs and assets: the machinery under the business."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client, override_settings
from django.utils import timezone

from core import health
from core.models import Heartbeat
from core.tasks import heartbeat
from crm import assets, logs
from crm.cache import ForgivingRedisCache
from crm.celery import QUEUES, app

DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture
def dead_cache() -> Any:
    ForgivingRedisCache._rest_until = 0.0
    yield ForgivingRedisCache(DEAD, {"OPTIONS": {"socket_connect_timeout": 0.2}})
    ForgivingRedisCache._rest_until = 0.0


def test_healthz_needs_nothing() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_wants_a_heartbeat_of_less_than_thirty_seconds() -> None:
    Heartbeat.objects.all().delete()
    assert Client().get("/readyz").status_code == 503
    heartbeat()
    assert Client().get("/readyz").json() == {
        "status": "ok",
        "database": "ok",
        "broker": "ok",
        "worker": "ok",
    }
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=31))
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert "31 s ago" in answer.json()["worker"]


@pytest.mark.django_db
@override_settings(CLOCK_OFFSET=604800)
def test_readyz_goes_by_real_time() -> None:
    heartbeat()
    assert health.worker() == ""


def test_metrics_are_not_public() -> None:
    assert Client().get("/metrics").status_code == 404
    with override_settings(METRICS_TOKEN="a token of the machine room"):
        assert Client().get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 404
        answer = Client().get("/metrics", headers={"Authorization": "Bearer a token of the machine room"})
    assert answer.status_code == 200
    assert b"trunk_requests_total" in answer.content


def test_a_dead_cache_breaks_nothing_and_is_asked_once(dead_cache: ForgivingRedisCache) -> None:
    assert dead_cache.get("key", "instead") == "instead"
    started = time.monotonic()
    dead_cache.set("key", 1)
    assert dead_cache.add("key", 1) is True
    assert dead_cache.incr("key", 2) == 2
    assert dead_cache.get_many(["key"]) == {}
    assert dead_cache.get_or_set("key", 3) == 3
    assert not dead_cache.delete("key")
    assert time.monotonic() - started < 0.1
    assert dead_cache.ping() is False


def test_a_broker_that_is_down_does_not_hold_a_page() -> None:
    started = time.monotonic()
    with app.connection_for_write(DEAD) as connection, pytest.raises(Exception, match=r"(?i)refused|connect"):
        heartbeat.apply_async(connection=connection)
    assert time.monotonic() - started < 3


def test_the_schedule_is_what_was_decided() -> None:
    assert {entry["task"]: entry["schedule"] for entry in app.conf.beat_schedule.values()} == {
        "core.tasks.heartbeat": 5.0,
        "core.tasks.sweep": 60.0,
        "accounts.tasks.mail_notices": 20.0,
        "outreach.tasks.send_mail": 15.0,
        "outreach.tasks.send_sms": 15.0,
        "outreach.tasks.send_calls": 15.0,
        "outreach.tasks.send_webhooks": 15.0,
        "outreach.tasks.poll_mail": 60.0,
        "outreach.tasks.tell_groups": 20.0,
    }
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert set(QUEUES) == {"rules", "outbox", "imports", "bulk"}


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


@pytest.mark.django_db
def test_an_answer_carries_its_requests_id() -> None:
    given = Client().get("/healthz", headers={"X-Request-ID": "from-the-proxy-1"})
    assert given["X-Request-ID"] == "from-the-proxy-1"
    assert Client().get("/healthz", headers={"X-Request-ID": "bad\tid <b>"})["X-Request-ID"].isalnum()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("call +86 138 0013 8000 back", "8000"),
        ("13800138000", "13800138000"),
        ("write to wang@example.com", "wang@"),
        ("password=hunter2hunter2", "hunter2"),
        ("Authorization: Bearer trunk_abcdef123456", "abcdef"),
    ],
)
def test_logs_hold_no_phone_address_or_secret(text: str, secret: str) -> None:
    line = json.dumps(
        logs.redact(None, "", {"event": text, "request_id": "4941dbe3836d49d7bbc407143de1e846"})
    )
    assert secret not in line
    assert "4941dbe3836d49d7bbc407143de1e846" in line


def test_every_icon_that_the_pages_name_is_in_the_package() -> None:
    if not assets.PACKAGES.exists():
        pytest.skip("the assets are not fetched")
    drawn = assets.sprite(assets.icon_names())
    assert drawn.count("<symbol") == len(assets.icon_names()) > 0
    assert "<script" not in drawn


def test_cookies_are_strict_by_https_only() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert caches["default"].ping()
