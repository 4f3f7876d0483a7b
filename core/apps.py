from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        # The import registers the post_migrate handler that grants the application's role its rights.
        from contextlib import suppress

        with suppress(ModuleNotFoundError):
            import core.roles  # noqa: F401
        # What each app adds to the pages of others: places, search, panels, Today, sentences of the timeline.
        autodiscover_modules("pages")
