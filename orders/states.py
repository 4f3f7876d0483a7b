"""The states of a contract as a bar: where it is, what was, what is ahead, with days (R9.1)."""

from __future__ import annotations

from typing import Any

from core import rulebook
from orders.models import Order
from orders.rules import State

ROAD = (State.DRAFT, State.IN_APPROVAL, State.APPROVED, State.SIGNED, State.IN_FORCE, State.ENDED)


def bar(order: Order) -> list[dict[str, Any]]:
    """The stops of a contract: {name, state: past/now/ahead/lost, at}. Without approvals their stops are left out."""
    road = [state for state in ROAD if _shown(order, state)]
    lost = order.state in (State.CANCELLED, State.TERMINATED)
    if lost:
        road = [state for state in road if _reached(order, state)] + [State(order.state)]
    here = road.index(State(order.state))
    stops = []
    for n, state in enumerate(road):
        place = "past" if n < here else "now" if n == here else "ahead"
        stops.append(
            {
                "name": state.label,
                "state": "lost" if lost and n == here else place,
                "at": _day(order, state) if n <= here else None,
                "from": order.starts_on if state == State.IN_FORCE and n > here else None,
                "after": order.ends_on if state == State.ENDED and n > here else None,
            }
        )
    return stops


def _shown(order: Order, state: State) -> bool:
    if state == State.IN_APPROVAL:
        return bool(rulebook.get("order_approval")) or order.submitted_at is not None
    if state == State.APPROVED:
        asked = bool(rulebook.get("order_approval")) or order.submitted_at is not None
        return asked or order.state == State.APPROVED
    # A contract without a term never ends.
    ends = bool(order.ends_on or order.term_months or order.term_days)
    return state != State.ENDED or ends or order.state == State.ENDED


def _reached(order: Order, state: State) -> bool:
    if state == State.DRAFT:
        return True
    if state == State.IN_APPROVAL:
        return order.submitted_at is not None
    if state == State.APPROVED:
        return order.decided_at is not None or order.signed_on is not None
    if state == State.SIGNED:
        return order.signed_on is not None
    started = order.starts_on is not None and order.signed_on is not None
    return state == State.IN_FORCE and started and order.starts_on <= (order.terminated_on or order.starts_on)  # type: ignore[operator]


def _day(order: Order, state: State) -> Any:
    return {
        State.DRAFT: order.created_at,
        State.IN_APPROVAL: order.submitted_at,
        State.APPROVED: order.decided_at,
        State.SIGNED: order.signed_on,
        State.IN_FORCE: order.starts_on,
        State.ENDED: order.closed_at,
        State.CANCELLED: order.closed_at,
        State.TERMINATED: order.terminated_on,
    }[state]
