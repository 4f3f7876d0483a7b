"""R0.1: a new firm has no branch; off means no menu, field, task or notice of it, and what a switch says."""

from __future__ import annotations

import re
from collections import deque
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import translation

from accounts.rulebook_views import BRANCHES
from core import rulebook
from tests.cast import Firm, Watch
from tests.pages import browser, tap, words
from tests.sizes import in_turn

# What a page would say of a branch, in English; the Rulebook itself names what can be turned on.
WORDS = {
    "assignment_rules": ["Who gets what", "assignment"],
    "contesting": ["contest"],
    "holidays_pause": ["pause the week", "clock stands still"],
    "fairness": ["fairness", "lets go"],
    "labels": ["label"],
    "order_approval": ["in approval", "other terms", "submit"],
    "presales": ["ask presales", "presales requests", "solution"],
    "stage_gates": ["gate", "evidence"],
    "no_need_reasons": ["other supplier", "too expensive", "private person"],
    "worn_leads": ["worn"],
}
# Links that do something or leave the house.
NOT = ("/logout/", "/static/", "/api/", "/rulebook/", "/dictionary/")
MOST = 45


def branches() -> set[str]:
    return {key for key, known in rulebook.RULES.items() if known.branch}


def crawl(client: Client, start: str = "/") -> dict[str, str]:
    """Every page that can be reached by links from here: address → what a person reads, with fields' names."""
    found: dict[str, str] = {}
    shapes: set[str] = set()
    waiting = deque([start])
    while waiting and len(found) < MOST:
        path = waiting.popleft()
        shape = re.sub(r"[0-9a-f-]{36}", "*", path)
        if shape in shapes:
            continue
        shapes.add(shape)
        answer = client.get(path, follow=True)
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        page = answer.content.decode()
        names = re.findall(r'(?:name|hx-get|href|action|aria-label|placeholder)="([^"]+)"', page)
        found[path] = words(answer) + " " + " ".join(name for name in names if "/static/" not in name)
        for link in re.findall(r'(?:href|hx-get)="(/[^"#]*)"', page):
            parts = urlsplit(link.replace("&amp;", "&"))
            if not parts.path.startswith(NOT):
                waiting.append(parts.path)
    return found


def test_R0_1_a_new_firm_starts_with_the_trunk_alone(db: None) -> None:
    assert branches() == set(WORDS) == set(BRANCHES)
    assert not any(rulebook.get(key) for key in branches())


@pytest.mark.parametrize("login", in_turn(["rita", "mark", "max", "tina", "ada"], {"rita"}))
def test_R0_1_off_means_no_word_of_it_on_any_page(firm: Firm, watch: Watch, login: str) -> None:
    for state in ("new", "mql", "sql", "converted", "pooled"):
        firm.in_state(state)
    firm.pooled("returned")
    pages = crawl(browser(firm.people[login]))
    assert len(pages) > 5, pages.keys()
    said = {
        f"{path}: {word}"
        for path, text in pages.items()
        for listed in WORDS.values()
        for word in listed
        if re.search(rf"\b{word}", re.sub(r"aria-label(ledby)?", "", text), re.IGNORECASE)
    }
    assert said == set()


def test_R0_1_a_number_of_a_branch_shows_with_its_branch_only(firm: Firm, watch: Watch) -> None:
    ada = browser(firm.ada)
    assert 'id="labels_most"' not in ada.get("/rulebook/").content.decode()
    firm.set_rules(labels=True)
    assert 'id="labels_most"' in ada.get("/rulebook/").content.decode()


