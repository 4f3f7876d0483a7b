"""Test databases: a template is migrated once for each state of the migrations, and every run copies it.

The schema's owner makes and empties them; the tests themselves run as the application's role, as production
does.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from crm import config

BASE = Path(__file__).resolve().parent.parent
LOCK = 7_112_026
TEMPLATE = "trunk_template_"
KEPT = "kept"  # the schema that remembers the rows which migrations made


def owner_settings() -> dict[str, Any]:
    """The owner's connection; the application's where only one role is configured."""
    return config.database(settings.DATABASE_OWNER_URL or settings.DATABASE_URL)


def connect(name: str) -> Any:
    """A plain connection of the owner, each statement by itself."""
    owner = owner_settings()
    parts = {
        "host": owner["HOST"],
        "port": owner["PORT"],
        "user": owner["USER"],
        "password": owner["PASSWORD"],
    }
    raw = psycopg2.connect(
        dbname=name, **{key: value for key, value in parts.items() if value}, **owner["OPTIONS"]
    )
    raw.autocommit = True
    return raw


@contextmanager
def _maintenance() -> Iterator[Any]:
    """A cursor beside the test databases; one run at a time makes and drops them."""
    with closing(connect(str(owner_settings()["NAME"]))) as raw, raw.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield cursor


def fingerprint() -> str:
    """A hash of everything that decides what a migrated database looks like."""
    digest = hashlib.sha256()
    files = [
        path for pattern in ("*/migrations/*", "*/sql/*") for path in BASE.glob(pattern) if path.is_file()
    ]
    for path in sorted([*files, BASE / "core" / "roles.py", BASE / "requirements.txt", Path(__file__)]):
        if path.suffix in {".py", ".sql", ".txt"}:
            digest.update(str(path.relative_to(BASE)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def create(worker: str) -> str:
    """A fresh test database for this process; answers its name."""
    name = f"test_{os.getpid()}_{worker}"
    template = TEMPLATE + fingerprint()
    with _maintenance() as cursor:
        _drop_leftovers(cursor, template)
        if not _exists(cursor, template):
            _make_template(cursor, template)
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def drop(name: str) -> None:
    """Drop this process's database, whoever is still connected."""
    connection.close()
    with _maintenance() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def use(name: str, role: str) -> None:
    """Point Django's connection at that database as owner or app."""
    connection.close()
    chosen = owner_settings() if role == "owner" else config.database(settings.DATABASE_URL)
    for target in (connection.settings_dict, settings.DATABASES["default"]):
        target.update(NAME=name, USER=chosen["USER"], PASSWORD=chosen["PASSWORD"])


def _exists(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return cursor.fetchone() is not None


def _drop_leftovers(cursor: Any, current: str) -> None:
    cursor.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%' OR datname LIKE 'trunk\\_template\\_%'"
    )
    for (name,) in cursor.fetchall():
        run = re.match(r"test_(\d+)_", name)
        stale = not Path(f"/proc/{run[1]}").exists() if run else name != current
        if stale and Path("/proc").exists():
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _make_template(cursor: Any, template: str) -> None:
    draft = f"{template}_new"
    cursor.execute(f"DROP DATABASE IF EXISTS {draft} WITH (FORCE)")
    cursor.execute(f"CREATE DATABASE {draft} TEMPLATE template0 ENCODING 'UTF8'")
    use(draft, "owner")
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    connection.close()
    with closing(connect(draft)) as raw, raw.cursor() as inside:
        _remember(inside)
    cursor.execute(f"ALTER DATABASE {draft} RENAME TO {template}")


TABLES = """
SELECT quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'django_migrations' ORDER BY 1
"""


def _remember(cursor: Any) -> None:
    """Copy the rows that migrations made, and write the function that brings the database back to them."""
    cursor.execute(f"CREATE SCHEMA {KEPT}")
    cursor.execute(TABLES)
    tables = [name for (name,) in cursor.fetchall()]
    body = []
    for table in tables:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
        body.append(f"IF EXISTS (SELECT 1 FROM public.{table}) THEN DELETE FROM public.{table}; END IF;")
        if cursor.fetchone()[0]:
            cursor.execute(f"CREATE TABLE {KEPT}.{table} AS TABLE public.{table}")
    cursor.execute(
        """SELECT quote_ident(k.relname),
                  (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
                   WHERE a.attrelid = p.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
           FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace
           JOIN pg_class p ON p.relname = k.relname AND p.relnamespace = 'public'::regnamespace
           WHERE n.nspname = %s AND k.relkind = 'r'""",
        [KEPT],
    )
    for table, columns in cursor.fetchall():
        body.append(
            f"INSERT INTO public.{table} ({columns}) OVERRIDING SYSTEM VALUE "
            f"SELECT {columns} FROM {KEPT}.{table};"
        )
    function = f"CREATE FUNCTION {KEPT}.reset() RETURNS void LANGUAGE plpgsql"
    cursor.execute(f"{function} AS $x$ BEGIN {' '.join(body)} END $x$")


def analyze() -> None:
    """Tell the planner what a test has committed; without, a law over thousands of rows is read row by row."""
    with closing(connect(connection.settings_dict["NAME"])) as raw, raw.cursor() as cursor:
        cursor.execute("ANALYZE")


def reset() -> None:
    """Empty every table but for the rows that migrations made; as the owner, with all triggers off."""
    with closing(connect(connection.settings_dict["NAME"])) as raw, raw.cursor() as cursor:
        raw.autocommit = False
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(f"SELECT {KEPT}.reset()")
        else:
            guarded = _guarded(cursor)
            for table in guarded:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"SELECT {KEPT}.reset()")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in guarded:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        raw.commit()


def _guarded(cursor: Any) -> list[str]:
    cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
    return [name for (name,) in cursor.fetchall()]
