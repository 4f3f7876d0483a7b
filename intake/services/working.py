"""The work of an import: read, then try or write, in steps of one transaction each.

Killed at any point, the next call goes on where the last commit stands; two at once share the steps, for each
step holds the job's row (Q12).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import structlog
from django.db import DataError, IntegrityError

from core import clock, rulebook
from core.bulk import copy_rows
from core.errors import TrunkError
from core.locking import verb
from core.models import Job, RealNow

from ..models import Import, ImportRow
from ..reading import Refused, Row, open_table
from ..reading.limits import MAX_ROWS
from ..reasons import words
from ..rules import Frame, read_row, storable
from .start import columns_of, file_of, locked
from .trial import try_out
from .write import CHUNK, refuse_first, take, tell_the_end

log = structlog.get_logger(__name__)

SLOT = 20.0
BATCH = 5_000
_OPEN = (Job.State.QUEUED, Job.State.RUNNING)


def run(pk: Any, *, seconds: float = SLOT) -> bool:
    """Work on an import for a while; answers whether it has ended. Safe twice and from two workers at once."""
    until = time.monotonic() + seconds
    leads_file = Import.objects.select_related("job", "job__by").filter(pk=pk).first()
    if leads_file is None or leads_file.job.state not in _OPEN:
        return True
    Job.objects.filter(pk=pk, state=Job.State.QUEUED, started_at=None).update(started_at=RealNow())
    Job.objects.filter(pk=pk, state__in=_OPEN).update(state=Job.State.RUNNING, seen_at=RealNow())
    try:
        if not leads_file.staged and not _read(leads_file, until):
            return False
    except Refused as refused:
        fail(leads_file, refused)
        return True
    leads_file.refresh_from_db()
    if leads_file.dry_run:
        try_out(leads_file)
        return True
    return _write(leads_file, until)


def run_to_end(leads_file: Import) -> Import:
    """Work on an import until it has ended, here and now."""
    while not run(leads_file.pk):
        pass
    return Import.objects.select_related("job", "job__by").get(pk=leads_file.pk)


def frame_of(leads_file: Import) -> Frame:
    """What is the same for every row of the file."""
    return Frame(
        columns=columns_of(leads_file),
        channel=leads_file.channel,
        campaign=leads_file.campaign,
        medium=leads_file.medium,
        region=rulebook.get("default_region"),
        media=frozenset(rulebook.get("media")),
        zone=clock.firm_tz(),
        at=clock.now(),
    )


def _read(leads_file: Import, until: float) -> bool:
    """Rows from the file into staging, on from the last one that stands there."""
    frame = frame_of(leads_file)
    start = max(leads_file.head_line, leads_file.staged_line)
    with file_of(leads_file) as path, open_table(path) as table:
        rows = (row for row in table.rows() if row.line > start)
        while batch := list(islice(rows, BATCH)):
            if not _stage(leads_file, list(_lines(leads_file, batch, frame)), batch[-1].line):
                return False
            if time.monotonic() > until:
                return False
    _staged(leads_file)
    return True


def _lines(leads_file: Import, batch: list[Row], frame: Frame) -> Iterator[tuple[Any, ...]]:
    for row in batch:
        person, problems = read_row(row, frame)
        values = [storable(value[:2000]) for value in row.values]
        if problems:
            told = [problem.as_json() for problem in problems]
            yield leads_file.pk, row.line, "rejected", _json(values), {}, _json(told)
        else:
            yield leads_file.pk, row.line, "", _json(values), person.as_json(), _json([])


def _json(told: list[Any]) -> str:
    return json.dumps(told, ensure_ascii=False, default=str)


@verb
def _stage(leads_file: Import, lines: list[tuple[Any, ...]], last: int) -> bool:
    """Put rows into staging unless somebody else was faster; answers whether the import is still open."""
    row = locked(leads_file)
    if row.job.state not in _OPEN or row.staged:
        return False
    fresh = [line for line in lines if line[1] > row.staged_line]
    copy_rows(ImportRow, ["leads_file_id", "line", "outcome", "values", "person", "problems"], fresh)
    rejected = sum(1 for line in fresh if line[2])
    job = row.job
    job.rejected += rejected
    job.done += rejected
    total = (job.total or 0) + len(fresh)
    if total > MAX_ROWS:
        raise Refused("file_too_many_rows", limit=MAX_ROWS)
    job.total = total
    job.seen_at = RealNow()
    job.save(update_fields=["rejected", "done", "total", "seen_at"])
    Import.objects.filter(pk=row.pk).update(staged_line=max(last, row.staged_line))
    return True


@verb
def _staged(leads_file: Import) -> None:
    row = locked(leads_file)
    if row.job.state in _OPEN and not row.staged:
        Import.objects.filter(pk=row.pk).update(staged=True, writing_at=RealNow())
        if not row.dry_run:
            row.parts.all().delete()


def _write(leads_file: Import, until: float) -> bool:
    """Chunks of staged rows into leads; a row that the database refuses is found and refused alone."""
    size = CHUNK
    while time.monotonic() <= until:
        try:
            ended = take(leads_file, size)
        except (DataError, IntegrityError, TrunkError, ValueError) as error:
            log.warning("import_chunk_refused", job=str(leads_file.pk), size=size, error=type(error).__name__)
            if size == 1:
                refuse_first(leads_file)
            size = max(1, size // 12)
            continue
        if ended:
            return True
        size = min(CHUNK, size * 12)
    return False


@verb
def fail(leads_file: Import, refused: Refused) -> None:
    """The whole file is refused: nothing of it stays."""
    row = locked(leads_file)
    if row.job.state not in _OPEN:
        return
    row.rows.all().delete()
    row.parts.all().delete()
    Import.objects.filter(pk=row.pk).update(refusal={"code": refused.code, "params": refused.params})
    Job.objects.filter(pk=row.pk).update(
        state=Job.State.FAILED,
        error=words(refused.code, refused.params)[:500],
        total=None,
        done=0,
        rejected=0,
        ended_at=RealNow(),
        seen_at=RealNow(),
    )
    if not row.dry_run:
        row.job.refresh_from_db()
        tell_the_end(row.job)
