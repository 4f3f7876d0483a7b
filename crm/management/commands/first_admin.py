import getpass
import sys
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Asks for the first administrator when nobody can log in yet; does nothing otherwise."

    def handle(self, *args: Any, **options: Any) -> None:
        model = get_user_model()
        if model.objects.exists():
            return
        self.stdout.write("Nobody can log in yet. Who is the first administrator?")
        try:
            login = self.ask("Log-in name", "ada").lower()
            name = self.ask("Name", login.title())
            password = self.password()
        except (EOFError, KeyboardInterrupt):
            raise CommandError(
                "Without an administrator nobody can log in; start again in a terminal."
            ) from None
        user = model(login=login, name=name, hats=["admin"])
        user.set_password(password)
        try:
            user.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user.save()
        self.stdout.write(f"Log in as {login}.")

    def ask(self, what: str, default: str) -> str:
        """One line from the terminal, or what stands in brackets."""
        self.stdout.write(f"{what} [{default}]: ", ending="")
        self.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.strip() or default

    def password(self) -> str:
        """A password that the rules accept; asked again while they do not."""
        while True:
            given = getpass.getpass("Password (at least 10 characters): ") if sys.stdin.isatty() else ""
            if not sys.stdin.isatty():
                line = sys.stdin.readline()
                if not line:
                    raise EOFError
                given = line.rstrip("\n")
            try:
                validate_password(given)
            except ValidationError as error:
                self.stdout.write(" ".join(error.messages))
            else:
                return given
