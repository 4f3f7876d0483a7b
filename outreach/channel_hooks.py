"""The address at which providers report: receipts, and what people answered. Public; the key in it is the secret, and
where a provider signs, the signature counts, too."""

from __future__ import annotations

from typing import Any

import structlog
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core import clock
from core.api.throttle import counter
from core.locking import verb
from outreach.channels.base import Inbound, Incoming, NotOurs, Receipt
from outreach.channels.registry import driver_of, hook_address
from outreach.models import Channel
from outreach.services import receiving

log = structlog.get_logger(__name__)
MOST = 1024 * 1024
A_MINUTE = 6_000
FORM = "application/x-www-form-urlencoded"


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def hook(request: HttpRequest, channel: Any, key: str) -> HttpResponse:
    """Take what a provider reports, all of it or nothing. Who only looks is told that there is something here."""
    row = Channel.objects.filter(pk=channel).first()
    # Compared in constant time, also where there is no such channel.
    if not constant_time_compare(key, row.hook_key if row else "no channel") or row is None:
        return HttpResponse(status=404)
    if request.method != "POST":
        return HttpResponse("ok", content_type="text/plain")
    if seconds := counter.wait(f"hook:{row.pk}", A_MINUTE):
        return HttpResponse(status=429, headers={"Retry-After": str(seconds)})
    try:
        body = request.body
    except RequestDataTooBig:
        return HttpResponse(status=413)
    if len(body) > MOST:
        return HttpResponse(status=413)
    return _take(row, request, body)


def _take(row: Channel, request: HttpRequest, body: bytes) -> HttpResponse:
    driver = driver_of(row)
    incoming = _incoming(row, request, body)
    try:
        receipts, answers = driver.receipts(incoming), driver.inbound(incoming)
    except NotOurs as error:
        log.warning("hook_refused", channel=str(row.pk), why=str(error))
        return HttpResponse(status=403 if str(error) == "not signed" else 400)
    _keep(row, receipts, answers)
    kind, thanks = driver.thanks
    return HttpResponse(thanks, content_type=kind)


@verb
def _keep(row: Channel, receipts: list[Receipt], answers: list[Inbound]) -> None:
    """All of it or nothing; once more, where two reports that name the same people crossed each other."""
    at = clock.now()
    if receipts:
        receiving.take_receipts(row, receipts, at)
    if answers:
        receiving.take_inbound(row, answers, at)


def _incoming(row: Channel, request: HttpRequest, body: bytes) -> Incoming:
    form = QueryDict(body, encoding="utf-8") if request.content_type == FORM else QueryDict()
    return Incoming(
        method=request.method or "",
        path=request.path,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.GET.dict(),  # type: ignore[arg-type]
        form=form.dict(),  # type: ignore[arg-type]
        body=body,
        url=hook_address(row),
    )
