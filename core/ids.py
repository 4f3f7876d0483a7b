"""Ids: UUID version 7, made by `core_uuid7()` in the database and, for rows that must be linked before they are
copied in, by the same layout here."""

from __future__ import annotations

import os
import re
import time
import uuid
from datetime import datetime
from typing import Any

from django.db import models


def uuid7() -> uuid.UUID:
    """A time-ordered id: 48 bits of milliseconds, 12 bits of their fraction, 62 random bits."""
    microseconds = time.time_ns() // 1000
    milliseconds, rest = divmod(microseconds, 1000)
    value = milliseconds << 80 | 0x7 << 76 | (rest * 4096 // 1000) << 64 | 0b10 << 62
    return uuid.UUID(int=value | int.from_bytes(os.urandom(8), "big") >> 2)


def first_of(instant: datetime) -> uuid.UUID:
    """The lowest id that a row of this (real) instant can have, to look for what was written since by the key."""
    milliseconds = int(instant.timestamp() * 1000)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62)


def as_uuid(text: Any) -> uuid.UUID | None:
    """Return the UUID that a text is in its usual form, else None."""
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", str(text)):
        return None
    return uuid.UUID(str(text))


class CoreUUID7(models.Func):
    function = "core_uuid7"
    arity = 0
    output_field = models.UUIDField()


class UUID7Field(models.UUIDField):
    """Primary key whose default is the database's, so that COPY uses it too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("primary_key", True)
        kwargs.setdefault("editable", False)
        kwargs.setdefault("db_default", CoreUUID7())
        super().__init__(*args, **kwargs)
