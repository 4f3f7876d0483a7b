"""A quote of nobody's, so that the firm sees its own head on paper before a customer does (R9.5). Nothing of it is kept."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from catalogue.models import Product
from catalogue.rules import Basis, line_total, sums
from core import clock, rulebook

PRODUCTS = 2
SEATS = 25


def sample(by: User, language: str) -> Any:
    """Something like a quote with lines, in the language that is active."""
    at = clock.now()
    products = list(Product.objects.filter(active=True)[:PRODUCTS])
    products = products or [Product(name=_("A product"), price=Decimal("1200.00"), unit=_("seat"))]
    lines = [_line(product, SEATS if n == 0 else 1) for n, product in enumerate(products)]
    rate, with_tax = Decimal(rulebook.get("tax_rate")), rulebook.get("prices_include_tax")
    found = sums([line.total for line in lines], discount=Decimal(5), tax_rate=rate, with_tax=with_tax)
    return SimpleNamespace(
        number=f"Q-{at:%Y}-00000",
        title=f"Q-{at:%Y}-00000",
        language=language,
        opportunity=SimpleNamespace(company=SimpleNamespace(name=_("A customer's firm"))),
        contact=SimpleNamespace(name=_("Li Lei"), title=""),
        currency=rulebook.get("currency"),
        headcount=SEATS,
        term_months=12,
        discount=Decimal(5),
        tax_rate=rate,
        with_tax=with_tax,
        net=found.net,
        tax=found.tax,
        total=found.gross,
        valid_until=clock.firm_day(at) + timedelta(days=rulebook.get("quote_days")),
        note=_("This is a sample: it was sent to nobody."),
        by=by,
        created_at=at,
        sent_at=None,
        lines=lines,
    )


def _line(product: Product, quantity: int) -> Any:
    return SimpleNamespace(
        product=product,
        purpose="",
        basis=Basis.ONCE,
        quantity=quantity,
        periods=1,
        unit_price=product.price,
        discount=Decimal(0),
        total=line_total(quantity, product.price, Decimal(0)),
    )
