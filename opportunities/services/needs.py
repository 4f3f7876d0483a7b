"""What the customer needs is told anew: products added, changed, taken away (R5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from core import clock, events
from core.errors import FieldError, RuleRefused, TransitionNotAllowed
from core.locking import verb
from opportunities import permissions, rules
from opportunities.models import Opportunity
from opportunities.rules import MOVES
from opportunities.services.common import fact, locked, require
from opportunities.services.converting import Need, add_needs, check_needs, value_of


@verb
def set_needs(opportunity: Opportunity, *, products: Sequence[Need], by: User) -> Opportunity:
    """These are the products now, what for and how many; what is not named is taken away, one at least stays (R5.1). An
    amount that is the list price of what was needed follows.

    Raises Forbidden, TransitionNotAllowed (closed), RuleRefused.
    """
    row = locked(opportunity)
    at = clock.now()
    require(permissions.may_work(by, row), row, by)
    if row.stage in rules.CLOSED:
        raise TransitionNotAllowed(row.stage, MOVES[row.stage])
    errors = [e for e in rules.missing_for_conversion(list(products), 1, True, "-") if e.field == "products"]
    held = {need.product_id: need for need in row.needs.select_related("product")}
    # What is not sold any more may stay where it is; it only cannot be added.
    kept = [n for n, need in enumerate(products) if need.product.pk in held]
    errors += [e for e in check_needs(products) if not (e.code == "inactive" and _place(e) in kept)]
    if errors:
        raise RuleRefused(errors=errors)
    before = [[str(n.product_id), n.quantity, n.purpose] for n in held.values()]
    after = [[str(n.product.pk), n.quantity or row.headcount, n.purpose.strip()] for n in products]
    if before == after:
        return row
    data: dict[str, Any] = {"needs": [[x[:2] for x in before], [x[:2] for x in after]]}
    # An amount that nobody agreed on is the list price of what is needed: it follows.
    listed = value_of([Need(n.product, "", n.quantity) for n in held.values()], row.headcount)
    worth = value_of(products, row.headcount) if row.amount == listed else row.amount
    if worth != row.amount:
        data["amount"] = [str(row.amount), None if worth is None else str(worth)]
    row.needs.all().delete()
    add_needs(row, [Need(n.product, n.purpose.strip(), n.quantity) for n in products])
    # A new version: who edits an older one is told (412).
    row.last_touch_at, row.amount = at, worth
    row.store("last_touch_at", "amount")
    events.record(fact("opportunity_changed", row, at, by, row.stage, data=data))
    return row


def _place(error: FieldError) -> int:
    return int(error.field.split(".")[1])
