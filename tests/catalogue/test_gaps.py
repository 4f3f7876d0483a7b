"""Cases and videos, and the list of what is missing (R8.6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalogue.models import Case
from catalogue.selectors import cases_for, gap_count, gaps, industries
from catalogue.services import save_case, save_product
from core.errors import Forbidden, RuleRefused
from opportunities import services as selling
from opportunities.models import Opportunity
from tests.cast import Firm, Watch


def a_chance(firm: Firm, industry: str = "", **more: Any) -> Opportunity:
    chance = firm.an_opportunity(**more)
    chance.company.industry = industry
    chance.company.store("industry")
    return chance


def a_case(firm: Firm, **more: Any) -> Case:
    return save_case(None, by=firm.max, **({"title": "A shop like theirs", "summary": "Text"} | more))


def missing(firm: Firm) -> list[tuple[str, str, int]]:
    found = [(gap.product, gap.industry, gap.waiting) for gap in gaps(firm.max)]
    assert gap_count(firm.max).count() == len(found)
    return found


def test_R8_6_gaps_are_by_product_and_industry_with_those_that_wait(firm: Firm, watch: Watch) -> None:
    assert missing(firm) == []
    a_chance(firm, "Retail", amount=Decimal(500))
    a_chance(firm, " retail ", amount=Decimal(700))
    a_chance(firm, "Finance")
    a_chance(firm)
    assert [(p, i.lower(), n) for p, i, n in missing(firm)] == [
        ("Seats", "retail", 2),
        ("Seats", "", 1),
        ("Seats", "finance", 1),
    ]
    assert gaps(firm.max)[0].amount == 1200
    a_case(firm, product=firm.product, industry="RETAIL")
    # Whose industry is not known is shown what is filed for any: only finance is left.
    assert missing(firm) == [("Seats", "Finance", 1)]
    a_case(firm, industry="Finance")
    assert missing(firm) == []


def test_R8_6_a_case_for_all_fills_every_gap_and_one_put_away_none(firm: Firm, watch: Watch) -> None:
    a_chance(firm, "Retail")
    filed = a_case(firm)
    assert missing(firm) == []
    save_case(filed, by=firm.max, title=filed.title, summary="Text", active=False)
    assert missing(firm) == [("Seats", "Retail", 1)]


def test_R8_6_who_is_beyond_the_first_stages_waits_no_more(firm: Firm, watch: Watch) -> None:
    chance = selling.advance(a_chance(firm, "Retail"), by=firm.rita, to="experience")
    assert missing(firm) == [("Seats", "Retail", 1)]
    selling.advance(chance, by=firm.rita, to="negotiation")
    assert missing(firm) == []


def test_R8_6_what_the_list_says_is_what_the_page_of_the_opportunity_offers(firm: Firm, watch: Watch) -> None:
    for case, asked in (("Retail", "retail "), ("", "Retail"), ("Retail", ""), ("Finance", "Retail")):
        Case.objects.all().delete()
        Opportunity.objects.update(stage="negotiation")
        chance = a_chance(firm, asked)
        a_case(firm, product=firm.product, industry=case)
        offered = cases_for([firm.product.pk], chance.company.industry).exists()
        assert offered is (missing(firm) == []), (case, asked)


def test_a_case_needs_a_title_and_a_link_or_a_text(firm: Firm, watch: Watch) -> None:
    with pytest.raises(RuleRefused) as refused:
        save_case(None, by=firm.max, title=" ", kind="song")
    assert [(e.field, e.code) for e in refused.value.errors] == [
        ("title", "required"),
        ("kind", "invalid"),
        ("summary", "required"),
    ]
    for wrong in ("javascript:alert(1)", "ftp://example.com/", "example", "https://" + "x" * 600):
        with pytest.raises(RuleRefused) as refused:
            save_case(None, by=firm.max, title="A", url=wrong)
        assert [e.field for e in refused.value.errors] == ["url"], wrong
    for who in (firm.rita, firm.mark, firm.pia):
        with pytest.raises(Forbidden):
            save_case(None, by=who, title="A", summary="B")


def test_industries_are_those_of_customers_and_of_what_is_filed(firm: Firm, watch: Watch) -> None:
    a_chance(firm, "Retail")
    a_case(firm, industry="finance")
    save_product(None, by=firm.max, name="Course", price=Decimal(1))
    assert industries(firm.max) == ["finance", "Retail"]
