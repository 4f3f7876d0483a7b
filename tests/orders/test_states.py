"""Where an order can be: FSM, table, trigger and drawing say the same (R9.1)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from crm import graph
from orders.models import Order
from orders.rules import MOVES, State
from tests.cast import Firm

pytestmark = pytest.mark.reduced
SIGNED = (State.SIGNED, State.IN_FORCE, State.ENDED, State.TERMINATED)
PAIRS = {(str(a), str(b)) for a, ends in MOVES.items() for b in ends}


WALKS = {
    "draft": [],
    "in_approval": ["in_approval"],
    "approved": ["approved"],
    "signed": ["approved", "signed"],
    "in_force": ["approved", "signed", "in_force"],
    "ended": ["approved", "signed", "in_force", "ended"],
    "cancelled": ["cancelled"],
    "terminated": ["approved", "signed", "terminated"],
}


def put(order: Order, state: str) -> None:
    day = "2026-03-02" if state in SIGNED else None
    gone = day if state == State.TERMINATED else None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_order SET state = %s, signed_on = %s, signed_at = %s, terminated_on = %s WHERE id = %s",
            [state, day, day, gone, str(order.pk)],
        )


def test_the_fsm_and_the_drawing_are_the_table() -> None:
    field = Order._meta.get_field("state")
    assert {(str(t.source), str(t.target)) for t in field.get_all_transitions(Order)} == PAIRS
    subject = next(s for s in graph.SUBJECTS if s.model is Order)
    assert set(graph.moves(subject)) == PAIRS


@pytest.mark.parametrize("start", State.values)
def test_the_trigger_is_the_table(firm: Firm, start: str) -> None:
    order = firm.an_order()
    for step in WALKS[start]:
        put(order, step)
    reached = set()
    for end in State.values:
        with transaction.atomic():
            try:
                put(order, end)
                reached.add(end)
            except IntegrityError as error:
                assert "does not move from" in str(error)
            transaction.set_rollback(True)
    assert reached - {start} == MOVES[start]


@pytest.mark.parametrize("state", [s for s in State.values if s != "draft"])
def test_an_order_begins_as_a_draft(firm: Firm, state: str) -> None:
    order = firm.an_order()
    with (
        pytest.raises(IntegrityError, match="begins as a draft"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO orders_order SELECT (jsonb_populate_record(o, jsonb_build_object("
            "'id', gen_random_uuid(), 'state', %s::text, 'number', 'x'))).* FROM orders_order o WHERE id = %s",
            [state, str(order.pk)],
        )
