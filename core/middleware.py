"""Every request has an id, in its logs and in its answer, and leaves one line when it is done."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from core import metrics

logger = structlog.get_logger("trunk.request")
GIVEN = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
QUIET = ("/static/", "/healthz", "/readyz", "/metrics", "/now/")


class RequestMiddleware:
    """Outermost: binds the id to all log lines and reports status and time, never a query or a body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if GIVEN.match(given) else uuid.uuid4().hex
        request.trunk_id = request_id  # type: ignore[attr-defined]
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            route = self._route(request)
            if not request.path.startswith(QUIET):
                metrics.request_done(request.method or "", route, response.status_code, seconds)
                logger.info(
                    "request",
                    method=request.method,
                    route=route,
                    status=response.status_code,
                    ms=round(seconds * 1000, 1),
                    user=self._user(request),
                )
        response["X-Request-ID"] = request_id
        return response

    @staticmethod
    def _route(request: HttpRequest) -> str:
        """The pattern, not the path: a path may hold what somebody typed."""
        match = request.resolver_match
        return f"/{match.route}" if match else "unmatched"

    @staticmethod
    def _user(request: HttpRequest) -> str | None:
        user = getattr(request, "user", None)
        return str(user.pk) if user is not None and user.is_authenticated else None
