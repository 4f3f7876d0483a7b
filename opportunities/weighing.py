"""What an opportunity weighs: amount × win rate, to the cent, as the database sums it (R8.3).

Each opportunity is rounded by itself, half up. So columns, months, people, teams and the firm add up to the cent,
however they are grouped, and to what each opportunity's own page says.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Round

from opportunities import rules
from opportunities.rates import Rate
from opportunities.rules import OPEN, Kind

MONEY: Any = DecimalField(max_digits=20, decimal_places=2)
FINE: Any = DecimalField(max_digits=30, decimal_places=12)
JUDGED = Q(kind=Kind.RENEWAL, probability__isnull=False)


def nominal(values: Mapping[str, Any]) -> Any:
    """Amount × the firm's win rate of the stage; a renewal that somebody judged by that judgement."""
    return _judged(
        *[When(stage=stage, then=_part(rules.win_rate(stage, dict(values)), 100)) for stage in OPEN]
    )


def measured(values: Mapping[str, Any], rates: Mapping[tuple[str, str], Rate]) -> Any:
    """Amount × what was really won of this kind at this stage; where too few are decided, as nominal."""
    sure = [
        When(kind=kind, stage=stage, then=_part(rate.won, rate.decided))
        for (kind, stage), rate in rates.items()
        if rate.says
    ]
    return Case(When(JUDGED, then=nominal(values)), *sure, default=nominal(values), output_field=MONEY)


def _judged(*cases: When) -> Case:
    own = Round(_fine(F("amount") * F("probability") / Value(Decimal(100))), precision=2)
    return Case(When(JUDGED, then=own), *cases, default=Value(Decimal(0)), output_field=MONEY)


def _part(part: int, whole: int) -> Round:
    return Round(_fine(F("amount") * Value(Decimal(part)) / Value(Decimal(whole))), precision=2)


def _fine(expression: Any) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=FINE)
