"""What beat asks for; each is safe to lose, to run twice and to run late."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="core.tasks.heartbeat")
def heartbeat() -> None:
    """Beat and a worker are alive: real time into one row, which /readyz looks at."""
    from core.models import Heartbeat

    Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})


@shared_task(name="core.tasks.sweep")
def sweep() -> dict[str, int]:
    """Everything that is due now, in app order."""
    from core.services import run_sweeps

    return run_sweeps()
