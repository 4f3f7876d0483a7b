from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        # The import registers the post_migrate handler that grants the application's role its rights.
        from contextlib import suppress

        with suppress(ModuleNotFoundError):
            import core.roles  # noqa: F401
