from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"

    def ready(self) -> None:
        from crm import celery  # noqa: F401 - shared tasks find the application, also in web processes
