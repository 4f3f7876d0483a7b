from typing import Any

from django.apps import AppConfig
from django.db.models.signals import pre_migrate

from core import health


class CrmConfig(AppConfig):
    name = "crm"

    def ready(self) -> None:
        from crm import celery  # noqa: F401 - shared tasks find the application, also in web processes

        pre_migrate.connect(_suits, dispatch_uid="crm.suits")


def _suits(app_config: AppConfig, **kwargs: Any) -> None:
    """Refuse a database in which Chinese could not be searched, before anything is made in it."""
    if app_config.label == "core" and (wrong := health.database()):
        raise SystemExit(f"This database does not suit: {wrong}.")
