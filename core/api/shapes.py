"""Parts of answers that many records share."""

from rest_framework import serializers


class PersonOut(serializers.Serializer):
    """A person: accepted by id or login, answered so."""

    id = serializers.CharField()
    login = serializers.CharField()
    name = serializers.CharField()


class NamedOut(serializers.Serializer):
    """A record that has a name."""

    id = serializers.CharField()
    name = serializers.CharField()


class SubjectOut(serializers.Serializer):
    """What an event or a notice is about."""

    type = serializers.CharField()
    id = serializers.CharField()


class MoneyOut(serializers.Serializer):
    """An amount: a text, never a float."""

    amount = serializers.CharField()
    currency = serializers.CharField()
