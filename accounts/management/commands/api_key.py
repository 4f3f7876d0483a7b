"""`manage.py api_key LOGIN [--scope read|write|admin]`: a new key, printed once, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import ApiKey, User
from accounts.services import make_key

VALID_FOR = timedelta(days=365)


class Command(BaseCommand):
    help = "Make an API key for a person and print it; it cannot be read again."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", help="the person's log-in")
        parser.add_argument("--scope", choices=[str(scope) for scope in ApiKey.Scope], default="write")

    def handle(self, *args: Any, login: str, scope: str, **options: Any) -> None:
        person = User.objects.filter(login=login.lower(), is_active=True).first()
        if person is None:
            raise CommandError(f"There is nobody with the log-in {login}.")
        until = datetime.now(UTC) + VALID_FOR
        self.stdout.write(make_key(person, scope=scope, name="made by command", expires_at=until))
