"""Requests a minute per key, counted atomically in Valkey; without Valkey nobody is held up."""

import logging
import time
import uuid
from typing import Any

import redis
from django.conf import settings
from rest_framework.throttling import BaseThrottle

from core import rulebook

logger = logging.getLogger(__name__)

# The times of a key's requests in the last minute. Answers 0 if this one may pass (and counts it), else the
# seconds until the oldest is a minute old.
SCRIPT = """
local limit = tonumber(ARGV[1])
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60)
if redis.call('ZCARD', KEYS[1]) >= limit then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return math.max(1, math.ceil(tonumber(oldest[2] or now) + 60 - now))
end
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('EXPIRE', KEYS[1], 61)
return 0
"""


class _Counter:
    """The connection, kept for the process; after a failure it is left alone for a few seconds."""

    PAUSE = 5

    def __init__(self) -> None:
        self.script: Any = None
        self.retry_at = 0.0

    def wait(self, ident: str, limit: int) -> int:
        if time.monotonic() < self.retry_at:
            return 0
        try:
            if self.script is None:
                client = redis.Redis.from_url(
                    settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3
                )
                self.script = client.register_script(SCRIPT)
            return int(self.script(keys=[f"throttle:{ident}"], args=[limit, uuid.uuid4().hex]))
        except (redis.RedisError, OSError):
            self.retry_at = time.monotonic() + self.PAUSE
            logger.warning("The request counter is out of reach; requests pass uncounted")
            return 0


counter = _Counter()


class KeyThrottle(BaseThrottle):
    """Refuse what is over `api_requests_per_minute` of one key (of one person, for browser sessions)."""

    def __init__(self) -> None:
        self.seconds = 0

    def allow_request(self, request: Any, view: Any) -> bool:
        if request.auth is not None:
            ident = f"key:{request.auth.pk}"
        elif request.user and request.user.is_authenticated:
            ident = f"user:{request.user.pk}"
        else:
            return True
        self.seconds = counter.wait(ident, int(rulebook.get("api_requests_per_minute")))
        return self.seconds == 0

    def wait(self) -> float | None:
        return self.seconds or None
