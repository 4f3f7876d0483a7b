"""Q6: every task of ours may be delivered twice in a row and twice at once; the end is the same as of once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail

from accounts.models import Notice, User
from accounts.services import notify
from accounts.tasks import mail_notices
from core import clock
from core.ids import uuid7
from core.models import Event, Heartbeat
from core.tasks import heartbeat, sweep
from crm.celery import QUEUES, app
from intake import services as intake
from intake.tasks import run_import
from leads.models import Lead
from outreach.channels.base import Receipt
from outreach.mail import queue_mail
from outreach.models import Arrival, Channel, GroupPost, Message, Reaction, Touch
from outreach.services.receiving import take_receipts
from outreach.tasks import poll_mail, send_calls, send_mail, send_sms, send_webhooks, tell_groups
from tests import invariants
from tests.cast import Firm
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


def sweeps_of_orders(folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Contracts that begin and end, and the chances that open with them."""
    firm = Firm()
    day = clock.firm_day(clock.now()) - timedelta(days=9)
    for _n in range(3):
        firm.a_signed_order(signed_on=day, term_days=5)
    firm.a_signed_order()
    verbs = ("in_force", "ended", "activated")
    return sweep, lambda: [Event.objects.filter(verb=verb).count() for verb in verbs]


def sweeps_of_cadences(folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Leads of the pool whose first step is due, and some who have reacted."""
    firm = scene.firm(touch_hours="00:00-23:59")
    ids = scene.pooled(firm, 40)
    contacts = Lead.objects.filter(pk__in=ids[:10]).values_list("contact_id", flat=True)
    reply = [Reaction(contact_id=pk, kind="reply", at=clock.now()) for pk in contacts]
    Reaction.objects.bulk_create(reply)
    messages = Message.objects.filter(kind="cadence")
    return sweep, lambda: [
        messages.exclude(state="recalled").count(),
        Touch.objects.count(),
        Event.objects.filter(verb="reactivated").count(),
    ]


def an_outbox(folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
    at = clock.now()
    for n in range(30):
        queue_mail(to=f"p{n}@example.com", subject="Hello", text="Hello", at=at, kind="note")
    mail.outbox.clear()
    sent = Message.objects.filter(state="sent", tries=1)
    return send_mail, lambda: (len(mail.outbox), len({m.to[0] for m in mail.outbox}), sent.count())


def an_outbox_of(kind: str, task: Any) -> Callable[[Path], tuple[Callable[[], Any], Callable[[], Any]]]:
    """SMS, robot calls, webhooks: each is a file of the folder, named by its key."""

    def make(folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
        at = clock.now()
        rows = [
            Message(channel=kind, kind="note", to=f"+86138{n:08d}", text="Hello", created_at=at, due_at=at)
            for n in range(12)
        ]
        Message.objects.bulk_create(rows)
        sent = Message.objects.filter(channel=kind, state="sent", tries=1)
        return task, sent.count

    return make


def a_mailbox(folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A bounce that waits in the mailbox of the channel in use."""
    at = clock.now()
    message = queue_mail(to="gone@example.com", subject="Hello", text="Hello", at=at, kind="note")
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=at, taken_at=at, tries=1)
    report = Receipt("bounced", key=str(message.pk), dead=True)

    def look() -> int:
        take_receipts(None, [report], clock.now())
        return poll_mail()

    return look, Message.objects.filter(bounced_at__isnull=False).count


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


def a_group(folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Sixty notices of a minute ago, and the group that hears of them in one post."""
    firm = scene.firm(reps=3, touch_hours="00:00-23:59")
    at = clock.now() - timedelta(minutes=2)
    for n in range(20):
        notify(firm.reps, "call_now", ("lead", uuid7()), at=at, n=n)
    Channel.objects.create(
        kind="wechat", driver="file", name="All", in_use=True, told=["call_now"], created_at=at, used_at=at
    )
    posts = Path(settings.VAR) / "outbox" / "wechat"
    before = len(list(posts.glob("*")))
    sent = GroupPost.objects.filter(state="sent")
    return tell_groups, lambda: (sent.count(), len(list(posts.glob("*"))) - before)


# A task that is not here fails the suite.
MADE: dict[str, tuple[Callable[[Path], Any], Any]] = {
    "accounts.tasks.mail_notices": (some_mail, (3, 0)),
    "core.tasks.heartbeat": (a_heartbeat, 1),
    "core.tasks.sweep": (a_sweep, 120),
    "core.tasks.sweep of orders": (sweeps_of_orders, [4, 3, 3]),
    "core.tasks.sweep of cadences": (sweeps_of_cadences, [30, 30, 10]),
    "intake.tasks.run_import": (an_import, (PEOPLE, PEOPLE)),
    "outreach.tasks.send_mail": (an_outbox, (30, 30, 30)),
    "outreach.tasks.send_sms": (an_outbox_of("sms", send_sms), 12),
    "outreach.tasks.send_calls": (an_outbox_of("call", send_calls), 12),
    "outreach.tasks.send_webhooks": (an_outbox_of("webhook", send_webhooks), 12),
    "outreach.tasks.poll_mail": (a_mailbox, 1),
    "outreach.tasks.tell_groups": (a_group, (60, 1)),
}


def test_Q6_every_task_is_looked_at() -> None:
    app.loader.import_default_modules()
    assert {name for name in app.tasks if not name.startswith("celery.")} == {
        name.split()[0] for name in MADE
    }


def test_every_task_is_on_a_queue_that_a_worker_serves_and_none_of_the_schedule_piles_up() -> None:
    """What beat asks for exists, is gone before it is asked for again, and goes where its like goes."""
    app.loader.import_default_modules()
    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks, name
        assert 0 < entry["options"]["expires"] <= max(entry["schedule"], 20), name
    asked = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert asked == {name.split()[0] for name in MADE} - {"intake.tasks.run_import"}
    for name in app.tasks:
        if not name.startswith("celery."):
            queue = app.amqp.router.route({}, name)["queue"].name
            assert queue in QUEUES, name
            assert (queue == "outbox") == ("mail" in name or name.startswith("outreach.")), name


@pytest.mark.parametrize("name", MADE)
def test_Q6_a_task_twice_in_a_row(name: str, tmp_path: Path) -> None:
    make, end = MADE[name]
    task, state = make(tmp_path)
    task()
    assert state() == end
    task()
    assert state() == end
    invariants.check()


@pytest.mark.parametrize("name", MADE)
def test_Q6_a_task_twice_at_once(name: str, tmp_path: Path) -> None:
    make, end = MADE[name]
    task, state = make(tmp_path)
    race([task, task])
    task()
    assert state() == end
    invariants.check()
