"""Idempotency-Key: the same POST twice is done once. One outer transaction holds the try-lock, the verb in a
savepoint, and its answer."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from core.api.problems import problem
from core.errors import FieldError, Invalid
from core.locking import tried_twice
from core.models import IdempotencyRecord, RealNow

KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("ETag", "Location", "Content-Type", "Content-Language")
MAX_KEY = 255


def read_key(request: Any) -> str | None:
    """Return the key of a POST, or None; raises Invalid for one empty, too long or not printable."""
    if request.method != "POST":
        return None
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not key or len(key) > MAX_KEY or not key.isascii() or not key.isprintable():
        message = _("Must be 1 to %(most)s printable characters.") % {"most": MAX_KEY}
        raise Invalid(detail=message, errors=[FieldError("Idempotency-Key", "invalid", message)])
    return key


def fingerprint(request: Any) -> str:
    """Return a digest of what was asked: canonical JSON, for multipart the fields and each file's digest."""
    data = request.data
    if hasattr(data, "lists"):
        asked: Any = {name: [_part(item) for item in items] for name, items in sorted(data.lists())}
    else:
        asked = data
    text = json.dumps(
        [request.META.get("QUERY_STRING", ""), asked], sort_keys=True, separators=(",", ":"), default=str
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _part(item: Any) -> Any:
    if not isinstance(item, UploadedFile):
        return item
    digest = hashlib.sha256()
    for chunk in item.chunks():
        digest.update(chunk)
    item.seek(0)
    return ["file", item.name, digest.hexdigest()]


def _try_lock(words: list[str]) -> bool:
    number = int.from_bytes(hashlib.sha256("\x1f".join(words).encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def _kept(status: int) -> bool:
    # Validation errors (400) and what is about the caller or the moment are not an answer to the verb.
    return 200 <= status < 300 or status in (403, 409, 422)


def once(
    request: Any,
    key: str,
    run: Callable[[], HttpResponseBase],
    on_error: Callable[[Exception], HttpResponseBase],
) -> HttpResponseBase:
    """Return the answer of `run`, done at most once for this key within 24 h (architecture.md).

    `run` happens in a savepoint; what it raises is rolled back and then answered by `on_error`.
    """
    digest = fingerprint(request)
    where = {"user": request.user, "method": request.method, "path": request.path[:500], "key": key}
    with transaction.atomic():
        if not _try_lock(["idempotency", str(request.user.pk), request.method, request.path, key]):
            return problem(
                409, "idempotency_in_progress", _("The first request with this key is still running.")
            )
        # Real time, asked in the database: RealNow is a fresh clock_timestamp(), not the transaction's start.
        known = IdempotencyRecord.objects.filter(**where).first()
        if known is not None and _expired(known):
            known.delete()
            known = None
        if known is not None:
            return _replay(known, digest)
        try:
            # The verb inside sees a transaction around it and leaves the second try to this one.
            response = tried_twice(run)
        except Exception as exc:
            response = on_error(exc)
        if _kept(response.status_code) and isinstance(response, HttpResponse):
            _keep(where, digest, response)
            _clear(request.user)
        return response


def _expired(known: IdempotencyRecord) -> bool:
    return IdempotencyRecord.objects.filter(pk=known.pk, created_at__lt=RealNow() - KEPT_FOR).exists()


def _replay(known: IdempotencyRecord, digest: str) -> HttpResponse:
    if known.fingerprint != digest:
        return problem(422, "idempotency_key_reused", _("This key was used before for another request."))
    response = HttpResponse(bytes(known.body), status=known.status)
    for name, value in known.headers.items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response


def _clear(user: Any) -> None:
    """Throw away a few of the user's answers that are older than 24 h: no table grows for ever."""
    old = IdempotencyRecord.objects.filter(user=user, created_at__lt=RealNow() - KEPT_FOR)
    ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:50])
    if ids:
        IdempotencyRecord.objects.filter(pk__in=ids).delete()


def _keep(where: dict[str, Any], digest: str, response: HttpResponse) -> None:
    IdempotencyRecord.objects.create(
        **where,
        fingerprint=digest,
        status=response.status_code,
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
        body=response.content,
    )
