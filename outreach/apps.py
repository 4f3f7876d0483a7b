from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "outreach"

    def ready(self) -> None:
        from outreach import message_pages, pages, wiring  # noqa: F401

        wiring.connect()
        message_pages.connect()
