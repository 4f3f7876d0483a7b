"""What the history of a product says, in a seller's words."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext

from catalogue.rules import Basis
from core.templatetags.trunk import comma
from core.web.phrases import chosen, phrase
from core.web.words import full_day, labelled, money

Data = dict[str, Any]
Names = dict[str, str]


def _amount(value: Any) -> str:
    return "–" if value in (None, "", "None") else money(value)


def _price(data: Data, names: Names) -> str:
    old, new = (data.get("price") or [None, None])[:2]
    known = {"basis": chosen(Basis.choices, data.get("basis", "")), "old": _amount(old), "new": _amount(new)}
    known["day"] = _day(data.get("valid_from"))
    if new is None:
        text = _("Price removed: %(old)s %(basis)s from %(day)s") % known
    elif old is None or old == new:
        text = _("Price: %(new)s %(basis)s from %(day)s") % known
    else:
        text = _("Price: %(old)s → %(new)s %(basis)s from %(day)s") % known
    parts = [text]
    if data.get("valid_until"):
        parts.append(_("until %(day)s") % {"day": _day(data["valid_until"])})
    if data.get("list"):
        parts.append(_("list “%(name)s”") % {"name": data["list"]})
    return comma().join(parts)


def _day(text: Any) -> str:
    try:
        return full_day(date.fromisoformat(str(text)))
    except ValueError:
        return str(text or "–")


def _product(data: Data, names: Names) -> str:
    said = []
    for field, word in (("name", pgettext("thing", "Name")), ("unit", _("Unit"))):
        if field in data:
            said.append(labelled(word, f"{data[field][0] or '–'} → {data[field][1] or '–'}"))
    if "price" in data and isinstance(data["price"], list):
        said.append(labelled(_("List price"), f"{_amount(data['price'][0])} → {_amount(data['price'][1])}"))
    if "active" in data:
        said.append(_("On sale again") if data["active"][1] == "True" else _("No longer sold"))
    return " · ".join(said) or _("Nothing changed")


def declare() -> None:
    """Tell core.web.phrases."""
    phrase("product_made", "package", lazy("Put into the catalogue"))
    phrase("product_changed", "edit", _product)
    phrase("price_set", "coin", _price)
    phrase("case_filed", "file-description", lazy("Filed"))
    phrase("case_changed", "edit", lazy("Changed"))
