from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from crm.graph import document


class Command(BaseCommand):
    help = "Draws where leads, opportunities and orders can be, from the code, into docs/states.md."

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "states.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(document(), encoding="utf-8")
        self.stdout.write(f"Drawn: {path.relative_to(settings.BASE_DIR)}")
