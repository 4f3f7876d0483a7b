"""The rooms of the place "Pool": what lies there, what leaves soon, and who takes and lets go."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pool import permissions


def tabs(user: Any, here: str) -> list[dict[str, Any]]:
    """The rooms this person may enter; one alone needs no tabs."""
    rooms = [
        ("pool", _("Pool"), "pool:pool", "ripple", True),
        ("leaving", _("Leaving soon"), "pool:leaving", "hourglass-low", permissions.may_see_leaving(user)),
        ("fairness", _("Fairness"), "pool:fairness", "chart-bar", permissions.may_see_fairness(user)),
    ]
    found = [
        {"label": label, "url": reverse(url), "sign": sign, "here": name == here}
        for name, label, url, sign, may in rooms
        if may
    ]
    return found if len(found) > 1 else []
