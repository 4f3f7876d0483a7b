from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "catalogue"

    def ready(self) -> None:
        from catalogue.selectors import currencies
        from core import hooks

        hooks.agreed_in.register(currencies)
