"""The timeline as JSON: what happened, by whom, by which way, latest first (R15.4)."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from core import hooks
from core.api.fields import person
from core.api.shapes import PersonOut, SubjectOut
from core.models import Event, EventText

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


def events_json(events: list[Event]) -> list[dict[str, Any]]:
    """Return events with people and texts; texts of masked contacts stay away (R10.4)."""
    people = User.objects.in_bulk({event.by_id for event in events if event.by_id})
    contacts = {event.contact_id for event in events if event.contact_id}
    hidden = set().union(*hooks.masked_contacts(list(contacts))) if contacts else set()
    texts: dict[Any, dict[str, dict[str, str]]] = {}
    open_events = [event.pk for event in events if event.contact_id not in hidden]
    for text in EventText.objects.filter(event__in=open_events):
        texts.setdefault(text.event_id, {})[text.field] = {"old": text.old, "new": text.new}
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
            "texts": texts.get(event.pk, {}),
        }
        for event in events
    ]
