"""The one place where what a view raises becomes an answer."""

import logging
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpResponse
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions as drf

from core import hooks
from core.api.problems import STANDARD, problem
from core.errors import FieldError, Overdue, TrunkError

logger = logging.getLogger(__name__)

# What DRF's fields call a value that is missing, empty or out of range by a rule: 422, not 400.
RULE_CODES = {
    "required": "required",
    "null": "required",
    "blank": "required",
    "empty": "required",
    "min_length": "out_of_range",
    "max_length": "out_of_range",
    "min_value": "out_of_range",
    "max_value": "out_of_range",
    "out_of_range": "out_of_range",
}
TYPE_CODES = {"not_a_list": "wrong_type", "wrong_type": "wrong_type"}


def flatten(detail: Any, path: str = "") -> list[FieldError]:
    """Return DRF's nested error detail as a flat list with dotted field names."""
    if isinstance(detail, dict):
        return [row for key, item in detail.items() for row in flatten(item, _join(path, key))]
    if isinstance(detail, (list, tuple)):
        rows: list[FieldError] = []
        for index, item in enumerate(detail):
            nested = isinstance(item, (dict, list))
            rows += flatten(item, _join(path, index) if nested else path)
        return rows
    code = getattr(detail, "code", "invalid")
    return [FieldError(path or "body", RULE_CODES.get(code) or TYPE_CODES.get(code, code), str(detail))]


def _join(path: str, key: Any) -> str:
    if key == "non_field_errors":
        return path
    return f"{path}.{key}" if path else str(key)


def has_type_errors(errors: list[FieldError]) -> bool:
    """Return whether any of the errors is about the form of the request (400) rather than a rule (422)."""
    return any(error.code not in RULE_CODES.values() for error in errors)


def handler(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return the problem+json answer for an exception; None (a 500) only for what is our own mistake."""
    if isinstance(exc, Overdue):
        # R6.2: by now the verb is rolled back, so the lead can be taken back at its due time.
        hooks.overdue_met(exc.lead_ids)
    if isinstance(exc, TrunkError):
        return problem(exc.status, exc.code, exc.detail, errors=exc.errors, extra=exc.extra)
    if isinstance(exc, drf.ValidationError):
        errors = flatten(exc.detail)
        return problem(400 if has_type_errors(errors) else 422, "invalid", errors=errors)
    if isinstance(exc, drf.APIException):
        return _from_drf(exc)
    return _from_django(exc)


def _from_drf(exc: drf.APIException) -> HttpResponse:
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header
    wait = getattr(exc, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, int(-(-wait // 1))))
    status = exc.status_code
    # Only our own messages are worth reading; DRF's English defaults give way to the title.
    said = exc.detail if isinstance(exc, (drf.ParseError, drf.AuthenticationFailed)) else None
    return problem(status, STANDARD.get(status, STANDARD[400])[0], said, headers=headers)


def _from_django(exc: Exception) -> HttpResponse | None:
    if isinstance(exc, Http404):
        return problem(404)
    if isinstance(exc, PermissionDenied):
        return problem(403)
    if isinstance(exc, RequestDataTooBig):
        return problem(413)
    if isinstance(exc, (SuspiciousOperation, BadRequest, MultiPartParserError)):
        return problem(400)
    if isinstance(exc, DjangoValidationError):
        return problem(400, errors=_django_errors(exc))
    if isinstance(exc, DataError):
        # The database refused a value that the fields let through: the caller's fault, but ours to know.
        logger.error("A value reached the database that it refuses", exc_info=exc)
        return problem(400)
    if isinstance(exc, IntegrityError):
        # Two wrote the same at once and the database let one through; the verb should have said so itself.
        logger.error("A constraint refused what a verb let through", exc_info=exc)
        return problem(409, "conflict")
    if isinstance(exc, OperationalError):
        logger.error("The database did not answer", exc_info=exc)
        return problem(503, headers={"Retry-After": "1"})
    return None


def _django_errors(exc: DjangoValidationError) -> list[FieldError]:
    if hasattr(exc, "error_dict"):
        return [
            FieldError(name if name != "__all__" else "body", item.code or "invalid", item.messages[0])
            for name, items in exc.error_dict.items()
            for item in items
        ]
    return [FieldError("body", item.code or "invalid", item.messages[0]) for item in exc.error_list]
