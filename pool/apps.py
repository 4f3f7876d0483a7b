from django.apps import AppConfig


class PoolConfig(AppConfig):
    name = "pool"

    def ready(self) -> None:
        from pool import wiring

        wiring.connect()
