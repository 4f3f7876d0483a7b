from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # The import declares the rules that belong to people, whoever reads the Rulebook first.
        from accounts import rules  # noqa: F401
