"""How a cadence is said: waits in people's units, a sign for each channel."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.rules import masked
from outreach.rules import POINT_OF, ChannelKind

MINUTE, HOUR, DAY = 1, 60, 24 * 60
UNITS = (
    (DAY, gettext_lazy("days")),
    (HOUR, gettext_lazy("hours")),
    (MINUTE, gettext_lazy("minutes")),
)
SIGNS = {
    ChannelKind.EMAIL: "mail",
    ChannelKind.SMS: "message",
    ChannelKind.PHONE: "phone",
    ChannelKind.CALL: "robot",
    ChannelKind.WECHAT: "brand-wechat",
    ChannelKind.WEBHOOK: "webhook",
}


def sign_of(channel: str) -> str:
    """The sign of a channel."""
    return SIGNS.get(ChannelKind(channel), "point") if channel in ChannelKind.values else "point"


def parts_of(minutes: int) -> tuple[int, int]:
    """A wait as a number and the largest unit that it is whole in: (14, days)."""
    for size in (DAY, HOUR):
        if minutes and minutes % size == 0:
            return minutes // size, size
    return (0, DAY) if not minutes else (minutes, MINUTE)


def wait(minutes: int) -> str:
    """A wait as one says it: "at once", "30 min", "14 days", "1 day 4 h"."""
    if not minutes:
        return _("at once")
    days, rest = divmod(minutes, DAY)
    hours, mins = divmod(rest, HOUR)
    said = [
        (days, ngettext("%(n)s day", "%(n)s days", days)),
        (hours, _("%(n)s h")),
        (mins, _("%(n)s min")),
    ]
    return " ".join(text % {"n": n} for n, text in said if n)


def after(minutes: int, first: bool) -> Any:
    """When a step comes: so long after the one before, or after the lead came in."""
    if not minutes:
        return _("at once") if first else _("together with the one before")
    text = _("%(wait)s after it came in") if first else _("%(wait)s later")
    return text % {"wait": wait(minutes)}


def masked_address(channel: str, address: str) -> str:
    """An address as the pool shows it (R10.4)."""
    kind = POINT_OF.get(ChannelKind(channel), "") if channel in ChannelKind.values else ""
    return masked(kind, address) if kind and address else ""
