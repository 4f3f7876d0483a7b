from typing import Any

from django.core.management.base import BaseCommand

from core.services import run_sweeps


class Command(BaseCommand):
    help = "Runs every rule that is due, once; the same that beat does every minute."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in run_sweeps().items():
            self.stdout.write(f"{name}: {count}")
