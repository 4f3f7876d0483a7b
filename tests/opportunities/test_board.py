"""The pipeline's board as others change it, as it weighs, and with two thousand on it (R8.1, R8.2, R8.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from opportunities import services
from opportunities.models import Opportunity
from opportunities.rules import Kind
from opportunities.selectors import board
from tests.cast import Firm, Watch
from tests.opportunities.many import decided, opportunities, opportunity
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words
from tests.sizes import in_turn


def known(client: Any, query: str = "") -> str:
    """The word for what the board looks like to this person."""
    page = client.get(f"/pipeline/?{query}").content.decode()
    return page.split('data-version="')[1].split('"')[0]


def asked(client: Any, word: str, query: str = "", **headers: str) -> Any:
    return client.get(f"/pipeline/now/?{query}&known={word}", headers=headers)


def test_the_board_is_silent_while_nothing_changes_and_tells_when_a_colleague_moves_a_card(
    firm: Firm, watch: Watch
) -> None:
    chance, other = firm.an_opportunity(), firm.an_opportunity(firm.rob)
    client = browser(firm.mark)
    word = known(client)
    assert asked(client, word).status_code == 204
    services.advance(chance, to="experience", by=firm.rita)
    answer = asked(client, word)
    part = answer.content.decode()
    assert answer.status_code == 200 and "<html" not in part and str(other.pk) in part
    lane = part.split('data-lane="experience"')[1].split('data-lane="')[0]
    assert str(chance.pk) in lane
    word = part.split('data-version="')[1].split('"')[0]
    assert asked(client, word).status_code == 204


@pytest.mark.parametrize("what", ["amount", "step", "lost", "new", "owner"])
def test_the_board_hears_of_every_change(firm: Firm, watch: Watch, what: str) -> None:
    chance = firm.an_opportunity()
    client = browser(firm.mark)
    word = known(client)
    if what == "amount":
        services.update(chance, by=firm.rita, amount=Decimal(7))
    elif what == "step":
        services.update(chance, by=firm.rita, next_step="Call")
    elif what == "lost":
        services.lose(chance, reason="price", by=firm.rita)
    elif what == "new":
        firm.an_opportunity(firm.rob)
    else:
        firm.set_rules(win_rate_confirmed=11)
    assert asked(client, word).status_code == 200


def test_what_was_loaded_on_stays_when_the_board_is_told_anew(firm: Firm, watch: Watch) -> None:
    opportunities(firm, [{} for _n in range(120)])
    client = browser(firm.rita)

    def cards(shown: str) -> int:
        return asked(client, "", **{"X-Board-Shown": shown}).content.decode().count("data-card ")

    assert cards("") == 50
    assert cards("confirmed:100,experience:0,won:0") == 100
    assert cards("confirmed:9999999999") == cards("confirmed:x,nonsense:70") == cards("confirmed") == 50
    assert cards("confirmed:9999") == 120


def test_R8_3_the_board_weighs_renewals_by_their_own_judgement(firm: Firm, watch: Watch) -> None:
    opportunity(firm, amount=Decimal("99.99"), stage="experience")
    opportunity(firm, amount=Decimal("0.05"))
    opportunity(firm, amount=Decimal("0.05"))
    opportunity(firm, amount=Decimal("1000.00"), kind=Kind.RENEWAL, probability=85)
    columns = {column["stage"]: column for column in board(Opportunity.objects.all())}
    # Each is rounded by itself, half up, as on its own page: 0.005 twice makes 0.02.
    assert columns["confirmed"]["weighted"] == Decimal("850.02")
    assert columns["experience"]["weighted"] == Decimal("30.00")
    assert columns["confirmed"]["kinds"] == {"new_business": 2, "renewal": 1}


def test_R9_4_kinds_are_shown_and_counted_apart(firm: Firm, watch: Watch) -> None:
    for kind in ("new_business", "new_business", "renewal", "upsell", "repurchase"):
        opportunity(firm, kind=kind)
    page = browser(firm.rita).get("/pipeline/")
    said = words(page)
    for name, count in (("New business", 2), ("Renewal", 1), ("Upsell", 1), ("Repurchase", 1)):
        assert f"{name} {count}" in said
    assert "1 renewal" in said and page.content.decode().count("t-tag--soft") == 3


def test_R8_1_measured_rates_stand_beside_the_nominal_ones_when_there_are_enough(
    firm: Firm, watch: Watch
) -> None:
    opportunity(firm)
    assert "measured" not in words(browser(firm.rita).get("/pipeline/"))
    decided(firm, 10, won=4, furthest="experience")
    assert words(browser(firm.rita).get("/pipeline/")).count("40 % measured") == 2


def test_R8_2_a_card_says_which_moves_ask_for_something(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    client = browser(firm.rita)
    assert 'data-asks="experience negotiation"' in client.get("/pipeline/").content.decode()
    services.plan_experience(
        chance, by=firm.rita, kind="online", starts_at=watch.now, ends_at=None, note="", held=True
    )
    assert 'data-asks="negotiation"' in client.get("/pipeline/").content.decode()


def test_R8_2_a_gate_refuses_and_says_why(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    firm.set_rules(stage_gates=True)
    answer = tap(
        browser(firm.rita), f"/opportunities/{chance.pk}/move/", {"stage": "experience"}, on="/pipeline/"
    )
    assert answer.status_code == 422 and answer["X-Refused"] == "gate_not_met"


def test_who_may_not_move_a_card_is_not_offered_it(firm: Firm, watch: Watch) -> None:
    firm.an_opportunity()
    assert "data-fixed" in browser(firm.max).get("/pipeline/").content.decode()
    own = browser(firm.rita).get("/pipeline/").content.decode()
    assert "data-fixed" not in own and "/stage/" in own


@pytest.mark.parametrize("login", in_turn(["rita", "mark", "max"], {"mark"}))
def test_two_thousand_open_ones_cost_as_many_queries_as_one(firm: Firm, watch: Watch, login: str) -> None:
    client = browser(getattr(firm, login))
    urls = ("/pipeline/", "/pipeline/?view=list", "/pipeline/?view=forecast&by=owner", "/pipeline/now/")
    opportunities(firm, [{"stage": s} for s in ("confirmed", "experience", "negotiation")])
    before = [queries_of(client, url) for url in urls]
    stages = ("confirmed", "experience", "negotiation")
    opportunities(firm, [{"stage": stages[n % 3]} for n in range(600)])
    assert [queries_of(client, url) for url in urls] == before
    assert max(before) <= MOST_QUERIES
    assert client.get("/pipeline/").content.decode().count("data-card ") == 150


def test_what_one_does_not_see_is_no_news(firm: Firm, watch: Watch) -> None:
    firm.an_opportunity()
    client = browser(firm.rita)
    word, mine = known(client), known(client, "kind=renewal")
    firm.an_opportunity(firm.wei)
    assert asked(client, word).status_code == 204
    firm.an_opportunity()
    assert asked(client, word).status_code == 200
    assert asked(client, mine, "kind=renewal").status_code == 204
