"""`manage.py make_messy_file FILE`: a messy file of leads, the same for the same seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from intake.messy import make

ENCODINGS = ["gb18030", "utf-8", "utf-8-sig", "utf-16"]


class Command(BaseCommand):
    help = (
        "Write a messy file of leads (full-width digits, duplicates, wrong rows), the same for the same seed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--rows", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--encoding", default="gb18030", choices=ENCODINGS)

    def handle(self, *args: Any, **options: Any) -> None:
        content, expected = make(options["rows"], options["seed"], options["encoding"])
        options["file"].write_bytes(content)
        self.stdout.write(
            f"created {expected.created}, known {expected.known}, "
            f"rejected {expected.rejected}, empty {expected.empty}"
        )
