"""Where a lead can be: FSM, table, trigger and constraints say the same, and the database refuses the impossible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from crm import graph
from leads.models import Lead
from leads.rules import MOVES, State
from opportunities.rules import MOVES as STAGES
from tests.cast import Firm, Watch
from tests.testdb import BASE

pytestmark = pytest.mark.reduced
STATES = [str(state) for state in State]
Sql = Callable[..., None]


def run(sql: str, *values: Any) -> None:
    """A statement in a savepoint, with the deferred constraints checked at its end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def refuses(name: str, sql: str, *values: Any) -> None:
    with pytest.raises(IntegrityError) as caught:
        run(sql, *values)
    assert name in str(caught.value)


def fields_of(state: str, firm: Firm) -> dict[str, Any]:
    """What the constraints ask of a row in this state."""
    held = state in ("sql", "converted")
    return {
        "owner_id": str(firm.rita.pk) if held else None,
        "team_id": str(firm.east.pk) if held else None,
        "accepted_at": "2026-03-02T00:00Z" if held else None,
        "due_at": "2026-03-09T00:00Z" if state == "sql" else None,
        "judge_by": None,
        "pool_reason": "expired" if state == "pooled" else "",
        "pool_segment": "some_interest" if state == "pooled" else "",
        "pooled_at": "2026-03-02T00:00Z" if state == "pooled" else None,
    }


def put(lead: Lead, state: str, firm: Firm) -> None:
    values = fields_of(state, firm)
    columns = ", ".join(f"{name} = %s" for name in values)
    run(f"UPDATE leads_lead SET state = %s, {columns} WHERE id = %s", state, *values.values(), str(lead.pk))


def fsm_pairs() -> set[tuple[str, str]]:
    field = Lead._meta.get_field("state")
    return {(str(t.source), str(t.target)) for t in field.get_all_transitions(Lead)}


def table_pairs() -> set[tuple[str, str]]:
    return {(str(a), str(b)) for a, targets in MOVES.items() for b in targets}


def test_the_fsm_is_the_table() -> None:
    assert fsm_pairs() == table_pairs()


def test_the_drawn_graph_is_the_table() -> None:
    lead, opportunity, *_others = graph.SUBJECTS
    assert set(graph.moves(lead)) == table_pairs()
    assert set(graph.moves(opportunity)) == {(str(a), str(b)) for a, ends in STAGES.items() for b in ends}
    assert graph.document() == (BASE / "docs" / "states.md").read_text(encoding="utf-8")


# The shortest walk of raw moves to each state.
WALKS = {
    "new": [],
    "mql": ["mql"],
    "sql": ["mql", "sql"],
    "converted": ["mql", "sql", "converted"],
    "pooled": ["pooled"],
    "invalid": ["invalid"],
    "merged": ["merged"],
}


def test_the_trigger_is_the_table(firm: Firm) -> None:
    lead = firm.capture()
    allowed = set()
    for start, walk in WALKS.items():
        for end in STATES:
            with transaction.atomic():
                for step in walk:
                    put(lead, step, firm)
                try:
                    put(lead, end, firm)
                    allowed.add((start, end))
                except IntegrityError as error:
                    assert "does not move from" in str(error), error
                transaction.set_rollback(True)
    assert {(a, b) for a, b in allowed if a != b} == {(a, b) for a, b in table_pairs() if a != b}


@pytest.mark.parametrize("state", [s for s in STATES if s not in ("new", "pooled")])
def test_a_lead_does_not_begin_elsewhere(firm: Firm, state: str) -> None:
    lead = firm.capture()
    refuses(
        "begins as new or pooled",
        "INSERT INTO leads_lead SELECT (jsonb_populate_record(l, "
        "jsonb_build_object('id', gen_random_uuid(), 'state', %s::text))).* FROM leads_lead l WHERE id = %s",
        state,
        str(lead.pk),
    )


