"""Beginning an import: look at the file, say what its columns are, put it where the worker finds it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.rules import fold
from core import clock, rulebook
from core.errors import FieldError, Forbidden, Invalid, NotFound, RuleRefused, TransitionNotAllowed
from core.locking import verb
from core.models import Job, RealNow
from outreach.rules import channel_of

from ..headings import Column, is_invented_email
from ..headings import fingerprint as fingerprint_of
from ..headings import fold as fold_heading
from ..models import HeadingMemory, Import, ImportPart
from ..permissions import may_import
from ..preview import Look, look
from ..reading import Refused
from ..reasons import words

KIND = "import"
PART = 2**20
UNKNOWN_CHANNEL = "import"
_OF_MAPPING = {"mapping_unknown_heading", "mapping_unknown_field", "file_no_way_to_reach"}


@dataclass(frozen=True)
class Source:
    """Where the people of a file come from, where a row does not say it itself (R1.4)."""

    channel: str = ""
    campaign: str = ""
    medium: str = "import"


@verb
def start_import(
    path: str | Path,
    *,
    by: User | None,
    name: str = "",
    source: Source | None = None,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    enqueue: bool = True,
) -> Import:
    """Take in a file of leads; its rows are read and written by `run`.

    Raises Forbidden, Invalid (the file cannot be read), RuleRefused (its columns or its source make no sense).
    """
    if by is not None and not may_import(by):
        raise Forbidden(detail=_("Marketing, managers and administrators bring in files."))
    clean = _checked(source or Source())
    path = Path(path)
    with _refusals(), look(path, given=mapping, remembered=recall) as found:
        if mapping:
            remember(found, by)
        job = Job.objects.create(kind=KIND, by=by, asked_at=clock.now(), seen_at=RealNow())
        leads_file = Import.objects.create(
            job=job,
            file_name=(name or path.name).replace("\x00", "")[-200:],
            digest=_digest(path),
            size=path.stat().st_size,
            dry_run=dry_run,
            channel=clean.channel,
            campaign=clean.campaign,
            medium=clean.medium,
            head_line=found.head.line,
            columns=[vars(column) for column in found.columns],
            table=_told(found),
        )
    _keep(path, leads_file)
    if enqueue:
        hand_to_worker(leads_file)
    return leads_file


def _checked(source: Source) -> Source:
    errors = []
    channel = channel_of(fold(source.channel)) if source.channel.strip() else UNKNOWN_CHANNEL
    if not channel:
        errors.append(FieldError("source", "invalid", words("channel_invalid")))
    if source.medium not in rulebook.get("media"):
        errors.append(FieldError("source.medium", "unknown", words("medium_unknown")))
    campaign = " ".join(fold(source.campaign).split())
    if len(campaign) > 120:
        errors.append(FieldError("source.campaign", "too_long", words("too_long", {"limit": 120})))
    if errors:
        raise RuleRefused(errors=errors)
    return Source(channel, campaign, source.medium)


@contextmanager
def _refusals() -> Iterator[None]:
    """A refused file as the errors that page and API know."""
    try:
        yield
    except Refused as refused:
        message = words(refused.code, refused.params)
        if refused.code in _OF_MAPPING:
            raise RuleRefused(errors=[FieldError("mapping", refused.code, message)]) from None
        raise Invalid(detail=message, errors=[FieldError("file", refused.code, message)]) from None


def _told(found: Look) -> dict[str, str]:
    table = found.table
    return {
        "kind": table.kind,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet[:100],
    }


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _keep(path: Path, leads_file: Import) -> None:
    with path.open("rb") as stream:
        number = 0
        while piece := stream.read(PART):
            ImportPart.objects.create(leads_file=leads_file, number=number, content=piece)
            number += 1


def recall(fingerprint: str) -> Mapping[str, str]:
    """What was chosen for these headings the last time."""
    memory = HeadingMemory.objects.filter(fingerprint=fingerprint).first()
    return memory.fields if memory else {}


def remember(found: Look, by: User | None) -> None:
    """Keep what was chosen for these headings, all of them; made e-mails are chosen anew each time."""
    if not any(found.head.headings) or any(is_invented_email(column.field) for column in found.columns):
        return
    chosen = {fold_heading(column.heading): column.field for column in found.columns if column.heading}
    HeadingMemory.objects.update_or_create(
        fingerprint=fingerprint_of(found.head.headings),
        defaults={"fields": chosen, "by": by, "at": RealNow()},
    )


def hand_to_worker(leads_file: Import) -> None:
    """Tell the worker, once this is committed; if the message is lost the sweep finds the job."""
    from ..tasks import send

    pk = str(leads_file.pk)
    transaction.on_commit(lambda: send(pk))


@contextmanager
def file_of(leads_file: Import) -> Iterator[Path]:
    """The file's bytes in a temporary file; raises Refused when they were let go."""
    with tempfile.NamedTemporaryFile(prefix="import-") as scratch:
        parts = leads_file.parts.order_by("number").values_list("content", flat=True)
        for content in parts.iterator(chunk_size=4):
            scratch.write(content)
        scratch.flush()
        if scratch.tell() != leads_file.size:
            raise Refused("file_gone")
        yield Path(scratch.name)


def columns_of(leads_file: Import) -> list[Column]:
    """The columns as they were recognised or chosen."""
    return [Column(**told) for told in leads_file.columns]


def locked(leads_file: Import) -> Import:
    """The import as it is under the lock of its job."""
    Job.objects.select_for_update(no_key=True).get(pk=leads_file.pk)
    return Import.objects.select_related("job", "job__by").get(pk=leads_file.pk)


def _own(leads_file: Import, by: User) -> Import:
    if not may_import(by):
        raise Forbidden()
    if not Import.objects.visible_to(by).filter(pk=leads_file.pk).exists():
        raise NotFound()
    row = locked(leads_file)
    if not (row.dry_run and row.job.state == Job.State.DONE and row.purged_at is None):
        raise TransitionNotAllowed(row.job.state, detail=_("Only an import that was tried can be taken on."))
    return row


@verb
def confirm(leads_file: Import, *, by: User) -> Import:
    """Do what was tried. Raises Forbidden, NotFound, TransitionNotAllowed."""
    row = _own(leads_file, by)
    row.rows.filter(outcome__in=["created", "known"]).update(outcome="", lead_id=None)
    row.parts.all().delete()
    row.dry_run = False
    row.save(update_fields=["dry_run"])
    _again(row.job, done=row.job.rejected)
    hand_to_worker(row)
    return row


@verb
def remap(
    leads_file: Import, *, mapping: Mapping[str, str], by: User, source: Source | None = None
) -> Import:
    """Try again with other columns or another source. Raises Forbidden, NotFound, TransitionNotAllowed, RuleRefused."""
    row = _own(leads_file, by)
    if source:
        clean = _checked(source)
        row.channel, row.campaign, row.medium = clean.channel, clean.campaign, clean.medium
    with _refusals(), file_of(row) as path, look(path, given=mapping) as found:
        remember(found, by)
        row.columns = [vars(column) for column in found.columns]
        row.head_line = found.head.line
    row.rows.all().delete()
    row.staged_line, row.staged, row.writing_at = 0, False, None
    row.save()
    Job.objects.filter(pk=row.pk).update(total=None, rejected=0)
    _again(row.job, done=0)
    hand_to_worker(row)
    return row


def _again(job: Job, *, done: int) -> None:
    changes: dict[str, Any] = {"created": 0, "known": 0, "done": done, "ended_at": None, "error": ""}
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, seen_at=RealNow(), **changes)
    job.refresh_from_db()
