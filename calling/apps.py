from django.apps import AppConfig


class CallingConfig(AppConfig):
    name = "calling"

    def ready(self) -> None:
        from calling import wiring

        wiring.connect()
