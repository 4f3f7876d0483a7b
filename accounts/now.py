"""What is new for a person who has a page open: asked every few seconds, so it costs one statement (R3.2).

The address carries the person, signed, so that neither session nor user is read; a person who left gets nothing.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

SALT = "trunk.now"

# Being seen is written at most once a minute: who is at work now comes first in the round (R3.1).
_NOW = """
WITH seen AS (
    UPDATE accounts_user SET last_seen_at = clock_timestamp()
    WHERE id = %(user)s AND is_active
      AND (last_seen_at IS NULL OR last_seen_at < clock_timestamp() - interval '1 minute')
)
SELECT count(n.id), max(n.id::text)
FROM accounts_user u LEFT JOIN accounts_notice n ON n.user_id = u.id AND n.read_at IS NULL
WHERE u.id = %(user)s AND u.is_active
"""


def address(user: Any) -> str:
    """The address under which this person's browser asks what is new."""
    return reverse("accounts:now", args=[signing.dumps(str(user.pk), salt=SALT)])


@login_not_required
@require_GET
def now(request: HttpRequest, who: str) -> HttpResponse:
    """How many notices are unread, and the id of the newest: `{"unread": 3, "newest": "…"}`."""
    try:
        user = signing.loads(who, salt=SALT)
    except signing.BadSignature:
        return HttpResponse(status=404)
    with connection.cursor() as cursor:
        cursor.execute(_NOW, {"user": user})
        unread, newest = cursor.fetchone()
    response = JsonResponse({"unread": unread, "newest": newest or ""})
    response["Cache-Control"] = "no-store"
    return response
