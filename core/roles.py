"""What the application's database role may do: all of the daily work, but events only be added and read
(R15.4).
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate

# The application adds and reads events. Their texts can also be emptied, since erasure must (R15.5).
APPEND_ONLY = ("core_event",)


def grant(using: str = "default") -> None:
    """Give the application's role its rights on everything that exists and will exist; safe to repeat.

    Does nothing where one role does everything: there the trigger alone guards the events.
    """
    connection = connections[using]
    app: str = settings.DATABASE_APP_ROLE
    if connection.vendor != "postgresql" or not app:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [app])
        owner, exists = cursor.fetchone()
        if owner == app or not exists:
            return
        role, me = connection.ops.quote_name(app), connection.ops.quote_name(owner)
        tables = set(connection.introspection.table_names(cursor))
        statements = [
            f"GRANT USAGE ON SCHEMA public TO {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {me} IN SCHEMA public "
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {me} IN SCHEMA public "
            f"GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        ]
        for table in APPEND_ONLY:
            if table in tables:
                name = connection.ops.quote_name(table)
                statements.append(f"REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM {role}")
        if "django_migrations" in tables:
            statements.append(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
        cursor.execute(
            "BEGIN;" + ";".join(statements) + ";COMMIT"
            if connection.get_autocommit()
            else ";".join(statements)
        )


def after_migrate(app_config: Any, using: str, **kwargs: Any) -> None:
    """Grant once all apps are migrated."""
    if app_config.label == "core":
        grant(using)


post_migrate.connect(after_migrate, dispatch_uid="core.roles")
