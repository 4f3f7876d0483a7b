"""What the customer experiences, what presales is asked for, and the gates of the stages (R8.1, R8.2, R8.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Notice
from core.errors import AlreadyClaimed, AlreadyDecided, Forbidden, RuleRefused, TransitionNotAllowed
from core.models import Event
from opportunities import services
from opportunities.models import ExperienceEvent, Opportunity, PresalesRequest
from tests.cast import Firm, Watch, fresh


def verbs(chance: Opportunity) -> list[str]:
    return list(Event.objects.filter(subject_id=chance.pk).order_by("id").values_list("verb", flat=True))


def planned(firm: Firm, watch: Watch, **more: Any) -> ExperienceEvent:
    data = {"kind": "visit", "starts_at": watch.now + timedelta(days=2), **more}
    return services.plan_experience(firm.an_opportunity(), by=firm.rita, **data)


def test_R8_1_an_event_is_planned_moved_and_held(firm: Firm, watch: Watch) -> None:
    event = planned(firm, watch, note="Their office")
    assert event.held is None
    later = watch.now + timedelta(days=3)
    services.change_experience(event, by=firm.rita, starts_at=later)
    with pytest.raises(RuleRefused) as early:
        services.change_experience(event, by=firm.rita, held=True)
    assert [e.field for e in early.value.errors] == ["held"]
    watch.go(days=4)
    services.change_experience(event, by=firm.rita, held=True)
    assert fresh(event).held is True and fresh(event).starts_at == later
    assert verbs(event.opportunity)[-3:] == ["experience_planned", "experience_changed", "experience_held"]
    assert fresh(event.opportunity).last_touch_at == watch.now


def test_R8_1_what_was_held_is_logged_and_what_fell_through_stays_known(firm: Firm, watch: Watch) -> None:
    chance = firm.an_opportunity()
    services.plan_experience(
        chance, by=firm.rita, kind="online", starts_at=watch.now - timedelta(hours=2), held=True
    )
    event = services.plan_experience(
        chance, by=firm.rita, kind="remote", starts_at=watch.now + timedelta(hours=2)
    )
    services.change_experience(event, by=firm.rita, held=False)
    assert verbs(chance)[-3:] == ["experience_held", "experience_planned", "experience_fell_through"]


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"kind": "", "starts_at": None}, {"kind", "starts_at"}),
        ({"kind": "party"}, {"kind"}),
        ({"kind": "trial"}, {"ends_at"}),
        ({"ends_at": timedelta(days=1)}, {"ends_at"}),
        ({"ends_at": timedelta(days=500)}, {"ends_at"}),
        ({"starts_at": timedelta(days=4000)}, {"starts_at"}),
        ({"held": True}, {"held"}),
    ],
)
def test_R8_1_each_wrong_field_is_named(
    firm: Firm, watch: Watch, data: dict[str, Any], fields: set[str]
) -> None:
    given = {key: watch.now + value if isinstance(value, timedelta) else value for key, value in data.items()}
    with pytest.raises(RuleRefused) as told:
        planned(firm, watch, **given)
    assert {e.field for e in told.value.errors} == fields


def test_R15_1_only_who_works_on_it_plans(firm: Firm, watch: Watch) -> None:
    event = planned(firm, watch)
    for login, refusal in (("max", Forbidden), ("wei", AlreadyClaimed)):
        by = getattr(firm, login)
        with pytest.raises(refusal):
            services.plan_experience(event.opportunity, by=by, kind="visit", starts_at=watch.now)
        with pytest.raises(refusal):
            services.change_experience(event, by=by, held=False)
    services.change_experience(event, by=firm.mark, held=False)
    won = firm.a_signed_order().opportunity
    with pytest.raises(TransitionNotAllowed):
        services.plan_experience(won, by=firm.rita, kind="visit", starts_at=watch.now)


# Gates ⎇


def test_R8_2_without_gates_a_move_asks_for_nothing(firm: Firm, watch: Watch) -> None:
    assert services.advance(firm.an_opportunity(), by=firm.rita, to="negotiation").stage == "negotiation"


def test_R8_2_with_gates_the_evidence_is_a_condition(firm: Firm, watch: Watch) -> None:
    firm.set_rules(stage_gates=True)
    chance = firm.an_opportunity()
    for to, fields in (("experience", ["experience"]), ("negotiation", ["experience", "quote"])):
        with pytest.raises(RuleRefused) as told:
            services.advance(chance, by=firm.rita, to=to)
        assert told.value.code == "gate_not_met" and [e.field for e in told.value.errors] == fields
    event = services.plan_experience(
        chance, by=firm.rita, kind="visit", starts_at=watch.now + timedelta(days=1)
    )
    services.change_experience(event, by=firm.rita, held=False)
    with pytest.raises(RuleRefused):
        services.advance(chance, by=firm.rita)
    services.plan_experience(chance, by=firm.rita, kind="online", starts_at=watch.now + timedelta(days=1))
    services.advance(chance, by=firm.rita)
    with pytest.raises(RuleRefused):
        services.advance(chance, by=firm.rita)
    services.draft_quote(chance, by=firm.rita)
    assert services.advance(chance, by=firm.rita).stage == "negotiation"


# Presales ⎇


def test_R8_6_presales_is_off_for_a_new_firm_and_helps_from_the_experience_on(
    firm: Firm, watch: Watch
) -> None:
    chance = firm.an_opportunity()
    ask = {"text": "Single sign-on", "due_on": watch.now.date(), "by": firm.rita}
    with pytest.raises(TransitionNotAllowed):
        services.ask_presales(services.advance(chance, by=firm.rita), **ask)
    firm.set_rules(presales=True)
    with pytest.raises(TransitionNotAllowed):
        services.ask_presales(firm.an_opportunity(), **ask)
    services.ask_presales(chance, **ask)
    assert Notice.objects.filter(kind="presales_asked", user=firm.pia).count() == 1
    for wrong, fields in (
        ({"text": " ", "due_on": None}, {"text", "due_on"}),
        ({"due_on": watch.now.date() - timedelta(days=1)}, {"due_on"}),
    ):
        with pytest.raises(RuleRefused) as told:
            services.ask_presales(chance, **(ask | wrong))
        assert {e.field for e in told.value.errors} == fields


def test_R8_6_a_request_is_taken_and_answered_once(firm: Firm, watch: Watch) -> None:
    firm.set_rules(presales=True)
    chance = services.advance(firm.an_opportunity(), by=firm.rita)
    asked = services.ask_presales(chance, text="SSO", due_on=watch.now.date(), by=firm.rita)
    assert list(Opportunity.objects.visible_to(firm.pia)) == [chance], "who is asked reads what it is for"
    for act in (
        lambda: services.take_presales(asked, by=firm.rita),
        lambda: services.answer_presales(asked, answer="Yes", by=firm.mark),
    ):
        with pytest.raises(Forbidden):
            act()
    services.take_presales(asked, by=firm.pia)
    with pytest.raises(RuleRefused):
        services.answer_presales(asked, answer="  ", by=firm.pia)
    services.answer_presales(asked, answer="With the enterprise plan", by=firm.pia)
    row = PresalesRequest.objects.get()
    assert (row.owner, row.answered_by, row.answer) == (firm.pia, firm.pia, "With the enterprise plan")
    assert Notice.objects.filter(kind="presales_answered", user=firm.rita).count() == 1
    with pytest.raises(AlreadyDecided):
        services.answer_presales(asked, answer="No", by=firm.pia)
    assert verbs(chance)[-3:] == ["presales_asked", "presales_taken", "presales_answered"]


def test_R8_6_the_risks_are_recorded(firm: Firm, watch: Watch) -> None:
    chance = firm.chance_at("negotiation")
    services.update(chance, by=firm.rita, competitor="Acme", over_expectation=True, risk="New boss")
    row = fresh(chance)
    assert (row.competitor, row.over_expectation, row.risk) == ("Acme", True, "New boss")
    with pytest.raises(RuleRefused):
        services.update(chance, by=firm.rita, probability=101)