def test_R0_1_a_switch_says_in_plain_words_what_turns_on(firm: Firm, watch: Watch) -> None:
    ada = browser(firm.ada)
    page = words(ada.get("/rulebook/"))
    for key in branches():
        text = str(BRANCHES[key][0])
        assert text in page or text.replace("'", "&#x27;") in page, key
    assert "Set them up" not in page
    answer = tap(ada, "/rulebook/assignment_rules/", {"value": "on"}, on="/rulebook/")
    assert answer.status_code == 200 and rulebook.get("assignment_rules") is True
    assert "Set them up" in words(ada.get("/rulebook/"))
    assert "Set them up" not in words(browser(firm.rita).get("/rulebook/"))
    tap(ada, "/rulebook/assignment_rules/", {"value": "off"}, on="/rulebook/")
    assert rulebook.get("assignment_rules") is False
    assert tap(browser(firm.mark), "/rulebook/labels/", {"value": "on"}).status_code == 403


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("business_days", {"value": ["6", "1", "1"]}, [1, 6]),
        ("business_hours", {"value": ["08:30", "20:00"]}, "08:30-20:00"),
        ("holidays", {"from": "2026-10-01"}, ["2026-10-01"]),
        ("holidays", {"from": "2026-10-01", "to": "2026-10-03"}, ["2026-10-01", "2026-10-02", "2026-10-03"]),
        ("holidays", {"value": ["2026-01-01"], "from": "2025-12-31"}, ["2025-12-31", "2026-01-01"]),
        ("holidays", {"value": ["2026-01-01, 2026-05-01\n2026-01-01"]}, ["2026-01-01", "2026-05-01"]),
        ("holidays", {}, []),
    ],
)
def test_R3_2_business_time_and_holidays_are_set_on_the_page(
    firm: Firm, watch: Watch, key: str, typed: dict[str, object], value: object
) -> None:
    ada = browser(firm.ada)
    assert tap(ada, f"/rulebook/{key}/", typed, on="/rulebook/").status_code == 200
    assert rulebook.get(key) == value
    page = ada.get("/rulebook/").content.decode()
    if value and key == "holidays":
        assert f'value="{value[0]}" checked' in page  # type: ignore[index]
    with translation.override("zh-hans"):
        firm.rita.language = "zh-hans"
        firm.rita.save()
        assert browser(firm.rita).get("/rulebook/").status_code == 200


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("business_days", {}),
        ("business_days", {"value": ["0"]}),
        ("business_days", {"value": ["8"]}),
        ("business_days", {"value": ["Monday"]}),
        ("business_hours", {"value": ["18:00", "09:00"]}),
        ("business_hours", {"value": ["09:00", "09:00"]}),
        ("business_hours", {"value": ["9", "18"]}),
        ("business_hours", {"value": ["09:00"]}),
        ("business_hours", {"value": ["24:00", "25:00"]}),
        ("holidays", {"from": "2026-02-30"}),
        ("holidays", {"from": "soon"}),
        ("holidays", {"to": "x"}),
        ("holidays", {"from": "2026-10-03", "to": "2026-10-01"}),
        ("holidays", {"from": "2026-01-01", "to": "2030-01-01"}),
        ("holidays", {"value": ["1 May"]}),
    ],
)
def test_R3_2_what_business_time_cannot_be_is_said_in_place(
    firm: Firm, watch: Watch, key: str, typed: dict[str, object]
) -> None:
    answer = tap(browser(firm.ada), f"/rulebook/{key}/", typed)
    assert answer.status_code == 422 and "data-refusal" in answer.content.decode()
    assert rulebook.get(key) == rulebook.RULES[key].default


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("business_days", "1,2"),
        ("business_days", [True]),
        ("business_days", [1.5]),
        ("business_days", []),
        ("business_hours", 9),
        ("business_hours", "9-18"),
        ("holidays", "2026-10-01"),
        ("holidays", [20261001]),
        ("holidays", [None]),
        ("holidays", [f"{2000 + n // 365}-01-01" for n in range(3)] + ["x"]),
    ],
)
def test_R0_1_a_kind_of_rule_refuses_what_it_is_not(firm: Firm, key: str, wrong: object) -> None:
    with pytest.raises(ValueError, match="must"):
        rulebook.check(rulebook.RULES[key], wrong)


def test_the_api_takes_the_same_kinds(firm: Firm, watch: Watch) -> None:
    from accounts.services import make_key

    key = make_key(firm.ada, scope="admin")
    client = Client(headers={"Authorization": f"Bearer {key}"})
    new = {"business_hours": "08:00-20:00", "business_days": [1, 2], "holidays": ["2026-10-01"]}
    answer = client.patch("/api/v1/rulebook/", new, content_type="application/json")
    assert answer.status_code == 200
    assert {k: rulebook.get(k) for k in new} == new
    wrong = client.patch("/api/v1/rulebook/", {"holidays": "x"}, content_type="application/json")
    assert wrong.status_code == 400
    wrong = client.patch("/api/v1/rulebook/", {"holidays": ["x"]}, content_type="application/json")
    assert wrong.status_code == 422
