"""Q16, R15.2: every address of the pages × every person × own, team's, foreign, pooled record, read from the URLconf.

What is expected follows from a few rules (what one does not see is a 404; a page answers who may be there; a button of a
lead works for whom it is shown) and from two short tables. An address that no rule knows fails the suite.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import ApiKey, Notice, SavedView, User
from accounts.services import make_key
from calling.services import save_script
from contacts.models import Company
from core import clock
from leads.models import AssignmentRule, Dispute, Extension, Label, Lead
from leads.selectors import allowed_actions
from leads.services import ask_extension, object_to
from opportunities.models import Opportunity
from orders.models import Order
from tests.cast import Firm, Watch
from tests.crm.addresses import Address, addresses
from tests.pages import browser

pytestmark = pytest.mark.django_db

# Nobody's session is asked: log-in, signs of life, and what a browser asks with its own signed address.
OPEN = {"healthz", "readyz", "metrics", "account_login", "account_logout", "shell:language", "accounts:now"}
# Rita's records are looked at by herself, her team, the other team, and every other hat.
ALL = {"tina", "rita", "rob", "wei", "mark", "olga", "max", "pia", "sue", "ada", "ivy"}
REPS = {"rita", "rob", "wei"}
DESK = {"tina"}
ABOVE = {"mark", "olga", "ada"}
# Pages without a record → who may be there; everybody else reads 403. A redirect to the first place of a person is
# being there, too.
PLACES: dict[str, set[str]] = {
    "shell:today": ALL,
    "shell:find": ALL,
    "shell:places": ALL,
    "leads:list": ALL,
    "leads:expired": ABOVE | {"max", "ivy"},
    "leads:approvals": ABOVE,
    "pool:pool": ALL,
    "opportunities:pipeline": ALL,
    "opportunities:lane": ALL,
    "orders:list": ALL,
    "accounts:people": ABOVE,
    "accounts:teams": ABOVE,
    "accounts:me": ALL,
    "accounts:notices": ALL,
    "accounts:news": ALL,
    "accounts:settings": ALL,
    "accounts:rulebook": ALL,
    "accounts:dictionary": ALL,
    "calling:desk": DESK,
    "calling:scripts": ABOVE | {"max"},
    "calling:script_new": ABOVE | {"max"},
    "intake:import": ABOVE | {"max"},
    "leads:filters": ALL,
    "leads:checking": ALL,
    "leads:labels": ABOVE | {"max"},
    "leads:assignment": ABOVE,
}
# Posts without a record → who may; everybody else is refused.
ACTS: dict[str, set[str]] = {
    "shell:theme": ALL,
    "leads:capture": ALL - {"pia"},
    "leads:check": ALL,
    "leads:bulk": ALL,
    "leads:bulk_preview": ALL,
    "leads:bulk_run": ALL,
    "leads:make_label": ABOVE | {"max"},
    "pool:hand": {"max", "ada"},
    "leads:assignment_new": {"ada"},
    "pool:claim_many": REPS,
    "accounts:new": {"ada"},
    "accounts:new_team": {"ada"},
    "accounts:rule": {"ada"},
    "accounts:define": {"ada"},
    "accounts:read_all": ALL,
    "accounts:save_settings": ALL,
    "accounts:my_password": ALL,
    "accounts:save_view": ALL,
    "accounts:columns": ALL,
    "calling:next": DESK,
    "calling:put_back": DESK,
    "calling:script_preview": ABOVE | {"max"},
    "calling:script_make": ABOVE | {"max"},
}
# What a post needs to be one at all.
FORMS = {name: {"action": "labels"} for name in ("leads:bulk", "leads:bulk_preview", "leads:bulk_run")}
# Of a lead's posts: the action whose button leads there, and what the form needs.
BUTTONS: dict[str, tuple[str, dict[str, str]]] = {
    "leads:accept": ("accept", {}),
    "leads:return": ("return", {"reason": "no_need"}),
    "leads:release": ("release", {"reason": "no_time"}),
    "leads:extend": ("extend", {"reason": "They visit next week"}),
    "leads:object": ("object", {"text": "A student"}),
    "leads:take": ("take", {}),
    "leads:notes": ("note", {"text": "Called"}),
    "leads:next": ("edit", {"next_step": "Call"}),
    "pool:claim": ("claim", {}),
    "calling:log": ("call", {"outcome": "interested"}),
}
# A branch and the addresses that are not there while it is off (R0.1).
BRANCHES = {
    "labels": (
        "leads:labels",
        "leads:make_label",
        "leads:rename_label",
        "leads:delete_label",
        "leads:put_labels",
    ),
    "assignment_rules": ("leads:assignment",),
    "contesting": ("leads:contest",),
}
# What a page of one record is called: who sees the record sees the page.
PAGES = {"leads:lead": Lead, "opportunities:opportunity": Opportunity, "orders:order": Order}
STATES = ["new", "mql", "sql", "pooled"]


class World:
    """One record of each kind, Rita's where it has an owner, and the browsers of everybody."""

    def __init__(self, firm: Firm, state: str, *, branches: bool = True) -> None:
        self.firm = firm
        firm.set_rules(**dict.fromkeys(BRANCHES, branches))
        self.label = Label.objects.create(name="VIP")
        self.rule = AssignmentRule.objects.create(position=1, name="Fairs", conditions={"channel": ["fair"]})
        self.browsers = {login: browser(firm.people[login]) for login in sorted(ALL)}
        self.lead = firm.in_state(state)
        order = firm.an_order(firm.rita)
        self.order, self.opportunity = order, order.opportunity
        self.extension = ask_extension(firm.an_sql(firm.rita), reason="a visit", by=firm.rita)
        self.dispute = object_to(firm.an_mql(firm.rita), text="a student", by=firm.rita)
        self.notice = Notice.objects.filter(user=firm.rita).first()
        steps = [{"title": f"Step {n}", "text": "We help", "questions": []} for n in (1, 2, 3)]
        self.script = save_script(None, by=firm.max, name="SOP", steps=steps, is_default=True).script
        self.view = SavedView.objects.create(user=firm.rita, page="leads", name="Mine", query="state=sql")
        make_key(firm.rita, scope="read")
        # route's beginning → the values of its parts, the records that may be seen
        self.kinds: dict[str, tuple[dict[str, Any], Any]] = {
            "leads/labels/<uuid:pk>": ({"pk": self.label.pk}, None),
            "people/assignment/<uuid:pk>": ({"pk": self.rule.pk}, None),
            "leads/<uuid:pk>": ({"pk": self.lead.pk}, Lead),
            "pool/<uuid:pk>": ({"pk": self.lead.pk}, Lead),
            "calling/leads/<uuid:pk>": ({"pk": self.lead.pk}, Lead),
            "opportunities/<uuid:pk>": ({"pk": self.opportunity.pk}, Opportunity),
            "orders/<uuid:pk>": ({"pk": self.order.pk}, Order),
            "approvals/extensions/<uuid:pk>": ({"pk": self.extension.pk}, Extension),
            "approvals/disputes/<uuid:pk>": ({"pk": self.dispute.pk}, Dispute),
            "notices/<uuid:pk>": ({"pk": self.notice.pk}, Notice),
            "people/teams/<uuid:pk>": ({"pk": firm.east.pk}, None),
            "people/<uuid:pk>": ({"pk": firm.rita.pk, "key": ApiKey.objects.get().pk}, None),
            "calling/scripts/<uuid:pk>": ({"pk": self.script.pk}, None),
            "views/<uuid:pk>": ({"pk": self.view.pk}, None),
            "companies/<uuid:pk>": ({"pk": self.order.company_id}, Company),
            "import/<uuid:pk>": ({"pk": self.lead.pk}, None),  # none with this number: 404 for everybody
            "pipeline/<slug:stage>": ({"stage": "confirmed"}, None),
            "rulebook/<slug:key>": ({"key": "week_days"}, None),
            "dictionary/<slug:code>": ({"code": "lead"}, None),
            "views/<slug:page>": ({"page": "leads"}, None),
        }

    def of(self, address: Address) -> tuple[dict[str, Any], Any]:
        """What stands for an address's parts. Raises LookupError for one that no rule knows."""
        if not address.parts:
            return {}, None
        for begins, found in self.kinds.items():
            if address.route.startswith(begins):
                return {"name": "note", **found[0]}, found[1]
        raise LookupError(f"no rule says what {address.route} stands for")

    def knows(self, address: Address) -> bool:
        try:
            return address.at(self.of(address)[0]) != ""
        except LookupError:
            return False

    @cache  # noqa: B019  (a world lives as long as its test)
    def sees(self, login: str, model: Any, pk: Any) -> bool:
        return model is None or model.objects.visible_to(self.user(login)).filter(pk=pk).exists()

    @cache  # noqa: B019
    def touches(self, login: str, model: Any, pk: Any) -> bool:
        """Whether somebody sees it, or lost it a moment ago and is told the truth instead of a 404."""
        rows = getattr(getattr(model, "objects", None), "actionable_by", None)
        lately = rows is not None and rows(self.user(login), clock.now()).filter(pk=pk).exists()
        return lately or self.sees(login, model, pk)

    def user(self, login: str) -> User:
        return User.objects.get(login=login)


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


