"""Percentages, lists and names before values, as each language writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from core.web import words


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
