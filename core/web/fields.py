"""What form fields of several apps have in common."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.api.fields import FIRST_YEAR, LAST_YEAR


def sane_year(value: date) -> None:
    """Refuse a day or a time outside the years that the API takes: arithmetic beyond them fails."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        message = _("The year must be between {first} and {last}.").format(first=FIRST_YEAR, last=LAST_YEAR)
        raise ValidationError(message, code="out_of_range")
