"""Money in and out: `{"amount": "1234.50", "currency": "CNY"}`, a text and never a float."""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

_AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,2})?", re.ASCII)

MONEY_SCHEMA = {
    "type": "object",
    "properties": {
        "amount": {"type": "string", "examples": ["1234.50"]},
        "currency": {"type": "string", "examples": ["CNY"]},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
}


def money(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    """Return how money is written in answers: a string, never a float."""
    if amount is None:
        return None
    return {"amount": f"{amount:.2f}", "currency": currency}


@extend_schema_field(MONEY_SCHEMA)
class Money(serializers.Field):
    """`{"amount": "1234.50", "currency": "CNY"}`; answers a Decimal in the firm's currency."""

    default_error_messages = {
        "wrong_type": _('Must be {{"amount": "1234.50", "currency": "…"}}, the amount as a text.'),
        "unknown": _("There is no such field."),
        "required": _("Is missing."),
        "out_of_range": _("Must not be less than zero."),
        "currency": _("Must be in {currency}."),
    }

    def to_internal_value(self, data: Any) -> Decimal:
        from core import rulebook

        if not isinstance(data, dict):
            self.fail("wrong_type")
        errors = {key: [_error(self, "unknown")] for key in data if key not in ("amount", "currency")}
        for key in ("amount", "currency"):
            if data.get(key) is None:
                errors[key] = [_error(self, "required")]
            elif not isinstance(data[key], str):
                errors[key] = [_error(self, "wrong_type")]
        if "amount" not in errors and not _AMOUNT.fullmatch(data["amount"]):
            errors["amount"] = [_error(self, "wrong_type")]
        if "currency" not in errors and data["currency"] != rulebook.get("currency"):
            errors["currency"] = [_error(self, "currency", currency=rulebook.get("currency"))]
        if not errors and Decimal(data["amount"]) < 0:
            errors["amount"] = [_error(self, "out_of_range")]
        if errors:
            raise serializers.ValidationError(errors)
        return Decimal(data["amount"])

    def to_representation(self, value: Any) -> Any:
        return value


def _error(field: serializers.Field, code: str, **values: Any) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(str(field.error_messages[code]).format(**values), code=code)
