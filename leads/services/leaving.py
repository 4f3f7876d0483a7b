"""When a person leaves, everything they hold goes on to somebody (R15.3)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import shut_out
from accounts.models import Hat, User
from accounts.permissions import may_manage_people
from accounts.services import notify
from core import clock, events, hooks
from core.errors import FieldError, Forbidden, RuleRefused, TrunkError
from core.locking import lock, verb
from leads import assignment
from leads.models import Lead
from leads.rules import Began, Ended, Reason, State, is_overdue
from leads.services.common import begin_holding, end_holding, fact, leads, store
from leads.services.handover import chosen_reps, hand_over, lock_round, passed_by
from leads.services.heirs import Heirs
from leads.services.moves import to_pool
from leads.services.week import expire_due

PERSON, RULES, POOL = "person", "rules", "pool"
WAYS = (RULES, PERSON, POOL)


@dataclass
class Line:
    """One thing that goes on: what it is, its record, and to whom; without a person to `place`, pool or queue."""

    kind: str
    record: Any
    person: User | None = None
    place: str = ""


@dataclass
class Plan:
    """What would happen: every line, how many of a kind go where, or why it is refused."""

    lines: list[Line] = field(default_factory=list)
    refusal: TrunkError | None = None

    @property
    def counts(self) -> dict[str, Counter[Any]]:
        """Kind → (person or place) → how many."""
        found: dict[str, Counter[Any]] = {}
        for line in self.lines:
            found.setdefault(line.kind, Counter())[line.person or line.place] += 1
        return found


def preview_leaving(user: User) -> dict[str, int]:
    """How many leads of each kind would go on if this person left now."""
    counts = Counter(Lead.objects.filter(owner=user).values_list("state", flat=True))
    return {"mql": counts[State.MQL], "sql": counts[State.SQL], "converted": counts[State.CONVERTED]}


def rehearse_leaving(user: User, *, by: User, to: str, person: User | None = None) -> Plan:
    """What goes where if this person leaves now, found by leaving and taking it back (R10.8, R15.3).

    Raises Forbidden; what else speaks against it is the plan's refusal.
    """
    if not may_manage_people(by):
        raise Forbidden()
    with transaction.atomic():
        before = [(kind, list(rows)) for answer in hooks.held(user) for kind, rows in answer]
        plan = Plan()
        try:
            leave(user, by=by, to=to, person=person)
            plan.lines = [_line(kind, record) for kind, records in before for record in _now(records)]
        except TrunkError as refusal:
            plan.refusal = refusal
        transaction.set_rollback(True)
    return plan


def _now(records: list[Any]) -> list[Any]:
    """The same records as they are now, in the same order."""
    if not records:
        return []
    rows = type(records[0])._default_manager.select_related("owner")
    found = rows.in_bulk([record.pk for record in records])
    for record in records:
        record.owner = found[record.pk].owner
        record.gone_to = getattr(found[record.pk], "state", "")
    return records


def _line(kind: str, record: Any) -> Line:
    if record.owner is not None:
        return Line(kind, record, record.owner)
    return Line(kind, record, place="queue" if record.gone_to == State.MQL else POOL)


@verb
def leave(user: User, *, by: User, to: str, person: User | None = None) -> User:
    """A person leaves: all they hold goes to `person`, by the `rules` of hand-over, or to the `pool`, and they cannot
    log in any more (R15.3). What is an opportunity or a customer goes to a person or by rule, never to the pool. The
    person who is named takes over whatever they hold already: a leaver's work is not refused for want of room.

    Raises Forbidden, RuleRefused: then nothing has moved.
    """
    lock_round()
    held = {
        row.pk: row for row in lock(User.objects.select_related("team"), _concerned(user, by, to, person))
    }
    by, row = held[by.pk], held[user.pk]
    heir = held.get(person.pk) if person and to == PERSON else None
    _require(by, row, to, heir)
    at = clock.now()
    row.is_active, row.on_duty, row.away_until, row.left_at = False, False, None, at
    row.save(update_fields=["is_active", "on_duty", "away_until", "left_at"])
    held.pop(row.pk)
    heirs = Heirs(list(held.values()), at, heir)
    expire_due(list(Lead.objects.overdue(at).filter(owner=user).values_list("pk", flat=True)), at)
    # Leads before opportunities and orders, as everywhere, whichever of them goes on first.
    lock(Lead.objects.all(), Lead.objects.filter(owner=user).values_list("pk", flat=True))
    # Opportunities and customers first: they cannot go to the pool when no room is left.
    hooks.leaving(row, by, heirs, at)
    mine = Lead.objects.filter(owner=user).order_by("state", "due_at", "pk").values_list("pk", "state")
    passed = Counter(state for pk, state in list(mine) if _pass(pk, row, heirs, to, by))
    assignment.replace_rep(row, heir, by=by, at=at)
    data = {"to": to, "person": str(heir.pk) if heir else None, **passed, **shut_out(row, at)}
    events.record(events.Fact("person_left", row, at, by, data=data))
    return row


def _concerned(user: User, by: User, to: str, person: User | None) -> set[Any]:
    """Whose rows are read and changed: locked together, before any lead, to keep the order."""
    ids = {user.pk, by.pk, *([person.pk] if person else [])}
    if to != PERSON:
        ids |= set(User.objects.active().wearing(Hat.REP).values_list("pk", flat=True))
    return ids


def _require(by: User, user: User, to: str, heir: User | None) -> None:
    if not by.is_active or not may_manage_people(by):
        raise Forbidden(detail=_("Only an administrator lets people leave."))
    errors = []
    if user.pk == by.pk:
        errors.append(FieldError("user", "self", _("You cannot let yourself leave.")))
    if to not in WAYS:
        errors.append(FieldError("to", "invalid", _("To a person, by the rules, or to the pool.")))
    if to == PERSON and (heir is None or heir.pk == user.pk or not heir.is_active or not heir.wears(Hat.REP)):
        errors.append(FieldError("person", "required", _("Choose a rep who takes over.")))
    if not user.is_active:
        errors.append(FieldError("user", "left", _("%(name)s has left already.") % {"name": user.name}))
    if errors:
        raise RuleRefused(errors=errors)


def _pass(pk: Any, user: User, heirs: Heirs, to: str, by: User) -> bool:
    """One lead goes on; answers whether it still was the leaver's."""
    (lead,) = lock(leads(), [pk])
    at = clock.now()
    if lead.owner_id != user.pk:
        return False
    if is_overdue(lead.state, lead.due_at, at):
        expire_due([pk], at)
        return False
    if to == POOL and lead.state != State.CONVERTED:
        _to_pool(lead, by, at)
        return True
    target = _heir_of(lead, heirs)
    if lead.state == State.MQL:
        end_holding(lead, Ended.LEFT, at)
        hand_over(lead, target, by=by, at=at, team=lead.team)
    elif target is None:
        _to_pool(lead, by, at)
    else:
        _give(lead, target, by, at)
    return True


def _heir_of(lead: Lead, heirs: Heirs) -> User | None:
    """Of a company all to one colleague; else by the assignment rules where they are on (R3.1)."""
    if lead.state == State.CONVERTED:
        return heirs.of_company(lead.contact.company_id, counts=False)
    had = passed_by(lead.pk) if lead.state == State.MQL else ()
    return heirs.next(only=chosen_reps(lead), exclude=had)


def _to_pool(lead: Lead, by: User, at: datetime) -> None:
    to_pool(lead, Reason.RELEASED, detail="left", ended=Ended.LEFT, by=by, at=at, verb_name="released")


def _give(lead: Lead, target: User, by: User, at: datetime) -> None:
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
    notify([target], "given", lead, at=at, by=str(by.pk))
    data = {"from": str(before), "rep": str(target.pk), "left": True}
    events.record(fact("assigned", lead, at, by, lead.state, data=data))
