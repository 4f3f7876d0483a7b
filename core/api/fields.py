"""Strict fields: a number is no text, a text no number. The wrong JSON type is 400, out of range is 422."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.money import Money as Money
from core.api.money import money as money
from core.ids import as_uuid

MAX_TEXT = 10_000
MAX_INT = 2_147_483_647
FIRST_YEAR, LAST_YEAR = 1970, 2199
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Text(serializers.CharField):
    """A JSON string, trimmed, at most 10,000 characters; optional ones may be empty or null."""

    default_error_messages = {"wrong_type": _("Must be a text.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_TEXT)
        if not kwargs.get("required", True):
            kwargs.setdefault("allow_blank", True)
            kwargs.setdefault("allow_null", True)
        super().__init__(**kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            self.fail("wrong_type")
        return super().run_validation(data)


class Choice(Text):
    """A text out of a fixed list; anything else is 400 `invalid_choice`."""

    default_error_messages = {"invalid_choice": _("“{value}” is not one of: {choices}.")}

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        self.values = [str(getattr(item, "value", item)) for item in choices]
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = str(super().to_internal_value(data))
        if value and value not in self.values:
            self.fail("invalid_choice", value=value[:60], choices=", ".join(self.values))
        return value


class Integer(serializers.IntegerField):
    """A JSON integer: no text, no float, no true."""

    default_error_messages = {"wrong_type": _("Must be a whole number.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_value", MAX_INT)
        kwargs.setdefault("min_value", -MAX_INT)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("wrong_type")
        return int(data)


class Percent(serializers.Field):
    """A JSON number of at most two decimals; its range is the verb's to judge."""

    default_error_messages = {"wrong_type": _("Must be a number of at most two decimals.")}

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, (int, float)) or abs(data) > MAX_INT:
            self.fail("wrong_type")
        value = Decimal(str(data))
        if value != value.quantize(Decimal("0.01")):
            self.fail("wrong_type")
        return value

    def to_representation(self, value: Any) -> float:
        return float(value)


class Flag(serializers.BooleanField):
    """JSON true or false, nothing that looks like it."""

    default_error_messages = {"wrong_type": _("Must be true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("wrong_type")
        return bool(data)


class Moment(serializers.DateTimeField):
    """An RFC 3339 time with its offset."""

    default_error_messages = {
        "wrong_type": _("Must be a time such as 2026-11-21T09:30:00Z."),
        "out_of_range": _("The year must be between {first} and {last}."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not _RFC3339.fullmatch(value):
            self.fail("wrong_type")
        try:
            found = datetime.fromisoformat(value.upper().replace(" ", "T"))
        except ValueError:
            self.fail("wrong_type")
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.fail("out_of_range", first=FIRST_YEAR, last=LAST_YEAR)
        return found.astimezone(UTC)


class Day(serializers.DateField):
    """An ISO date."""

    default_error_messages = {
        "wrong_type": _("Must be a day such as 2026-11-21."),
        "out_of_range": _("The year must be between {first} and {last}."),
    }

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
            self.fail("wrong_type")
        try:
            found = date.fromisoformat(value)
        except ValueError:
            self.fail("wrong_type")
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.fail("out_of_range", first=FIRST_YEAR, last=LAST_YEAR)
        return found


class Id(serializers.UUIDField):
    """An id as we gave it out: a text."""

    default_error_messages = {"wrong_type": _("Must be an id.")}

    def to_internal_value(self, data: Any) -> uuid.UUID:
        found = as_uuid(data) if isinstance(data, str) else None
        if found is None:
            self.fail("wrong_type")
        return found


class Items(serializers.ListField):
    """A JSON list of at most `max_length` items."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        found: list[Any] = super().to_internal_value(data)
        return found


PERSON_SCHEMA = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "login": {"type": "string"}, "name": {"type": "string"}},
    "required": ["id", "login", "name"],
}


def person(user: Any) -> dict[str, str] | None:
    """Return how a person is written in answers."""
    if user is None:
        return None
    return {"id": str(user.pk), "login": user.login, "name": user.name}


@extend_schema_field({"type": "string", "description": "A person's id or login."})
class Person(serializers.Field):
    """A person, accepted by id or login; one who is not there is 400 `not_found`."""

    default_error_messages = {
        "wrong_type": _("Must be a person's id or login."),
        "not_found": _("There is nobody with this id or login."),
    }

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or len(data) > 100:
            self.fail("wrong_type")
        if not data.strip():
            self.fail("required")
        found = find_person(data)
        if found is None:
            self.fail("not_found")
        return found

    def to_representation(self, value: Any) -> Any:
        return person(value)


def find_person(text: str) -> Any:
    """Return the person with this id or login, or None."""
    pk = as_uuid(text.strip())
    people = get_user_model()._default_manager.select_related("team")
    return people.filter(pk=pk).first() if pk else people.filter(login=text.strip().lower()).first()


class Reference(serializers.Field):
    """The id of a record out of a queryset (`rows` gets the caller); unknown is 400 `not_found`."""

    default_error_messages = {
        "wrong_type": _("Must be an id."),
        "not_found": _("There is no such record."),
    }

    def __init__(self, rows: Callable[[Any], Any], **kwargs: Any) -> None:
        self.rows = rows
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        pk = as_uuid(data) if isinstance(data, str) else None
        if pk is None:
            self.fail("wrong_type")
        found = self.rows(self.context["request"].user).filter(pk=pk).first()
        if found is None:
            self.fail("not_found")
        return found

    def to_representation(self, value: Any) -> Any:
        return str(value.pk)


extend_schema_field({"type": "string", "format": "uuid"})(Reference)
extend_schema_field({"type": "number"})(Percent)
