"""The state machine, the tables of moves, the triggers and the drawing say the same."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from crm.graph import SUBJECTS, document, moves
from leads.rules import MOVES as LEAD_MOVES
from opportunities.rules import MOVES as OPPORTUNITY_MOVES
from orders.rules import MOVES as ORDER_MOVES

TABLES = {"Lead": LEAD_MOVES, "Opportunity": OPPORTUNITY_MOVES, "Order": ORDER_MOVES}
TRIGGERS = {
    "Lead": ("leads_lead_moves", "state"),
    "Opportunity": ("opportunities_moves", "stage"),
    "Order": ("orders_order_moves", "state"),
}
TABLED = [s for s in SUBJECTS if s.title in TABLES]


def pairs(table):
    return {(str(a), str(b)) for a, targets in table.items() for b in targets}


@pytest.mark.parametrize("subject", TABLED, ids=lambda s: s.title)
def test_the_state_machine_is_the_table_of_moves(subject):
    assert set(moves(subject)) == pairs(TABLES[subject.title])


@pytest.mark.django_db
@pytest.mark.parametrize("subject", TABLED, ids=lambda s: s.title)
def test_the_trigger_is_the_table_of_moves(subject):
    function, column = TRIGGERS[subject.title]
    table = pairs(TABLES[subject.title])
    states = sorted({state for pair in table for state in pair})
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE moving (n int, {column} text) ON COMMIT DROP")
        cursor.execute(
            f"CREATE TRIGGER t BEFORE UPDATE OF {column} ON moving FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
        allowed = set()
        for a in states:
            for b in states:
                cursor.execute(f"INSERT INTO moving VALUES (1, '{a}')")
                try:
                    with transaction.atomic():
                        cursor.execute(f"UPDATE moving SET {column} = '{b}'")
                        allowed.add((a, b))
                except DatabaseError:
                    pass
                cursor.execute("DELETE FROM moving")
    # Staying where it is is no move for the trigger: other columns change without it.
    assert {p for p in allowed if p[0] != p[1]} == {p for p in table if p[0] != p[1]}


def test_the_drawing_is_up_to_date():
    path = settings.BASE_DIR / "docs" / "states.md"
    assert path.read_text(encoding="utf-8") == document(), "make graph"
