"""When a person leaves, everything they hold goes on to somebody (R15.3)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from accounts.permissions import may_manage_people
from core import clock, events, hooks
from core.errors import FieldError, Forbidden, RuleRefused
from core.locking import lock, verb
from leads.models import Lead
from leads.rules import Began, Ended, Reason, State, is_overdue
from leads.services.common import begin_holding, end_holding, fact, leads, store
from leads.services.handover import hand_over, lock_round, pick_rep
from leads.services.moves import to_pool
from leads.services.week import expire_due

PERSON, RULES, POOL = "person", "rules", "pool"


def preview_leaving(user: User) -> dict[str, int]:
    """How many records of each kind would go on if this person left now."""
    counts = dict.fromkeys((State.MQL, State.SQL, State.CONVERTED), 0)
    for state in Lead.objects.filter(owner=user).values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1  # type: ignore[index,call-overload]
    return {"mql": counts[State.MQL], "sql": counts[State.SQL], "converted": counts[State.CONVERTED]}


@verb
def leave(user: User, *, by: User, to: str, person: User | None = None) -> User:
    """A person leaves: all they hold goes to `person`, by the `rules` of hand-over, or to the `pool`, and they cannot
    log in any more (R15.3). What is an opportunity goes to a person or by rule, never to the pool.

    Raises Forbidden, RuleRefused.
    """
    if not may_manage_people(by):
        raise Forbidden()
    errors = []
    if user.pk == by.pk:
        errors.append(FieldError("user", "self", _("You cannot let yourself leave.")))
    if to not in (PERSON, RULES, POOL):
        errors.append(FieldError("to", "invalid", _("To a person, by the rules, or to the pool.")))
    if to == PERSON and (
        person is None or person.pk == user.pk or not person.is_active or not person.wears(Hat.REP)
    ):
        errors.append(FieldError("person", "required", _("Choose a rep who takes over.")))
    if not user.is_active:
        errors.append(FieldError("user", "left", _("%(name)s has left already.") % {"name": user.name}))
    if errors:
        raise RuleRefused(errors=errors)
    lock_round()
    held = {
        u.pk: u
        for u in lock(User.objects.select_related("team"), [user.pk, *([person.pk] if person else [])])
    }
    row = held[user.pk]
    row.is_active, row.on_duty = False, False
    at = clock.now()
    row.left_at = at
    row.save(update_fields=["is_active", "on_duty", "left_at"])
    expire_due(list(Lead.objects.overdue(at).filter(owner=user).values_list("pk", flat=True)), at)
    for pk in list(Lead.objects.filter(owner=user).order_by("pk").values_list("pk", flat=True)):
        _pass(pk, row, held.get(person.pk) if person else None, to, by)
    hooks.leaving(row, by, held.get(person.pk) if person else None, at)
    row.keys.filter(revoked_at__isnull=True).update(revoked_at=at)
    events.record(
        events.Fact("person_left", row, at, by, data={"to": to, "person": str(person.pk) if person else None})
    )
    return row


def _pass(pk: Any, user: User, person: User | None, to: str, by: User) -> None:
    (lead,) = lock(leads(), [pk])
    at = clock.now()
    if lead.owner_id != user.pk or is_overdue(lead.state, lead.due_at, at):
        return
    if to == POOL and lead.state in (State.MQL, State.SQL):
        to_pool(lead, Reason.RELEASED, detail="left", ended=Ended.LEFT, by=by, at=at, verb_name="released")
        return
    target = person or pick_rep(at, exclude=[user.pk])
    if lead.state == State.MQL:
        end_holding(lead, Ended.LEFT, at)
        hand_over(lead, target, by=by, at=at)
    elif target is None:
        if lead.state == State.SQL:
            to_pool(
                lead, Reason.RELEASED, detail="left", ended=Ended.LEFT, by=by, at=at, verb_name="released"
            )
        else:
            raise RuleRefused(
                errors=[FieldError("person", "required", _("Nobody has room: choose who takes over."))]
            )
    else:
        _give(lead, target, by, at)


def _give(lead: Lead, target: User, by: User, at: Any) -> None:
    before = lead.owner_id
    if lead.state == State.SQL:
        end_holding(lead, Ended.LEFT, at)
        lead.give(rep=target)
        store(lead)
        begin_holding(lead, target, State.SQL, Began.GIVEN, at)
    else:
        lead.owner, lead.team = target, target.team
        store(lead)
        hooks.owner_changed([lead.pk], target, by, at)
    events.record(
        fact(
            "assigned",
            lead,
            at,
            by,
            lead.state,
            data={"from": str(before), "rep": str(target.pk), "left": True},
        )
    )
