"""The timeline as JSON: what happened, by whom, by which way, latest first (R15.4)."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from contacts.selectors import texts_of
from core.api.fields import person
from core.api.shapes import PersonOut, SubjectOut
from core.models import Event

FIELDS = {"at": "at"}
ORDERING = "-at"


class EventTextOut(serializers.Serializer):
    old = serializers.CharField(allow_blank=True)
    new = serializers.CharField(allow_blank=True)


EventOut = type(
    "EventOut",
    (serializers.Serializer,),
    {
        # `from` is a word of Python's, so this one is made by name.
        "id": serializers.CharField(),
        "at": serializers.DateTimeField(),
        "verb": serializers.CharField(),
        "by": PersonOut(allow_null=True),
        "way": serializers.CharField(),
        "subject": SubjectOut(),
        "from": serializers.CharField(allow_null=True),
        "to": serializers.CharField(allow_null=True),
        "data": serializers.DictField(),
        "texts": serializers.DictField(child=EventTextOut()),
    },
)


def events_json(events: list[Event], user: User) -> list[dict[str, Any]]:
    """Return events with people and texts as far as the user may read them (R10.4, R15.2)."""
    people = User.objects.in_bulk({event.by_id for event in events if event.by_id})
    texts = texts_of(events, user)
    return [
        {
            "id": str(event.pk),
            "at": event.at,
            "verb": event.verb,
            "by": person(people.get(event.by_id)),
            "way": event.way,
            "subject": {"type": event.subject_type, "id": str(event.subject_id)},
            "from": event.from_state or None,
            "to": event.to_state or None,
            "data": event.data,
            "texts": {
                field: {"old": old, "new": new} for field, (old, new) in texts.get(event.pk, {}).items()
            },
        }
        for event in events
    ]
