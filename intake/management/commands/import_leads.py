"""`manage.py import_leads FILE`: a file of leads, here and now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from core.errors import TrunkError
from core.models import Job
from intake import services
from intake.models import Import
from intake.selectors import refusal, why


class Command(BaseCommand):
    help = "Import a CSV or XLSX file of leads and print how many were new, known and refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default="", metavar="CHANNEL", help="where a row names no channel")
        parser.add_argument("--campaign", default="", help="where a row names no campaign")
        parser.add_argument("--medium", default="import", help="how they came, where a row does not say it")
        parser.add_argument("--mapping", nargs="+", default=[], metavar="HEADING=FIELD")
        parser.add_argument("--dry-run", action="store_true", help="only count what would happen")
        parser.add_argument("--by", default="", metavar="LOGIN", help="in whose name")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            leads_file = services.start_import(
                path,
                by=self._person(options["by"]),
                source=services.Source(options["source"], options["campaign"], options["medium"]),
                mapping=self._mapping(options["mapping"]),
                dry_run=options["dry_run"],
                enqueue=False,
            )
        except TrunkError as error:
            raise CommandError(str(error)) from None
        self._tell(services.run_to_end(leads_file))

    def _person(self, login: str) -> User | None:
        if not login:
            return None
        try:
            return User.objects.get(login=login.lower(), is_active=True)
        except User.DoesNotExist:
            raise CommandError(f"There is nobody with the login {login}.") from None

    def _mapping(self, pairs: list[str]) -> dict[str, str]:
        if any("=" not in pair for pair in pairs):
            raise CommandError("A mapping is HEADING=FIELD.")
        return dict(pair.rsplit("=", 1) for pair in pairs)

    def _tell(self, leads_file: Import) -> None:
        job = leads_file.job
        if job.state != Job.State.DONE:
            raise CommandError(refusal(leads_file) or f"The import is {job.state}.")
        tried = " (a try: nothing was written)" if leads_file.dry_run else ""
        self.stdout.write(
            f"rows {job.total}, new {job.created}, known {job.known}, refused {job.rejected}{tried}"
        )
        for row in leads_file.rows.filter(outcome="rejected").order_by("line")[:10]:
            self.stdout.write(f"  line {row.line}: {why(row.problems)}")
        if job.rejected > 10:
            self.stdout.write(f"  … and {job.rejected - 10} more")
