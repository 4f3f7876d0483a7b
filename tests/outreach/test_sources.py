"""R1.4: channels, media and campaigns."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from outreach.models import Arrival, Campaign
from outreach.rules import ACTED, MEDIA, MEDIUM_NAMES, THIRD_PARTY, channel_of, is_channel
from outreach.services import campaigns_named
from tests.cast import Firm, Watch


def test_R1_4_the_media_are_those_of_the_rulebook() -> None:
    assert set(MEDIUM_NAMES) == set(MEDIA)
    assert len(MEDIA) == 14
    assert set(MEDIA) >= {*ACTED, THIRD_PARTY}
    # R1.3: imports, lists and API captures of known people only add an arrival.
    assert not ACTED & {"import", "api", "third_party_list", "ad", "website"}


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("Baidu Search", "baidu_search"),
        ("  Fair 2026! ", "fair_2026"),
        ("百度 推广", "百度_推广"),
        ("organic_search", "organic_search"),
        ("a--b__c", "a_b__c"),
        ("!!!", ""),
        ("a" * 59 + " b", "a" * 59),
    ],
)
def test_R1_4_a_channel_is_lower_snake_case_in_any_script(text: str, channel: str) -> None:
    assert channel_of(text) == channel


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("fair", True),
        ("百度", True),
        ("fair_2026", True),
        ("", False),
        ("Fair", False),
        ("a b", False),
        ("_a", False),
    ],
)
def test_R1_4_what_is_a_channel(text: str, good: bool) -> None:
    assert is_channel(text) is good


@given(st.text(max_size=80))
def test_R1_4_what_a_heading_means_is_a_channel_or_nothing(text: str) -> None:
    found = channel_of(text)
    assert found == "" or is_channel(found)
    assert len(found) <= 60


def test_R1_4_a_campaign_is_made_once(firm: Firm, watch: Watch) -> None:
    first = campaigns_named(["Spring", "Autumn", "Spring", "x" * 130], at=watch.now)
    again = campaigns_named(["Spring"], at=watch.go(days=1))
    assert again == {"Spring": first["Spring"]}
    assert set(first) == {"Spring", "Autumn", "x" * 120}
    assert Campaign.objects.count() == 3
    assert campaigns_named([], at=watch.now) == {}


@pytest.mark.reduced
def test_the_database_refuses_a_negative_cost(firm: Firm, watch: Watch) -> None:
    firm.capture()
    with pytest.raises(IntegrityError, match="arrival_cost_not_negative"), transaction.atomic():
        Arrival.objects.update(cost=Decimal("-0.01"))
