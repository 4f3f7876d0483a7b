from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from crm import assets, messages


class Command(BaseCommand):
    help = "Builds what is not committed: asset files, the icon sprite, compiled translations, static files."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            names = assets.build()
        except FileNotFoundError as error:
            raise CommandError(str(error)) from None
        compiled = messages.compile_all()
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        self.stdout.write(f"{len(assets.FILES)} files, {len(names)} icons, {len(compiled)} catalogues.")
