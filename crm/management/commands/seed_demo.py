import gc
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.demo.make import make_firm, there_is_data


class Command(BaseCommand):
    help = "Makes the demo firm: 90 days of work by the real rules, ending now. Needs an empty database."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--seed", type=int, default=7, help="another number, another firm")
        parser.add_argument("--days", type=int, default=90, help="how long the firm has been at work")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is data")

    def handle(self, *args: Any, **options: Any) -> None:
        if there_is_data():
            if options["if_empty"]:
                return
            raise CommandError("There is data already; the demo firm needs an empty database.")
        if options["days"] < 7:
            raise CommandError("The demo firm needs at least 7 days.")
        # What lives now lives until the end: not to be looked through again for each heap of short-lived rows.
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        world = make_firm(seed=options["seed"], days=options["days"])
        self.stdout.write(
            f"{world.done} things happened to {len(world.persons)} people in {world.days} days."
        )
        if options["verbosity"] > 1:
            for what, count in sorted(world.refused.items()):
                self.stdout.write(f"refused {what}: {count}")
