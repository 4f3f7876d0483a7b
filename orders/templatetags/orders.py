"""How pages write of orders: a percentage, a term, a line, the bar of what is paid, open and overdue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.rules import Basis
from core.web import words
from orders.approvals import plain

register = template.Library()


@register.simple_tag
def percent(value: Any) -> str:
    """A percentage without idle zeros: 12.5."""
    return plain(Decimal(value or 0))


@register.simple_tag
def term_of(order: Any) -> str:
    """How long a contract runs, in words."""
    if order.term_months:
        return ngettext("%(n)s month", "%(n)s months", order.term_months) % {"n": order.term_months}
    if order.term_days:
        return ngettext("%(n)s day", "%(n)s days", order.term_days) % {"n": order.term_days}
    return _("bought once")


@register.simple_tag
def periods_of(line: Any) -> str:
    """For how long a line is: 12 months; nothing for what is bought once."""
    if line.basis == Basis.USER_MONTH:
        return ngettext("%(n)s month", "%(n)s months", line.periods) % {"n": line.periods}
    if line.basis == Basis.USER_YEAR:
        return ngettext("%(n)s year", "%(n)s years", line.periods) % {"n": line.periods}
    return ""


@register.simple_tag
def line_words(line: Any, currency: str) -> str:
    """A line in a row of text: 10 × 12 months × ¥90, 5 % off = ¥10,260."""
    parts = [str(line.quantity), periods_of(line), words.money(line.unit_price, currency)]
    said = " × ".join(part for part in parts if part)
    if line.discount:
        said += f" − {words.percent(line.discount)}"
    return f"{said} = {words.money(line.total, currency)}"


@register.inclusion_tag("orders/bar.html")
def money_bar(balance: Any, currency: str = "CNY") -> dict[str, Any]:
    """Paid, then overdue, then what is open and not due yet: of a balance, or of an order `with_money`."""
    whole = max(balance.total, balance.paid)
    paid = _share(max(balance.paid, Decimal(0)), whole)
    late = min(_share(balance.overdue, whole), 100 - paid)
    label = _("%(paid)s paid, %(open)s open, %(overdue)s overdue") % {
        "paid": words.money(balance.paid, currency),
        "open": words.money(balance.open, currency),
        "overdue": words.money(balance.overdue, currency),
    }
    return {"paid": f"{paid:.2f}", "late": f"{late:.2f}", "label": label}


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return min(part * 100 / whole, Decimal(100)) if whole > 0 else Decimal(0)
