"""R2.4: scripts are versioned, edited in the browser, and each version shows what it has brought."""

from __future__ import annotations

from typing import Any

import pytest

from calling import selectors
from calling.models import Call, Script, ScriptVersion
from calling.services import active_version, save_script
from core.errors import Forbidden, RuleRefused
from leads import services as trunk
from orders import services as ordering
from tests.cast import Firm, Watch, fresh
from tests.content import Log, faults, nothing_changes, refused
from tests.pages import browser, queries_of, tap, words

EDITORS = {"max", "mark", "olga", "ada"}


def three(**first: Any) -> list[dict[str, Any]]:
    steps = [{"title": f"Step {n}", "text": f"Say {n}", "questions": []} for n in (1, 2, 3)]
    steps[0] |= first
    return steps


def posted(name: str, *texts: str, **more: str) -> dict[str, str]:
    said = {f"steps.{n}.text": text for n, text in enumerate(texts, start=1)}
    return {"name": name, **said, "active": "on", **more}


def test_R2_4_a_change_is_a_new_version_and_what_was_said_stays(firm: Firm, watch: Watch, log: Log) -> None:
    one = save_script(None, by=firm.max, name="Standard", steps=three())
    call, _lead = firm.call(
        firm.capture(), "no_need", script_version=one, step=2, answers={"a": " 12 ", "b": " "}
    )
    two = save_script(one.script, by=firm.ada, name="Standard", steps=three(text="Say it better"))
    assert (one.number, two.number, active_version()) == (1, 2, two)
    assert save_script(one.script, by=firm.max, name="Renamed", steps=two.steps) == two, (
        "nothing new, no version"
    )
    kept = Call.objects.get(pk=call.pk)
    assert (kept.script_version, kept.step, kept.answers) == (one, 2, {"a": "12"})
    assert fresh(one).steps[0]["text"] == "Say 1"
    written = [event.data for event in log.new() if event.verb == "script_version"]
    assert written == [{"number": 1}, {"number": 2}]


def test_R2_4_who_writes_the_scripts(firm: Firm, watch: Watch) -> None:
    clients = {login: browser(person) for login, person in firm.people.items()}
    with nothing_changes():
        for login, person in firm.people.items():
            if login in EDITORS:
                continue
            with pytest.raises(Forbidden):
                save_script(None, by=person, name="Mine", steps=three())
            for url in ("/calling/scripts/", "/calling/scripts/new/"):
                assert clients[login].get(url).status_code == 403
            for url in ("/calling/scripts/save/", "/calling/scripts/preview/"):
                assert tap(clients[login], url, posted("Mine", "a", "b", "c")).status_code == 403
    for login in EDITORS:
        assert clients[login].get("/calling/scripts/").status_code == 200


WRONG: list[tuple[Any, list[tuple[str, str]]]] = [
    ([], [("steps", "invalid")]),
    (three()[:2], [("steps", "invalid")]),
    (three(text=" "), [("steps.1.text", "required")]),
    (three(questions=[{"key": "a", "text": ""}]), [("steps.1.questions.0.text", "required")]),
    (three(questions=[{"key": "", "text": "How?"}]), [("steps.1.questions.0.key", "required")]),
    (
        three(questions=[{"key": "a", "text": "How?"}, {"key": "a", "text": "When?"}]),
        [("steps.1.questions.1.key", "taken")],
    ),
]


@pytest.mark.parametrize(("steps", "errors"), WRONG)
def test_R2_4_what_is_wrong_with_a_script(
    firm: Firm, watch: Watch, steps: Any, errors: list[tuple[str, str]]
) -> None:
    with refused(RuleRefused) as caught:
        save_script(None, by=firm.max, name="Standard", steps=steps)
    assert faults(caught) == errors


def test_R2_4_a_name_is_given_once(firm: Firm, watch: Watch) -> None:
    save_script(None, by=firm.max, name="Standard", steps=three())
    for name, code in ((" ", "required"), ("standard", "taken")):
        with refused(RuleRefused) as caught:
            save_script(None, by=firm.max, name=name, steps=three())
        assert faults(caught) == [("name", code)]


def test_R2_4_the_desk_reads_from_one_script(firm: Firm, watch: Watch) -> None:
    assert active_version() is None
    first = save_script(None, by=firm.max, name="A", steps=three(), is_default=True)
    second = save_script(None, by=firm.max, name="B", steps=three(), is_default=True)
    assert active_version() == second
    assert not fresh(first.script).is_default
    save_script(second.script, by=firm.max, name="B", steps=second.steps, active=False)
    assert active_version() == first


