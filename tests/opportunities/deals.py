"""Short cuts of the tests of quotes and of what happens on the way to an order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from catalogue.pricing import Line


def line_fields(*lines: dict[str, Any]) -> dict[str, str]:
    """The lines of a quote's form, as a browser sends them."""
    data = {"lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0"}
    for n, line in enumerate(lines):
        known = {"basis": "once", "quantity": "1", "periods": "1"} | line
        data |= {f"lines-{n}-{key}": str(getattr(value, "pk", value)) for key, value in known.items()}
    return data


def head_fields(**more: Any) -> dict[str, str]:
    """What holds for the whole quote, as a browser sends it."""
    known = {
        "discount": "",
        "tax_rate": "6",
        "term_months": "",
        "valid_until": "2026-04-01",
        "language": "en",
    }
    return {key: str(value) for key, value in (known | {"note": ""} | more).items()}


def a_line(product: Any, quantity: int = 1, price: str | None = None, **more: Any) -> Line:
    """A line at a price."""
    return Line(product, quantity, Decimal(price) if price is not None else None, **more)
