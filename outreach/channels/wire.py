"""One request over HTTP to an address that somebody typed: guarded, in a bounded time, and truthful about what left."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from outreach.channels.base import Later, MayHaveLeft, NotSent
from outreach.channels.guard import Blocked, Target, target

CONNECT, READ = 5.0, 10.0
MOST = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object; empty for what is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def after(self) -> float | None:
        """The seconds of Retry-After."""
        text = self.headers.get("retry-after", "").strip()
        return float(min(int(text), 86_400)) if text.isascii() and text.isdecimal() else None


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Post to an address. A redirect is not followed: it would lead where nobody has looked.

    Raises Later when no line came about (it did not leave), MayHaveLeft when it broke or nothing was said in time.
    """
    try:
        to = target(url)
    except Blocked as error:
        raise Later(str(error), down=True) from error
    except OSError as error:
        raise Later(_("The name of the server is unknown."), down=True) from error
    line = _open(to)
    # Each read has its own limit; a server that drips a byte now and then is cut off as a whole.
    over = threading.Event()
    cut = threading.Timer(READ, _cut, [line.sock, over])
    cut.daemon = True
    cut.start()
    try:
        line.request("POST", to.path, body, {"Connection": "close", **headers})
        got = line.getresponse()
        said = got.read(MOST)
    except (OSError, http.client.HTTPException) as error:
        raise MayHaveLeft(_("The server did not answer in time or hung up.")) from error
    finally:
        cut.cancel()
        line.close()
    if over.is_set():  # a head that was cut off looks like a whole one
        raise MayHaveLeft(_("The server did not answer in time or hung up."))
    return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, said)


def judge(answer: Answer) -> None:
    """Whether a server that follows the web's customs took it. Raises NotSent, Later, MayHaveLeft."""
    status = answer.status
    if 200 <= status < 300:
        return
    said = _("the server answers %(status)s") % {"status": status}
    if status in (408, 425, 429):
        raise Later(said, after=answer.after())
    if status in (400, 409, 410, 413, 415, 422):
        raise NotSent(said)
    if status == 503:
        raise Later(said, after=answer.after(), down=True)
    if status >= 500:
        raise MayHaveLeft(said)
    # Moved, not found, not let in: it is the settings that are wrong, not the message.
    raise Later(said, down=True)


def _open(to: Target) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if to.secure else http.client.HTTPConnection
    line = kind(to.host, to.port, timeout=READ)
    try:
        sock = socket.socket(to.family, socket.SOCK_STREAM)
        try:
            sock.settimeout(CONNECT)
            sock.connect(to.where)
            if to.secure:
                sock = ssl.create_default_context().wrap_socket(sock, server_hostname=to.host)
            sock.settimeout(READ)
        except BaseException:
            sock.close()
            raise
    except OSError as error:  # also what TLS says
        raise Later(_("The server cannot be reached."), down=True) from error
    line.sock = sock
    return line


def _cut(sock: socket.socket, over: threading.Event) -> None:
    over.set()
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already
