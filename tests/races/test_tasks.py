"""Q6: every task of ours may be delivered twice in a row and twice at once; the end is the same as of once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from accounts.models import Notice, User
from accounts.services import notify
from accounts.tasks import mail_notices
from core import clock
from core.ids import uuid7
from core.models import Event, Heartbeat
from core.tasks import heartbeat, sweep
from crm.celery import app
from intake import services as intake
from intake.tasks import run_import
from leads.models import Lead
from outreach.models import Arrival
from tests import invariants
from tests.races import scene
from tests.races.harness import race

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 300


def a_heartbeat(folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
    return heartbeat, Heartbeat.objects.count


def a_sweep(folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
    firm = scene.firm(reps=3)
    due = clock.now() - timedelta(hours=1)
    scene.sqls(firm, firm.reps * 40, [due] * 120)
    return sweep, lambda: Event.objects.filter(verb="expired").count()


def an_import(folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
    firm = scene.firm()
    rows = "\n".join(f"Person {n},137{n:08d}" for n in range(PEOPLE))
    path = folder / "fair.csv"
    path.write_text(f"name,phone\n{rows}\n", encoding="utf-8")
    made = intake.start_import(path, by=firm.max, enqueue=False)
    return partial(run_import, str(made.pk)), lambda: (Lead.objects.count(), Arrival.objects.count())


def some_mail(folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
    firm = scene.firm(reps=3)
    User.objects.filter(pk__in=[rep.pk for rep in firm.reps]).update(email="rep@example.com")
    at = clock.now()
    for n in range(20):
        notify(firm.reps, "call_now", ("lead", uuid7()), at=at, n=n)
    mail.outbox.clear()
    return mail_notices, lambda: (len(mail.outbox), Notice.objects.filter(mailed_at=None).count())


# A task that is not here fails the suite.
TASKS: dict[str, tuple[Callable[[Path], Any], Any]] = {
    "accounts.tasks.mail_notices": (some_mail, (3, 0)),
    "core.tasks.heartbeat": (a_heartbeat, 1),
    "core.tasks.sweep": (a_sweep, 120),
    "intake.tasks.run_import": (an_import, (PEOPLE, PEOPLE)),
}


def test_Q6_every_task_is_looked_at() -> None:
    app.loader.import_default_modules()
    assert {name for name in app.tasks if not name.startswith("celery.")} == set(TASKS)


@pytest.mark.parametrize("name", TASKS)
def test_Q6_a_task_twice_in_a_row(name: str, tmp_path: Path) -> None:
    make, end = TASKS[name]
    task, state = make(tmp_path)
    task()
    assert state() == end
    task()
    assert state() == end
    invariants.check()


@pytest.mark.parametrize("name", TASKS)
def test_Q6_a_task_twice_at_once(name: str, tmp_path: Path) -> None:
    make, end = TASKS[name]
    task, state = make(tmp_path)
    race([task, task])
    task()
    assert state() == end
    invariants.check()