def test_R2_4_each_version_shows_calls_mqls_accepted_orders(firm: Firm, watch: Watch) -> None:
    one = save_script(None, by=firm.max, name="Standard", steps=three())
    two = save_script(one.script, by=firm.max, name="Standard", steps=three(text="Better"))

    def mql(version: ScriptVersion) -> Any:
        return firm.call(firm.capture(), "interested", rep=firm.rita, script_version=version)[1]

    firm.call(firm.capture(), "no_need", script_version=one)
    trunk.return_mql(mql(one), reason="no_need", by=firm.rita)
    accepted = trunk.accept(mql(one), by=firm.rita)
    signed = trunk.accept(mql(two), by=firm.rita)
    order = firm.an_order(opportunity=firm.an_opportunity(lead=signed))
    ordering.sign(order, by=firm.rita)
    # Qualified again with the other version: what follows counts for that one only.
    trunk.release(accepted, reason="no_time", by=firm.rita)
    watch.go(days=1)
    again = firm.call(accepted, "interested", rep=firm.rob, script_version=two)[1]
    trunk.accept(again, by=firm.rob)
    # On an MQL an interested answer makes no second one.
    firm.call(mql(two), "interested", by=firm.rita, script_version=two)
    assert selectors.funnel([one.pk, two.pk]) == {
        one.pk: {"calls": 3, "mqls": 2, "accepted": 1, "orders": 0},
        two.pk: {"calls": 4, "mqls": 3, "accepted": 2, "orders": 1},
    }


def test_R2_4_written_in_the_browser(firm: Firm, watch: Watch) -> None:
    client = browser(firm.max)
    sent = posted("Standard", "Hello {name}", "Thirty seconds", "Hand over", is_default="on")
    asked = {"steps.2.questions.0.text": "How many seats?", "steps.2.questions.3.text": "When?"}
    answer = tap(
        client, "/calling/scripts/save/", {**sent, **asked, "steps.2.questions.3.key": "when it starts"}
    )
    script = Script.objects.get()
    assert answer["HX-Push-Url"] == f"/calling/scripts/{script.pk}/"
    version = script.versions.get()
    assert [q["key"] for q in version.steps[1]["questions"]] == ["q2_1", "when_it_starts"]
    assert "Hello Ms Li" in words(answer), "the preview"
    tap(client, f"/calling/scripts/{script.pk}/save/", {**sent, "steps.1.text": "Good day"})
    assert script.versions.count() == 2
    page = words(client.get(f"/calling/scripts/{script.pk}/"))
    assert "Good day" in page and "Hello {name}" in page
    assert "Standard" in words(client.get("/calling/scripts/"))


def test_R2_4_what_is_wrong_is_said_at_its_field(firm: Firm, watch: Watch) -> None:
    client = browser(firm.max)
    with nothing_changes():
        answer = tap(client, "/calling/scripts/save/", posted("", "a", "", "c"))
    assert answer.status_code == 422
    assert 'data-field="steps.2.text"' in answer.content.decode()
    assert 'data-field="name"' in answer.content.decode()
    odd = {"name": "x" * 500, "steps.1.text": "\x00", "steps.1.questions.0.key": "\x00" * 80}
    assert tap(client, "/calling/scripts/save/", odd).status_code == 422
    assert client.get("/calling/scripts/01a2008b-0ba3-71ca-b9c5-577d342b4f9e/").status_code == 404


def test_R2_4_the_preview_keeps_nothing(firm: Firm, watch: Watch) -> None:
    client = browser(firm.max)
    with nothing_changes():
        answer = tap(client, "/calling/scripts/preview/", posted("", "Hello <b>{name}</b>, {me}", "", ""))
    assert "Hello &lt;b&gt;Ms Li&lt;/b&gt;, Max" in answer.content.decode()


def test_Q_the_scripts_ask_a_fixed_number_of_questions(firm: Firm, watch: Watch) -> None:
    client = browser(firm.max)
    one = save_script(None, by=firm.max, name="A", steps=three())
    lists, page = (
        queries_of(client, "/calling/scripts/"),
        queries_of(client, f"/calling/scripts/{one.script_id}/"),
    )
    for n in range(6):
        save_script(one.script, by=firm.ada, name="A", steps=three(text=f"Better {n}"))
        save_script(None, by=firm.max, name=f"B{n}", steps=three())
    assert queries_of(client, "/calling/scripts/") <= lists
    assert queries_of(client, f"/calling/scripts/{one.script_id}/") <= page
