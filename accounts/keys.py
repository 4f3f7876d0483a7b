"""Bearer keys: from the header to the person, and when and from where a key was last used."""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import ApiKey, User
from accounts.services import digest_of

NOTED_EVERY = timedelta(minutes=1)


class BearerKey(BaseAuthentication):
    """`Authorization: Bearer <key>`; an unknown, expired or withdrawn key, or of one who left, is 401."""

    def authenticate(self, request: Any) -> tuple[User, ApiKey] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        key = self._find(words[1]) if len(words) == 2 else None
        if key is None:
            raise AuthenticationFailed(_("This key is not valid (any more)."))
        note_use(key, request.META.get("REMOTE_ADDR", ""))
        return key.user, key

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'

    def _find(self, raw: bytes) -> ApiKey | None:
        if not re.fullmatch(rb"[A-Za-z0-9_-]{20,100}", raw):
            return None
        key = ApiKey.objects.select_related("user__team").filter(digest=digest_of(raw.decode())).first()
        if key is None or key.revoked_at or (key.expires_at and key.expires_at <= _real_now()):
            return None
        return key if key.user.is_active and key.user.left_at is None else None


def _real_now() -> datetime:
    # Keys live in real time: no CLOCK_OFFSET makes one valid again.
    return datetime.now(UTC)


def note_use(key: ApiKey, address: str) -> None:
    """Write down when and from where a key was used, at most once a minute."""
    now = _real_now()
    if key.last_used_at is not None and now - key.last_used_at < NOTED_EVERY:
        return
    try:
        source = str(ip_address(address))
    except ValueError:
        source = None
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - NOTED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now, last_used_from=source)
