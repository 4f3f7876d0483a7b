"""R10.10: cadences are edited in versions, running entries keep their place; R10.8: what would happen can be seen first."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.errors import Forbidden, NotFound, RuleRefused
from core.ids import uuid7
from leads.models import Lead
from outreach.models import Channel, Message, Reaction, Template, Touch
from pool.cadence.dryrun import dry_run
from pool.cadence.editing import StepIn, WayIn, preview_change, save_cadence, start_cadence, stop_cadence
from pool.cadence.facts import plan_of
from pool.cadence.figures import figures
from pool.models import Cadence, CadenceVersion, Entry
from pool.services import claim
from tests.cast import MONDAY, Firm, Watch, fresh
from tests.content import nothing_changes
from tests.pool.cadence_stage import (
    DAY,
    cadence_of,
    contact_of,
    entry_of,
    leave,
    no_need,
    react,
    rested,
    sweep,
    ways,
    written,
)

pytestmark = pytest.mark.django_db

A_DAY = 24 * 60


def way(code: str) -> WayIn:
    template = Template.objects.get(code=code)
    return WayIn(template.channel, template)


def steps_of(cadence: Cadence) -> list[StepIn]:
    plan = plan_of(cadence)
    assert plan is not None
    return [
        StepIn(
            int(step.wait / timedelta(minutes=1)),
            [WayIn(one.channel, one.template_id) for one in step.ways],
            step.condition,
            step.key,
        )
        for step in plan.steps
    ]


def save(cadence: Cadence | None, firm: Firm, **more: Any) -> Cadence:
    known = {"name": "Mine", "goal": "acquire", "segment": "not_now", "repeat_from": None, "then_segment": ""}
    if cadence is not None:
        known |= {
            "name": cadence.name,
            "segment": cadence.segment,
            "steps": steps_of(cadence),
            "repeat_from": 1,
        }
    return save_cadence(cadence, by=firm.max, **(known | more))


def test_R10_10_a_change_is_a_new_version_and_entries_keep_their_place(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    sweep(watch.now)
    sweep(watch.to(MONDAY + 30 * DAY))
    leave(watch.now)
    cadence, before = cadence_of("not_now"), entry_of(lead)
    steps = steps_of(cadence)
    steps.insert(0, StepIn(5 * A_DAY, [way("inactive_sms")]))
    steps[2].ways = [way("not_now_live")]
    save(cadence, firm, steps=steps)
    version = CadenceVersion.objects.filter(cadence=cadence).first()
    assert version is not None and (version.number, version.by, version.at) == (2, firm.max, watch.now)
    sweep(watch.to(before.due_at))
    after = entry_of(lead)
    assert written(lead)[1:] == [("email", "not_now_live")]
    assert (before.position, after.position, after.due_at) == (2, 4, before.due_at + 7 * DAY)


def test_R10_10_a_step_that_is_gone_is_found_by_its_place(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    sweep(watch.now)
    cadence = cadence_of("not_now")
    save(cadence, firm, steps=steps_of(cadence)[1:], repeat_from=1)
    sweep(watch.to(MONDAY + 30 * DAY))
    assert written(lead) == [("email", "not_now_email")]


def test_R10_10_behind_the_last_step_it_goes_around(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    sweep(watch.now)
    for day in (30, 37):
        sweep(watch.to(MONDAY + day * DAY))
        leave(watch.now)
    cadence = cadence_of("not_now")
    save(cadence, firm, steps=[StepIn(40 * A_DAY, [way("inactive_sms")])], repeat_from=1)
    sweep(watch.to(MONDAY + 44 * DAY))
    assert written(lead)[-1] == ("sms", "inactive_sms")
    assert (entry_of(lead).round, entry_of(lead).due_at) == (3, MONDAY + 84 * DAY)


def test_R11_4_a_step_put_behind_is_not_sent_twice_in_its_round(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    sweep(watch.now)
    sweep(watch.to(MONDAY + 30 * DAY))
    leave(watch.now)
    cadence = cadence_of("not_now")
    first, second, third = steps_of(cadence)
    save(cadence, firm, steps=[second, first, third])
    for _step in range(3):
        sweep(watch.to(entry_of(lead).due_at))
        leave(watch.now)
    assert [code for _c, code in written(lead)][:3] == ["not_now_sms", "not_now_email", "not_now_live"]


def test_R10_10_saving_the_same_is_no_version(firm: Firm, watch: Watch) -> None:
    cadence = cadence_of("not_now")
    save(cadence, firm)
    assert cadence.versions.count() == 1


def test_R10_10_a_new_cadence_runs_when_it_is_started_and_none_serves_its_leads(
    firm: Firm, watch: Watch
) -> None:
    mine = save(None, firm, steps=[StepIn(A_DAY, [way("not_now_sms")])], repeat_from=1)
    assert (mine.active, plan_of(mine).repeat_from) == (False, 1)  # type: ignore[union-attr]
    with pytest.raises(RuleRefused) as refused:
        start_cadence(mine, by=firm.max)
    assert (refused.value.code, refused.value.errors[0].field) == ("segment_served", "segment")
    lead = no_need(firm)
    sweep(watch.now)
    stop_cadence(cadence_of("not_now"), by=firm.max)
    watch.go(days=2)
    start_cadence(mine, by=firm.max)
    sweep(watch.now)
    assert (entry_of(lead).cadence_id, entry_of(lead).started_at) == (mine.pk, MONDAY)
    assert written(lead) == [("sms", "not_now_sms")]


def test_R10_10_stopped_entries_go_on_from_their_place(firm: Firm, watch: Watch) -> None:
    stays, leaves, written_to = no_need(firm), no_need(firm), rested(firm.pooled("released"))
    sweep(watch.now)
    sweep(watch.to(MONDAY + 30 * DAY))
    for segment in ("not_now", "some_interest"):
        stop_cadence(cadence_of(segment), by=firm.max)
    assert set(Message.objects.values_list("state", flat=True)) == {"recalled"}
    assert not Touch.objects.filter(message__isnull=False).exists()
    react(leaves, "call_me", watch.now)
    sweep(watch.go(days=3))
    assert not Entry.objects.filter(state="running").exists()
    before = Entry.objects.get(lead=stays)
    start_cadence(Cadence.objects.get(segment="not_now"), by=firm.max)
    start_cadence(Cadence.objects.get(segment="not_now"), by=firm.max)  # once more changes nothing
    after = entry_of(stays)
    assert (after.pk, after.position, after.due_at) == (before.pk, 2, MONDAY + 37 * DAY)
    assert not Entry.objects.filter(lead__in=[leaves, written_to], state="running").exists()


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "x" * 81}, "name", "invalid"),
    ({"name": "a\x00b"}, "name", "invalid"),
    ({"goal": "fame"}, "goal", "invalid_choice"),
    ({"segment": "moon"}, "segment", "invalid_choice"),
    ({"steps": []}, "steps", "invalid"),
    ({"steps": "many"}, "steps", "invalid"),
    ({"wait_minutes": -1}, "steps.1.wait_minutes", "invalid"),
    ({"wait_minutes": "soon"}, "steps.1.wait_minutes", "invalid"),
    ({"wait_minutes": 10**9}, "steps.1.wait_minutes", "invalid"),
    ({"condition": "maybe"}, "steps.1.condition", "invalid_choice"),
    ({"ways": []}, "steps.1.ways", "invalid"),
    ({"ways": "pigeon"}, "steps.1.ways.1.channel", "invalid_choice"),
    ({"ways": "other"}, "steps.1.ways.1.template", "invalid"),
    ({"ways": "none"}, "steps.1.ways.1.template", "invalid"),
    ({"ways": "nonsense"}, "steps.1.ways.1.template", "invalid"),
    ({"repeat_from": 2}, "repeat_from", "invalid"),
    ({"repeat_from": 0}, "repeat_from", "invalid"),
    ({"repeat_from": 1, "wait_minutes": 60}, "repeat_from", "too_short"),
    ({"repeat_from": 1, "then_segment": "dormant"}, "repeat_from", "both"),
    ({"then_segment": "moon"}, "then_segment", "invalid_choice"),
    ({"then_segment": "not_now"}, "then_segment", "same"),
]


@pytest.mark.parametrize(("bad", "where", "code"), BAD)
def test_R10_10_what_is_wrong_is_named(
    firm: Firm, watch: Watch, bad: dict[str, Any], where: str, code: str
) -> None:
    sms = Template.objects.get(code="not_now_sms")
    odd = {
        "pigeon": [WayIn("pigeon", sms)],
        "other": [WayIn("email", sms)],
        "none": [WayIn("sms", uuid7())],
        "nonsense": [WayIn("sms", "x")],
    }
    found = dict(bad)
    wanted = found.pop("ways", [way("not_now_sms")])
    step = StepIn(
        found.pop("wait_minutes", A_DAY),
        odd.get(wanted, wanted) if isinstance(wanted, str) else wanted,
        found.pop("condition", "always"),
    )
    steps = found.pop("steps", [step])
    with nothing_changes(), pytest.raises(RuleRefused) as refused:
        save(None, firm, **({"steps": [step] * 40 if steps == "many" else steps} | found))
    assert [(error.field, error.code) for error in refused.value.errors] == [(where, code)]


def test_R10_10_a_cadence_at_work_keeps_its_leads(firm: Firm, watch: Watch) -> None:
    no_need(firm)
    sweep(watch.now)
    with pytest.raises(RuleRefused) as refused:
        save(cadence_of("not_now"), firm, segment="dormant")
    assert refused.value.errors[0].code == "fixed"


@pytest.mark.parametrize("who", ["rita", "mark", "tina", "pia", "sue", "ivy"])
def test_R15_1_only_marketing_changes_cadences(firm: Firm, watch: Watch, who: str) -> None:
    cadence, by = cadence_of("not_now"), firm.people[who]
    with nothing_changes():
        for call in (start_cadence, stop_cadence):
            with pytest.raises(Forbidden):
                call(cadence, by=by)
        with pytest.raises(Forbidden):
            save_cadence(cadence, by=by, name="", goal="order", segment="not_now", steps=[])
    with pytest.raises(NotFound):
        stop_cadence(uuid7(), by=firm.ada)


def test_R10_8_a_change_shows_who_stands_where_before_it_is_saved(firm: Firm, watch: Watch) -> None:
    early, late = no_need(firm), no_need(firm)
    sweep(watch.now)
    contact_of(late)
    Entry.objects.filter(lead=late).update(step_key=steps_of(cadence_of("not_now"))[2].key, position=3)
    cadence = cadence_of("not_now")
    steps = steps_of(cadence)
    with nothing_changes():
        change = preview_change(cadence, [steps[2], steps[1]], repeat_from=None)
    assert [s.entries for s in change.now] == [1, 0, 1]
    assert [s.entries for s in change.then] == [2, 0]  # one by its key, one by its place
    assert change.ends == 0
    assert preview_change(cadence, steps[:2]).ends == 1
    assert preview_change(cadence, steps[:2], repeat_from=2).then[1].entries == 1
    assert entry_of(early).position == 1


def test_R10_8_a_dry_run_says_who_gets_what_when_and_writes_nothing(firm: Firm, watch: Watch) -> None:
    """What it says is what then happens."""
    plain, by_mail, refuses, abroad, desk = (no_need(firm, *k) for k in [(), ("email",), ("phone",), (), ()])
    contact_of(refuses, do_not_sms=True)
    contact_of(abroad, timezone="America/New_York")
    Touch.objects.bulk_create(
        Touch(contact_id=desk.contact_id, at=MONDAY + d * DAY, channel="email", function="sales", done=True)
        for d in (27, 28)
    )
    sweep(watch.now)
    at = watch.to(MONDAY + 29 * DAY)
    cadence = cadence_of("not_now")
    with nothing_changes():
        found = dry_run(cadence, at, days=30)
    assert found.people == 5
    told = [(r.lead.pk, r.at, r.channel, r.to, r.text.text.split("http")[0]) for r in found.rows]
    assert {"do_not_sms", "no_address", "quiet", "cap_week"} <= set(found.reasons)
    assert found.reasons["quiet"] == 1
    held = [h for h in found.held if h.lead.pk == refuses.pk]
    assert held[0].until is None and held[0].why == "do_not_sms"
    assert sum(found.per_day.values()) == sum(found.channels.values()) == len(found.rows)

    happened = []
    while (
        due := Entry.objects.filter(state="running").order_by("due_at").first()
    ) and due.due_at <= at + 30 * DAY:
        when = watch.to(max(due.due_at, at))
        sweep(when)
        for message in leave(when):
            lead = Lead.objects.get(contact_id=message.contact_id)
            happened.append((lead.pk, when, message.channel, message.to, message.text.split("http")[0]))
    assert sorted(map(str, told)) == sorted(map(str, happened))
    assert by_mail.pk in {row[0] for row in told} and plain.pk in {row[0] for row in told}


def test_R10_8_a_dry_run_tells_where_people_go_and_who_would_begin(firm: Firm, watch: Watch) -> None:
    firm.capture(medium="third_party_list", **ways())
    found = dry_run(cadence_of("third_party"), watch.now, days=30)
    assert [(r.position, r.channel) for r in found.rows] == [
        (1, "sms"),
        (2, "email"),
        (3, "call"),
        (4, "sms"),
    ]
    assert (found.people, found.moves, found.more) == (1, {"long_inactive": 1}, 0)
    cut = dry_run(cadence_of("third_party"), watch.now, days=30, limit=1)
    assert (len(cut.rows), cut.more, sum(cut.per_day.values())) == (1, 3, 4)
    assert dry_run(cadence_of("third_party"), watch.now, days=3).channels == {"sms": 1}


def test_R10_8_a_dry_run_sees_people_fall_asleep(firm: Firm, watch: Watch) -> None:
    lead = no_need(firm)
    sweep(watch.now)
    Lead.objects.filter(pk=lead.pk).update(silent_touches=4)
    found = dry_run(cadence_of("not_now"), watch.now, days=80)
    assert (len(found.rows), found.moves) == (1, {"dormant": 1})


def test_R10_10_figures_from_the_message_to_the_order(firm: Firm, watch: Watch) -> None:
    channel = Channel.objects.create(
        kind="sms", driver="file", name="SMS", price=Decimal("0.05"), created_at=MONDAY
    )
    leads = [rested(firm.pooled("released")) for _n in range(3)]
    Lead.objects.update(cost=Decimal("30"))
    sweep(watch.now)
    leave(watch.now)
    Message.objects.update(via=channel, delivered_at=watch.now)
    Message.objects.filter(contact=leads[0].contact).update(delivered_at=None, cost=Decimal("0.25"))
    clicked = Message.objects.get(contact=leads[1].contact)
    react(leads[1], "click", watch.go(hours=1), clicked)
    react(leads[1], "call_me", watch.now, clicked)
    sweep(watch.go(minutes=1))
    claim(leads[2], by=firm.wei)
    cadence = cadence_of("some_interest")
    found = figures([cadence.pk])[cadence.pk]
    assert (found.sent, found.delivered, found.reacted, found.back, found.orders, found.running) == (
        3,
        2,
        1,
        2,
        0,
        1,
    )
    assert (found.cost, found.cost_per_back, found.cost_of_new_lead) == (
        Decimal("0.35"), Decimal("0.18"), Decimal("30.00"),
    )  # fmt: skip
    assert Reaction.objects.filter(taken_at=None).count() == 0
    firm.a_signed_order(opportunity=firm.an_opportunity(firm.wei, fresh(leads[2])))
    assert figures([cadence.pk])[cadence.pk].orders == 1
    assert figures([cadence.pk], since=watch.now + DAY)[cadence.pk].sent == 0
    assert figures([]) == {}
