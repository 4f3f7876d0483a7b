"""How forecast and measured win rates look in the API."""

from rest_framework import serializers

from core.api.shapes import MoneyOut


class RateOut(serializers.Serializer):
    kind = serializers.CharField()
    stage = serializers.CharField()
    decided = serializers.IntegerField()
    won = serializers.IntegerField()
    nominal = serializers.FloatField()
    measured = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    verdict = serializers.CharField()


class MonthStageOut(serializers.Serializer):
    stage = serializers.CharField()
    count = serializers.IntegerField()
    sum = MoneyOut()


class MonthOut(serializers.Serializer):
    month = serializers.DateField()
    stages = MonthStageOut(many=True)
    nominal = MoneyOut()
    measured = MoneyOut()
    renewals = MoneyOut()


class LeftOutOut(serializers.Serializer):
    no_amount = serializers.IntegerField()
    no_month = serializers.IntegerField()
    past_month = serializers.IntegerField()


class GroupMonthOut(serializers.Serializer):
    month = serializers.DateField()
    nominal = MoneyOut()
    measured = MoneyOut()


class GroupOut(serializers.Serializer):
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()
    nominal = MoneyOut()
    measured = MoneyOut()
    months = GroupMonthOut(many=True)


class ForecastOut(serializers.Serializer):
    months = MonthOut(many=True)
    nominal = MoneyOut()
    measured = MoneyOut()
    counted = serializers.IntegerField()
    left_out = LeftOutOut()
    share = serializers.FloatField(allow_null=True)
    groups = GroupOut(many=True)
