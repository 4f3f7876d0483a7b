"""Q12: an import killed and taken up again brings exactly its rows, none twice, and keeps its rejects."""

from __future__ import annotations

import os
import signal
import time

import pytest
from django.db import connections

from contacts.models import ContactPoint
from intake import services
from intake.models import Import
from intake.services import working
from leads.models import Lead
from outreach.models import Arrival
from tests.intake.conftest import counts
from tests.races.harness import race

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 1_200


@pytest.fixture
def started(a_file, firm, monkeypatch) -> Import:
    """An import in small steps: a fifth of its rows are wrong, a tenth come twice."""
    monkeypatch.setattr(working, "CHUNK", 25)
    monkeypatch.setattr(working, "BATCH", 100)
    lines = []
    for n in range(ROWS):
        phone = "123" if n % 5 == 0 else f"138{n if n % 10 != 1 or n < 10 else n - 10:08d}"
        lines.append(f"人{n},{phone},,")
    return services.start_import(a_file(*lines), by=firm.max, enqueue=False)


def check(leads_file: Import) -> None:
    right = [n if n % 10 != 1 or n < 10 else n - 10 for n in range(ROWS) if n % 5]
    made = len(set(right))
    assert counts(leads_file) == (made, len(right) - made, ROWS // 5)
    assert Lead.objects.count() == ContactPoint.objects.count() == made
    assert Arrival.objects.count() == len(right)
    outcomes = leads_file.rows.order_by("line").values_list("line", flat=True)
    assert list(outcomes) == list(range(2, ROWS + 2))
    assert leads_file.rows.filter(outcome="rejected", values__1="123").count() == ROWS // 5


def kill_when(pk: object, reached) -> None:
    """Work on the import in a process of its own, and kill it hard once it has come so far."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            services.run(pk)
        finally:
            os._exit(0)
    until = time.monotonic() + 30
    while time.monotonic() < until and not reached(Import.objects.select_related("job").get(pk=pk)):
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.reduced
def test_Q12_killed_while_reading_and_while_writing(started):
    kill_when(started.pk, lambda row: row.staged_line >= 300)
    half = Import.objects.get()
    assert not half.staged and not Lead.objects.exists()
    kill_when(started.pk, lambda row: row.job.created >= 50)
    kill_when(started.pk, lambda row: row.job.created >= 400)
    assert 400 <= Lead.objects.count() < 900
    check(services.run_to_end(half))


def test_two_workers_at_once_share_the_work(started):
    race([lambda: services.run(started.pk)] * 3)
    check(services.run_to_end(started))
