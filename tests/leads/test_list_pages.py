"""The list of leads: filters in the URL, chips, columns, saved views, asking before typing in, merging on the page."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from accounts.models import ListChoice, SavedView
from core.errors import Forbidden, NotFound, RuleRefused, TrunkError
from leads import labels, services
from leads.lists import Asked
from leads.models import Label, Lead
from tests.cast import Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words
from tests.sizes import in_turn

LIST = "/leads/"


def shown(firm: Firm, login: str, **params: str) -> set[str]:
    """The leads that this person's list shows for this URL."""
    answer = browser(getattr(firm, login)).get(f"{LIST}?{urlencode(params)}")
    assert answer.status_code == 200
    return {str(lead.pk) for lead in answer.context["listing"]}


def test_every_filter_of_the_api_works_in_the_url_and_shows_as_a_chip(firm: Firm, watch: Watch) -> None:
    firm.set_rules(labels=True)
    lead = firm.an_sql()
    other = firm.capture(medium="salon")
    label = labels.make(by=firm.max, name="fair")
    labels.put(lead, by=firm.rita, labels=[label])
    services.ask_extension(lead, reason="holiday", by=firm.rita)
    due = fresh(lead).due_at.isoformat()
    for params in (
        {"owner": "rita"},
        {"team": "East"},
        {"source": "fair", "state": "sql"},
        {"medium": "form"},
        {"due_after": "2026-03-01"},
        {"due_before": "2026-03-20"},
        {"created_after": "2026-03-01", "state": "sql"},
        {"on_extension": "true"},
        {"label": "fair"},
        {"q": str(lead.contact.points.get().value)[-7:]},
    ):
        assert shown(firm, "max", **params) == {str(lead.pk)}, params
    assert due and shown(firm, "max", medium="salon") == {str(other.pk)}
    assert shown(firm, "max", state="pooled", segment="not_now") == set()
    said = words(browser(firm.max).get(f"{LIST}?owner=rita&team=East&on_extension=true"))
    assert "Owner: Rita" in said.replace(" :", ":") and "Team: East" in said and "On extension: yes" in said


@pytest.mark.parametrize(
    "query",
    [
        "state=nowhere", "owner=nobody", "due_before=yesterday", "created_after=9999-99-99", "segment=x", "on_extension=1",
        "ordering=name", "cursor=x", "columns=x,y", "view=x", "q=%00", "q=" + "a" * 5000, "owner=" + "a," * 300,
        "label=x", "team=%00", "campaign=%F0%9F%A7%91", "source=" + "a" * 5000, "state=new,", "view=&x=y",
        "segment=%00", "segment=not_now,", "segment=,", "segment=not_now,%20dormant", "medium=,", "owner=,",
    ],
)  # fmt: skip
def test_a_page_forgives_what_the_api_refuses(firm: Firm, watch: Watch, query: str) -> None:
    firm.capture()
    assert browser(firm.max).get(f"{LIST}?{query}").status_code == 200


def test_R15_2_filters_never_widen_what_one_sees(firm: Firm, watch: Watch) -> None:
    theirs = firm.an_sql(firm.wei)
    mine = firm.an_sql(firm.rita)
    assert shown(firm, "rita", state="all") == {str(mine.pk)}
    assert shown(firm, "rita", owner="wei") == set()
    assert str(theirs.pk) not in shown(firm, "mark", state="all")


def test_columns_are_kept_for_the_person(firm: Firm, watch: Watch) -> None:
    firm.an_sql()
    client = browser(firm.rita)
    url = "/views/leads/columns/"
    tap(client, url, {"column": ["state", "phone", "nonsense"]}, on="/leads/?state=all&columns=owner")
    answer = client.get(LIST)
    assert [name for name, _label in answer.context["columns"]] == ["state", "phone"]
    assert answer.context["listing"].rows[0].contact.points.all()
    assert [n for n, _l in client.get(f"{LIST}?columns=owner").context["columns"]] == ["owner"], (
        "a view's own"
    )
    assert next(n for n, _l in browser(firm.rob).get(LIST).context["columns"]) == "state"
    assert tap(client, "/views/orders/columns/", {}).status_code == 404
    tap(client, url, {})
    assert len(client.get(LIST).context["columns"]) == 6, "none chosen: the usual"


