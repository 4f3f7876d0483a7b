"""RFC 9457 answers: one shape for everything that goes wrong under /api/."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

CONTENT_TYPE = "application/problem+json"

# status -> (code, title): the code an answer gets when nothing more exact is known.
STANDARD: dict[int, tuple[str, Any]] = {
    400: ("invalid", _("The request is not valid")),
    401: ("not_authenticated", _("Please log in")),
    403: ("forbidden", _("You may not do this")),
    404: ("not_found", _("Not found")),
    405: ("method_not_allowed", _("This address does not know that method")),
    406: ("not_acceptable", _("This form of answer is not available")),
    409: ("transition_not_allowed", _("Not possible as things stand now")),
    411: ("length_required", _("Say how long the body is")),
    412: ("stale_version", _("Somebody changed this in the meantime")),
    413: ("too_large", _("The request is too large")),
    415: ("unsupported_media_type", _("This form of data is not understood")),
    422: ("invalid", _("A rule does not allow this")),
    429: ("throttled", _("Too many requests")),
    500: ("server_error", _("Something went wrong on our side")),
    503: ("unavailable", _("Not available just now")),
}


def printable(text: str) -> str:
    """Return the text without lone surrogates, so that writing an answer never fails."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return printable(str(value))
    if isinstance(value, Mapping):
        return {_clean(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(item) for item in value]
    return value


def error_row(error: Any) -> dict[str, str]:
    """Return one entry of `errors` for a core.errors.FieldError."""
    return {"field": error.field[:200], "code": error.code, "message": str(error.message)}


def problem(
    status: int,
    code: str | None = None,
    detail: Any = None,
    *,
    errors: Iterable[Any] = (),
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a problem+json answer in the language that is active now."""
    standard, title = STANDARD.get(status, STANDARD[400 if status < 500 else 500])
    code = code or standard
    body: dict[str, Any] = {
        "type": f"urn:trunk:problem:{code}",
        "title": title,
        "status": status,
        "detail": title if detail is None or detail == "" else detail,
        "code": code,
    }
    body |= {key: value for key, value in (extra or {}).items() if key not in body}
    rows = [error_row(error) for error in errors]
    if rows:
        body["errors"] = rows
    body["title"], body["detail"] = str(body["title"]), str(body["detail"])
    text = json.dumps(_clean(body), cls=DjangoJSONEncoder, ensure_ascii=False)
    response = HttpResponse(text.encode(), status=status, content_type=CONTENT_TYPE)
    for name, value in (headers or {}).items():
        response[name] = value
    return response
