"""Every address of ours, read from the URLconf, with what its parts stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One line of the URLconf: `leads/<uuid:pk>/accept/`, `leads:accept`, ("pk",)."""

    route: str
    name: str
    parts: tuple[str, ...]

    def at(self, values: dict[str, Any]) -> str:
        """The path with its parts filled in; raises KeyError for a part that nobody filled."""
        path = self.route
        for part in self.parts:
            begin = path.index("<")
            end = path.index(">", begin)
            path = f"{path[:begin]}{values[part]}{path[end + 1 :]}"
        return f"/{path}"


def addresses() -> list[Address]:
    """All but the API's, which the schema tells."""
    return sorted(_walk(get_resolver(), "", ""), key=lambda found: (found.route, found.name))


def _walk(resolver: URLResolver, before: str, space: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = f"{before}{entry.pattern}"
        if route.startswith("api/"):
            continue
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            yield Address(route, f"{space}{entry.name or ''}", tuple(entry.pattern.converters))
