"""/rulebook/: every number of the rules, its default, and who changed it when."""

from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import rulebook
from core.api.auth import ADMIN
from core.api.fields import person
from core.api.shapes import PersonOut
from core.api.views import ApiViewSet
from core.errors import FieldError, Invalid
from core.models import RuleChange
from core.rulebook import RULES, Rule

# The JSON type of each kind of rule; what the value may be is the rulebook's to judge.
TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "text": (str,),
    "money": (str,),
    "list": (list,),
    "hours": (list,),
    "dates": (list,),
    "weekdays": (list,),
    "span": (str,),
}


class RuleOut(serializers.Serializer):
    key = serializers.CharField()
    value = serializers.JSONField()
    default = serializers.JSONField()
    rule = serializers.CharField()
    label = serializers.CharField()
    kind = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    least = serializers.IntegerField(allow_null=True)
    most = serializers.IntegerField(allow_null=True)
    branch = serializers.BooleanField()
    choices = serializers.ListField(child=serializers.CharField(), allow_null=True)


class RulesOut(serializers.Serializer):
    results = RuleOut(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class RuleChangeOut(serializers.Serializer):
    id = serializers.CharField()
    key = serializers.CharField()
    old = serializers.JSONField(allow_null=True)
    new = serializers.JSONField(allow_null=True)
    by = PersonOut(allow_null=True)
    at = serializers.DateTimeField()


class MovesOut(serializers.Serializer):
    lines = serializers.ListField(child=serializers.CharField())


def rules_json() -> dict[str, Any]:
    """Return all rules with the values in force."""
    values = rulebook.values()
    return {
        "results": [_rule(RULES[key], values[key]) for key in sorted(RULES)],
        "next": None,
        "previous": None,
    }


def _rule(known: Rule, value: Any) -> dict[str, Any]:
    ranged = known.kind in ("int", "percent")
    return {
        "key": known.key,
        "value": value,
        "default": known.default,
        "rule": known.number,
        "label": str(known.label),
        "kind": known.kind,
        "unit": str(known.unit),
        "least": known.least if ranged else None,
        "most": known.most if ranged else None,
        "branch": known.branch,
        "choices": [code for code, _label in known.choices] or None,
    }


def check_types(data: Any) -> dict[str, Any]:
    """Return the body; raises Invalid (400) for unknown rules and wrong JSON types."""
    if not isinstance(data, dict):
        raise Invalid(errors=[FieldError("body", "wrong_type", _("Must be a JSON object."))])
    errors = []
    for key, value in data.items():
        if key not in RULES:
            errors.append(FieldError(key, "unknown", _("There is no rule with this name.")))
        elif value is not None and not _fits(RULES[key].kind, value):
            errors.append(FieldError(key, "wrong_type", _("Has the wrong type.")))
    if errors:
        raise Invalid(errors=errors)
    return data


def _fits(kind: str, value: Any) -> bool:
    if kind in TYPES:
        return isinstance(value, TYPES[kind])
    return isinstance(value, int) and not isinstance(value, bool)


class RulebookViewSet(ApiViewSet):
    """Everybody reads the rules; an administrator, with a key of scope `admin`, changes them."""

    paged_actions = frozenset({"history"})
    outs = {"history": RuleChangeOut}
    write_scope = ADMIN

    def many(self, records: list[RuleChange]) -> list[dict[str, Any]]:
        return [
            {
                "id": str(change.pk),
                "key": change.key,
                "old": change.old,
                "new": change.new,
                "by": person(change.by),
                "at": change.at,
            }
            for change in records
        ]

    @extend_schema(responses=RulesOut)
    def show(self, request: Request) -> Response:
        """All rules, with their values in force."""
        return Response(rules_json())

    @extend_schema(request={"application/json": {"type": "object"}}, responses=RulesOut)
    def change(self, request: Request) -> Response:
        """Set rules by key; null puts the default back. It holds at once."""
        rulebook.change(check_types(request.data), by=request.user)
        return Response(rules_json())

    @extend_schema(request={"application/json": {"type": "object"}}, responses=MovesOut)
    def preview(self, request: Request) -> Response:
        """What a change would move now and until tomorrow night, in sentences, before it is saved (R10.8)."""
        return Response({"lines": rulebook.preview(check_types(request.data), by=request.user)})

    def history(self, request: Request) -> Response:
        """Who changed which rule, when, from what to what."""
        return self.page(RuleChange.objects.select_related("by"), fields={"at": "at"}, ordering="-at")


urlpatterns = [
    path("rulebook/", RulebookViewSet.as_view({"get": "show", "patch": "change"}), name="rulebook"),
    path("rulebook/preview/", RulebookViewSet.as_view({"post": "preview"}), name="rulebook-preview"),
    path("rulebook/history/", RulebookViewSet.as_view({"get": "history"}), name="rulebook-history"),
]
