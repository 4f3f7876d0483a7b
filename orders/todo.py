"""What orders put on Today (R12.1): contracts to sign or to write anew, payments that are overdue, what is to decide."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Hat, User
from core import clock, rulebook
from core.web import words
from core.web.today import DAY, Todo, act, address
from orders.models import Instalment, Order
from orders.rules import SIGNED, State

MOST = 200


def todos(user: User, at: datetime, day: date, tomorrow: bool) -> list[Todo]:
    """The own contracts that wait for a signature or were sent back, and what is overdue; for who decides, one line."""
    found: list[Todo] = []
    if tomorrow:
        return found
    if user.wears(Hat.REP):
        rows = _own(user, clock.firm_day(at))
        found += [_overdue(row, at) if row.state in SIGNED else _contract(row) for row in rows]
    if user.wears(Hat.MANAGER) and rulebook.get("order_approval"):
        found += _to_decide(user, at)
    return found


def _own(user: User, today: date) -> list[Order]:
    """The own contracts to be signed or written anew, and signed orders with something due and not covered."""
    sent_back = Q(state=State.DRAFT, decided_by__isnull=False)
    due = Instalment.objects.filter(due_on__lt=today, order__owner=user).order_by().values("order")
    unpaid = Q(state__in=SIGNED, pk__in=due)
    rows = Order.objects.filter(Q(state=State.APPROVED) | sent_back | unpaid, owner=user).with_money(today)
    rows = rows.exclude(state__in=SIGNED, overdue=0)
    return list(rows.select_related("company", "decided_by").order_by("decided_at", "signed_on", "id")[:MOST])


def _contract(row: Order) -> Todo:
    panel = lambda name: address("orders:panel", row.pk, name)  # noqa: E731
    if row.state == State.APPROVED:
        why = _("Approved: have the contract signed")
        acts = [act("sign", _("Sign"), "signature", "s", url=panel("sign"), first=True)]
    else:
        said = row.comment.splitlines()[0] if row.comment else ""
        name = row.decided_by.name if row.decided_by else ""
        why = _("Sent back by %(name)s: %(why)s") % {"name": name, "why": said}
        acts = [act("edit", _("Edit"), "edit", "e", url=panel("edit"), first=True)]
    return _todo(row, f"order-{row.pk}", why, row.decided_at or row.created_at, acts)


def _overdue(row: Order, at: datetime) -> Todo:
    amount = words.money(row.overdue, row.currency)  # type: ignore[attr-defined]
    why = _("%(amount)s is overdue: ask your customer") % {"amount": amount}
    acts = [act("pay", _("Book a payment"), "coin", "p", url=address("orders:panel", row.pk, "pay"))]
    return _todo(row, f"overdue-{row.pk}", why, at, acts)


def _todo(row: Order, key: str, why: str, lost_at: datetime, acts: list[dict[str, Any]]) -> Todo:
    return Todo(
        key=key,
        title=row.company.name,
        note=f"{words.money(row.total, row.currency)} · {row.number}",
        mark=str(row.get_state_display()),
        url=address("orders:order", row.pk),
        why=why,
        lost_at=lost_at,
        part=DAY,
        acts=acts,
    )


def _to_decide(user: User, at: datetime) -> list[Todo]:
    found = Order.objects.for_decision_by(user).order_by().aggregate(n=Count("pk"), first=Min("submitted_at"))
    n = found["n"]
    if not n:
        return []
    title = ngettext("%(n)s contract to approve", "%(n)s contracts to approve", n) % {"n": n}
    why = _("The first waits since %(when)s") % {"when": words.when(found["first"], at)}
    url = reverse("leads:approvals") + "?show=discount"
    return [Todo("line-discounts", title, url, why, found["first"] or at, part=DAY, sign="signature")]
