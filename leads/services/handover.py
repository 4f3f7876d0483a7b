"""To whom an MQL goes: round-robin over the reps on duty with room (R3.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, Team, User
from accounts.notices import over
from accounts.services import notify
from core import clock, events, hooks, rulebook
from core.errors import FieldError, RuleRefused
from core.locking import lock, lock_one, lock_words, verb
from leads.assignment import chosen_reps
from leads.models import Holding, Lead
from leads.rules import Began, State, after_business_time
from leads.services.common import begin_holding, fact, leads, store

ROUND = 12  # advisory lock space: one hand-over at a time, so that the round stays a round
AT_WORK = timedelta(minutes=15)


def lock_round() -> None:
    """Take the turn to hand over; before any other lock, to keep the order."""
    lock_words(ROUND, ["round"])


def load_of(user_ids: Collection[Any]) -> dict[Any, int]:
    """How many open records (MQL, SQL, opportunities) each rep holds."""
    return hooks.open_load.merged(list(user_ids))


def has_room(user: User, load: dict[Any, int]) -> bool:
    """Whether a rep is below capacity (R3.1)."""
    capacity = user.capacity if user.capacity is not None else rulebook.get("capacity")
    return load.get(user.pk, 0) < capacity


def passed_by(lead_id: Any) -> set[Any]:
    """Who has held this MQL in its present run and let it pass (R3.2)."""
    had = Holding.objects.filter(lead_id=lead_id, stage=State.MQL, run=F("lead__run"))
    return set(had.values_list("user_id", flat=True))


def pick_rep(
    at: datetime,
    *,
    prefer: User | None = None,
    exclude: Collection[Any] = (),
    only: Collection[Any] | None = None,
) -> User | None:
    """The next rep of the round, locked, or None: at work now first, then who waited longest. Needs `lock_round`."""
    rows = User.objects.active().wearing(Hat.REP).on_duty(at).exclude(pk__in=list(exclude))
    if only is not None:
        # A customer's owner comes before every condition (R1.3).
        rows = rows.filter(pk__in=[*only, *([prefer.pk] if prefer else [])])
    reps = list(rows.select_related("team"))
    here = clock.now() - clock.offset() - AT_WORK
    never = datetime.min.replace(tzinfo=at.tzinfo)
    reps.sort(
        key=lambda u: (
            u.pk != (prefer.pk if prefer else None),
            not (u.last_seen_at and u.last_seen_at >= here),
            u.last_handed_at or never,
            u.login,
        )
    )
    load = load_of([u.pk for u in reps])
    for rep in reps:
        if not has_room(rep, load):
            continue
        (held,) = lock(User.objects.select_related("team"), [rep.pk])
        if held.is_active and held.at_post(at) and has_room(held, load_of([held.pk])):
            return held
    return None


def locked_rep(rep: User) -> User:
    """The named person as now, locked: before any lead, to keep the order."""
    return lock_one(User.objects.select_related("team"), rep.pk)


def require_rep(held: User) -> User:
    """The locked person, if records can be given to them. Raises RuleRefused: not a rep, or no room (R3.1)."""
    if not held.is_active or not held.wears(Hat.REP):
        message = _("“%(value)s” is not a rep.") % {"value": held.name}
        raise RuleRefused("invalid", errors=[FieldError("rep", "not_a_rep", message)])
    if not has_room(held, load_of([held.pk])):
        raise RuleRefused(
            "capacity_reached", _("%(name)s holds as many open records as allowed.") % {"name": held.name}
        )
    return held


def hand_over(
    lead: Lead,
    rep: User | None,
    *,
    by: User | None,
    at: datetime,
    began: str = "",
    team: Team | None = None,
) -> Lead:
    """mql → mql of a locked lead: to a rep, or with None to a team's queue, whose manager is told (R3.1); `team` says
    whose queue, if it has reps."""
    team = rep.team if rep else _queue_team(team.pk if team else by.team_id if by else None)
    before = lead.owner_id
    values = rulebook.values()
    call_by = judge_by = None
    if rep:
        judge_by = at + timedelta(hours=values["judge_hours"])
        call_by = after_business_time(
            at,
            values["first_call_minutes"],
            values["business_hours"],
            values["business_days"],
            clock.firm_tz(),
            values["holidays"],
        )
    lead.hand(rep=rep, team=team, at=at, call_by=call_by, judge_by=judge_by)
    store(lead)
    over(("call_now", "queue_waiting"), lead, at=at)
    if rep:
        usual = Began.GIVEN if before and by else Began.HANDED_OVER
        begin_holding(lead, rep, State.MQL, began or usual, at)
        User.objects.filter(pk=rep.pk).update(last_handed_at=at)
        if began != Began.TAKEN:
            notify([rep], "call_now", lead, at=at)
    else:
        notify(_who_hears(team), "queue_waiting", lead, at=at)
    data = {"rep": str(rep.pk) if rep else None, "team": str(team.pk) if team else None}
    if before:
        data["from"] = str(before)
    events.record(fact("handed_over", lead, at, by, State.MQL, data=data))
    return lead


def _who_hears(team: Team | None) -> Iterable[User]:
    """The manager of a queue; where there is none, the administrators, lest it waits unseen (R3.1)."""
    managers = User.objects.managers_of(team.pk) if team else User.objects.none()
    return managers or User.objects.active().wearing(Hat.ADMIN)


def _queue_team(team_id: Any) -> Team | None:
    """Whose queue: the team that had it, or the caller's, if it has reps, else the team with reps that waits for
    least."""
    with_reps = Team.objects.filter(people__is_active=True, people__hats__contains=[Hat.REP]).distinct()
    if team_id and with_reps.filter(pk=team_id).exists():
        return Team.objects.get(pk=team_id)
    waiting = Count("leads", filter=Q(leads__state=State.MQL, leads__owner__isnull=True), distinct=True)
    return (
        Team.objects.filter(pk__in=with_reps.values("pk")).annotate(n=waiting).order_by("n", "name").first()
    )


def hand_out_waiting(at: datetime, *, most: int = 200) -> int:
    """Give MQLs that wait in a queue to reps who have room again, longest waiting first; who let one pass does not
    get it again (R3.1, R3.2). Answers how many; each is handed out in a transaction of its own."""
    rows = Lead.objects.waiting().order_by(F("handed_at").asc(nulls_first=True), "id")
    ids = list(rows.values_list("pk", flat=True))
    free = _free_reps(at) if ids else set()
    if not free:
        return 0
    passed: dict[Any, set[Any]] = {}
    had = Holding.objects.filter(lead_id__in=ids, stage=State.MQL, run=F("lead__run"))
    for lead_id, user_id in had.values_list("lead_id", "user_id"):
        passed.setdefault(lead_id, set()).add(user_id)
    done = 0
    for pk in ids:
        # What everybody who is free has let pass stays in the queue, and keeps nobody behind it waiting.
        if free - passed.get(pk, set()):
            given = _hand_out(pk, at)
            done += given
            # A long queue is not asked through when nobody has room any more.
            if done == most or (not given and not (free := _free_reps(at))):
                break
    return done


@verb
def _hand_out(pk: Any, at: datetime) -> int:
    lock_round()
    rep = pick_rep(at, exclude=passed_by(pk), only=chosen_reps(Lead.objects.get(pk=pk)))
    if rep is None:
        return 0
    found = lock(leads(), [pk], skip_locked=True)
    if not found or found[0].state != State.MQL or found[0].owner_id is not None:
        return 0
    # Waiting for the locks took time: what happens now does not carry an older time than what was waited for.
    hand_over(found[0], rep, by=None, at=max(at, clock.now()))
    return 1


def _free_reps(at: datetime) -> set[Any]:
    """Who might be handed something now: on duty and with room, seen without a lock."""
    reps = list(User.objects.active().wearing(Hat.REP).on_duty(at))
    load = load_of([rep.pk for rep in reps])
    return {rep.pk for rep in reps if has_room(rep, load)}
