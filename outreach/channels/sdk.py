"""What the providers' SDKs have in common: how long they may take, and what their broken lines mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from outreach.channels.base import Later, MayHaveLeft
from outreach.channels.guard import Blocked, target

CONNECT, READ = 5, 10  # seconds
# What `requests` and `urllib3` call it when no line came about: nothing has left.
NO_LINE = {
    "ConnectTimeout",
    "ConnectTimeoutError",
    "NewConnectionError",
    "NameResolutionError",
    "SSLError",
    "ProxyError",
}


def broken(error: BaseException) -> Exception:
    """The meaning of an error of the line, whatever the SDK has wrapped it in."""
    if {type(each).__name__ for each in _chain(error)} & NO_LINE:
        return Later(_("The provider cannot be reached."), down=True)
    return MayHaveLeft(_("The provider did not answer in time or hung up."))


def reachable(url: str) -> str:
    """An endpoint that somebody may have typed, once it is known not to lead into the inner net. Raises Later."""
    try:
        target(url)
    except Blocked as error:
        raise Later(str(error), down=True) from error
    except OSError as error:
        raise Later(_("The name of the server is unknown."), down=True) from error
    return url


def _chain(error: Any) -> Iterator[Any]:
    seen: list[Any] = []
    todo = [error]
    while todo:
        each = todo.pop()
        if not isinstance(each, BaseException) or any(each is known for known in seen):
            continue
        seen.append(each)
        yield each
        todo += [each.__cause__, each.__context__, getattr(each, "inner_exception", None)]
        todo += [getattr(each, "reason", None), *each.args]
