"""Filters for page and API alike: several values with commas, and a value that cannot be one is an error."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import FieldError, Invalid

MAX_VALUES = 100
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class CommaField(forms.CharField):
    """Several words with commas; `choices` says which there are."""

    def __init__(self, *args: Any, choices: Iterable[Any] | None = None, **kwargs: Any) -> None:
        self.known = None if choices is None else [str(getattr(item, "value", item)) for item in choices]
        kwargs.setdefault("max_length", 4000)
        super().__init__(*args, **kwargs)

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        words = [word.strip() for word in str(text).split(",") if word.strip()]
        if len(words) > MAX_VALUES:
            raise ValidationError(_("Too many values."), code="out_of_range")
        unknown = [word for word in words if self.known is not None and word not in self.known]
        if unknown:
            raise ValidationError(
                _("“%(value)s” is not one of: %(choices)s."),
                code="invalid_choice",
                params={"value": unknown[0][:60], "choices": ", ".join(self.known or [])},
            )
        return words


class MomentField(forms.CharField):
    """An RFC 3339 time, or a day of the firm (its first instant)."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        # A plus sign that was not escaped arrives as a space.
        text = text.replace(" ", "+")
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
                found = clock.day_starts(date.fromisoformat(text))
            else:
                found = datetime.fromisoformat(text.upper())
            if found.tzinfo is None or not 1970 <= found.year <= 2199:
                raise ValueError
            return found.astimezone(UTC)
        except (ValueError, OverflowError) as exc:
            raise ValidationError(
                _("Must be a time such as 2026-11-21T09:30:00Z, or a day."), code="invalid"
            ) from exc


class DayField(forms.CharField):
    """An ISO date."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
                raise ValueError
            found = date.fromisoformat(text)
            if not 1970 <= found.year <= 2199:
                raise ValueError
            return found
        except ValueError as exc:
            raise ValidationError(_("Must be a day such as 2026-11-21."), code="invalid") from exc


class FlagField(forms.CharField):
    """true or false."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text in ("", "true", "false"):
            return {"true": True, "false": False}.get(text)
        raise ValidationError(_("Must be true or false."), code="invalid")


class Words(django_filters.Filter):
    """Rows whose column is one of the words."""

    field_class = CommaField

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class Ids(Words):
    """Rows whose column is one of the ids; a text that is no id is an error."""

    class Field(CommaField):
        def clean(self, value: Any) -> list[Any]:
            words = super().clean(value)
            if not all(_UUID.fullmatch(word) for word in words):
                raise ValidationError(_("Must be an id."), code="invalid")
            return [UUID(word) for word in words]

    field_class = Field


def _found(rows: QuerySet[Any], column: str, words: list[str], message: Any) -> list[Any]:
    """The ids of what the words name, by id or by `column`; a word that names nothing is an error."""
    ids = [word.lower() for word in words if _UUID.fullmatch(word)]
    found = list(rows.filter(Q(pk__in=ids) | Q(**{f"{column}__in": words})).values_list("pk", column))
    named = {str(pk) for pk, _name in found} | {name for _pk, name in found}
    missing = [word for word in words if word not in named and word.lower() not in named]
    if missing:
        raise ValidationError(message, code="not_found", params={"value": missing[0][:60]})
    return [pk for pk, _name in found]


class People(Words):
    """Rows of these people, by id or login."""

    class Field(CommaField):
        def clean(self, value: Any) -> list[Any]:
            words = super().clean(value)
            people = get_user_model()._default_manager.all()
            return _found(people, "login", words, _("There is nobody called “%(value)s”.")) if words else []

    field_class = Field


class Named(Words):
    """Rows of records that have a unique name (teams, say), by id or name."""

    class Field(CommaField):
        def __init__(self, *args: Any, rows: Callable[[], QuerySet[Any]], **kwargs: Any) -> None:
            self.rows = rows
            super().__init__(*args, **kwargs)

        def clean(self, value: Any) -> list[Any]:
            words = super().clean(value)
            return (
                _found(self.rows(), "name", words, _("There is nothing called “%(value)s”.")) if words else []
            )

    field_class = Field


class Moment(django_filters.Filter):
    """Before (`lookup_expr="lt"`) or from (`"gte"`) an instant."""

    field_class = MomentField


class Day(django_filters.Filter):
    """Before (`lookup_expr="lt"`) or from (`"gte"`) a day."""

    field_class = DayField


class Flag(django_filters.Filter):
    """true or false."""

    field_class = FlagField


class Search(django_filters.Filter):
    """`q`: give it `method`."""

    field_class = forms.CharField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        super().__init__(*args, **kwargs)


class FilterSet(django_filters.FilterSet):
    """A list's filters. `self.user` is who asks."""

    @property
    def user(self) -> Any:
        return self.request.user

    def checked(self) -> QuerySet[Any]:
        """Return the filtered rows; raises Invalid (400) listing every value that cannot be one."""
        if self.is_valid():
            return self.qs
        raise Invalid(
            detail=_("A filter is not right."),
            errors=[
                FieldError(name, fault.code or "invalid", fault.messages[0])
                for name, faults in self.form.errors.as_data().items()
                for fault in faults
            ],
        )
