"""StrictSerializer: what comes in is what is written down, nothing more; every fault is listed at once."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api.exceptions import flatten, has_type_errors
from core.errors import Invalid, RuleRefused


class StrictSerializer(serializers.Serializer):
    """Body of a request. Wrong form (type, unknown field, unknown choice) is 400; missing, empty or out of
    range is 422 with `refusal`. A field that only the verb judges is `required=False`."""

    refusal = "invalid"

    default_error_messages = {}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError([_detail(_("Must be a JSON object."), "wrong_type")])
        unknown = {
            key: [_detail(_("There is no such field."), "unknown")]
            for key in data
            if key not in self.fields or self.fields[key].read_only
        }
        try:
            found: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as exc:
            if isinstance(exc.detail, dict):
                raise serializers.ValidationError({**exc.detail, **unknown}) from exc
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return found


def _detail(message: Any, code: str) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(str(message), code=code)


def read(
    serializer: type[StrictSerializer], data: Any, *, partial: bool = False, **context: Any
) -> dict[str, Any]:
    """Return the checked body; raises Invalid (400) or RuleRefused (422) listing everything that is wrong."""
    # A form body (multipart) arrives as a QueryDict; plain values are what the fields expect.
    plain = data.dict() if hasattr(data, "dict") and hasattr(data, "lists") else data
    if plain is None:
        # DRF would call JSON's null a missing value; a body that is no object has the wrong form.
        plain = []
    try:
        return dict(serializer(data=plain, partial=partial, context=context).run_validation(plain))
    except serializers.ValidationError as exc:
        errors = flatten(exc.detail)
        if has_type_errors(errors):
            raise Invalid(errors=errors) from exc
        raise RuleRefused(serializer.refusal, errors=errors) from exc


class Nothing(StrictSerializer):
    """The body of a verb that asks for nothing: empty or `{}`."""
