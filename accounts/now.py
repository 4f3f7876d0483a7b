"""What is new for a person who has a page open: asked every few seconds, so it costs one statement (R3.2).

The address carries the person, signed for a day, so that neither session nor user is read; a person who left gets
nothing. A page that is older than a day asks for a new address with its session.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from core import clock
from core.rulebook import RULES
from core.web.notices import WORDS

SALT = "trunk.now"
DAY = timedelta(days=1)
LOUD_FOR = timedelta(hours=1)  # what was urgent longer ago is in the list, not in the way
MOST_LOUD = 5

# Being seen is written at most once a minute: who is at work now comes first in the round (R3.1). A kind whose branch
# is off is not counted (R0.1).
_NOW = """
WITH seen AS (
    UPDATE accounts_user SET last_seen_at = clock_timestamp()
    WHERE id = %(user)s AND is_active AND %(here)s
      AND (last_seen_at IS NULL OR last_seen_at < clock_timestamp() - interval '1 minute')
)
SELECT count(n.id), max(n.id::text),
       array_agg(n.id::text ORDER BY n.id DESC)
           FILTER (WHERE n.kind = ANY(%(loud)s) AND n.at > clock_timestamp() + %(offset)s - %(loud_for)s)
FROM accounts_user u LEFT JOIN accounts_notice n ON n.user_id = u.id AND n.read_at IS NULL AND (
    n.kind <> ALL(%(kinds)s::text[]) OR EXISTS (
        SELECT 1 FROM unnest(%(kinds)s::text[], %(keys)s::text[], %(usual)s::boolean[]) AS b(kind, key, usual)
        LEFT JOIN core_rulevalue r ON r.key = b.key
        WHERE b.kind = n.kind AND coalesce(r.value = 'true'::jsonb, b.usual)))
WHERE u.id = %(user)s AND u.is_active
GROUP BY u.id
"""


def address(user: Any) -> str:
    """The address under which this person's browser asks what is new."""
    return reverse("accounts:now", args=[signing.dumps(str(user.pk), salt=SALT)])


@login_not_required
@require_GET
def now(request: HttpRequest, who: str) -> HttpResponse:
    """How many notices are unread, the newest, and those that call at once: `{"unread": 3, "newest": "…", "loud": []}`.

    With `?away=1` (nobody looks at the page) the person does not count as seen, so that mail still comes.
    """
    try:
        user = signing.loads(who, salt=SALT, max_age=DAY)
    except signing.BadSignature:
        return _nothing()
    branched = [(kind, words.branch) for kind, words in WORDS.items() if words.branch]
    known = {
        "user": user,
        "here": request.GET.get("away") != "1",
        "offset": clock.offset(),
        "loud_for": LOUD_FOR,
        "loud": [kind for kind, words in WORDS.items() if words.loud],
        "kinds": [kind for kind, _key in branched],
        "keys": [key for _kind, key in branched],
        "usual": [bool(RULES[key].default) for _kind, key in branched],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOW, known)
        found = cursor.fetchone()
    if found is None:
        return _nothing()
    unread, newest, loud = found
    return _fresh(JsonResponse({"unread": unread, "newest": newest or "", "loud": (loud or [])[:MOST_LOUD]}))


def _nothing() -> HttpResponse:
    return _fresh(HttpResponse(status=404))


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
