"""Optimistic concurrency: ETag `"<version>"` out, If-Match in."""

import re
from typing import Any

from django.utils.translation import gettext as _

from core.errors import FieldError, Invalid, Stale

_TAG = re.compile(r'\s*(?:W/)?"([^"\x00-\x1f]*)"\s*')


def read_if_match(request: Any) -> frozenset[str] | None:
    """Return the tags the caller accepts, None for no header or `*`; raises Invalid for what is no tag."""
    raw = request.META.get("HTTP_IF_MATCH")
    if raw is None or raw.strip() == "*":
        return None
    tags = []
    for part in raw.split(","):
        found = _TAG.fullmatch(part)
        if found is None:
            message = _('Must be a list of tags such as "3".')
            raise Invalid(detail=message, errors=[FieldError("If-Match", "invalid", message)])
        tags.append(found.group(1))
    return frozenset(tags)


def check_if_match(tags: frozenset[str] | None, record: Any) -> None:
    """Raise Stale (412) if the record's version is none of those the caller accepts."""
    if tags is not None and str(record.version) not in tags:
        raise Stale