def test_R1_3_a_contact_has_one_lead(firm: Firm) -> None:
    lead = firm.capture()
    refuses(
        "one_lead_a_contact",
        "INSERT INTO leads_lead SELECT (jsonb_populate_record(l, "
        "jsonb_build_object('id', gen_random_uuid()))).* FROM leads_lead l WHERE id = %s",
        str(lead.pk),
    )


def test_R1_1_a_lead_needs_a_way_to_reach_someone(firm: Firm) -> None:
    lead = firm.capture()
    contact = str(lead.contact_id)
    refuses("R1.1", "DELETE FROM contacts_contactpoint WHERE contact_id = %s", contact)
    other = firm.capture()
    refuses(
        "R1.1",
        "UPDATE contacts_contactpoint SET contact_id = %s, first_choice = false WHERE contact_id = %s",
        str(other.contact_id),
        contact,
    )
    with pytest.raises(IntegrityError, match=r"R1\.1"), transaction.atomic():
        run(
            "WITH c AS (INSERT INTO contacts_contact SELECT (jsonb_populate_record(c, "
            "jsonb_build_object('id', gen_random_uuid()))).* FROM contacts_contact c WHERE id = %s RETURNING id) "
            "INSERT INTO leads_lead SELECT (jsonb_populate_record(l, "
            "jsonb_build_object('id', gen_random_uuid(), 'contact_id', c.id))).* FROM leads_lead l, c WHERE l.id = %s",
            contact,
            str(lead.pk),
        )


IMPOSSIBLE = [
    ("sql", "owner_id = NULL", "sql_has_owner_and_due_time"),
    ("sql", "due_at = NULL", "sql_has_owner_and_due_time"),
    ("sql", "accepted_at = NULL", "sql_has_owner_and_due_time"),
    ("mql", "due_at = now()", "only_sql_has_due_time"),
    ("converted", "due_at = now()", "only_sql_has_due_time"),
    ("converted", "owner_id = NULL", "converted_has_owner"),
    ("pooled", "owner_id = (SELECT id FROM accounts_user LIMIT 1)", "free_lead_has_no_owner"),
    ("pooled", "due_at = now()", "only_sql_has_due_time"),
    ("pooled", "judge_by = now()", "free_lead_has_no_owner"),
    ("pooled", "pool_reason = ''", "pooled_has_reason_and_segment"),
    ("pooled", "pool_segment = ''", "pooled_has_reason_and_segment"),
    ("pooled", "pooled_at = NULL", "pooled_has_reason_and_segment"),
    ("new", "pool_reason = 'expired'", "pooled_has_reason_and_segment"),
    ("sql", "pooled_at = now()", "pooled_has_reason_and_segment"),
    ("new", "owner_id = (SELECT id FROM accounts_user LIMIT 1)", "free_lead_has_no_owner"),
    ("invalid", "owner_id = (SELECT id FROM accounts_user LIMIT 1)", "free_lead_has_no_owner"),
    ("new", "state = 'lost'", "does not move"),
    ("new", "cost = -0.01", "lead_cost_not_negative"),
    ("new", "run = -1", "run_check"),
]


@pytest.mark.parametrize(
    ("state", "change", "name"), IMPOSSIBLE, ids=[f"{s}: {c}" for s, c, _n in IMPOSSIBLE]
)
def test_the_database_refuses_the_impossible(
    firm: Firm, watch: Watch, state: str, change: str, name: str
) -> None:
    lead = firm.in_state(state)
    refuses(name, f"UPDATE leads_lead SET {change} WHERE id = %s", str(lead.pk))


def test_R10_7_one_open_holding_a_lead_and_a_closed_one_says_how(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    copy = (
        "INSERT INTO leads_holding SELECT (jsonb_populate_record(h, jsonb_build_object('id', gen_random_uuid()))).* "
        "FROM leads_holding h WHERE lead_id = %s AND to_at IS NULL"
    )
    refuses("one_open_holding_a_lead", copy, str(lead.pk))
    refuses("closed_holding_has_reason", "UPDATE leads_holding SET to_at = now() WHERE to_at IS NULL")
    refuses("closed_holding_has_reason", "UPDATE leads_holding SET ended = 'expired' WHERE to_at IS NULL")