def test_a_view_is_saved_applied_renamed_shared_and_deleted(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    firm.capture()
    client = browser(firm.max)
    query = "state=sql&owner=rita&ordering=due_at&cursor=x&columns=state%2Cowner"
    tap(client, "/views/leads/save/", {"name": "Rita's weeks", "query": query})
    view = SavedView.objects.get()
    assert (view.user, view.shared) == (firm.max, False)
    assert "cursor" not in view.query
    answer = client.get(f"{LIST}?{view.query}&view={view.pk}")
    assert {str(x.pk) for x in answer.context["listing"]} == {str(lead.pk)}
    assert "Rita&#x27;s weeks" in answer.content.decode()
    assert "Rita&#x27;s weeks" not in browser(firm.rita).get(LIST).content.decode()
    tap(client, f"/views/{view.pk}/change/", {"name": "Weeks", "shared": "on", "first": "on"})
    assert fresh(view).name == "Weeks" and fresh(view).shared
    assert "Weeks" in browser(firm.rita).get(LIST).content.decode()
    opened = client.get(LIST)
    assert (opened.status_code, opened["Location"]) == (302, f"{LIST}?{view.query}&view={view.pk}")
    assert client.get(f"{LIST}?view=").status_code == 200
    assert tap(browser(firm.rita), f"/views/{view.pk}/delete/").status_code == 404
    tap(client, f"/views/{view.pk}/delete/")
    assert not SavedView.objects.exists() and ListChoice.objects.get().view is None
    assert client.get(LIST).status_code == 200


def test_a_view_s_rights_and_limits(firm: Firm, watch: Watch) -> None:
    from accounts import saved

    with pytest.raises(Forbidden):
        saved.save_view(by=firm.rita, page="leads", name="Mine", query="", shared=True)
    mine = saved.save_view(by=firm.rita, page="leads", name=" Mine ", query="q=x")
    again = saved.save_view(by=firm.rita, page="leads", name="Mine", query="q=y")
    assert again.pk == mine.pk and again.query == "q=y", "the same name is replaced"
    other = saved.save_view(by=firm.rita, page="leads", name="Other", query="")
    for refused, kind in (
        (lambda: saved.change_view(other, by=firm.rita, name="Mine", shared=False), RuleRefused),
        (lambda: saved.save_view(by=firm.rita, page="leads", name="", query=""), RuleRefused),
        (lambda: saved.save_view(by=firm.rita, page="leads", name="x" * 61, query=""), RuleRefused),
        (lambda: saved.save_view(by=firm.rita, page="leads", name="x", query="q" * 1001), RuleRefused),
        (lambda: saved.change_view(mine, by=firm.rob, name="His", shared=False), NotFound),
        (lambda: saved.choose(by=firm.rob, page="leads", view=mine), NotFound),
    ):
        with pytest.raises(kind):
            refused()
    assert SavedView.objects.count() == 2


WHOLE = "?columns=state,time,owner,labels,phone,campaign,team"


@pytest.mark.parametrize("query", in_turn(["", WHOLE, "?q=Li"], {WHOLE}))
def test_the_list_needs_as_many_queries_for_thirty_rows_as_for_one(
    firm: Firm, watch: Watch, query: str
) -> None:
    firm.set_rules(labels=True)
    label = labels.make(by=firm.max, name="fair")
    client = browser(firm.max)

    def more() -> None:
        labels.put(firm.an_sql(), by=firm.rita, labels=[label])

    more()
    one = queries_of(client, LIST + query)
    for _n in range(20):
        more()
    assert queries_of(client, LIST + query) == one <= MOST_QUERIES


def test_R0_2_labels_are_a_branch_and_at_most_twenty(firm: Firm, watch: Watch) -> None:
    lead = firm.an_sql()
    client = browser(firm.max)
    assert client.get("/leads/labels/").status_code == 404
    assert "Labels" not in words(client.get(LIST)) + words(browser(firm.rita).get(f"/leads/{lead.pk}"))
    with pytest.raises(NotFound):
        labels.make(by=firm.max, name="fair")
    firm.set_rules(labels=True)
    made = [labels.make(by=firm.max, name=f"label {n}") for n in range(20)]
    with pytest.raises(RuleRefused) as refused:
        labels.make(by=firm.max, name="one more")
    assert refused.value.code == "label_limit"
    with pytest.raises(Forbidden):
        labels.rename(made[0], by=firm.rita, name="mine")
    for name in ("", " ", "a,b", "LABEL 1", "x" * 41):
        with pytest.raises(RuleRefused):
            labels.rename(made[0], by=firm.max, name=name)
    labels.put(lead, by=firm.rita, labels=made[:2])
    labels.put(lead, by=firm.rita, labels=[made[2]], off=[made[0]])
    assert {label.name for label in lead.labels.all()} == {"label 1", "label 2"}
    with pytest.raises(TrunkError):
        labels.put(lead, by=firm.wei, labels=made)
    assert labels.delete(made[1], by=firm.mark) == 1
    assert Label.objects.count() == 19 and lead.labels.count() == 1
    said = words(browser(firm.rita).get(f"/leads/{lead.pk}"))
    assert "Labels: + label 2, − label 0" in said
    tap(browser(firm.rita), f"/leads/{lead.pk}/labels/", {"label": [str(made[5].pk)]})
    assert [label.name for label in lead.labels.all()] == ["label 5"]


@pytest.mark.parametrize(
    ("login", "says"),
    [("rita", "with Wei"), ("wei", "with Wei"), ("max", "with Wei"), ("tina", "with Wei")],
)
def test_R1_5_asking_says_whose_it_is_masked(firm: Firm, watch: Watch, login: str, says: str) -> None:
    lead = firm.an_sql(firm.wei)
    phone = lead.contact.points.get().value
    said = words(tap(browser(getattr(firm, login)), "/leads/check/", {"phone": phone[3:]}))
    assert says in said and f"{phone[3:6]}****{phone[-4:]}" in said
    assert phone[3:] not in said
    assert ("Li Lei" in said) == (login in ("wei", "max", "tina")), "a stranger's name is masked too"


def test_R1_5_what_is_still_being_typed_is_no_mistake(firm: Firm, watch: Watch) -> None:
    client = browser(firm.rita)
    for data in (
        {"phone": "138"},
        {"email": "li@"},
        {"company_name": "A"},
        {},
        {"phone": "<b>", "wechat": "<b>"},
    ):
        answer = tap(client, "/leads/check/", data)
        assert answer.status_code == 200 and not words(answer).strip()
    assert tap(client, "/leads/check/", {"phone": "\x00"}).status_code == 422, "what cannot be kept"
    assert "Nobody is known" in words(tap(client, "/leads/check/", {"phone": "13900000000", "asked": "on"}))
    assert tap(browser(firm.pia), "/leads/check/", {"phone": "13900000000"}).status_code == 403
    assert client.get("/leads/known/").status_code == 200


def test_R1_5_in_the_pool_it_says_whether_it_can_be_claimed(firm: Firm, watch: Watch) -> None:
    lead = firm.pooled("released", rep=firm.wei)
    phone = lead.contact.points.get().value
    assert "Claim" in words(tap(browser(firm.rita), "/leads/check/", {"phone": phone}))
    assert "you let it go" in words(tap(browser(firm.wei), "/leads/check/", {"phone": phone}))


def test_R1_5_a_company_is_suggested_without_legal_form_and_city(firm: Firm, watch: Watch) -> None:
    firm.an_opportunity(company="深圳市腾讯计算机系统有限公司")
    said = words(tap(browser(firm.rob), "/leads/check/", {"company_name": "腾讯计算机系统"}))
    assert "深圳市腾讯计算机系统有限公司" in said and "perhaps the same" in said
    exact = words(tap(browser(firm.rob), "/leads/check/", {"company_name": "深圳市腾讯计算机系统有限公司"}))
    assert "perhaps the same" not in exact


def test_R1_6_two_leads_side_by_side_and_merged_by_a_manager(firm: Firm, watch: Watch) -> None:
    one, two = firm.an_sql(firm.rita), firm.an_sql(firm.rob)
    client = browser(firm.mark)
    url = f"/leads/{one.pk}/same/"
    assert "Look for the other lead" in words(client.get(url))
    assert str(two.pk) in client.get(f"{url}?q=Li+Lei").content.decode()
    said = words(client.get(f"{url}?with={two.pk}"))
    assert "a manager decides" in said and "Rita's from then on" in said
    refused = tap(client, f"/leads/{one.pk}/merge/", {"other": str(two.pk)}, on=url)
    assert refused.status_code == 422 and Lead.objects.filter(state="merged").count() == 0
    tap(client, f"/leads/{one.pk}/merge/", {"other": str(two.pk), "keep": str(two.pk)}, on=url)
    assert fresh(one).state == "merged" and fresh(two).owner == firm.rob
    assert browser(firm.rita).get(f"{url}?with={two.pk}").status_code == 404
    for bad in ({}, {"other": "x"}, {"other": str(firm.product.pk)}):
        assert tap(client, f"/leads/{two.pk}/merge/", bad, on=url).status_code in (404, 422)
    assert client.get(f"/leads/{two.pk}/same/?with={two.pk}").status_code == 404


def test_a_saved_query_asks_what_the_list_asks(firm: Firm, watch: Watch) -> None:
    firm.an_sql()
    asked = Asked({"state": "sql", "owner": "me", "x": "y"}, firm.rita)
    assert asked.rows.count() == 1 and asked.query == {"state": "sql", "owner": "me"}
    assert Asked({"owner": "nobody"}, firm.rita).query == {}
