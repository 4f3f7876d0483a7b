"""What the history of a channel says, in a seller's words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.selectors import Entry
from core.models import Event
from core.web.notices import WORDS
from core.web.phrases import phrase
from core.web.words import labelled, listed
from outreach.channels.registry import DRIVERS
from outreach.models import Channel

LATEST = 30
OWN = {"name": pgettext_lazy("thing", "Name"), "price": lazy("Price of one message")}


def history(row: Channel) -> list[Entry]:
    """What was done to a channel, newest first; never a value of it."""
    events = list(
        Event.objects.filter(subject_type="channel", subject_id=row.pk).order_by("-at", "-id")[:LATEST]
    )
    people = User.objects.in_bulk({event.by_id for event in events if event.by_id})
    return [Entry(event, people.get(event.by_id), {}) for event in events]


def _changed(data: dict[str, Any], names: dict[str, str]) -> str:
    labels = dict(OWN)
    for driver in DRIVERS.values():
        if driver.code == data.get("driver"):
            labels |= {setting.name: setting.label for setting in driver.settings}
    fields = data.get("fields") or []
    said = listed(str(labels.get(name, name)) for name in fields)
    return labelled(_("Changed"), said) if said else _("Saved, nothing changed")


def _group(data: dict[str, Any], names: dict[str, str]) -> str:
    told = listed(WORDS[kind].label for kind in data.get("kinds") or [] if kind in WORDS)
    team = data.get("team")
    said = _("Tells the group of %(team)s") % {"team": team} if team else _("Tells everybody's group")
    return labelled(said, told or "–")


def _tried(data: dict[str, Any], names: dict[str, str]) -> str:
    return _("A test went out") if data.get("ok") else _("A test did not go out")


def declare() -> None:
    """Tell core.web.phrases."""
    phrase("channel_made", "plus", lazy("Set up"))
    phrase("channel_changed", "edit", _changed)
    phrase("group_changed", "users", _group)
    phrase("channel_used", "player-play", lazy("Put to use"))
    phrase("channel_rested", "player-pause", lazy("Rests"))
    phrase("channel_dropped", "trash", lazy("Taken away"))
    phrase("channel_tried", "mail", _tried)
