"""Staged rows into leads, a chunk a transaction, by the very verb that captures one (R1.3)."""

from __future__ import annotations

from typing import Any

from django.db import connection

from accounts.services import notify
from core import clock, events
from core.locking import verb
from core.models import Job, RealNow
from leads.services import Capture, capture_many

from ..models import Import, ImportRow
from ..rules import Candidate
from .start import locked

CHUNK = 2_000


def capture_of(told: dict[str, Any]) -> Capture:
    """A staged person as `leads.capture_many` takes it."""
    person = Candidate.of_json(told)
    return Capture(
        points=person.points,
        channel=person.channel,
        medium=person.medium,
        name=person.name,
        title=person.title,
        company_name=person.company_name,
        campaign=person.campaign,
        cost=person.cost,
        note=person.note,
        at=person.acquired_at,
    )


@verb
def take(leads_file: Import, size: int = CHUNK) -> bool:
    """Write the next rows as leads; answers whether the import has ended."""
    row = locked(leads_file)
    job = row.job
    if job.state != Job.State.RUNNING or row.dry_run:
        return job.state not in (Job.State.QUEUED, Job.State.RUNNING)
    waiting = list(row.rows.filter(outcome="").order_by("line").values_list("pk", "person")[:size])
    if not waiting:
        _end(job)
        return True
    with events.way(events.IMPORT, str(job.pk)):
        done = capture_many([capture_of(told) for _pk, told in waiting], by=job.by, import_id=job.pk)
    known = sum(1 for captured in done if captured.known)
    _written([pk for pk, _told in waiting], done)
    job.known += known
    job.created += len(done) - known
    job.done += len(done)
    job.seen_at = RealNow()
    job.save(update_fields=["known", "created", "done", "seen_at"])
    return False


def _written(pks: list[int], done: list[Any]) -> None:
    """Note what became of each row, and let its values go: they are with the contact now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE intake_importrow AS r SET outcome = v.outcome, lead_id = v.lead_id, values = '[]', person = '{}' "
            "FROM unnest(%s::bigint[], %s::text[], %s::uuid[]) AS v(id, outcome, lead_id) WHERE r.id = v.id",
            [pks, ["known" if c.known else "created" for c in done], [str(c.lead_id) for c in done]],
        )


def _end(job: Job) -> None:
    job.state = Job.State.DONE
    job.ended_at = job.seen_at = RealNow()
    job.save(update_fields=["state", "ended_at", "seen_at"])
    tell_the_end(job)


def tell_the_end(job: Job) -> None:
    """Who brought the file is told what became of it, whatever page they are on by then."""
    if job.by_id is not None:
        counts = {"created": job.created, "known": job.known, "rejected": job.rejected}
        notify([job.by_id], "import_ended", ("import", job.pk), at=clock.now(), state=job.state, **counts)


@verb
def refuse_first(leads_file: Import) -> None:
    """Refuse the next row alone: it reads well, and yet the database does not take it."""
    row = locked(leads_file)
    first = row.rows.filter(outcome="").order_by("line").first()
    if first is None:
        return
    first.outcome = ImportRow.Outcome.REJECTED
    first.problems = [{"column": "", "value": "", "code": "not_taken", "params": {}, "message": ""}]
    first.save(update_fields=["outcome", "problems"])
    row.job.rejected += 1
    row.job.done += 1
    row.job.seen_at = RealNow()
    row.job.save(update_fields=["rejected", "done", "seen_at"])
