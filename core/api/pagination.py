"""Keyset pages: a signed cursor says behind which row to go on; NULLs come last both ways, ties go by id."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import FieldError, Invalid

SALT = "trunk.api.cursor"
DEFAULT_SIZE, MAX_SIZE = 50, 200
PARAMETERS = frozenset({"cursor", "page_size", "count", "ordering"})


def bad_parameter(name: str, message: Any, code: str = "invalid") -> Invalid:
    """Return the 400 that names a query parameter."""
    return Invalid(detail=_("A parameter is not right."), errors=[FieldError(name, code, message)])


@dataclass(frozen=True)
class Order:
    """How a list is sorted: public name, column behind it, direction, whether it may be NULL."""

    name: str
    column: str
    descending: bool
    nullable: bool

    @property
    def public(self) -> str:
        return f"-{self.name}" if self.descending else self.name

    def sort(self, rows: QuerySet[Any], backwards: bool) -> QuerySet[Any]:
        down = self.descending != backwards
        if self.column == "pk":
            return rows.order_by("-pk" if down else "pk")
        column = F(self.column)
        # NULLS is only said where there can be one, so that a plain index serves the rest.
        nulls = {("nulls_first" if backwards else "nulls_last"): True} if self.nullable else {}
        by = column.desc(**nulls) if down else column.asc(**nulls)
        return rows.order_by(by, "-pk" if down else "pk")

    def after(self, value: Any, pk: Any, backwards: bool) -> Q:
        """Return the rows behind (value, pk) in the direction of reading."""
        op = "lt" if self.descending != backwards else "gt"
        tie = Q(**{f"pk__{op}": pk})
        if self.column == "pk":
            return tie
        null = Q(**{f"{self.column}__isnull": True})
        if value is None:
            return ~null | (null & tie) if backwards else null & tie
        beyond = Q(**{f"{self.column}__{op}": value})
        within = Q(**{f"{self.column}__{op}e": value}) & (beyond | tie)
        return within | null if self.nullable and not backwards else within


def read_order(model: type[Model], asked: str | None, fields: dict[str, str], default: str) -> Order:
    """Return the order asked for; raises Invalid (400) if it is not a documented field."""
    wanted = default if asked is None else asked
    name = wanted.removeprefix("-")
    if name not in fields:
        known = ", ".join(sorted(fields))
        raise bad_parameter("ordering", _("Choose one of: %(names)s.") % {"names": known}, "invalid_choice")
    column = fields[name]
    return Order(name, column, wanted.startswith("-"), _nullable(model, column))


def _nullable(model: type[Model], column: str) -> bool:
    if column == "pk":
        return False
    current: Any = model
    nullable = False
    for part in column.split("__"):
        try:
            field = current._meta.get_field(part)
        except FieldDoesNotExist:
            return True
        nullable = nullable or getattr(field, "null", True)
        current = getattr(field, "related_model", None) or current
    return nullable


def read_size(raw: str | None) -> int:
    """Return page_size (1..200, default 50); raises Invalid (400) naming it."""
    if raw is None:
        return DEFAULT_SIZE
    if re.fullmatch(r"[0-9]{1,6}", raw) and 1 <= int(raw) <= MAX_SIZE:
        return int(raw)
    raise bad_parameter(
        "page_size", _("Must be a whole number from 1 to %(most)s.") % {"most": MAX_SIZE}, "out_of_range"
    )


def read_flag(raw: str | None, name: str) -> bool:
    """Return a true/false parameter; raises Invalid (400) naming it."""
    if raw in (None, "false"):
        return False
    if raw == "true":
        return True
    raise bad_parameter(name, _("Must be true or false."))


def _value_at(row: Any, column: str) -> Any:
    value = row
    for part in column.split("__"):
        value = getattr(value, part, None)
    return value


class KeysetPaginator:
    """Cuts one page out of a queryset and knows its neighbours."""

    def __init__(self, request: Any, rows: QuerySet[Any], fields: dict[str, str], default: str) -> None:
        params = request.query_params
        self.request = request
        self.rows = rows
        self.size = read_size(params.get("page_size"))
        self.counted = read_flag(params.get("count"), "count")
        self.order = read_order(rows.model, params.get("ordering"), fields, default)
        self.cursor = self._read_cursor(params.get("cursor"))

    def _read_cursor(self, raw: str | None) -> tuple[Any, Any, bool] | None:
        if raw is None:
            return None
        try:
            path, order, value, pk, backwards = signing.loads(raw, salt=SALT)
            if path != self.request.path or order != self.order.public:
                raise ValueError
            value = None if value is None else self._to_python(value)
            return value, self.rows.model._meta.pk.to_python(pk), bool(backwards)
        except (signing.BadSignature, ValueError, TypeError, UnicodeError) as exc:
            raise bad_parameter("cursor", _("This cursor does not belong to this list.")) from exc

    def _to_python(self, value: Any) -> Any:
        current: Any = self.rows.model
        if self.order.column == "pk":
            return current._meta.pk.to_python(value)
        field: Any = None
        for part in self.order.column.split("__"):
            try:
                field = current._meta.get_field(part)
            except FieldDoesNotExist:
                annotation = self.rows.query.annotations[part]
                return annotation.output_field.to_python(value)
            current = getattr(field, "related_model", None) or current
        return field.to_python(value)

    def _link(self, row: Any, backwards: bool) -> str:
        value = _value_at(row, self.order.column)
        payload = [
            self.request.path,
            self.order.public,
            None if value is None else _plain(value),
            str(row.pk),
            backwards,
        ]
        params = {key: last for key, last in self.request.query_params.items() if key != "cursor"}
        params["cursor"] = signing.dumps(payload, salt=SALT)
        return str(self.request.build_absolute_uri(f"{self.request.path}?{urlencode(params)}"))

    def link_behind(self, row: Any) -> str:
        """Return where the rows behind this one are."""
        return self._link(row, False)

    def page(self) -> tuple[Sequence[Any], dict[str, Any]]:
        """Return the rows of this page and `next`, `previous` (and `count` if asked for)."""
        backwards = self.cursor is not None and self.cursor[2]
        rows = self.rows
        if self.cursor is not None:
            rows = rows.filter(self.order.after(self.cursor[0], self.cursor[1], backwards))
        found = list(self.order.sort(rows, backwards)[: self.size + 1])
        more = len(found) > self.size
        found = found[: self.size]
        if backwards:
            found.reverse()
        has_next = bool(found) and (backwards or more)
        has_previous = bool(found) and (more if backwards else self.cursor is not None)
        links: dict[str, Any] = {
            "next": self._link(found[-1], False) if has_next else None,
            "previous": self._link(found[0], True) if has_previous else None,
        }
        if self.counted:
            links["count"] = self.rows.order_by().count()
        return found, links


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if isinstance(value, (int, str)) else str(value)
