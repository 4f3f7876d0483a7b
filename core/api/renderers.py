"""JSON out: UTF-8, times in UTC with a Z."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from rest_framework.renderers import BaseRenderer


def _default(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if hasattr(value, "__iter__"):
        return list(value)
    return str(value)


def moment(value: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Json(BaseRenderer):
    """Plain JSON; ids, amounts and times as texts."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        if data is None:
            return b""
        return json.dumps(data, default=_default, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "replace"
        )
