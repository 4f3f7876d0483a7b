"""A try: what an import would do, row by row, without writing anything but its own staging table.

It follows `leads.capture_many` on paper: whose a point is in the database, and whose it would be by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection

from contacts.services import match_many
from core.locking import verb
from core.models import Job, RealNow

from ..models import Import
from ..rules import Candidate
from .start import locked

BATCH = 5_000
Key = tuple[str, str, str]


class Paper:
    """Whose each point would be, row after row."""

    def __init__(self) -> None:
        self._owner: dict[Key, Any] = {}

    def known(self, keys: Sequence[Key], number: int) -> bool:
        """Whether the person of these points would be known by then (R1.3); `number` stands for a new one."""
        holders = [self._owner[key] for key in keys if key in self._owner]
        owner = holders[0] if holders else number
        if len(set(holders)) <= 1:
            for key in keys:
                self._owner.setdefault(key, owner)
        return bool(holders)

    def learn(self, matches: dict[Key, Any]) -> None:
        """What the database knows, unless the paper knows it already."""
        for key, match in matches.items():
            self._owner.setdefault(key, match.contact_id)


@verb
def try_out(leads_file: Import) -> None:
    """Count what would become of each row, and end the job."""
    row = locked(leads_file)
    job = row.job
    if job.state != Job.State.RUNNING or not row.staged:
        return
    paper = Paper()
    job.created = job.known = 0
    for batch in _batches(row):
        points = [Candidate.of_json(told).points for _pk, told in batch]
        paper.learn(match_many(point for listed in points for point in listed))
        known = [
            paper.known([p.key for p in listed], pk)
            for (pk, _told), listed in zip(batch, points, strict=True)
        ]
        _note([pk for pk, _told in batch], known)
        job.known += sum(known)
        job.created += len(known) - sum(known)
    job.done = job.created + job.known + job.rejected
    job.state = Job.State.DONE
    job.ended_at = job.seen_at = RealNow()
    job.save(update_fields=["created", "known", "done", "state", "ended_at", "seen_at"])


def _batches(row: Import) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    waiting = (
        row.rows.exclude(outcome="rejected").order_by("line").values_list("pk", "person").iterator(BATCH)
    )
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _note(pks: list[int], known: list[bool]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE intake_importrow AS r SET outcome = CASE WHEN v.known THEN 'known' ELSE 'created' END "
            "FROM unnest(%s::bigint[], %s::bool[]) AS v(id, known) WHERE r.id = v.id",
            [pks, known],
        )
