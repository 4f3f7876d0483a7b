"""The rulebook and the dictionary: read by all, changed by administrators, kept with who and when."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from accounts.dictionary import define
from accounts.models import Term
from core import rulebook
from core.errors import Forbidden, NotFound, RuleRefused
from core.models import Event, RuleChange
from tests.cast import CAST, Firm, Watch
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words

WORDS = ["lead", "mql", "sql", "opportunity", "order", "customer", "pool", "touch"]


@pytest.mark.parametrize("login", [login for login in CAST if login != "ivy"])
@pytest.mark.parametrize("url", ["/rulebook/", "/dictionary/"])
def test_everybody_reads_and_only_administrators_find_a_form(firm: Firm, login: str, url: str) -> None:
    answer = browser(getattr(firm, login)).get(url)
    assert answer.status_code == 200
    assert (f'action="{url}' in answer.content.decode()) == (login == "ada")


def test_the_pages_have_a_fixed_number_of_queries(firm: Firm, watch: Watch) -> None:
    client = browser(firm.ada)
    one = queries_of(client, "/rulebook/")
    for n in range(30):
        firm.set_rules(capacity=70 + n)
    assert queries_of(client, "/rulebook/") == one <= MOST_QUERIES
    assert queries_of(client, "/dictionary/") <= MOST_QUERIES


def test_every_rule_stands_on_the_page_with_its_number(firm: Firm, watch: Watch) -> None:
    firm.set_rules(**{key: True for key, known in rulebook.RULES.items() if known.branch})
    page = browser(firm.ada).get("/rulebook/").content.decode()
    for known in rulebook.RULES.values():
        assert f'id="{known.key}"' in page and known.number in page


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("capacity", "45", 45),
        ("win_rate_experience", "25", 25),
        ("claiming", "off", False),
        ("headcount_word", " seats ", "seats"),
        ("warn_hours", "2, 72 24", [72, 24, 2]),
        ("media", "form\r\n\r\nad", ["form", "ad"]),
        ("default_region", "DE", "DE"),
    ],
)
def test_an_administrator_changes_a_rule_in_place(
    firm: Firm, watch: Watch, key: str, typed: str, value: object
) -> None:
    answer = tap(browser(firm.ada), f"/rulebook/{key}/", {"value": typed}, on="/rulebook/")
    assert answer.status_code == 200 and rulebook.get(key) == value
    change = RuleChange.objects.get(key=key)
    assert (change.by, change.new) == (firm.ada, value)
    page = words(browser(firm.rita).get("/rulebook/"))
    assert "Ada" in page and "1 differs from the default" in page
    tap(browser(firm.ada), f"/rulebook/{key}/", {"value": typed, "do": "default"}, on="/rulebook/")
    assert rulebook.get(key) == rulebook.RULES[key].default


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("capacity", "0"),
        ("capacity", "many"),
        ("capacity", ""),
        ("capacity", "９"),
        ("win_rate_experience", "101"),
        ("claiming", "maybe"),
        ("headcount_word", ""),
        ("warn_hours", "soon"),
        ("default_region", "Mars"),
    ],
)
def test_what_a_rule_cannot_be_is_said_in_place(firm: Firm, watch: Watch, key: str, typed: str) -> None:
    answer = tap(browser(firm.ada), f"/rulebook/{key}/", {"value": typed})
    assert answer.status_code == 422 and "data-refusal" in answer.content.decode()
    assert rulebook.get(key) == rulebook.RULES[key].default and not RuleChange.objects.exists()


def test_nobody_else_changes_a_rule(firm: Firm, watch: Watch) -> None:
    for login in ("mark", "rita", "max", "tina"):
        answer = tap(browser(getattr(firm, login)), "/rulebook/capacity/", {"value": "5"})
        assert answer.status_code == 403
    assert tap(browser(firm.ada), "/rulebook/nothing/", {"value": "5"}).status_code == 404
    plain = browser(firm.ada).post("/rulebook/capacity/", {"value": "45"}, follow=True)
    assert plain.status_code == 200 and rulebook.get("capacity") == 45


# The dictionary


def test_R14_4_the_dictionary_is_shipped_filled_in_both_languages(firm: Firm) -> None:
    assert list(Term.objects.values_list("code", flat=True)) == WORDS
    for term in Term.objects.all():
        assert term.word_en and term.word_zh and term.text_en and term.text_zh
    page = words(browser(firm.rita).get("/dictionary/"))
    assert "A signed contract, paid or not." in page and "公海" in page


def test_R14_4_another_meaning_is_kept_with_who_and_when(firm: Firm, watch: Watch) -> None:
    data = {"word_en": "SQL", "word_zh": "SQL", "text_en": "Ours for seven days.", "text_zh": "七天内归我。"}
    answer = tap(browser(firm.ada), "/dictionary/sql/", data, on="/dictionary/")
    assert answer.status_code == 200 and "Ours for seven days." in words(answer)
    term = Term.objects.get(code="sql")
    assert (term.changed_by, term.changed_at, term.version) == (firm.ada, watch.now, 2)
    event = Event.objects.get(verb="term_changed")
    assert (event.by_id, event.subject_id) == (firm.ada.pk, term.pk)
    assert "Ours for seven days." in browser(firm.rita).get("/dictionary/").content.decode()


def test_an_empty_meaning_is_refused_beside_its_field(firm: Firm, watch: Watch) -> None:
    data = {"word_en": "SQL", "word_zh": "SQL", "text_en": " ", "text_zh": "x" * 2000}
    answer = tap(browser(firm.ada), "/dictionary/sql/", data)
    assert answer.status_code == 422 and 'data-field="text_zh"' in answer.content.decode()
    answer = tap(browser(firm.ada), "/dictionary/sql/", data | {"text_zh": "好"})
    assert answer.status_code == 422 and 'data-field="text_en"' in answer.content.decode()
    assert (
        tap(browser(firm.mark), "/dictionary/sql/", data | {"text_en": "a", "text_zh": "b"}).status_code
        == 403
    )
    assert tap(browser(firm.ada), "/dictionary/nothing/", data).status_code == 404
    assert not Event.objects.filter(verb="term_changed").exists()


def test_the_verb_refuses_who_is_no_administrator_and_what_is_no_field(firm: Firm, watch: Watch) -> None:
    with pytest.raises(Forbidden):
        define("sql", by=firm.mark, text_en="x")
    with pytest.raises(NotFound):
        define("deal", by=firm.ada, text_en="x")
    with pytest.raises(RuleRefused):
        define("sql", by=firm.ada, colour="red")


def test_R14_4_a_word_shows_its_meaning_where_it_is_used(firm: Firm) -> None:
    request = RequestFactory().get("/")
    page = Template('{% load dictionary %}{% term "mql" %} {% term "order" "Orders" %} {% term "deal" %}')
    with translation.override("zh-hans"):
        said = page.render(Context({"request": request}))
    assert "市场认可线索" in said and "不拒绝沟通的线索" in said and ">Orders<" in said and "deal" in said
    assert said.count('role="tooltip"') == 2
