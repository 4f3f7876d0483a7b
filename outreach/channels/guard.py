"""Where requests may go whose address somebody typed: never into the inner net, whatever a name resolves to (SSRF)."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Kept by the protocols for themselves; not every Python knows all of them as such.
KEPT = [ipaddress.ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "100::/64")]


class Blocked(Exception):
    """The address leads into the inner net, or is none."""


@dataclass(frozen=True)
class Target:
    """Where a request goes: the name for TLS and the Host line, and the one address that was looked up for it."""

    secure: bool
    host: str
    port: int
    path: str
    family: int
    where: Any  # as socket.connect wants it


def is_inner(address: Address) -> bool:
    """Whether an address is none of the open net: private, this machine, link-local, shared, reserved, multicast;
    also where an IPv6 address only wraps such an IPv4 one."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if address in NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped:
            return is_inner(wrapped)
        if address.is_site_local:
            return True
    if any(address in net for net in KEPT):
        return True
    return not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified


def parts_of(url: str) -> tuple[bool, str, int, str]:
    """(TLS, host, port, path) of an address. Raises Blocked for what is no http(s) address or carries a log-in."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise Blocked(_("This is no address of the web.")) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Blocked(_("This is no address of the web: it begins with https://."))
    if parts.username or parts.password:
        raise Blocked(_("An address with a password in it is refused: take the secret for it."))
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or any(sign <= " " for sign in path):
        raise Blocked(_("This is no address of the web."))
    return secure, parts.hostname, port or (443 if secure else 80), path


def target(url: str) -> Target:
    """Look a name up once; the request is made to the very address that was judged, so that a second answer of the name
    server changes nothing (DNS rebinding). Raises Blocked; OSError where the name is unknown."""
    secure, host, port, path = parts_of(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise Blocked(_("This is no address of the web.")) from error
    if host.casefold() not in _allowed():
        for _family, _type, _proto, _name, where in found:
            if is_inner(ipaddress.ip_address(str(where[0]).partition("%")[0])):
                raise Blocked(_("%(host)s leads into the inner net; nothing is sent there.") % {"host": host})
    family, _type, _proto, _name, where = found[0]
    return Target(secure, host, port, path, family, where)


def _allowed() -> set[str]:
    return {name.casefold() for name in settings.INTERNAL_HOSTS}
