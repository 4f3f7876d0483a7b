"""`manage.py replay_olist DIR`: Olist's leads in, its deals through the trunk, the numbers by channel out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import rulebook
from crm import olist


class Command(BaseCommand):
    help = "Import Olist's marketing funnel from DIR and replay its deals; prints channel, leads, won."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        try:
            deals = olist.read_deals(options["folder"])
            people = olist.read_leads(options["folder"], deals)
        except olist.NotOlist as error:
            raise CommandError(str(error)) from None
        with rulebook.snapshot():
            made = olist.bring_in(people)
            worked = sum(olist.Replay(deals).run())
        self.stderr.write(f"{made} leads, {worked} deals in {time.monotonic() - begun:.0f} s")
        found = olist.table_of_trunk()
        self._print(found)
        if found != olist.table_of_files(people, deals):
            raise CommandError("These are not the numbers of the files.")

    def _print(self, table: dict[str, tuple[int, int]]) -> None:
        self.stdout.write(f"{'channel':<20} {'leads':>6} {'won':>5}")
        for channel, (leads, won) in sorted(table.items(), key=lambda item: (-item[1][0], item[0])):
            self.stdout.write(f"{channel:<20} {leads:>6} {won:>5}")
        total = [sum(numbers) for numbers in zip(*table.values(), strict=True)] or [0, 0]
        self.stdout.write(f"{'total':<20} {total[0]:>6} {total[1]:>5}")
