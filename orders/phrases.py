"""What the timeline says of the verbs of an order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from core.web.phrases import phrase
from core.web.words import money
from opportunities.phrases import spoken_day
from orders.approvals import plain

Data = dict[str, Any]
Names = dict[str, str]


def _total(data: Data) -> str:
    return money(data["total"]) if data.get("total") else "–"


def _drafted(data: Data, names: Names) -> str:
    return _("Contract drafted, %(amount)s") % {"amount": _total(data)}


def _changed(data: Data, names: Names) -> str:
    said = _("Contract changed, %(amount)s now") % {"amount": _total(data)}
    if data.get("schedule_gone"):
        said += " · " + _("its schedule did not add up any more and was taken away")
    return said


def _accepted(data: Data, names: Names) -> str:
    return _("Quote %(number)s accepted") % {"number": data.get("number", "–")}


def _submitted(data: Data, names: Names) -> str:
    known = {"amount": _total(data), "off": plain(Decimal(data.get("reduction", "0")))}
    return _("Approval asked for, %(amount)s, %(off)s %% off the list prices") % known


def _approved(data: Data, names: Names) -> str:
    if data.get("standard"):
        return _("Standard terms: approved at once")
    return _("Approved by the manager")


def _terminated(data: Data, names: Names) -> str:
    return _("Terminated on %(day)s") % {"day": spoken_day(data.get("terminated_on"))}


def _scheduled(data: Data, names: Names) -> str:
    n = int(data.get("parts", 0))
    if not n:
        return _("Payment schedule removed")
    return ngettext("Payments planned in %(n)s part", "Payments planned in %(n)s parts", n) % {"n": n}


def _paid(data: Data, names: Names) -> str:
    return _("%(amount)s received on %(day)s") % _sum(data)


def _refunded(data: Data, names: Names) -> str:
    return _("%(amount)s paid back on %(day)s") % _sum(data)


def _sum(data: Data) -> dict[str, str]:
    amount = money(data["amount"]) if data.get("amount") else "–"
    return {"amount": amount, "day": spoken_day(data.get("paid_on"))}


def _signed(data: Data, names: Names) -> str:
    known = {"amount": _total(data), "day": spoken_day(data.get("signed_on"))}
    return _("Signed on %(day)s, %(amount)s: an order") % known


def declare() -> None:
    """Tell core.web.phrases."""
    phrase("drafted", "file-text", _drafted)
    phrase("order_changed", "edit", _changed)
    phrase("quote_accepted", "file-description", _accepted)
    phrase("submitted", "signature", _submitted)
    phrase("approved", "check", _approved)
    phrase("rejected", "arrow-back-up", lazy("Sent back by the manager"))
    phrase("in_force", "player-play", lazy("The contract is in force"))
    phrase("ended", "flag", lazy("The contract has ended"))
    phrase("terminated", "circle-x", _terminated)
    phrase("scheduled_payments", "calendar-due", _scheduled)
    phrase("paid", "coin", _paid)
    phrase("refunded", "arrow-back-up", _refunded)
    phrase("document_added", "file-text", lazy("File added"))
    phrase("document_removed", "trash", lazy("File removed"))
    phrase("signed", "signature", _signed)
    phrase("cancelled", "circle-x", lazy("Contract cancelled before signature"))
