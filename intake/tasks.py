"""Celery shells: an import's id in, one service call out."""

from __future__ import annotations

from celery import shared_task
from kombu.exceptions import OperationalError

from . import services


@shared_task(name="intake.tasks.run_import")
def run_import(pk: str) -> None:
    """Work on an import for one slot; what is left is the next message's."""
    if not services.run(pk):
        send(pk)


def send(pk: str) -> bool:
    """Tell a worker of an import; answers whether the message left. It may get lost: the sweep finds the job."""
    try:
        run_import.delay(pk)
    except (OperationalError, ConnectionError, OSError):
        return False
    return True
