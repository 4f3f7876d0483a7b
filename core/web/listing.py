"""A list as a page shows it: everything that is chosen lives in the URL, pages go by keyset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from core.api.pagination import KeysetPaginator
from core.errors import Invalid

SIZE = 40


class _Asked:
    """The part of a request that the keyset needs; its links stay relative."""

    def __init__(self, path: str, params: Mapping[str, Any]) -> None:
        self.path = path
        self.query_params = params

    def build_absolute_uri(self, url: str) -> str:
        return url


class Listing:
    """One page of rows with links to its neighbours; a cursor or order that is wrong gives the first page."""

    def __init__(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        orders: dict[str, str],
        default: str,
        size: int = SIZE,
    ) -> None:
        # After a post that drew this page in its place, the links are still the page's own.
        self.path = getattr(request, "drawn_path", request.path)
        self.params = {key: value for key, value in request.GET.items() if value}
        self.orders = orders
        paginator = self._paginator(rows, default, size)
        self.order = paginator.order
        self.rows, self.links = paginator.page()

    def _paginator(self, rows: QuerySet[Any], default: str, size: int) -> KeysetPaginator:
        asked = {**self.params, "page_size": str(size), "count": "false"}
        try:
            return KeysetPaginator(_Asked(self.path, asked), rows, self.orders, default)
        except Invalid:
            for name in ("cursor", "ordering"):
                asked.pop(name, None)
                self.params.pop(name, None)
            return KeysetPaginator(_Asked(self.path, asked), rows, self.orders, default)

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def next(self) -> str:
        """Where the next rows are; empty on the last page."""
        return self._tidy(self.links["next"])

    @property
    def previous(self) -> str:
        """Where the rows before are; empty on the first page."""
        return self._tidy(self.links["previous"])

    @property
    def filtered(self) -> bool:
        """Whether something narrows the list, so that an empty one can say so."""
        return bool(set(self.params) - {"ordering", "cursor"})

    def sorted_by(self, name: str) -> str:
        """Which way the list is sorted by this field, as aria-sort says it; empty if it is not."""
        if self.order.name != name:
            return ""
        return "descending" if self.order.descending else "ascending"

    def sort_url(self, name: str) -> str:
        """The list sorted by this field, the other way round at the second click."""
        turned = f"-{name}" if self.sorted_by(name) == "ascending" else name
        return address(self.path, self.params, ordering=turned, cursor=None)

    def _tidy(self, link: str | None) -> str:
        if not link:
            return ""
        path, _, query = link.partition("?")
        params = QueryDict(query, mutable=True)
        for name in ("page_size", "count"):
            params.pop(name, None)
        return f"{path}?{params.urlencode()}"


def behind(request: Any, rows: QuerySet[Any], orders: dict[str, str], order: str, row: Any) -> str:
    """Where the rows behind this one are, for a list whose first page was read some other way."""
    paginator = KeysetPaginator(_Asked(request.path, dict(request.GET.items())), rows, orders, order)
    return paginator.link_behind(row)


def address(path: str, params: Mapping[str, Any], **changed: Any) -> str:
    """A list's URL with some parameters changed; None takes one away."""
    merged = {**params, **changed}
    query = urlencode({key: value for key, value in merged.items() if value not in (None, "")})
    return f"{path}?{query}" if query else path


def one_of(request: HttpRequest, name: str, allowed: Any) -> str:
    """A filter's value if it is one of those there are, else none: a page forgives where the API refuses."""
    value = request.GET.get(name, "")
    return value if value in allowed else ""
