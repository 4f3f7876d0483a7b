"""The group of a team: what it is told, once, and what it is not (R3.2, R11.1, R11.4, R15.2)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Notice, Team
from accounts.services import notify
from core import clock, events
from core.errors import Forbidden, NotFound, RuleRefused
from core.models import Event
from outreach.channels.wecom.robot import WecomRobot
from outreach.groups import tell_due
from outreach.models import Channel, GroupPost
from outreach.services import channels as verbs
from outreach.services.groups import save_group
from tests.cast import CAST, Firm, Watch
from tests.outreach.stubs import DROP, Stub
from tests.pages import browser, tap, words

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def a_group(firm: Firm, name: str = "East's group", team: Team | None = None, **values: str) -> Channel:
    """A group in use that is written into files, or posted to a stub when it has an `endpoint`."""
    driver = "wecom" if values else "file"
    row = verbs.save_channel(None, by=firm.ada, kind="wechat", driver=driver, name=name, values=values)
    row = save_group(row, team=team, told=["call_now", "queue_waiting", "objected"], by=firm.ada)
    return verbs.use_channel(row, by=firm.ada)


def a_robot(firm: Firm, stub: Stub, team: Team | None = None) -> Channel:
    return a_group(firm, team=team, key="k", endpoint=stub.url, language="en")


def waits(firm: Firm, watch: Watch, *logins: str, kind: str = "call_now") -> Any:
    """A lead of which these are told, and nobody looks for a while."""
    lead = firm.capture()
    notify([firm.people[login] for login in logins], kind, lead, at=clock.now())
    watch.go(minutes=2)
    return lead


def written(outbox: Path) -> list[str]:
    files = sorted((outbox / "wechat").glob("*.json"))
    return [json.loads(path.read_text())["text"] for path in files]


def test_R3_2_a_group_hears_what_nobody_has_looked_at(firm: Firm, watch: Watch, stub: Stub) -> None:
    stub.say((200, {"errcode": 0}))
    a_robot(firm, stub, firm.east)
    lead = firm.capture(name="Secret Customer", phone="13877776666", company_name="Secret Ltd")
    notify([firm.rita, firm.rob], "call_now", lead, at=clock.now())
    assert tell_due(watch.now) == 0, "who looks at once needs no group"
    assert tell_due(watch.go(minutes=2)) == 1
    text = stub.json()["text"]["content"]
    assert text == "A customer expects your call now: Rita, Rob"
    assert "Secret" not in text, "no customer is named where many read it"
    assert tell_due(watch.go(minutes=2)) == 0 and len(stub.asked) == 1, "once"


def test_R15_2_the_link_is_that_of_the_record(firm: Firm, watch: Watch, stub: Stub) -> None:
    stub.say((200, {"errcode": 0}))
    a_robot(firm, stub)
    lead = firm.an_mql(firm.rita)
    notify([firm.rita], "call_now", lead, at=clock.now())
    tell_due(watch.go(minutes=2))
    what, where = stub.json()["text"]["content"].splitlines()
    assert what.endswith(": Rita") and where.endswith(f"/leads/{lead.pk}")
    assert lead.contact.name not in what, "no customer is named where many read it"


def test_R3_2_what_was_read_is_not_told(firm: Firm, watch: Watch, outbox: Path) -> None:
    a_group(firm)
    waits(firm, watch, "rita")
    Notice.objects.filter(kind="call_now").update(read_at=watch.now)
    assert tell_due(watch.now) == 0 and not written(outbox)


def test_R11_1_only_the_chosen_kinds_and_only_since_it_is_used(
    firm: Firm, watch: Watch, outbox: Path
) -> None:
    waits(firm, watch, "rita")
    group = a_group(firm)
    waits(firm, watch, "rita", kind="given")
    assert tell_due(watch.now) == 0
    waits(firm, watch, "rita")
    assert tell_due(watch.now) == 1 and GroupPost.objects.count() == 1
    verbs.rest_channel(group, by=firm.ada)
    waits(firm, watch, "rita")
    assert tell_due(watch.now) == 0, "it rests"


def test_R0_1_a_branch_that_is_off_is_not_told(firm: Firm, watch: Watch, outbox: Path) -> None:
    firm.set_rules(contesting=True)
    group = a_group(firm)
    save_group(group, team=None, told=["contested"], by=firm.ada)
    watch.go(seconds=1)
    waits(firm, watch, "mark", kind="contested")
    firm.set_rules(contesting=False)
    assert tell_due(watch.now) == 0
    save_group(group, team=None, told=[], by=firm.ada)
    group.refresh_from_db()
    assert group.told == ["contested"], "what is hidden now stays as it was chosen"
    firm.set_rules(contesting=True)


def test_R15_2_a_person_is_told_of_in_the_nearest_group_only(firm: Firm, watch: Watch, outbox: Path) -> None:
    north = Team.objects.create(name="North", parent=firm.east)
    type(firm.rob).objects.filter(pk=firm.rob.pk).update(team=north)
    east, everybody = a_group(firm, "East", firm.east), a_group(firm, "All")
    waits(firm, watch, "rita", "rob", "wei", "max")
    assert tell_due(watch.now) == 2
    told = {
        post.notice.user.login: post.channel_id for post in GroupPost.objects.select_related("notice__user")
    }
    assert told == {"rita": east.pk, "rob": east.pk, "wei": everybody.pk, "max": everybody.pk}


def test_R11_3_nobody_is_told_at_night_and_what_waited_is_told_in_the_morning(
    firm: Firm, watch: Watch, outbox: Path
) -> None:
    a_group(firm)
    watch.go(hours=13)  # ten in the evening
    waits(firm, watch, "rita")
    assert tell_due(watch.now) == 0
    assert tell_due(watch.go(hours=11)) == 1


def test_R3_2_many_are_one_post_that_says_how_many_more(firm: Firm, watch: Watch, outbox: Path) -> None:
    a_group(firm)
    for _n in range(11):
        notify([firm.rita], "call_now", firm.capture(), at=clock.now())
    assert tell_due(watch.go(minutes=2)) == 1
    (text,) = written(outbox)
    assert text.count("Rita") == 8 and "3" in text.splitlines()[-1]
    assert GroupPost.objects.filter(state="sent").count() == 11
    assert tell_due(watch.go(minutes=1)) == 0


@pytest.mark.parametrize(
    ("said", "state", "again"),
    [
        ((200, {"errcode": 45009, "errmsg": "too often"}), None, True),
        ((200, {"errcode": 93000, "errmsg": "no such robot"}), None, True),
        ((200, {"errcode": 40058, "errmsg": "text"}), "failed", False),
        (DROP, "unknown", False),
    ],
)
def test_R11_4_what_may_have_left_is_never_told_again(
    firm: Firm, watch: Watch, stub: Stub, said: Any, state: str | None, again: bool
) -> None:
    stub.say(said)
    group = a_robot(firm, stub)
    waits(firm, watch, "rita")
    assert tell_due(watch.now) == 0
    assert [post.state for post in GroupPost.objects.all()] == ([state] if state else [])
    stub.say((200, {"errcode": 0}))
    assert tell_due(watch.go(minutes=1)) == int(again)
    group.refresh_from_db()
    assert (group.failures == 0) is (again or state is None)


def test_R11_4_a_worker_that_dies_in_between_tells_nothing_twice(
    firm: Firm, watch: Watch, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_group(firm)
    waits(firm, watch, "rita")
    with monkeypatch.context() as broken:
        broken.setattr("outreach.groups._post", lambda *a: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            tell_due(watch.now)
    assert tell_due(watch.go(minutes=1)) == 0 and not written(outbox)


def test_R11_1_a_robot_that_is_down_is_left_alone(firm: Firm, watch: Watch, stub: Stub) -> None:
    stub.say((200, {"errcode": 93000, "errmsg": "no such robot"}))
    a_robot(firm, stub)
    waits(firm, watch, "rita")
    for _n in range(9):
        tell_due(watch.now)
    assert len(stub.asked) == 5, "the breaker is open"
    stub.say((200, {"errcode": 0}))
    assert tell_due(watch.go(minutes=11)) == 1, "and nothing was lost"


def test_R11_1_one_group_of_a_team_is_in_use(firm: Firm) -> None:
    first, second = a_group(firm, "One", firm.east), a_group(firm, "Two", firm.east)
    first.refresh_from_db()
    assert not first.in_use and second.in_use, "the one that was in use for the same team rests"
    west = a_group(firm, "West", firm.west)
    second.refresh_from_db()
    assert second.in_use
    with pytest.raises(RuleRefused) as refused:
        save_group(west, team=firm.east, told=[], by=firm.ada)
    assert refused.value.errors[0].field == "team" and "Two" in str(refused.value.errors[0].message)


@pytest.mark.parametrize("login", sorted(CAST))
def test_R15_1_who_says_what_a_group_is_told(firm: Firm, login: str) -> None:
    group = a_group(firm)
    path = f"/campaigns/channels/{group.pk}/group/"
    form = {"team": str(firm.east.pk), "told": ["due_soon"]}
    answer = tap(browser(firm.people[login]), path, form)
    group.refresh_from_db()
    if login == "ada":
        assert answer.status_code == 200 and group.team_id == firm.east.pk and group.told == ["due_soon"]
        assert Event.objects.filter(verb="group_changed", subject_id=group.pk).count() == 2
        return
    assert answer.status_code == 403 and group.team_id is None
    with pytest.raises(Forbidden):
        save_group(group, team=None, told=[], by=firm.people[login])


def test_R11_1_what_is_no_kind_or_no_group_is_refused_by_name(firm: Firm) -> None:
    group = a_group(firm)
    with pytest.raises(RuleRefused) as refused:
        save_group(group, team=None, told=["call_now", "gossip"], by=firm.ada)
    assert refused.value.errors[0].field == "told" and "gossip" in str(refused.value.errors[0].message)
    client = browser(firm.ada)
    for form in ({"team": "x"}, {"told": ["gossip"]}):
        assert tap(client, f"/campaigns/channels/{group.pk}/group/", form).status_code == 422
    mail = verbs.save_channel(None, by=firm.ada, kind="email", driver="file", name="Files", values={})
    with pytest.raises(NotFound):
        save_group(mail, team=None, told=[], by=firm.ada)
    assert tap(client, f"/campaigns/channels/{mail.pk}/group/", {"told": ["due_soon"]}).status_code == 404


def test_R11_1_the_pages_show_whose_group_it_is_and_how_it_is(firm: Firm, watch: Watch, stub: Stub) -> None:
    stub.say((200, {"errcode": 93000, "errmsg": "gone"}))
    group = a_robot(firm, stub, firm.east)
    waits(firm, watch, "rita")
    for _n in range(5):
        tell_due(watch.now)
    text = words(browser(firm.max).get("/campaigns/channels/"))
    assert "East" in text and "WeCom 93000" in text and "1 is down" in text
    text = words(browser(firm.ada).get(f"/campaigns/channels/{group.pk}/"))
    assert "What the group is told" in text and "Tells the group of East" in text


def test_R11_1_a_language_that_nobody_speaks_is_refused(firm: Firm) -> None:
    with pytest.raises(RuleRefused) as refused:
        a_group(firm, key="k", language="xx")
    assert refused.value.errors[0].field == "language"
    assert dict(WecomRobot.settings[-1].choices).keys() == {"en", "zh-hans"}


def test_R11_1_the_task_tells(firm: Firm, watch: Watch, outbox: Path) -> None:
    from outreach.tasks import tell_groups

    a_group(firm)
    waits(firm, watch, "rita")
    with events.way(events.RULE):
        assert tell_groups() == 1
    assert len(written(outbox)) == 1
