"""A trial: the real rules are run and taken back, to tell what they would do (R10.8).

What reaches out of the database (a task, a file, another server) asks `running()` and stays at home; what waits for
the commit needs to ask nothing, for there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict

_running: ContextVar[bool] = ContextVar("trunk_trial", default=False)

# A trial waits for nobody: it gives way before PostgreSQL looks for deadlocks, so that real work never has to.
LOCK_WAIT, STATEMENT = "300ms", "4s"
GIVES_WAY = {"55P03", "57014", "40P01"}  # lock not available, statement cancelled, deadlock


class Busy(Conflict):
    """Real work was in the way of a trial; it can be asked for again in a moment (409)."""

    code = "busy"
    detail = _("Much is moving just now. Look again in a moment.")


def running() -> bool:
    """Whether what happens now is only a trial."""
    return _running.get()


@contextmanager
def trial() -> Iterator[None]:
    """Everything inside is taken back at the end. Raises Busy when real work was in its way."""
    token = _running.set(True)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
                    [LOCK_WAIT, STATEMENT],
                )
            yield
            transaction.set_rollback(True)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) not in GIVES_WAY:
            raise
        raise Busy() from error
    finally:
        _running.reset(token)
