"""Secrets at rest: sealed with a key that is made of the site's SECRET_KEY, so that a copy of the database tells none."""

from __future__ import annotations

import base64
import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


@lru_cache(maxsize=8)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"trunk sealing").derive(key.encode())
    return base64.urlsafe_b64encode(made)


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))


def sealed(values: dict[str, str]) -> str:
    """The values as one sealed text; empty for none."""
    return _box(_keys()).encrypt(json.dumps(values).encode()).decode() if values else ""


def opened(text: str) -> dict[str, str]:
    """What was sealed; empty for nothing, and for what this site's keys do not open."""
    try:
        return json.loads(_box(_keys()).decrypt(text.encode())) if text else {}
    except (InvalidToken, ValueError):
        return {}
