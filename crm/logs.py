"""Logs are JSON lines on standard error (readable ones in a terminal), with request ids and without people's
data.
"""

from __future__ import annotations

import re
import sys
from typing import Any

import structlog

# A number or address that slips into a message is taken out here; nobody should write one in the first place.
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.-])\+?\d[\d ()-]{6,}\d(?![\w.-])")
KEY = re.compile(r"(?i)(bearer\s+|password['\"=: ]+|key['\"=: ]+)\S{6,}")
TALKATIVE = ("twilio.http_client", "tencentcloud_sdk_common", "urllib3", "alibabacloud-tea")
OWN_FIELDS = {"timestamp", "request_id", "level", "logger", "user", "ms", "status", "task_id", "lineno"}


def redact(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Take phones, e-mail addresses and secrets out of every text of a log line."""
    for field, value in event.items():
        if isinstance(value, str) and field not in OWN_FIELDS:
            event[field] = KEY.sub(r"\1[removed]", PHONE.sub("[number]", EMAIL.sub("[address]", value)))
    return event


def django_config(level: str) -> dict[str, Any]:
    """Django's LOGGING: all lines, the libraries' too, go through structlog, which is set up here."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    readable = sys.stderr.isatty()
    last: Any = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    final: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if not readable:
        final.append(structlog.processors.format_exc_info)
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [*final, redact, last],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "django": {"level": level.upper(), "propagate": True, "handlers": []},
            "django.server": {"level": "WARNING", "propagate": True, "handlers": []},
            "gunicorn": {"level": level.upper(), "propagate": True, "handlers": []},
            "celery": {"level": level.upper(), "propagate": True, "handlers": []},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            # What the providers' SDKs would tell of each request holds numbers and signatures.
            **{name: {"level": "WARNING"} for name in TALKATIVE},
        },
    }
