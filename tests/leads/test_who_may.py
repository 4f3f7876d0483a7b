"""R15.1: every verb of a lead × every state × every person; a refusal changes nothing; the buttons say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from core.errors import TrunkError
from leads.models import Lead
from leads.selectors import allowed_actions
from leads.services import (
    accept,
    add_note,
    ask_extension,
    assign,
    object_to,
    release,
    return_mql,
    set_next_step,
)
from opportunities.services import convert
from pool.services import claim
from tests.cast import Firm, Watch, fresh
from tests.content import content, nothing_changes

STATES = ["new", "mql", "waiting", "sql", "converted", "pooled", "invalid"]
# Rita owns what has an owner. Max captured it, Tina qualified it. `waiting` lies in a queue of team East.
ABOVE = {"mark", "ada"}
DESK = {"tina", "theo", "max", "mark", "olga", "ada", "ivy"}
EDIT = {
    "new": DESK,
    "mql": {"rita", "max", "ivy"} | ABOVE,
    "waiting": {"max", "ivy"} | ABOVE,
    "sql": {"rita", "max", "ivy"} | ABOVE,
    "converted": {"rita", "max", "ivy"} | ABOVE,
    "pooled": {"max", "ada", "ivy"},
}
TALK = {
    "new": {"tina", "theo", "max"},
    "mql": {"tina", "theo", "rita"} | ABOVE,
    "waiting": {"tina", "theo"} | ABOVE,
    "sql": {"tina", "theo", "rita"} | ABOVE,
    "converted": {"tina", "theo", "rita"} | ABOVE,
    "pooled": {"tina", "theo", "max"},
}
JUDGE = {"mql": {"rita"} | ABOVE}
HOLD = {"sql": {"rita"} | ABOVE}
# Verb → state → who may. Whoever is not named is refused, in every state.
MAY: dict[str, dict[str, set[str]]] = {
    "accept": JUDGE,
    "return": JUDGE,
    "release": HOLD,
    "convert": HOLD,
    "extend": {"sql": {"rita"}},
    "object": {"mql": {"rita"}},
    "assign": {"mql": {"max"} | ABOVE, "waiting": {"max"} | ABOVE, "sql": ABOVE, "converted": ABOVE},
    "note": EDIT,
    "edit": EDIT,
    "call": TALK,
    "claim": {"pooled": {"rob", "wei", "wang"}},
}


def verbs(firm: Firm) -> dict[str, Callable[[Lead, User], Any]]:
    need = firm.need()
    return {
        "accept": lambda lead, by: accept(lead, by=by),
        "return": lambda lead, by: return_mql(lead, reason="no_need", by=by),
        "release": lambda lead, by: release(lead, reason="no_fit", by=by),
        "convert": lambda lead, by: convert(lead, by=by, **need),
        "extend": lambda lead, by: ask_extension(lead, reason="x", by=by),
        "object": lambda lead, by: object_to(lead, text="x", by=by),
        "assign": lambda lead, by: assign(lead, rep=firm.rob, by=by),
        "note": lambda lead, by: add_note(lead, text="x", by=by),
        "edit": lambda lead, by: set_next_step(lead, text="x", on=None, by=by),
        "call": lambda lead, by: firm.call(lead, "no_answer", by=by),
        "claim": lambda lead, by: claim(lead, by=by),
    }


def the_lead(firm: Firm, state: str) -> Lead:
    lead = firm.in_state(state)
    if state == "waiting":
        Lead.objects.filter(pk=lead.pk).update(team=firm.east)
    return fresh(lead)


@pytest.mark.parametrize("state", STATES)
def test_R15_1_verb_by_state_by_person(firm: Firm, watch: Watch, state: str) -> None:
    lead = the_lead(firm, state)
    before = content()
    wrong = []
    for name, verb in verbs(firm).items():
        may = MAY[name].get(state, set())
        for login, person in firm.people.items():
            with transaction.atomic():
                try:
                    verb(lead, person)
                    outcome = "done"
                except TrunkError as error:
                    outcome = error.code
                    assert error.status in (403, 404, 409, 422), error
                if (outcome == "done") != (login in may):
                    wrong.append((name, login, outcome))
                if outcome == "done":
                    transaction.set_rollback(True)
    assert wrong == []
    # Nothing of all the refusals has stayed, and what was done was rolled back.
    assert content() == before


@pytest.mark.parametrize("state", STATES)
def test_the_buttons_say_what_the_verbs_do(firm: Firm, watch: Watch, state: str) -> None:
    lead = the_lead(firm, state)
    wrong = []
    for login, person in firm.people.items():
        shown = set(allowed_actions([lead], person, watch.now)[lead.pk])
        expected = {name for name, states in MAY.items() if login in states.get(state, set())}
        # With which other lead is a matter of the other lead (R1.6): the button is for who works on this one.
        expected |= {"merge"} if login in EDIT.get(state, set()) else set()
        if shown != expected:
            wrong.append((login, shown ^ expected))
    assert wrong == []


WRONG = [
    (n, s)
    for n in ("accept", "return", "release", "convert")
    for s in ("mql", "sql", "converted")
    if s not in MAY[n]
]


@pytest.mark.parametrize(("name", "state"), WRONG)
def test_the_owner_in_the_wrong_state_is_told_409(firm: Firm, watch: Watch, name: str, state: str) -> None:
    lead = the_lead(firm, state)
    with nothing_changes(), pytest.raises(TrunkError) as caught:
        verbs(firm)[name](lead, firm.rita)
    assert (caught.value.code, caught.value.extra["state"]) == ("transition_not_allowed", state)
