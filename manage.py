#!/usr/bin/env python
"""The project's commands."""

import os
import sys

# These change the schema, so they work as its owner; everything else is the application's role.
OWNERS_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "showmigrations", "lintmigrations", "flush"}
# These need no server.
SERVERLESS = {"build", "collectstatic", "makemessages", "graph", "help", "spectacular", "version"}


def main() -> None:
    """Run a command, with the embedded servers where none are configured."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in OWNERS_COMMANDS:
        os.environ["TRUNK_DB_ROLE"] = "owner"
    from django.core.management import execute_from_command_line

    if command not in SERVERLESS and "--help" not in sys.argv:
        from crm import servers

        servers.start()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
