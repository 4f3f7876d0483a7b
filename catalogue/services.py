"""Verbs on products."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from catalogue.models import Product
from core import clock, events, rulebook
from core.errors import FieldError, Forbidden, RuleRefused
from core.locking import lock_one, verb


def may_edit(user: User) -> bool:
    """Marketing and administrators keep the catalogue."""
    return user.wears(Hat.MARKETER, Hat.ADMIN)


@verb
def save_product(product: Product | None, *, by: User, **fields: Any) -> Product:
    """Make or change a product (name, price, unit, active). Raises Forbidden, RuleRefused."""
    if not may_edit(by):
        raise Forbidden()
    row = (
        lock_one(Product.objects.all(), product.pk) if product else Product(currency=rulebook.get("currency"))
    )
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    errors = []
    if not (row.name or "").strip():
        errors.append(FieldError("name", "required", _("A product needs a name.")))
    elif Product.objects.filter(name__iexact=row.name).exclude(pk=row.pk if product else None).exists():  # type: ignore[misc]
        errors.append(
            FieldError("name", "taken", _("There is already a product “%(name)s”.") % {"name": row.name})
        )
    if not isinstance(row.price, Decimal) or row.price < 0:
        errors.append(FieldError("price", "required", _("A product needs a price of 0 or more.")))
    if errors:
        raise RuleRefused(errors=errors)
    if product:
        row.store(*fields)
    else:
        row.save()
    data = {n: [str(before[n]), str(fields[n])] for n in fields if before[n] != fields[n]} if product else {}
    events.record(
        events.Fact("product_changed" if product else "product_made", row, clock.now(), by, data=data)
    )
    return row
