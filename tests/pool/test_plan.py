"""R10.1, R10.10: what comes next and when, for any cadence anybody may make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from hypothesis import assume, given
from hypothesis import strategies as st

from leads.rules import Segment
from pool.cadence import plan
from pool.cadence.plan import End, Place, Plan, Step, Way
from tests.cast import MONDAY

MINUTE = timedelta(minutes=1)
SPACE = UUID(int=1)
WAITS = st.integers(0, 60 * 24 * 60).map(lambda minutes: minutes * MINUTE)


@dataclass
class Verdict:
    ok: bool
    address: str = ""
    why: str = ""
    until: datetime | None = None


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    waits = draw(st.lists(WAITS, min_size=1, max_size=6))
    steps = tuple(Step(uuid5(SPACE, str(n)), n, wait) for n, wait in enumerate(waits, start=1))
    repeat = draw(st.none() | st.integers(1, len(waits)))
    if repeat is not None:  # what the editor asks for
        assume(sum((s.wait for s in steps[repeat - 1 :]), timedelta(0)) >= timedelta(days=1))
    then = draw(st.sampled_from(["", "long_inactive"])) if repeat is None else ""
    return Plan("c", "not_now", steps, repeat, then)


@given(plans(), st.lists(st.tuples(st.booleans(), st.integers(0, 200 * 24 * 60)), min_size=1, max_size=40))
def test_R10_10_the_steps_come_in_order_in_rhythm_and_never_in_a_burst(
    made: Plan, turns: list[tuple[bool, int]]
) -> None:
    """However late the sweep comes, and whether it sends or passes over."""
    place: Place | End = plan.first(made, MONDAY)
    seen, at = set(), MONDAY
    for sent, late in turns:
        assert isinstance(place, Place)
        step = plan.standing(made, place)
        assert step is not None and (step.key, step.position) == (place.key, place.position)
        assert (place.round, place.key) not in seen  # what it is sent once for
        seen.add((place.round, place.key))
        at = max(at, place.due_at) + late * MINUTE if sent else max(at, place.due_at)
        coming = plan.onward(made, place, at, sent=sent)
        if isinstance(coming, End):
            assert step.position == len(made.steps) and made.repeat_from is None
            assert coming.segment == made.then_segment
            return
        assert coming.position == (step.position + 1 if step.position < len(made.steps) else made.repeat_from)
        assert coming.round - place.round == (step.position == len(made.steps))
        wait = made.steps[coming.position - 1].wait
        assert coming.due_at in (place.due_at + wait, at + wait)
        if sent:
            assert coming.due_at >= at
            assert coming.due_at == place.due_at + wait or place.due_at + wait <= at
        else:
            assert coming.due_at == place.due_at + wait
        place = coming


@given(plans(), plans(), st.integers(1, 8), st.integers(1, 8))
def test_R10_10_after_any_change_everybody_stands_somewhere(
    old: Plan, new: Plan, position: int, turn: int
) -> None:
    key = old.steps[(position - 1) % len(old.steps)].key
    place = Place(key, position, turn, MONDAY)
    step = plan.standing(new, place)
    by_key = [s for s in new.steps if s.key == key]
    if by_key:
        assert step == by_key[0]
    elif position <= len(new.steps):
        assert step is not None and step.position == position
    else:
        assert step is None
        coming = plan.onward(new, place, MONDAY, sent=False)
        if new.repeat_from is None:
            assert coming == End(new.then_segment)
        else:
            assert isinstance(coming, Place)
            assert (coming.position, coming.round, coming.due_at) == (new.repeat_from, turn + 1, MONDAY)


VERDICTS = st.one_of(
    st.just(Verdict(True, "somewhere")),
    st.builds(
        Verdict,
        st.just(False),
        why=st.sampled_from(["cap_day", "cap_week", "quiet", "no_phone"]),
        until=st.integers(1, 9000).map(lambda n: MONDAY + n * MINUTE),
    ),
    st.builds(
        Verdict, st.just(False), why=st.sampled_from(["do_not_sms", "no_address", "no_text", "cap_day"])
    ),
)


@given(
    st.lists(VERDICTS, min_size=1, max_size=5),
    st.sampled_from(["always", "opened", "not_opened"]),
    st.booleans(),
)
def test_R11_2_the_first_free_way_is_taken_else_the_earliest_that_time_mends(
    verdicts: list[Verdict], condition: str, opened: bool
) -> None:
    ways = [Way(f"way{n}", n) for n in range(len(verdicts))]
    step = Step("k", 1, timedelta(0), condition, tuple(ways))
    decision = plan.decide(step, zip(ways, verdicts, strict=True), opened)
    if condition != "always" and opened != (condition == "opened"):
        assert (decision.what, decision.why) == (plan.PASS, "condition")
        return
    free = [way for way, verdict in zip(ways, verdicts, strict=True) if verdict.ok]
    mended = [v.until for v in verdicts if v.until is not None and v.why != "no_phone"]
    if free:
        assert (decision.what, decision.way, decision.address) == (plan.SEND, free[0], "somewhere")
    elif mended:
        assert (decision.what, decision.until) == (plan.WAIT, min(mended))
    else:
        assert (decision.what, decision.why) == (plan.PASS, verdicts[0].why)


@given(
    st.sampled_from(Segment.values), st.sampled_from([*Segment.values, ""]), st.sampled_from(Segment.values)
)
def test_R10_2_only_who_sleeps_wakes_up(segment: str, before: str, otherwise: str) -> None:
    assume(otherwise != "dormant")
    awake = plan.wakes_to(segment, before, otherwise)
    assert awake != "dormant"
    assert awake == segment or segment == "dormant"
    if segment == "dormant" and before not in ("", "dormant"):
        assert awake == before


@given(st.sampled_from(Segment.values), st.integers(0, 20), st.integers(1, 10))
def test_R10_1_who_is_silent_for_long_falls_asleep_once(segment: str, silent: int, limit: int) -> None:
    assert plan.falls_asleep(segment, silent, limit) == (segment != "dormant" and silent >= limit)
