from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm import assets


class Command(BaseCommand):
    help = "Copies the files that the pages use out of the npm packages and draws the icon sprite."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            names = assets.build()
        except FileNotFoundError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{len(assets.FILES)} files and {len(names)} icons.")
