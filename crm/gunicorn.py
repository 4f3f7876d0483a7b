"""How the web processes run; the same on a laptop and behind Caddy."""

import os
from pathlib import Path

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 8
keepalive = 15
max_requests = 20_000
max_requests_jitter = 2_000
preload_app = True
accesslog = None  # the application writes a line a request, without people's data
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
control_socket_disable = True
limit_request_line = 8190
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK) else None  # noqa: S108


def on_starting(server: object) -> None:
    """Lines of gunicorn look like all others."""
    from logging.config import dictConfig

    from crm.logs import django_config

    dictConfig(django_config(os.environ.get("LOG_LEVEL", "INFO")))
