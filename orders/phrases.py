"""What the timeline says of the verbs of an order."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from core.web.phrases import phrase
from core.web.words import money
from opportunities.phrases import spoken_day

Data = dict[str, Any]
Names = dict[str, str]


def _drafted(data: Data, names: Names) -> str:
    return _("Contract drafted, %(amount)s") % {"amount": money(data.get("total") or 0)}


def _changed(data: Data, names: Names) -> str:
    return _("Contract changed, %(amount)s now") % {"amount": money(data.get("total") or 0)}


def _signed(data: Data, names: Names) -> str:
    known = {"amount": money(data.get("total") or 0), "day": spoken_day(data.get("signed_on"))}
    return _("Signed on %(day)s, %(amount)s: an order") % known


def declare() -> None:
    """Tell core.web.phrases."""
    phrase("drafted", "file-text", _drafted)
    phrase("order_changed", "edit", _changed)
    phrase("signed", "signature", _signed)
    phrase("cancelled", "circle-x", lazy("Contract cancelled before signature"))
