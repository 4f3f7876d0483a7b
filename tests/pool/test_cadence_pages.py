"""Pages of cadences: drawn, edited with a plain form, run dry; who may, and what hostile input meets (R10.1, R10.10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from leads.rules import Segment
from outreach.models import Message, Template
from pool.cadence.editing import StepIn, WayIn, save_cadence, start_cadence, stop_cadence
from pool.cadence_dry import OPEN, by_day
from pool.cadence_forms import beside, rearranged
from pool.models import Cadence, CadenceVersion, Entry
from tests.cast import Firm, Watch, fresh
from tests.pages import MOST_QUERIES, browser, queries_of, tap, words
from tests.pool.cadence_stage import cadence_of, contact_of, entry_of, leave, no_need, react, rested, sweep

LIST = "/campaigns/cadences/"
DAY = 24 * 60


def page_of(cadence: Cadence, part: str = "") -> str:
    return f"{LIST}{cadence.pk}/{part}"


def template(channel: str) -> Template:
    return Template.objects.filter(channel=channel, active=True).first()  # type: ignore[return-value]


def body(cadence: Cadence, **changed: Any) -> dict[str, Any]:
    """The form of a cadence as the browser would send it, unchanged but for what is named."""
    version = CadenceVersion.objects.filter(cadence=cadence).order_by("-number").first()
    assert version is not None
    steps = list(version.steps.prefetch_related("ways"))
    found: dict[str, Any] = {
        "version": cadence.version,
        "segment": cadence.segment,
        "name": cadence.name,
        "goal": cadence.goal,
        "end": "again" if version.repeat_from else "on" if version.then_segment else "end",
        "repeat_from": version.repeat_from or "",
        "then_segment": version.then_segment,
        "steps-TOTAL_FORMS": len(steps),
        "steps-INITIAL_FORMS": 0,
    }
    for n, step in enumerate(steps):
        found |= {
            f"steps-{n}-key": str(step.key),
            f"steps-{n}-wait": step.wait_minutes,
            f"steps-{n}-unit": 1,
            f"steps-{n}-condition": step.condition,
        }
        found |= {f"steps-{n}-way_{m}": str(w.template_id) for m, w in enumerate(step.ways.all(), start=1)}
    return found | changed


def steps_of(cadence: Cadence) -> list[Any]:
    version = CadenceVersion.objects.filter(cadence=cadence).order_by("-number").first()
    return list(version.steps.all()) if version else []


@pytest.fixture
def standing(firm: Firm, watch: Watch) -> list[Any]:
    """Three leads without a need, standing before the first step of their cadence."""
    leads = [rested(no_need(firm)) for _n in range(3)]
    sweep(watch.now)
    return leads


def test_R10_10_the_list_shows_each_with_its_line_and_its_figures(
    firm: Firm, watch: Watch, standing: list[Any]
) -> None:
    watch.go(days=30)
    sweep(watch.now)
    leave(watch.now)
    plain = words(browser(firm.max).get(LIST))
    assert "5 running" in plain and "3 leads stand in them" in plain
    for _code, label in Segment.choices:
        assert str(label) in plain.casefold()
    page = browser(firm.max).get(LIST).context["lines"]
    line = next(one for one in page if one["cadence"].segment == "not_now")
    assert (line["figures"].sent, line["figures"].running, line["judged_by"]) == (3, 3, "back")
    assert [stop.position for stop in line["line"].stops] == [1, 2, 3] and line["line"].repeat_from == 1


def test_R10_10_a_page_draws_who_stands_where_and_what_each_step_brought(
    firm: Firm, watch: Watch, standing: list[Any]
) -> None:
    watch.go(days=30)
    sweep(watch.now)
    sent = leave(watch.now)
    react(standing[0], "click", watch.now, sent[0])
    cadence = cadence_of("not_now")
    answer = browser(firm.mark).get(page_of(cadence))
    stops = answer.context["line"].stops
    assert [(s.standing, s.sent, s.reacted) for s in stops] == [(0, 3, 1), (3, 0, 0), (0, 0, 0)]
    plain = words(answer)
    assert "again from step 1" in plain and "30 days" in plain and "3 before it" in plain
    assert "Change the steps" not in plain, "a manager only reads"
    assert "Change the steps" in words(browser(firm.max).get(page_of(cadence)))


def test_R10_10_the_texts_are_tried_on_a_real_person(firm: Firm, watch: Watch, standing: list[Any]) -> None:
    contact_of(standing[1], name="Han Meimei", language="en")
    url = page_of(cadence_of("not_now"), f"?lead={standing[1].pk}")
    answer = browser(firm.max).get(url)
    assert answer.context["person"].pk == standing[1].pk
    assert "Han Meimei" in answer.context["readings"][0].ways[0].text.text
    other = browser(firm.max).get(page_of(cadence_of("not_now"), f"?lead={uuid4()}"))
    assert other.context["person"] is not None, "a stranger's id falls back to somebody who lies there"


def test_R10_10_the_figures_lead_to_the_leads_behind_them(
    firm: Firm, watch: Watch, standing: list[Any]
) -> None:
    watch.go(days=30)
    sweep(watch.now)
    sent = leave(watch.now)
    react(standing[0], "reply", watch.now, next(m for m in sent if m.contact_id == standing[0].contact_id))
    watch.go(minutes=1)
    sweep(watch.now)
    cadence = cadence_of("not_now")
    client = browser(firm.max)
    shown = {
        show: {row["lead"].pk for row in client.get(page_of(cadence, f"leads/?show={show}")).context["rows"]}
        for show in ("in", "reacted", "back", "ordered", "held")
    }
    assert fresh(standing[0]).state == "new", "a reply leads back to the desk (R10.6)"
    assert shown["back"] == shown["reacted"] == {standing[0].pk}
    assert shown["in"] == {lead.pk for lead in standing[1:]} and not shown["ordered"]
    figures = client.get(page_of(cadence)).context["figures"]
    assert (figures.back, figures.reacted, figures.running) == (1, 1, 2)
    second = steps_of(cadence)[1]
    rows = client.get(page_of(cadence, f"leads/?step={second.key}")).context["rows"]
    assert len(rows) == 2 and words(client.get(page_of(cadence, "leads/?q=nobody"))).count("Nobody") == 1


def test_R10_10_the_figures_lead_to_the_messages_behind_them(
    firm: Firm, watch: Watch, standing: list[Any]
) -> None:
    watch.go(days=30)
    sweep(watch.now)
    sent = leave(watch.now)
    Message.objects.filter(pk=sent[1].pk).update(delivered_at=watch.now)
    react(standing[0], "click", watch.now, sent[0])
    cadence = cadence_of("not_now")
    first, second = steps_of(cadence)[:2]
    client = browser(firm.mark)
    for query, found in (
        ("", {m.pk for m in sent}),
        ("?show=delivered", {sent[1].pk}),
        ("?show=reacted", {sent[0].pk}),
        (f"?step={first.key}", {m.pk for m in sent}),
        (f"?step={second.key}", set()),
        ("?show=moon&step=x&days=30", {m.pk for m in sent}),
    ):
        rows = client.get(page_of(cadence, f"messages/{query}")).context["rows"]
        assert {row["message"].pk for row in rows} == found, query
    assert "Nothing of this cadence has left" in words(
        client.get(page_of(cadence_of("dormant"), "messages/"))
    )


def test_R11_2_the_preview_says_who_would_not_get_it_and_why(
    firm: Firm, watch: Watch, standing: list[Any]
) -> None:
    contact_of(standing[0], do_not_sms=True)
    url = page_of(cadence_of("not_now"), f"?lead={standing[0].pk}")
    answer = browser(firm.max).get(url)
    held = [[str(one.held) for one in step.ways] for step in answer.context["readings"]]
    assert held == [["wants no SMS", ""], [""], ["", "wants no SMS"]]
    assert "would not get it now: wants no SMS" in words(answer)


def test_R10_10_a_step_is_sent_to_oneself_as_a_test_and_nobody_is_touched(
    firm: Firm, watch: Watch, standing: list[Any]
) -> None:
    cadence = cadence_of("not_now")
    way = steps_of(cadence)[1].ways.first()
    data = {"template": str(way.template_id), "lead": str(standing[0].pk), "to": "max@example.com"}
    url = page_of(cadence, "test/")
    answer = browser(firm.max).post(url, data, headers={"Referer": f"http://testserver{page_of(cadence)}"})
    assert answer.status_code == 302 and answer["Location"] == page_of(cadence)
    message = Message.objects.get(kind="test")
    assert (message.to, message.contact, message.asked_for) == ("max@example.com", None, True)
    assert standing[0].contact.name in message.text
    refused = tap(browser(firm.max), url, data | {"to": "nowhere"})
    assert refused.status_code == 422 and 'data-field="to"' in refused.content.decode()
    for wrong in ({"template": str(uuid4())}, {"template": "x"}, {}):
        assert browser(firm.max).post(url, wrong).status_code == 404
    assert browser(firm.mark).post(url, data).status_code == 403
    assert browser(firm.rita).post(url, data).status_code == 404
    assert Message.objects.filter(kind="test").count() == 1


def test_R10_10_saving_the_form_makes_a_version_and_everybody_keeps_the_place(
    firm: Firm, watch: Watch, standing: list[Any]
) -> None:
    cadence = cadence_of("not_now")
    due = {entry.pk: (entry.step_key, entry.due_at) for entry in Entry.objects.filter(cadence=cadence)}
    more = {
        "steps-TOTAL_FORMS": 4,
        "steps-3-key": str(uuid4()),
        "steps-3-wait": "2",
        "steps-3-unit": DAY,
        "steps-3-condition": "not_opened",
        "steps-3-way_1": str(template("email").pk),
        "steps-0-wait": "45",
        "steps-0-unit": DAY,
    }
    answer = browser(firm.max).post(page_of(cadence, "edit/"), body(cadence, **more))
    assert answer.status_code == 302 and answer["Location"] == page_of(cadence)
    steps = steps_of(cadence)
    assert [step.wait_minutes // DAY for step in steps] == [45, 7, 7, 2]
    assert steps[3].condition == "not_opened"
    assert {
        entry.pk: (entry.step_key, entry.due_at) for entry in Entry.objects.filter(cadence=cadence)
    } == due
    history = browser(firm.max).get(page_of(cadence)).context["history"]
    assert [one["version"].number for one in history] == [2, 1]
    assert any("45 days" in text for text in history[0]["said"]) and len(history[0]["said"]) == 2


def test_R10_8_what_a_change_does_to_whom_is_said_before_it_is_saved(
    firm: Firm, watch: Watch, standing: list[Any]
) -> None:
    cadence = cadence_of("not_now")
    client = browser(firm.max)
    url = page_of(cadence, "edit/")
    same = client.post(url, body(cadence, do="check"))
    assert "3 keep their place" in words(same) and "The steps stay as they are." in words(same)
    # The first step goes: who stood before it goes on before what comes first then.
    data = body(cadence)
    gone = {
        name.replace("steps-1-", "steps-0-"): value
        for name, value in data.items()
        if name.startswith("steps-1-")
    }
    gone |= {
        name.replace("steps-2-", "steps-1-"): value
        for name, value in data.items()
        if name.startswith("steps-2-")
    }
    kept = {name: value for name, value in data.items() if name[:7] not in ("steps-0", "steps-1", "steps-2")}
    plain = words(tap(client, url, kept | gone | {"steps-TOTAL_FORMS": 2, "do": "check"}))
    assert "Step 1 is gone" in plain and "3 go on before step 1" in plain
    assert len(steps_of(cadence)) == 3, "nothing was saved"


@pytest.mark.parametrize(
    ("do", "order", "again"),
    [
        ("up:1", [1, 0, 2], "2"),
        ("down:0", [1, 0, 2], "2"),
        ("drop:0", [1, 2], ""),
        ("drop:2", [0, 1], "1"),
        ("add:0", [0, None, 1, 2], "1"),
        ("up:0", [0, 1, 2], "1"),
        ("down:2", [0, 1, 2], "1"),
        ("up:99", [0, 1, 2], "1"),
        ("drop:x", [0, 1, 2], "1"),
        ("up:²", [0, 1, 2], "1"),
    ],
)
def test_steps_are_moved_about_and_where_it_starts_again_goes_along(
    firm: Firm, watch: Watch, do: str, order: list[int | None], again: str
) -> None:
    from django.http import QueryDict
    from django.utils.http import urlencode

    cadence = cadence_of("not_now")
    data = body(cadence)
    data["steps-1-wait"] = "seven"
    keys = [data[f"steps-{n}-key"] for n in range(3)]
    rows, facts, _look_at = rearranged(QueryDict(urlencode(data)), do)
    assert [keys.index(row["key"]) if row["key"] in keys else None for row in rows] == order
    assert facts["repeat_from"] == again
    assert [row["wait"] for row in rows if row["key"] == keys[1]] == ["seven"], "what was typed stays"
    plain = browser(firm.max).post(page_of(cadence, "edit/"), data | {"do": do})
    assert plain.status_code == 200 and len(plain.context["steps"].forms) == len(order)
    part = tap(browser(firm.max), page_of(cadence, "edit/"), data | {"do": do})
    assert part["HX-Trigger-After-Settle"] == "cadence:moved" and b"<html" not in part.content
    assert [str(step.key) for step in steps_of(cadence)] == keys


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"steps-0-wait": ""}, "steps-0-wait"),
    ({"steps-0-wait": "-1"}, "steps-0-wait"),
    ({"steps-0-wait": "9" * 30}, "steps-0-wait"),
    ({"steps-0-wait": "2147483647", "steps-0-unit": DAY}, "steps-0-wait"),
    ({"steps-0-wait": "1200", "steps-0-unit": DAY}, "steps-0-wait"),
    ({"steps-1-unit": "17"}, "steps-1-unit"),
    ({"steps-1-condition": "moon"}, "steps-1-condition"),
    ({"steps-2-way_1": ""}, "steps-2-way_1"),
    ({"steps-2-way_1": "not-an-id"}, "steps-2-way_1"),
    ({"steps-2-way_2": str(uuid4())}, "steps-2-way_2"),
    ({"steps-2-key": "x"}, "steps-2-key"),
    ({"goal": "world peace"}, "goal"),
    ({"segment": "moon"}, "segment"),
    ({"segment": "dormant"}, "segment"),
    ({"name": "x" * 81}, "name"),
    ({"end": "again", "repeat_from": ""}, "repeat_from"),
    ({"end": "again", "repeat_from": "9"}, "repeat_from"),
    ({"end": "on", "then_segment": ""}, "then_segment"),
    ({"end": "on", "then_segment": "not_now"}, "then_segment"),
    ({"end": "maybe"}, "end"),
    ({"steps-TOTAL_FORMS": "0", "end": "end"}, "steps"),
    ({"steps-TOTAL_FORMS": "x"}, "steps-TOTAL_FORMS"),
]


@pytest.mark.parametrize(
    ("wrong", "field"), WRONG, ids=[f"{n}-{field}" for n, (_w, field) in enumerate(WRONG)]
)
def test_R10_10_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(
    firm: Firm, watch: Watch, wrong: dict[str, Any], field: str
) -> None:
    no_need(firm)
    sweep(watch.now)
    cadence = cadence_of("not_now")
    client, url = browser(firm.max), page_of(cadence, "edit/")
    by_htmx = tap(client, url, body(cadence, **wrong))
    assert by_htmx.status_code == 422 and f'data-field="{field}"' in by_htmx.content.decode()
    plain = client.post(url, body(cadence, **wrong))
    assert plain.status_code == 422
    if field not in ("steps", "steps-TOTAL_FORMS", "steps-2-key"):
        form, steps = plain.context["facts"], plain.context["steps"]
        beside_it = {one.add_prefix(name) for one in (form, *steps.forms) for name in one.errors}
        assert field in beside_it
    assert client.post(url, body(cadence, do="check", **wrong)).status_code == 200
    assert CadenceVersion.objects.filter(cadence=cadence).count() == 1
    assert fresh(cadence).goal == "acquire"


def test_no_form_however_hostile_makes_a_500(firm: Firm, watch: Watch) -> None:
    cadence = cadence_of("not_now")
    client, url = browser(firm.max), page_of(cadence, "edit/")
    for data in (
        {},
        {"do": "add:0"},
        {"do": "drop:0"},
        {"do": "check"},
        {"steps-TOTAL_FORMS": "1000000", "steps-INITIAL_FORMS": "0"},
        {"steps-TOTAL_FORMS": "-3", "steps-INITIAL_FORMS": "-3"},
        {"steps-TOTAL_FORMS": "1000000", "steps-INITIAL_FORMS": "0", "do": "up:3"},
        {**body(cadence), "name": "\x00"},
        {**body(cadence), "version": "x" * 500},
        {**body(cadence), "repeat_from": "٣", "do": "drop:1"},
        {**body(cadence), "repeat_from": "²", "do": "drop:1"},
        {f"steps-{n}-wait": "1" for n in range(300)} | {"do": "add:299"},
    ):
        assert client.post(url, data).status_code in (200, 412, 422), data
        assert tap(client, url, data).status_code in (200, 412, 422), data
    for query in ("?lead=x", "?days=-4", "?lead=%00", "leads/?show=moon", "leads/?step=x&q=%00&days=7e9"):
        assert client.get(page_of(cadence, query)).status_code == 200, query
    for query in ("?show=moon", "?ordering=moon&cursor=x"):
        assert client.get(LIST + query).status_code == 200, query


def test_who_opened_the_form_before_somebody_else_saved_is_told(firm: Firm, watch: Watch) -> None:
    cadence = cadence_of("not_now")
    opened = body(cadence)
    browser(firm.ada).post(
        page_of(cadence, "edit/"), body(cadence, name="Later", **{"steps-0-wait": 99 * DAY})
    )
    answer = tap(browser(firm.max), page_of(cadence, "edit/"), opened | {"steps-0-wait": 5 * DAY})
    assert answer.status_code == 412
    assert steps_of(cadence)[0].wait_minutes == 99 * DAY


def test_R10_10_a_new_cadence_is_drawn_up_and_runs_when_it_is_started(firm: Firm, watch: Watch) -> None:
    client = browser(firm.max)
    assert client.get(f"{LIST}new/").status_code == 200
    data = {
        "segment": "not_now",
        "name": "Softer",
        "goal": "spread",
        "end": "on",
        "then_segment": "long_inactive",
        "steps-TOTAL_FORMS": 1,
        "steps-INITIAL_FORMS": 0,
        "steps-0-wait": 3,
        "steps-0-unit": DAY,
        "steps-0-condition": "always",
        "steps-0-way_1": str(template("sms").pk),
    }
    looked = words(tap(client, f"{LIST}new/", data | {"do": "check"}))
    assert "Nothing goes out before you start it." in looked
    made = client.post(f"{LIST}new/", data)
    cadence = Cadence.objects.get(name="Softer")
    assert made["Location"] == page_of(cadence) and not cadence.active
    refused = client.post(page_of(cadence, "start/"))
    assert refused.status_code == 422, "another one serves the segment"
    stop = client.post(page_of(cadence_of("not_now"), "stop/"))
    assert stop.status_code == 302 and client.post(page_of(cadence, "start/")).status_code == 302
    assert fresh(cadence).active and cadence_of("not_now") == cadence
    plain = words(client.get(LIST))
    assert "1 stopped" in plain and "Softer" in plain
    assert "Softer" not in words(client.get(f"{LIST}?show=stopped"))


def test_R10_10_a_dry_run_says_who_gets_what_when_and_who_is_held_back_and_why(
    firm: Firm, watch: Watch, standing: list[Any]
) -> None:
    contact_of(standing[0], do_not_sms=True, do_not_email=True)
    cadence = cadence_of("not_now")
    before = fresh(entry_of(standing[1])).due_at
    answer = browser(firm.mark).get(page_of(cadence, "dry-run/"))
    plain = words(answer)
    rows = [row for _day, group, _open in answer.context["groups"] for row in group]
    assert {row["lead"].pk for row in rows} == {lead.pk for lead in standing[1:]}
    assert all("****" in row["to"] for row in rows) and "138****" in plain
    held = {one["code"]: [row.lead.pk for row in one["rows"]] for one in answer.context["held"]}
    assert held["do_not_sms"] == [standing[0].pk] and "wants no SMS" in plain
    bars = answer.context["days"]
    assert len(bars) == 31 and sum(bar["count"] for bar in bars) == answer.context["total"] == len(rows)
    assert max(bar["share"] for bar in bars) > 0
    assert entry_of(standing[1]).due_at == before, "nothing moved"


def test_R10_10_a_dry_run_opens_the_nearest_days_as_far_as_they_fill_a_screen() -> None:
    days = [date(2026, 3, n) for n in (1, 1, 2, 3)]
    many = [{"day": day} for day in days for _n in range(OPEN // 2)]
    assert [(day.day, len(rows), shown) for day, rows, shown in by_day(many)] == [
        (1, OPEN, True),
        (2, OPEN // 2, False),
        (3, OPEN // 2, False),
    ]
    assert [shown for _day, _rows, shown in by_day(many[OPEN // 2 :])] == [True, True, False]


def test_R10_10_of_a_cadence_without_people_the_dry_run_says_so(firm: Firm, watch: Watch) -> None:
    plain = words(browser(firm.max).get(page_of(cadence_of("dormant"), "dry-run/")))
    assert "Nobody stands in this cadence." in plain and "Nobody is held back." in plain


def test_pages_take_the_same_queries_for_one_and_for_thirty(firm: Firm, watch: Watch) -> None:
    cadence = cadence_of("not_now")
    client = browser(firm.max)
    parts = ("", "leads/", "messages/", "dry-run/")
    urls = [LIST, *(page_of(cadence, part) for part in parts)]
    sms = template("sms")
    counts = []
    for many in (1, 29):
        for n in range(many):
            no_need(firm)
            made = save_cadence(
                None,
                by=firm.max,
                name=f"{many}-{n}",
                goal="spread",
                segment="dormant",
                steps=[StepIn(DAY, [WayIn("sms", sms)])],
            )
            assert not made.active
            save_cadence(
                cadence,
                by=firm.max,
                name=cadence.name,
                goal=cadence.goal,
                segment=cadence.segment,
                steps=[StepIn((n + many) * DAY, [WayIn("sms", sms)]) for _m in range(min(n + 1, 20))],
                repeat_from=1,
            )
        sweep(watch.now)
        counts.append([queries_of(client, url + ("?show=all" if url == LIST else "")) for url in urls])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= MOST_QUERIES + 8, counts


def test_R10_10_what_is_said_of_the_nth_step_stands_beside_the_nth_step() -> None:
    from core.errors import FieldError

    named = {
        "steps.2.wait_minutes": "steps-1-wait",
        "steps.1.ways": "steps-0-way_1",
        "steps.3.ways.2.template": "steps-2-way_2",
        "steps.1.condition": "steps-0-condition",
        "repeat_from": "repeat_from",
        "steps": "steps",
    }
    assert {field: beside(FieldError(field, "x", "y")).field for field in named} == named


def test_R10_10_who_stopped_it_finds_everybody_at_the_same_place(
    firm: Firm, watch: Watch, standing: list[Any]
) -> None:
    cadence = stop_cadence(cadence_of("not_now"), by=firm.max)
    assert "stopped: nothing goes out" in words(browser(firm.max).get(page_of(cadence)))
    start_cadence(cadence, by=firm.max)
    watch.go(days=1)
    answer = browser(firm.max).get(page_of(cadence))
    assert answer.context["line"].stops[0].standing == 3
    assert timedelta(days=29) == entry_of(standing[0]).due_at - watch.now