def test_Q16_who_is_not_logged_in_is_sent_to_the_door(firm: Firm) -> None:
    world = World(firm, "sql")
    for address in inside(world):
        path = address.at(world.of(address)[0])
        for method in ("GET", "POST"):
            answer = send(Client(), method, path)
            assert answer.status_code == 302 and answer["Location"].startswith("/login/"), (method, path)


def test_Q16_pages_answer_those_who_may_be_there(firm: Firm) -> None:
    world = World(firm, "sql")
    wrong = []
    for address in inside(world):
        may = PLACES.get(address.name)
        if may is not None:
            for login, client in world.browsers.items():
                status = send(client, "GET", address.at(world.of(address)[0])).status_code
                if status not in ({200, 302} if login in may else {403, 404}):
                    wrong.append((address.name, login, status))
    assert wrong == []


def test_Q16_posts_without_a_record_refuse_who_may_not(firm: Firm) -> None:
    """With an empty form: who may is at most told what is missing."""
    world = World(firm, "sql")
    wrong = []
    for address in inside(world):
        may = ACTS.get(address.name)
        if may is not None:
            for login, client in world.browsers.items():
                status = send(
                    client, "POST", address.at(world.of(address)[0]), FORMS.get(address.name)
                ).status_code
                if status not in ({200, 204, 302, 400, 422} if login in may else {403, 404, 422}):
                    wrong.append((address.name, login, status))
    assert wrong == []


