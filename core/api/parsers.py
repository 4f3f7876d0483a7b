"""JSON in: read once, strictly, so that nothing behind it has to fear a NUL, a NaN or a tower of brackets."""

import json
import math
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from core.errors import FieldError, Invalid

MAX_DEPTH = 32
MAX_BODY = 1024 * 1024


def max_body() -> int:
    """Return the largest JSON body in bytes (api.md: 1 MiB)."""
    return int(getattr(settings, "API_MAX_BODY", MAX_BODY))


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(_("A number is too large."))
    return number


def _no_constant(name: str) -> Any:
    raise ValueError(_("%(name)s is not JSON.") % {"name": name})


def text_fault(value: str) -> str | None:
    """Return why a text cannot be kept (a NUL byte, half of a character), or None."""
    if "\x00" in value:
        return _("Must not hold a NUL character.")
    if any("\ud800" <= char <= "\udfff" for char in value):
        return _("Holds half of a character.")
    return None


def check_texts(data: Any) -> None:
    """Raise Invalid naming every field whose text cannot be kept, ParseError for too deep a nesting."""
    errors: list[FieldError] = []
    stack: list[tuple[str, Any, int]] = [("", data, 0)]
    while stack:
        path, value, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise ParseError(_("The JSON is nested too deep."))
        if isinstance(value, str):
            fault = text_fault(value)
            if fault:
                errors.append(FieldError(path or "body", "invalid_characters", fault))
        elif isinstance(value, dict):
            for key, item in value.items():
                name = f"{path}.{key}" if path else key
                if text_fault(key):
                    errors.append(FieldError(name, "unknown", _("There is no such field.")))
                stack.append((name, item, depth + 1))
        elif isinstance(value, list):
            stack.extend(
                (f"{path}.{index}" if path else str(index), item, depth + 1)
                for index, item in enumerate(value)
            )
        if len(errors) >= 20:
            break
    if errors:
        raise Invalid(detail=_("Some texts cannot be kept."), errors=errors)


class StrictJSONParser(BaseParser):
    """UTF-8 JSON of at most 1 MiB; NaN, Infinity, NUL, lone surrogates are refused (too large: 413)."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        limit = max_body()
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise RequestDataTooBig
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as exc:
            raise ParseError(_("The body is not UTF-8.")) from exc
        if not text.strip():
            return {}
        try:
            data = json.loads(text, parse_float=_finite, parse_constant=_no_constant)
        except RecursionError as exc:
            raise ParseError(_("The JSON is nested too deep.")) from exc
        except ValueError as exc:
            raise ParseError(_("The body is not JSON: %(why)s") % {"why": str(exc)[:200]}) from exc
        check_texts(data)
        return data
