"""R8.4: of the decided ones that ever reached a stage, the share that was won, and what that says."""

from __future__ import annotations

import re

import pytest

from opportunities import services
from opportunities.models import Opportunity
from opportunities.rates import Rate, calibration, measured_rates, wilson
from opportunities.rules import OPEN, Kind
from orders import services as ordering
from tests.cast import Firm, Watch, fresh
from tests.opportunities.many import decided
from tests.pages import MOST_QUERIES, browser, queries_of, words


def counted(kind: str = "new_business") -> dict[str, tuple[int, int]]:
    """Stage → (decided, won) of a kind."""
    found = calibration(Opportunity.objects.all())
    return {rate.stage: (rate.decided, rate.won) for rate in found if rate.kind == kind}


@pytest.mark.parametrize(
    ("won", "many", "low", "high"),
    [
        # Wilson's interval of 95 % without correction, as in every textbook.
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (30, 100, 0.2189, 0.3958),
        (8, 100, 0.0411, 0.1500),
    ],
)
def test_R8_4_wilson(won: int, many: int, low: float, high: float) -> None:
    assert wilson(won, many) == pytest.approx((low, high), abs=1e-4)


def test_R8_4_of_nothing_there_is_no_interval() -> None:
    assert wilson(0, 0) is None
    assert (
        Rate("experience", "renewal", 0, 0, 30).share,
        Rate("experience", "renewal", 0, 0, 30).verdict,
    ) == (
        None,
        "few",
    )


@pytest.mark.parametrize(
    ("won", "many", "verdict"),
    [(0, 4, "few"), (4, 4, "few"), (0, 8, "within"), (0, 9, "below"), (3, 10, "within"), (9, 10, "above")],
)
def test_R8_4_it_speaks_only_when_it_is_no_accident(won: int, many: int, verdict: str) -> None:
    assert Rate("experience", "new_business", many, won, 30).verdict == verdict


def test_R8_4_signed_early_is_won_of_the_stages_it_reached(firm: Firm, watch: Watch) -> None:
    firm.a_signed_order()
    assert counted() == {"confirmed": (1, 1), "experience": (0, 0), "negotiation": (0, 0)}


def test_R8_4_what_was_closed_before_it_began_says_nothing(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    chance = Opportunity.objects.get(signed_before=order.opportunity)
    assert (chance.stage, chance.furthest) == ("scheduled", "scheduled")
    ordering.terminate(order, reason="they went out of business", by=firm.mark)
    assert fresh(chance).stage == "lost"
    assert counted(chance.kind) == {}


def test_R8_4_what_was_activated_counts_in_its_own_kind(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    chance = Opportunity.objects.get(signed_before=order.opportunity)
    watch.go(days=400)
    services.activate_due(watch.now)
    assert (fresh(chance).stage, fresh(chance).furthest) == ("confirmed", "confirmed")
    services.lose(chance, reason="price", by=firm.rita)
    assert counted(chance.kind) == {"confirmed": (1, 0)}
    assert counted()["confirmed"] == (1, 1)


def test_R8_4_kinds_stand_apart(firm: Firm, watch: Watch) -> None:
    decided(firm, 6, won=3, furthest="experience")
    decided(firm, 5, won=5, kind=Kind.UPSELL, furthest="negotiation")
    assert counted() == {"confirmed": (6, 3), "experience": (6, 3), "negotiation": (0, 0)}
    assert counted("upsell") == {"confirmed": (5, 5), "experience": (5, 5), "negotiation": (5, 5)}
    assert measured_rates(Opportunity.objects.all())["negotiation"].decided == 0
    page = words(browser(firm.rita).get("/pipeline/calibration/"))
    assert "New business" in page and "Upsell" in page and "Renewal" not in page


@pytest.mark.parametrize(
    ("won", "many", "says"),
    [
        (0, 3, "Too few are decided yet"),
        (1, 30, "The product needs work."),
        (9, 30, "about as often as the firm counts on"),
        (29, 30, "buy more often"),
    ],
)
def test_R8_4_the_page_says_what_it_means(firm: Firm, watch: Watch, won: int, many: int, says: str) -> None:
    decided(firm, many, won=won, furthest="experience")
    # Those that never reached the experience say nothing of the product.
    decided(firm, 40, won=0)
    client = browser(firm.mark)
    page = words(client.get("/pipeline/calibration/"))
    assert says in page
    assert f"{won} of {many}" in page
    assert queries_of(client, "/pipeline/calibration/") <= MOST_QUERIES


def test_R8_4_a_stage_where_all_was_won_is_marked_within_its_bar(firm: Firm, watch: Watch) -> None:
    decided(firm, 3, won=3, furthest="experience")
    page = browser(firm.mark).get("/pipeline/calibration/").content.decode()
    marks = re.findall(r'class="t-interval__at" x="([\d.]+)"[^>]* width="(\d+)"', page)
    assert marks and all(float(x) + float(width) <= 100 for x, width in marks)


def test_R8_4_the_nominal_rate_is_the_rulebooks(firm: Firm, watch: Watch) -> None:
    decided(firm, 10, won=2, furthest="experience")
    firm.set_rules(win_rate_experience=5)
    rate = next(r for r in calibration(Opportunity.objects.all()) if r.stage == OPEN[1])
    assert (rate.nominal, rate.verdict) == (5, "above")


def test_R8_4_who_ever_reached_a_stage_counts_there_whatever_came_after(firm: Firm, watch: Watch) -> None:
    assert counted() == {"confirmed": (0, 0), "experience": (0, 0), "negotiation": (0, 0)}
    chance = firm.an_opportunity()
    services.advance(chance, to="negotiation", by=firm.rita)
    assert counted()["negotiation"] == (0, 0)  # not decided yet
    services.back(chance, to="confirmed", reason="too early", by=firm.rita)
    services.lose(chance, reason="price", by=firm.rita)
    assert counted() == {"confirmed": (1, 0), "experience": (1, 0), "negotiation": (1, 0)}
    services.reopen(chance, by=firm.rita)
    assert fresh(chance).furthest == "negotiation" and counted()["confirmed"] == (0, 0)
    services.lose(chance, reason="price", by=firm.rita)
    assert counted()["negotiation"] == (1, 0)
    services.lose(firm.an_opportunity(), reason="price", by=firm.rita)
    assert counted() == {"confirmed": (2, 0), "experience": (1, 0), "negotiation": (1, 0)}