SHORT = ["sql"]
LONG = [state for state in STATES if state not in SHORT]


@pytest.mark.parametrize("state", [*SHORT, *(pytest.param(state, marks=pytest.mark.slow) for state in LONG)])
def test_Q16_R15_2_what_one_does_not_see_is_a_404_and_the_rest_is_as_expected(
    firm: Firm, watch: Watch, state: str
) -> None:
    world = World(firm, state)
    wrong, seen = [], Counter()
    for address in inside(world):
        values, model = world.of(address)
        if without_record(address):
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
            return {404, 405} | ({200, 302} if near and "/do/" in address.route else set())
        if address.name in PAGES:
            return {200}
        return {200, 302, 403, 404, 405}
    if not near:
        hat_first = address.route.startswith(("approvals/", "calling/", "pool/"))
        return {404, 405, 422} | ({403} if hat_first else set())
    return {200, 204, 302, 400, 403, 404, 405, 409, 422}


@pytest.mark.parametrize("state", STATES)
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
            for login in ("ada", "max", "mark"):
                for method in ("GET", "POST"):
                    status = send(world.browsers[login], method, address.at(world.of(address)[0])).status_code
                    if status not in (403, 404, 405, 409, 422):
                        there.append((method, address.name, login, status))
    assert there == []


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
