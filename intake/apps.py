from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = _("Import")

    def ready(self) -> None:
        from intake import wiring

        wiring.connect()
