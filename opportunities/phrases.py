"""What the timeline says of the verbs of an opportunity."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from core.web.phrases import chosen, phrase
from core.web.words import full_day, listed, money, percent
from opportunities import phrases_deal
from opportunities.rules import Kind, LostReason, Stage

Data = dict[str, Any]
Names = dict[str, str]


def _opened(data: Data, names: Names) -> str:
    amount = data.get("amount")
    known = {"kind": chosen(Kind.choices, data.get("kind", "")), "amount": _amount(amount)}
    if amount in (None, "None"):
        return _("Opportunity opened: %(kind)s") % known
    return _("Opportunity opened: %(kind)s, %(amount)s") % known


def _amount(amount: Any) -> str:
    return "–" if amount in (None, "None") else money(amount)


def _scheduled(data: Data, names: Names) -> str:
    known = {"kind": chosen(Kind.choices, data.get("kind", "")), "day": spoken_day(data.get("active_on"))}
    return _("Next chance planned: %(kind)s, opens %(day)s") % known


def spoken_day(text: Any) -> str:
    """A day of an event's data, as people write it."""
    try:
        return full_day(date.fromisoformat(str(text)))
    except ValueError:
        return str(text or "")


def _stage(data: Data) -> dict[str, str]:
    return {"stage": chosen(Stage.choices, data.get("to_state", ""))}


def _advanced(data: Data, names: Names) -> str:
    return _("Forward to “%(stage)s”") % _stage(data)


def _back(data: Data, names: Names) -> str:
    return _("Back to “%(stage)s”") % _stage(data)


def _lost(data: Data, names: Names) -> str:
    return _("Lost: %(why)s") % {"why": chosen(LostReason.choices, data.get("reason", ""))}


def _won(data: Data, names: Names) -> str:
    return _("Won, %(amount)s") % {"amount": _amount(data.get("amount"))}


def _reopened(data: Data, names: Names) -> str:
    return _("Taken back, it was not lost: “%(stage)s”") % _stage(data)


def _changed(data: Data, names: Names) -> str:
    words = {
        "amount": _("amount"),
        "expected_close": _("expected close"),
        "headcount": _("how many"),
        "next_step_on": _("day of the next step"),
        "probability": _("own judgement"),
    }
    told = [_("what they need")] if "needs" in data else []
    if isinstance(data.get("over_expectation"), list):
        over = data["over_expectation"][-1]
        told.append(_("the price is over expectation") if over else _("the price is within expectation"))
    for name, word in words.items():
        change = data.get(name)
        if not isinstance(change, list) or len(change) != 2:
            continue
        old, new = (_value(name, value) for value in change)
        told.append(f"{word} {old} → {new}")
    return _("Changed: %(what)s") % {"what": listed(told)} if told else _("Changed")


def _value(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name == "amount":
        return money(value)
    if name == "probability":
        return percent(value)
    return str(value) if name == "headcount" else spoken_day(value)


def _regained(data: dict[str, Any], names: dict[str, str]) -> str:
    if "order" in data:
        return _("Back from the pool: the company has signed")
    return _("Back from the pool: the loss was taken back")


def declare() -> None:
    """Tell core.web.phrases."""
    phrase("converted", "layout-kanban", lazy("Can be quoted: opportunity"))
    phrase("opened", "layout-kanban", _opened)
    phrase("scheduled", "calendar", _scheduled)
    phrase("activated", "player-play", lazy("The next chance is open now"))
    phrase("advanced", "arrow-right", _advanced)
    phrase("moved_back", "arrow-back-up", _back)
    phrase("lost", "circle-x", _lost)
    phrase("reopened", "rotate", _reopened)
    phrase("regained", "rotate", _regained)
    phrase("won", "trophy", _won)
    phrase("opportunity_changed", "edit", _changed)
    phrases_deal.declare()
