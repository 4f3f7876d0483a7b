from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.graph import document


class Command(BaseCommand):
    help = "Draws where leads, opportunities and orders can be, from the code, into docs/states.md."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether the drawing is up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "states.md"
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != document():
                raise CommandError("docs/states.md is not what the code says: run `make graph`.")
            return
        path.parent.mkdir(exist_ok=True)
        path.write_text(document(), encoding="utf-8")
        self.stdout.write(f"Drawn: {path.relative_to(settings.BASE_DIR)}")
