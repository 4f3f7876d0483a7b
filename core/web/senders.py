"""From where a request comes, and whether its sender has to wait: for the pages that need no log-in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from core.api.throttle import counter


def address_of(request: HttpRequest) -> str:
    """The sender's address behind the proxies that the deployer named; what a sender claims beyond them is not believed."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if proxies and len(hops) >= proxies:
        return hops[-proxies][:64]
    return str(request.META.get("REMOTE_ADDR", ""))


def waits(request: HttpRequest, what: str, *, each: int, all_together: int) -> int:
    """The seconds that this sender, or everybody together, has to wait; 0 if this one may pass (requests a minute)."""
    one = counter.wait(f"{what}:{address_of(request)}", each)
    return one or counter.wait(what, all_together)
