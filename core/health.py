"""Is it alive, is it ready. Real time, never the shifted clock."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

HEARTBEAT_SECONDS = 30
LOCALE = "SELECT datctype, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"


def database() -> str:
    """'' when the database answers and can search Chinese, else what is wrong."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(LOCALE)
            ctype, encoding = cursor.fetchone()
    except Error:
        return "no answer"
    if encoding != "UTF8" or ctype in ("C", "POSIX"):
        return f"ctype {ctype}, encoding {encoding}: search in Chinese needs a UTF-8 ctype"
    return ""


def broker() -> str:
    """'' when the broker answers, else what is wrong."""
    return "" if cache.ping() else "no answer"  # type: ignore[attr-defined]


def worker() -> str:
    """'' when a beat's heartbeat went through a worker into its row lately, else what is wrong."""
    from core.models import Heartbeat

    try:
        latest = Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()
    except Error:
        return "no answer"
    if latest is None:
        return "no heartbeat yet"
    age = timezone.now() - latest
    if age > timedelta(seconds=HEARTBEAT_SECONDS):
        return f"last heartbeat {age.total_seconds():.0f} s ago"
    return ""


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Pages, API, worker and beat work: 200, else 503 with what does not."""
    parts = {"database": database(), "broker": broker(), "worker": worker()}
    bad = {name: why for name, why in parts.items() if why}
    body = {name: why or "ok" for name, why in parts.items()}
    response = JsonResponse({"status": "unready" if bad else "ok", **body}, status=503 if bad else 200)
    response._has_been_logged = True  # type: ignore[attr-defined]  # being asked while it starts is no error
    return response


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' numbers for whoever shows METRICS_TOKEN as bearer; 404 for everybody else."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    token = settings.METRICS_TOKEN.encode()
    if not token or not secrets.compare_digest(given, token):
        return HttpResponse(status=404)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
