"""The notice centre: words for every kind, the bell, the list, what calls at once, reading, the API."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts import notices as verbs
from accounts.models import Notice
from accounts.services import notify, read_notices
from core import clock
from core.errors import NotFound
from core.ids import uuid7
from core.services import run_sweeps
from core.web.notices import WORDS, lines
from leads import services as trunk
from opportunities.models import Opportunity
from tests.cast import Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words

SOURCES = [
    path for app in settings.TRUNK_APPS for path in sorted((Path(settings.BASE_DIR) / app).rglob("*.py"))
]
IN_SQL = re.compile(r"INTO accounts_notice.*?SELECT[^']*?'(\w+)'", re.DOTALL)


def spoken(node: Any, known: dict[str, set[str]]) -> set[str]:
    """The kinds that an argument of notify() may be."""
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.Name):
        return known.get(node.id, set())
    if isinstance(node, ast.IfExp):
        return spoken(node.body, known) | spoken(node.orelse, known)
    if isinstance(node, ast.JoinedStr):
        begin = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        return {kind for kind in WORDS if kind.startswith(begin)} or {begin}
    return set()


def notified() -> dict[str, set[str]]:
    """Kind → files in which somebody is told it, read from the code."""
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        kinds = set(IN_SQL.findall(text))
        tree = ast.parse(text)
        for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
            known: dict[str, set[str]] = {}
            for node in ast.walk(function):
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    known.setdefault(node.targets[0].id, set()).update(spoken(node.value, known))
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "notify":
                    told = spoken(node.args[1], known)
                    assert told, f"{path}:{node.lineno}: which kind is this?"
                    kinds |= told
        for kind in kinds:
            found.setdefault(kind, set()).add(path.name)
    return found


def test_every_kind_of_which_somebody_is_told_has_words() -> None:
    told = notified()
    assert {"call_now", "due_soon", "expired", "extension_approved", "contested"} <= set(told)
    assert {kind: files for kind, files in told.items() if kind not in WORDS} == {}
    assert set(WORDS) <= set(told), "words for what nobody is told"


def test_every_kind_says_a_sentence_with_and_without_a_name() -> None:
    for kind, said in WORDS.items():
        for name in ("Han Meimei", ""):
            text = str(said.say({"hours": 24, "medium": "live_stream", "kind": "renewal"}, name))
            assert text and "%" not in text and "_" not in text, (kind, text)
        assert said.label and said.sign and said.hats, kind


def a_notice(firm: Firm, kind: str = "given", who: str = "rita", **data: Any) -> Notice:
    lead = firm.an_sql(getattr(firm, who))
    notify([getattr(firm, who)], kind, lead, at=clock.now(), **data)
    return Notice.objects.filter(kind=kind).latest("at", "id")


def test_R3_2_the_centre_tells_what_happened_where_and_leads_there(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql(lead=firm.capture(name="Han Meimei", phone="13900002222", company_name="Clinic"))
    page = browser(firm.rita).get("/notices/")
    said = words(page)
    assert "Han Meimei expects your call now" in said and "Clinic" in said and "1 unread" in said
    assert f'href="/leads/{lead.pk}"' in page.content.decode()
    assert 'href="tel:+8613900002222"' in page.content.decode()
    other = words(browser(firm.rob).get("/notices/"))
    assert "Han Meimei" not in other and "No notices yet" in other


def test_the_centre_costs_the_same_for_thirty_as_for_one(firm: Firm, watch: Watch) -> None:
    client = browser(firm.rita)
    firm.an_mql()
    firm.an_opportunity()
    notify([firm.rita], "next_chance", Opportunity.objects.get(), at=clock.now(), kind="renewal")
    one = queries_of(client, "/notices/")
    for _n in range(30):
        firm.an_mql()
    assert queries_of(client, "/notices/") == one <= MOST_QUERIES


def test_older_notices_are_on_the_next_page(firm: Firm, watch: Watch) -> None:
    for _n in range(60):
        watch.go(minutes=1)
        notify([firm.rita], "given", ("lead", uuid7()), at=watch.now)
    page = browser(firm.rita).get("/notices/")
    assert page.content.decode().count("data-row") == 50
    link = re.search(r'rel="next" href="([^"]+)"', page.content.decode()).group(1).replace("&amp;", "&")
    assert browser(firm.rita).get(link).content.decode().count("data-row") == 10


def test_R15_2_what_one_may_not_see_any_more_is_neither_named_nor_led_to(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql(lead=firm.capture(name="Han Meimei", phone="13900002222"))
    trunk.assign(lead, rep=firm.wei, by=firm.ada)
    (line,) = lines(firm.rita.notices.all(), firm.rita)
    assert line["url"] == line["phone"] == line["note"] == ""
    watch.go(days=2)
    (line,) = lines(firm.rita.notices.all(), firm.rita)
    assert "Han Meimei" not in line["text"] and line["text"].startswith("A lead")


def test_R10_4_a_notice_of_a_lead_in_the_pool_tells_no_number(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("expired")
    (line,) = lines(firm.rita.notices.filter(kind="expired"), firm.rita)
    assert line["phone"] == "" and line["url"] == f"/leads/{lead.pk}"


def test_R0_1_a_branch_that_is_off_shows_no_notice(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("returned")
    notify([firm.mark], "contested", lead, at=clock.now())
    client = browser(firm.mark)
    assert "contests" not in words(client.get("/notices/"))
    firm.set_rules(contesting=True)
    assert "contests" in words(client.get("/notices/"))


def test_the_bell_counts_on_every_page(firm: Firm, watch: Watch) -> None:
    client = browser(firm.rita)
    assert "data-unread hidden></span>" in client.get("/leads/").content.decode()
    a_notice(firm)
    page = client.get("/leads/").content.decode()
    assert page.count("data-unread>") == 2, "at the side and under the thumb"
    assert 'name="trunk-now"' in page


def test_opening_the_record_reads_what_was_said_of_it(firm: Firm, watch: Watch) -> None:
    one, two = a_notice(firm), a_notice(firm)
    browser(firm.mark).get(f"/leads/{one.subject_id}")
    assert fresh(one).read_at is None, "a manager who looks does not read for the rep"
    browser(firm.rita).get(f"/leads/{one.subject_id}")
    assert fresh(one).read_at == watch.now and fresh(two).read_at is None


def test_a_form_on_the_record_reads_it_too_and_a_refused_one_does_not(firm: Firm, watch: Watch) -> None:
    notice = a_notice(firm)
    client = browser(firm.rita)
    tap(client, f"/leads/{notice.subject_id}/notes/", {"text": ""})
    assert fresh(notice).read_at is None
    tap(client, f"/leads/{notice.subject_id}/notes/", {"text": "called"})
    assert fresh(notice).read_at is not None


def test_one_is_read_and_put_back_and_all_are_read(firm: Firm, watch: Watch) -> None:
    client = browser(firm.rita)
    one, two = a_notice(firm), a_notice(firm)
    assert tap(client, f"/notices/{one.pk}/read/", on="/notices/").status_code == 200
    assert fresh(one).read_at is not None and fresh(two).read_at is None
    tap(client, f"/notices/{one.pk}/unread/", on="/notices/")
    assert fresh(one).read_at is None
    tap(client, "/notices/read/", on="/notices/")
    assert not Notice.objects.visible_to(firm.rita).unread().exists()


@pytest.mark.parametrize("do", ["read", "unread"])
def test_R15_2_somebody_elses_notice_is_not_there(firm: Firm, watch: Watch, do: str) -> None:
    notice = a_notice(firm)
    assert browser(firm.rob).post(f"/notices/{notice.pk}/{do}/").status_code == 404
    with pytest.raises(NotFound):
        getattr(verbs, do)(notice, by=firm.rob)
    read_notices(firm.rob)
    assert fresh(notice).read_at is None


def test_what_calls_at_once_comes_with_name_company_number_and_a_way_there(firm: Firm) -> None:
    lead = firm.an_mql(lead=firm.capture(name="Han Meimei", phone="13900002222", company_name="Clinic"))
    a_notice(firm)
    answer = browser(firm.rita).get("/notices/news/")
    text, said = answer.content.decode(), words(answer)
    assert text.count("data-loud=") == 1, "the hand-over, not what is merely good to know"
    assert "Han Meimei" in said and "Clinic" in said
    assert 'href="tel:+8613900002222"' in text and f'href="/leads/{lead.pk}"' in text
    assert "Han Meimei" not in words(browser(firm.rob).get("/notices/news/"))


def test_R1_3_a_customer_that_comes_again_is_offered_more_in_one_click(firm: Firm, watch: Watch) -> None:
    order = firm.a_signed_order()
    phone = order.contact.points.get().value
    firm.capture(phone=phone)
    client = browser(firm.rita)
    url = f"/companies/{order.company_id}/again/"
    assert client.get("/notices/").content.decode().count(f'hx-post="{url}"') == 2
    for _click in range(2):
        tap(client, url, {"kind": "repurchase"}, on="/notices/")
    chance = Opportunity.objects.get(kind="repurchase", stage="confirmed")
    assert (chance.company, chance.owner, chance.headcount) == (order.company, firm.rita, 10)
    assert [need.product for need in chance.needs.all()] == [firm.product]
    assert tap(client, url, {"kind": "renewal"}, on="/notices/").status_code == 422
    assert tap(browser(firm.wei), url, {"kind": "upsell"}).status_code in (403, 404)
    assert not Opportunity.objects.filter(kind="upsell").exists()


def test_R15_2_who_called_learns_that_the_mql_came_back(firm: Firm, watch: Watch) -> None:
    lead = firm.an_mql()
    trunk.return_mql(lead, reason="no_need", by=firm.rita)
    (notice,) = Notice.objects.filter(kind="mql_returned")
    assert notice.user == firm.tina
    (line,) = lines([notice], firm.tina)
    assert "Li Lei" in line["text"] and "no need now" in line["text"]


def test_the_api_lists_ones_own_and_marks_them_as_read(firm: Firm, watch: Watch) -> None:
    one, two = a_notice(firm), a_notice(firm, who="rob")
    client = browser(firm.rita)
    listed = client.get("/api/v1/notices/?unread=true&kind=given").json()["results"]
    assert [row["id"] for row in listed] == [str(one.pk)]
    assert listed[0]["text"] == "Li Lei was given to you"
    json = {"content_type": "application/json"}
    assert client.post(f"/api/v1/notices/{two.pk}/read/", **json).status_code == 404
    assert client.post(f"/api/v1/notices/{one.pk}/read/", **json).json()["read_at"] is not None
    assert client.get("/api/v1/notices/?unread=true&kind=given").json()["results"] == []
    assert fresh(two).read_at is None


def test_what_a_notice_asked_for_is_over_when_it_is_done(firm: Firm, watch: Watch) -> None:
    """However it was done: by another page, a program, a rule."""
    unread = Notice.objects.unread()
    called = firm.an_mql()
    assert unread.filter(kind="call_now", user=firm.rita).count() == 1
    firm.call(called, "call_back", by=firm.rita, call_back_at=watch.now + timedelta(hours=1))
    assert not unread.filter(kind="call_now").exists(), "called"
    waiting = firm.a_waiting_mql()
    assert unread.filter(kind="queue_waiting", subject_id=waiting.pk).exists()
    trunk.assign(waiting, rep=firm.rob, by=firm.ada)
    assert not unread.filter(kind="queue_waiting").exists(), "handed out"
    trunk.accept(waiting, by=firm.rob)
    assert not unread.filter(kind="call_now").exists(), "judged"
    asked = trunk.ask_extension(fresh(waiting), reason="holidays", by=firm.rob)
    assert unread.filter(kind="extension_asked").count() >= 1
    trunk.reject_extension(asked, by=firm.ada)
    assert not unread.filter(kind="extension_asked").exists(), "decided"
    assert unread.filter(kind="extension_rejected", user=firm.rob).exists()


def test_R6_2_what_was_said_of_a_week_is_over_with_it_swept_as_told(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    trunk.ask_extension(lead, reason="holidays", by=firm.rita)
    watch.go(days=5)
    run_sweeps()
    unread = Notice.objects.unread().filter(subject_id=lead.pk)
    assert set(unread.values_list("kind", flat=True)) == {"due_soon", "extension_asked"}
    due = fresh(lead).due_at
    watch.go(days=3)
    run_sweeps()
    assert [(n.kind, n.user) for n in unread] == [("expired", firm.rita)]
    warned = Notice.objects.filter(subject_id=lead.pk, kind="due_soon")
    assert {n.read_at for n in warned} == {due} and warned.count() == 3


def test_R15_3_who_gets_a_leavers_lead_is_told(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql(firm.rita)
    trunk.leave(firm.rita, by=firm.ada, to="person", person=firm.rob)
    assert Notice.objects.get(user=firm.rob, kind="given").subject_id == lead.pk
    assert not Notice.objects.unread().filter(user=firm.rita, subject_id=lead.pk).exists()
