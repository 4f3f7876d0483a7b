"""Q16, R15.2: every address of the pages × every person × own, team's, foreign, pooled record, read from the URLconf.

What is expected follows from a few rules (what one does not see is a 404; a page answers who may be there; a button of a
lead works for whom it is shown) and from two short tables. An address that no rule knows fails the suite.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from leads.models import Lead
from leads.selectors import allowed_actions
from tests.cast import Firm, Watch
from tests.crm.addresses import Address, addresses
from tests.crm.page_rules import ACTS, BRANCHES, BUTTONS, FORMS, OPEN, PAGES, PLACES
from tests.crm.page_world import World

pytestmark = pytest.mark.django_db

STATES = ["new", "mql", "sql", "pooled"]


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """Thousands of requests: none of them is logged."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def inside(world: World | None = None) -> list[Address]:
    """The addresses behind the door; with a world those that it knows, as one test says which it does not."""
    found = [address for address in addresses() if address.name not in OPEN]
    return [address for address in found if world is None or world.knows(address)]


def without_record(address: Address) -> bool:
    return address.name in PLACES or address.name in ACTS


def send(client: Client, method: str, path: str, body: dict[str, str] | None = None) -> Any:
    """What is answered; afterwards everything is as before."""
    with transaction.atomic():
        client.raise_request_exception = False
        answer = client.get(path) if method == "GET" else client.post(path, body or {})
        transaction.set_rollback(True)
    return answer


def test_Q16_every_address_is_known_to_a_rule(firm: Firm) -> None:
    """A new page needs a line in PLACES or ACTS, or a record that says who sees it."""
    world = World(firm, "sql")
    unknown = []
    for address in inside():
        if not world.knows(address):
            unknown.append(f"{address.name}: what does {address.route} stand for?")
        if not any(part in ("pk", "name") for part in address.parts) and not without_record(address):
            unknown.append(f"{address.name}: who may be at {address.route}?")
    assert unknown == []
    named = {address.name for address in inside()}
    assert (set(PLACES) | set(ACTS) | set(BUTTONS) | set(PAGES)) - named == set(), (
        "tables name what is no more"
    )


@pytest.mark.slow
def test_Q16_who_is_not_logged_in_is_sent_to_the_door(firm: Firm) -> None:
    world = World(firm, "sql")
    for address in inside(world):
        path = address.at(world.of(address)[0])
        for method in ("GET", "POST"):
            answer = send(Client(), method, path)
            assert answer.status_code == 302 and answer["Location"].startswith("/login/"), (method, path)


def strayed(
    world: World, table: dict[str, set[str]], method: str, may: set[int], may_not: set[int]
) -> list[Any]:
    """Who got another answer than the table says."""
    wrong = []
    for address in inside(world):
        if address.name in table:
            path = address.at(world.of(address)[0])
            for login, client in world.browsers.items():
                status = send(client, method, path, FORMS.get(address.name)).status_code
                if status not in (may if login in table[address.name] else may_not):
                    wrong.append((address.name, login, status))
    return wrong


@pytest.mark.slow
def test_Q16_pages_answer_those_who_may_be_there(firm: Firm) -> None:
    assert strayed(World(firm, "sql"), PLACES, "GET", {200, 302}, {403, 404}) == []


def test_Q16_posts_without_a_record_refuse_who_may_not(firm: Firm) -> None:
    """With an empty form: who may is at most told what is missing."""
    assert strayed(World(firm, "sql"), ACTS, "POST", {200, 204, 302, 400, 422}, {403, 404, 422}) == []


SHORT = ["sql"]
LONG = [state for state in STATES if state not in SHORT]
IN_TURN = [*SHORT, *(pytest.param(state, marks=pytest.mark.slow) for state in LONG)]


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_Q16_R15_2_what_one_does_not_see_is_a_404_and_the_rest_is_as_expected(
    firm: Firm, watch: Watch, state: str
) -> None:
    world = World(firm, state)
    wrong, seen = [], Counter()
    for address in inside(world):
        values, model = world.of(address)
        if without_record(address) or (state not in SHORT and model is not Lead):
            continue
        path = address.at(values)
        for login, client in world.browsers.items():
            visible = world.sees(login, model, values["pk"])
            near = world.touches(login, model, values["pk"])
            for method in ("GET", "POST"):
                status = send(client, method, path, BUTTONS.get(address.name, ("", {}))[1]).status_code
                seen[status] += 1
                if status not in expected(address, method, visible=visible, near=near):
                    wrong.append((method, address.name, login, status, "seen" if visible else "not seen"))
    assert wrong == []
    assert {200, 302, 403, 404, 405, 422} <= set(seen)


def expected(address: Address, method: str, *, visible: bool, near: bool) -> set[int]:
    """The statuses that may come back from an address of one record."""
    if method == "GET":
        if not visible:
            hat_first = {403} if address.route.startswith("orders/receipts/") else set()
            return {404, 405} | hat_first | ({200, 302} if near and "/do/" in address.route else set())
        if address.name in PAGES:
            return {200}
        return {200, 302, 403, 404, 405}
    if not near:
        hat_first = address.route.startswith(("approvals/", "calling/", "pool/", "orders/receipts/"))
        return {404, 405, 422} | ({403} if hat_first else set())
    return {200, 204, 302, 400, 403, 404, 405, 409, 422}


@pytest.mark.parametrize("state", IN_TURN)
def test_Q16_a_button_works_for_whom_it_is_shown_and_for_nobody_else(
    firm: Firm, watch: Watch, state: str
) -> None:
    world = World(firm, state)
    wrong = []
    for address in inside(world):
        if address.name not in BUTTONS:
            continue
        action, body = BUTTONS[address.name]
        for login, client in world.browsers.items():
            row = Lead.objects.get(pk=world.lead.pk)
            seen = world.sees(login, Lead, row.pk)
            shown = seen and action in allowed_actions([row], world.user(login), watch.now)[row.pk]
            status = send(client, "POST", address.at({"pk": row.pk}), body).status_code
            if (status < 400) != shown or status == 405:
                wrong.append((address.name, login, status, "shown" if shown else "not shown"))
    assert wrong == []


def test_R0_1_what_is_off_is_nowhere(firm: Firm) -> None:
    world = World(firm, "sql", branches=False)
    there = []
    for address in inside(world):
        if any(address.name.startswith(names) for names in BRANCHES.values()):
            for login in ("ada", "max", "mark", "pia", "rita"):
                for method in ("GET", "POST"):
                    status = send(world.browsers[login], method, address.at(world.of(address)[0])).status_code
                    if status not in (403, 404, 405, 409, 422):
                        there.append((method, address.name, login, status))
    assert there == []


@pytest.mark.slow
def test_Q16_every_address_does_something(firm: Firm) -> None:
    """None that answers 405 to looking and to posting alike; none without a name but the twin with a slash."""
    world = World(firm, "sql")
    dead = []
    for address in inside(world):
        path = address.at(world.of(address)[0])
        methods = {send(world.browsers["ada"], method, path).status_code for method in ("GET", "POST")}
        if methods == {405}:
            dead.append(address.name)
    assert dead == []
    assert all(
        address.name[-1:] not in ("", ":") or re.search(r"<uuid:pk>/$", address.route) for address in inside()
    )
