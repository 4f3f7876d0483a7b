"""Who stands above whom, and the numbers of hand-over that belong to people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core import hooks
from core.rulebook import rule


def currency_stays(value: str) -> Any:
    """Why the firm's currency cannot become this one: what was agreed in another would be added to it (R9.3)."""
    agreed: set[str] = set().union(*hooks.agreed_in()) - {value}
    if not agreed:
        return ""
    return _("There are prices or opportunities in %(currency)s: the currency stays.") % {
        "currency": ", ".join(sorted(agreed))
    }


rule("capacity", 60, "R3.1", _("Open records (MQL, SQL, opportunities) a rep can hold"), least=1)
rule("api_requests_per_minute", 600, "API", _("Requests a minute for each API key"), least=10)
rule("firm_name", "Trunk", "R14.4", _("The firm's name"), kind="text")
rule(
    "currency",
    "CNY",
    "R9.3",
    _("The firm's currency"),
    kind="text",
    choices=tuple((code, code) for code in ["CNY", "HKD", "TWD", "USD", "EUR", "GBP", "JPY", "SGD"]),
    stays=currency_stays,
)
rule("labels_most", 20, "R0.2", _("Labels the firm may have"), least=0, most=20)
