"""Percentages, lists and names before values, as each language writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from core.web import words
from core.web.sources import source_words


@pytest.mark.parametrize(
    ("value", "said"),
    [(Decimal("12.50"), "12.5 %"), (100, "100 %"), (0.1, "0.1 %"), (None, "0 %"), (Decimal("0.00"), "0 %")],
)
def test_a_percentage_has_no_idle_zeros(value: Any, said: str) -> None:
    assert words.percent(value) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "a, b|Team: East|12.5 %|, "), ("zh-hans", "a、b|Team：East|12.5%|，")],
)
def test_each_language_has_its_own_marks(language: str, said: str) -> None:
    page = Template("{% load trunk %}|{% pct 12.5 %}|{% comma %}")
    with translation.override(language):
        parts = words.listed(["a", "b"]) + "|" + words.labelled("Team", "East")
        assert parts + page.render(Context()) == said


def test_a_price_of_one_keeps_every_digit_that_counts() -> None:
    said = [words.price(Decimal(amount)) for amount in ("0.0450", "0.004", "10", "1.2500")]
    assert said == ["¥0.045", "¥0.004", "¥10", "¥1.25"] and words.price(Decimal("0.05"), "CHF") == "CHF 0.05"


def test_a_source_that_all_firms_have_has_a_name_and_others_lose_their_strokes() -> None:
    assert source_words("wechat_channels") == "WeChat Channels"
    assert (source_words("autumn_fair"), source_words("")) == ("autumn fair", "")
