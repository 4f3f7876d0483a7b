"""What tests of pages share: a browser that is logged in, posts as htmx does, and a count of queries."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User

MOST_QUERIES = 15


def browser(user: User) -> Client:
    """A client in which this person is logged in."""
    client = Client()
    client.force_login(user)
    return client


def tap(
    client: Client, url: str, data: dict[str, Any] | None = None, *, on: str = "/", **headers: str
) -> Any:
    """Post as htmx does from the page `on`."""
    more = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{on}", **headers}
    return client.post(url, data or {}, headers=more)


def queries_of(client: Client, url: str) -> int:
    """How many queries a page needs, the session's included."""
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def words(response: Any) -> str:
    """What a person reads."""
    text = re.sub(r"<(script|style|template)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
