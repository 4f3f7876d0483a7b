"""R8.3, R8.4 by API: what one sees is forecast, what the firm decided is measured."""

from typing import Any

import pytest

from accounts.models import User
from opportunities.models import Opportunity
from tests.api.conftest import problem
from tests.api.firm import CAST, Firm, cny

pytestmark = pytest.mark.django_db

CLOSE = "2030-03-15"


def theirs(opportunity: str, login: str) -> None:
    """Another rep's from now on, as after a hand-over."""
    who = User.objects.get(login=login)
    Opportunity.objects.filter(pk=opportunity).update(owner=who, team=who.team)


def decided(firm: Firm, won: int, lost: int, owner: str = "rita") -> None:
    """New business that reached the experience."""
    for n in range(won + lost):
        row = firm.opportunity()["id"]
        firm.rita.post(f"opportunities/{row}/advance/")
        if n < won:
            order = firm.rita.post("orders/", {"opportunity": row}).data["id"]
            assert firm.rita.post(f"orders/{order}/sign/").status_code == 200
        else:
            firm.rita.post(f"opportunities/{row}/lose/", {"reason": "price"})
        theirs(row, owner)


def closing(firm: Firm, owner: str = "rita", amount: str = "1000.00", close: str | None = CLOSE) -> str:
    row = firm.opportunity()["id"]
    body: dict[str, Any] = {"amount": cny(amount), "expected_close": close}
    assert firm.rita.patch(f"opportunities/{row}/", body).status_code == 200
    theirs(row, owner)
    return str(row)


def test_R8_3_nominal_and_measured_side_by_side_by_month_rep_team_and_firm(firm: Firm) -> None:
    decided(firm, won=2, lost=4, owner="wei")  # one third of what reached the experience, by the other team
    first = closing(firm, amount="1000.01")
    firm.rita.post(f"opportunities/{first}/advance/")
    closing(firm, owner="rob", close="2030-04-01")
    closing(firm, owner="wei")
    without = closing(firm, close=None)
    found = firm.rita.get("reports/forecast/").data
    assert [month["month"] for month in found["months"]] == ["2030-03-01"]
    assert found["months"][0]["stages"] == [{"stage": "experience", "count": 1, "sum": cny("1000.01")}]
    assert (found["nominal"], found["measured"]) == (cny("300.00"), cny("333.34"))
    assert (found["counted"], found["share"], found["groups"]) == (1, 0.5, [])
    assert found["left_out"] == {"no_amount": 0, "no_month": 1, "past_month": 0}
    left = firm.rita.get("opportunities/?left_out=no_month,past_month").data["results"]
    assert [row["id"] for row in left] == [without]
    assert firm.rita.get("opportunities/?left_out=no_amount").data["results"] == []
    team = firm.mark.get("reports/forecast/?group_by=owner").data
    assert [(group["key"], group["count"]) for group in team["groups"]] == [("rita", 1), ("rob", 1)]
    assert team["nominal"] == cny("400.00")
    assert team["groups"][0]["months"] == [
        {"month": "2030-03-01", "nominal": cny("300.00"), "measured": cny("333.34")}
    ]
    every = firm.ada.get("reports/forecast/?group_by=team").data
    assert [(group["key"], group["count"], group["nominal"]) for group in every["groups"]] == [
        ("East", 2, cny("400.00")),
        ("West", 1, cny("100.00")),
    ]
    assert firm.ada.get("reports/forecast/?team=West").data["nominal"] == cny("100.00")
    assert firm.ada.get("reports/forecast/?owner=rob&kind=new_business").data["nominal"] == cny("100.00")
    assert firm.ada.get("reports/forecast/?from=2030-04-01&to=2030-04-30").data["counted"] == 1
    assert firm.ada.get("reports/forecast/?from=2030-04-02").data["counted"] == 0
    assert firm.ada.get("reports/forecast/?to=2030-03-31").data["counted"] == 2


def test_R8_4_the_whole_firm_is_measured_for_everybody(firm: Firm) -> None:
    decided(firm, won=1, lost=1)
    decided(firm, won=2, lost=1, owner="wei")
    told = {who: getattr(firm, who).get("reports/calibration/").data for who in sorted(CAST)}
    assert all(found == told["ada"] for found in told.values())
    rates = {(rate["kind"], rate["stage"]): rate for rate in told["rob"]}
    rate = rates["new_business", "experience"]
    assert (rate["decided"], rate["won"], rate["nominal"], rate["measured"]) == (5, 3, 0.3, 0.6)
    assert rate["low"] < 0.6 < rate["high"] and rate["verdict"] == "within"
    assert firm.mark.get("reports/calibration/?team=East&kind=new_business").data[0]["decided"] == 2
    assert firm.rob.get("reports/calibration/?owner=wei").data[0]["decided"] == 0  # what he does not see
    assert firm.ada.get("reports/calibration/?owner=wei").data[0]["decided"] == 3
    assert firm.ada.get("reports/calibration/?from=2030-01-01").data[0]["decided"] == 0
    assert firm.ada.get("reports/calibration/?to=2030-01-01").data[0]["decided"] == 5


@pytest.mark.parametrize("report", ["forecast", "calibration"])
@pytest.mark.parametrize(
    "query",
    [
        "from=soon",
        "to=2026-02-30",
        "team=North",
        "owner=nobody",
        "kind=old",
        "group_by=moon",
        "stage=won",
        "from=",
    ],
)
def test_a_parameter_that_is_not_right_is_refused(firm: Firm, report: str, query: str) -> None:
    errors = problem(firm.rita.get(f"reports/{report}/?{query}"), 400, "invalid")
    assert [field for field, _code in errors] == [query.split("=")[0]]
