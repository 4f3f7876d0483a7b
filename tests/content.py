"""What the database holds, to compare before and after: a refusal changes nothing, a sweep run late the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from core.models import Event
from core.services import run_sweeps

OURS = [
    "core",
    "accounts",
    "contacts",
    "catalogue",
    "outreach",
    "leads",
    "calling",
    "pool",
    "opportunities",
    "orders",
]
OURS += ["intake", "success", "reports"]
# What differs between two runs that did the same: ids of rows that were written, the real time of writing.
BY_CHANCE = {
    "core_event": ("id", "recorded_at"),
    "core_eventtext": ("id", "event_id"),
    "accounts_notice": ("id",),
    "leads_holding": ("id",),
    "core_rulechange": ("id",),
    # The numbers of messages come from a sequence, and their links are made of them.
    "outreach_message": ("id", "number", "text", "once", "about_id"),
    "pool_entry": ("id", "last_message_id"),
    "outreach_touch": ("id", "message_id"),
    "outreach_addressee": ("message_id",),
}


def tables() -> list[str]:
    """Our tables, but for who is logged in."""
    found = {m._meta.db_table for m in apps.get_models() if m._meta.app_label in OURS}
    return sorted(found - {"accounts_session"})


def content(*, by_chance: bool = True) -> dict[str, tuple[int, str]]:
    """How many rows each of our tables holds and a hash of them; `by_chance=False` leaves out random ids."""
    parts = []
    for table in tables():
        row = "to_jsonb(t)"
        if not by_chance:
            row += "".join(f" - '{column}'" for column in BY_CHANCE.get(table, ()))
        parts.append(
            f"SELECT '{table}', count(*), coalesce(md5(string_agg(({row})::text, '|' ORDER BY ({row})::text)), '') "
            f"FROM {table} t"
        )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {table: (rows, digest) for table, rows, digest in cursor.fetchall()}


def swept(instants: Iterable[datetime]) -> dict[str, tuple[int, str]]:
    """The content after sweeps at these instants; afterwards everything is as before."""
    with transaction.atomic():
        for at in instants:
            run_sweeps(at)
        found = content(by_chance=False)
        transaction.set_rollback(True)
    return found


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Fail if anything in our tables is different afterwards."""
    before = content()
    yield
    after = content()
    assert [table for table in before if before[table] != after[table]] == []


@contextmanager
def refused(error: type[Exception], code: str = "") -> Iterator[Any]:
    """Expect this refusal, and that it changed nothing."""
    with nothing_changes(), pytest.raises(error) as caught:
        yield caught
    assert type(caught.value) is error, caught.value
    if code:
        assert caught.value.code == code


def faults(caught: Any) -> list[tuple[str, str]]:
    """The (field, code) pairs of a refusal."""
    return [(e.field, e.code) for e in caught.value.errors]


class Log:
    """The events since it was made."""

    def __init__(self) -> None:
        self.seen = set(Event.objects.values_list("pk", flat=True))

    def new(self) -> list[Event]:
        """What was written since, in the order of writing."""
        return [e for e in Event.objects.order_by("pk") if e.pk not in self.seen]

    def verbs(self) -> list[str]:
        """The verbs of these."""
        return [e.verb for e in self.new()]

    def only(self, verb: str) -> Event:
        """The one new event with this verb."""
        (found,) = [e for e in self.new() if e.verb == verb]
        return found


@pytest.fixture
def log(db: None) -> Log:
    """Events from here on: call `log.new()`."""
    return Log()
