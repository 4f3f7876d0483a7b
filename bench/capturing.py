"""P5's inner part: people brought in by the bulk verb, new ones and known ones, against a bare COPY of the same rows."""

from __future__ import annotations

import io
from collections.abc import Iterator

from bench.database import analyze
from bench.measure import Figure, stopwatch


def run(size: int) -> Iterator[Figure]:
    """So many new people in batches of 1,000, then the same people again."""
    from django.db import connection

    from contacts.rules import Point
    from leads.services import Capture, capture_many
    from tests.races import scene

    firm = scene.firm()
    numbers = [scene.phone() for _ in range(size)]

    def bring() -> None:
        for start in range(0, size, 1_000):
            rows = [
                Capture([Point("phone", number)], "list", "import", name="Someone", company_name="Apex Ltd")
                for number in numbers[start : start + 1_000]
            ]
            capture_many(rows, by=firm.max)

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bare (number text, name text, company text)")
        with stopwatch() as copied:
            lines = io.StringIO("".join(f"{number}\tSomeone\tApex Ltd\n" for number in numbers))
            cursor.copy_expert("COPY bare FROM STDIN", lines)
    with stopwatch() as new:
        bring()
    analyze()
    with stopwatch() as known:
        bring()
    baseline = f"COPY into a bare table: {copied():.2f} s"
    yield Figure(f"{size:,} new people", f"{new():.1f} s, {size / new():,.0f}/s", baseline, new() / copied())
    yield Figure(f"the same {size:,} again", f"{known():.1f} s, {size / known():,.0f}/s")
