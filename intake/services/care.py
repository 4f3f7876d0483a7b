"""What nobody looks at: imports whose worker died are taken up again, old rows are let go."""

from __future__ import annotations

from datetime import datetime, timedelta

from core import trial
from core.locking import verb
from core.models import Job, RealNow

from ..models import Import, ImportPart, ImportRow
from .start import KIND

STALLED = timedelta(seconds=60)
KEPT = timedelta(days=30)


def stalled() -> list[str]:
    """The imports that are open and gave no sign of life for a minute of real time."""
    open_jobs = Job.objects.filter(kind=KIND, state__in=[Job.State.QUEUED, Job.State.RUNNING])
    return [str(pk) for pk in open_jobs.filter(seen_at__lt=RealNow() - STALLED).values_list("pk", flat=True)]


@verb
def let_go() -> int:
    """Rows and files of imports that ended a month ago are deleted: they hold what belongs to people."""
    ended = Import.objects.filter(purged_at=None, job__ended_at__lt=RealNow() - KEPT)
    pks = list(ended.values_list("pk", flat=True)[:100])
    ImportRow.objects.filter(leads_file__in=pks).delete()
    ImportPart.objects.filter(leads_file__in=pks).delete()
    return Import.objects.filter(pk__in=pks).update(purged_at=RealNow())


def sweep(at: datetime) -> dict[str, int]:
    """Send stalled imports to a worker again, or go on with them here when no message gets out."""
    from ..tasks import send
    from .working import run

    if trial.running():  # a task is not taken back
        return {}
    found = stalled()
    for pk in found:
        if not send(pk):
            run(pk)
    return {"imports_taken_up": len(found), "imports_let_go": let_go()}
