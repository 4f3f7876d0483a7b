"""R8.2: FSM, table and trigger say the same; the database refuses the impossible."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from core.services import run_sweeps
from opportunities.models import Opportunity
from opportunities.rules import MOVES, Stage
from tests.cast import Firm, Watch, fresh
from tests.content import nothing_changes

STAGES = [str(s) for s in Stage]


def set_stage(chance: Opportunity, stage: str) -> None:
    extra = (
        ", lost_reason = 'price'"
        if stage == "lost"
        else ", active_on = '2026-05-01'"
        if stage == "scheduled"
        else ""
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE opportunities_opportunity SET stage = %s{extra} WHERE id = %s", [stage, str(chance.pk)]
        )


def fsm_pairs() -> set[tuple[str, str]]:
    pairs = set()
    for t in Opportunity._meta.get_field("stage").get_all_transitions(Opportunity):
        targets = getattr(t.target, "allowed_states", None) or [t.target]
        pairs |= {(str(t.source), str(end)) for end in targets}
    return {(a, b) for a, b in pairs if a != b}


@pytest.mark.reduced
def test_R8_2_fsm_table_and_trigger_are_the_same(firm: Firm, watch: Watch) -> None:
    table = {(str(a), str(b)) for a, ends in MOVES.items() for b in ends}
    allowed = set()
    for start in STAGES:
        chance = firm.chance_at(start)
        for end in STAGES:
            try:
                with transaction.atomic():
                    set_stage(chance, end)
                    transaction.set_rollback(True)
                allowed.add((start, end))
            except IntegrityError as error:
                assert "does not move from" in str(error), error
    assert {(a, b) for a, b in allowed if a != b} == table
    assert fsm_pairs() == table


IMPOSSIBLE = [
    ("headcount = 0", "opportunity_headcount"),
    ("amount = -0.01", "opportunity_amount"),
    ("stage = 'lost'", "lost_has_reason"),
    ("lead_id = NULL", "new_business_has_lead"),
]


@pytest.mark.reduced
@pytest.mark.parametrize(("change", "name"), IMPOSSIBLE)
def test_the_database_refuses_the_impossible(firm: Firm, watch: Watch, change: str, name: str) -> None:
    firm.an_opportunity()
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE opportunities_opportunity SET {change}")


@pytest.mark.reduced
@pytest.mark.parametrize(
    ("values", "name"),
    [
        ("'id', gen_random_uuid()", "one_open_opportunity_a_lead"),
        ("'id', gen_random_uuid(), 'stage', 'won'", "does not begin as won"),
        ("'id', gen_random_uuid(), 'stage', 'lost', 'lost_reason', 'price'", "does not begin as lost"),
        ("'id', gen_random_uuid(), 'stage', 'scheduled', 'kind', 'renewal'", "scheduled_has_day"),
    ],
)
def test_the_database_refuses_an_impossible_beginning(
    firm: Firm, watch: Watch, values: str, name: str
) -> None:
    firm.an_opportunity()
    copy = (
        f"SELECT (jsonb_populate_record(o, jsonb_build_object({values}))).* FROM opportunities_opportunity o"
    )
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO opportunities_opportunity {copy}")


def test_a_second_sweep_opens_nothing_twice(firm: Firm, watch: Watch) -> None:
    chance = firm.chance_at("scheduled")
    watch.go(days=400)
    assert run_sweeps()["activated"] == 1
    assert fresh(chance).stage == "confirmed"
    with nothing_changes():
        run_sweeps()
