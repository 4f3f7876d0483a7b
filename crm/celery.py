"""Celery, and the whole beat schedule in one place.

A message is only a hint: what must happen stands in PostgreSQL, and the sweeps find it there. So messages may
be lost, doubled or late, and publishing one never waits for a broker that is down.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.beat import Scheduler as BaseScheduler
from celery.signals import beat_init, celeryd_init, setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

QUEUES = ("rules", "outbox", "imports", "bulk")

app = Celery("trunk")


def configure() -> None:
    """Settings and schedule; the reasons stand in the quality document's measurements."""
    from crm.config import broker

    app.conf.update(
        broker_url=broker(settings.REDIS_URL),
        result_backend=None,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_soft_time_limit=90,
        task_time_limit=120,
        broker_transport_options={
            "visibility_timeout": 300,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 1,
            "socket_timeout": 5,
            "max_retries": 0,
        },
        broker_connection_timeout=1,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_publish_retry=False,
        task_default_queue="rules",
        task_routes={
            "intake.*": {"queue": "imports"},
            "outreach.*": {"queue": "outbox"},
            "accounts.tasks.mail_*": {"queue": "outbox"},
        },
        task_create_missing_queues=True,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        enable_utc=True,
        timezone="UTC",
        beat_schedule={
            "heartbeat": {"task": "core.tasks.heartbeat", "schedule": 5.0, "options": {"expires": 20}},
            "sweep": {"task": "core.tasks.sweep", "schedule": 60.0, "options": {"expires": 55}},
            "mail": {"task": "outreach.tasks.send_mail", "schedule": 15.0, "options": {"expires": 14}},
            "sms": {"task": "outreach.tasks.send_sms", "schedule": 15.0, "options": {"expires": 14}},
            "calls": {"task": "outreach.tasks.send_calls", "schedule": 15.0, "options": {"expires": 14}},
            "webhooks": {
                "task": "outreach.tasks.send_webhooks",
                "schedule": 15.0,
                "options": {"expires": 14},
            },
            "mailbox": {"task": "outreach.tasks.poll_mail", "schedule": 60.0, "options": {"expires": 55}},
            "groups": {"task": "outreach.tasks.tell_groups", "schedule": 20.0, "options": {"expires": 15}},
            "mail_notices": {
                "task": "accounts.tasks.mail_notices",
                "schedule": 20.0,
                "options": {"expires": 15},
            },
        },
        beat_scheduler="crm.celery:Scheduler",
    )


configure()
app.autodiscover_tasks()


class Scheduler(BaseScheduler):
    """A schedule without a file: nothing to keep, and every entry runs once right at the start."""

    def setup_schedule(self) -> None:
        """Take the static schedule, everything due now."""
        self.merge_inplace(app.conf.beat_schedule)
        for entry in self.schedule.values():
            entry.last_run_at = self.app.now() - timedelta(days=1)


@setup_logging.connect
def _logs(**kwargs: Any) -> None:
    """Keep Django's logging: receiving this signal stops Celery from setting up its own."""


@celeryd_init.connect
@beat_init.connect
def _servers(**kwargs: Any) -> None:
    from crm import servers

    servers.start()
