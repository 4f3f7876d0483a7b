"""Yuan in the characters that nobody can alter, as a Chinese quote says them (R9.5)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from opportunities.capitals import in_capitals

SAID = {
    "0": "零元整",
    "0.05": "伍分",
    "0.50": "伍角整",
    "1": "壹元整",
    "12.30": "壹拾贰元叁角整",
    "100.05": "壹佰元零伍分",
    "1005": "壹仟零伍元整",
    "10000": "壹万元整",
    "100010": "壹拾万零壹拾元整",
    "10050000": "壹仟零伍万元整",
    "100000005": "壹亿零伍元整",
    "1000500001": "壹拾亿零伍拾万零壹元整",
    "178308.84": "壹拾柒万捌仟叁佰零捌元捌角肆分",
    "-20.10": "负贰拾元壹角整",
    "999999999999.99": "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
}


@pytest.mark.parametrize(("amount", "said"), SAID.items())
def test_R9_5_capitals_of_an_amount(amount: str, said: str) -> None:
    assert in_capitals(Decimal(amount)) == said
