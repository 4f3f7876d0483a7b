"""How well a channel is, in words: green while what was sent last went, amber while nobody knows, red while it is down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.web.words import when
from outreach.channels.registry import DEFAULTS, DRIVERS, Broken, driver_of
from outreach.models import Channel
from outreach.services.breaker import IN_A_ROW

GREEN, AMBER, RED, GREY = "green", "amber", "red", "grey"
SIGNS = {GREEN: "circle-check", AMBER: "alert-circle", RED: "alert-triangle", GREY: "circle-dashed"}


@dataclass(frozen=True)
class Health:
    """A light with its words; `more` is what the provider said."""

    light: str
    words: str
    more: str = ""

    @property
    def sign(self) -> str:
        """The icon beside the words: the light is never a colour alone."""
        return SIGNS[self.light]

    @property
    def tone(self) -> str:
        """The class of the words."""
        return {AMBER: "t-near", RED: "t-lost", GREY: "t-quiet"}.get(self.light, "")


def health(row: Channel, now: datetime) -> Health:
    """The light of a channel."""
    driver = driver_of(row)
    if isinstance(driver, Broken):
        return Health(RED, _("cannot send"), driver.why)
    if row.closed_until is not None and row.closed_until > now:
        said = _("down; tried again %(when)s, until then everything waits")
        return Health(RED, said % {"when": when(row.closed_until, now)}, row.error)
    if row.failures >= IN_A_ROW:
        return Health(RED, _("down; tried again with the next message"), row.error)
    if row.failures and row.failed_at is not None:
        said = _("failed the last time, %(when)s") % {"when": when(row.failed_at, now)}
        return Health(AMBER, said, row.error)
    if row.driver == "file":
        return Health(AMBER, _("writes files, nothing leaves"))
    if row.ok_at is None:
        return Health(AMBER, _("not tried yet"))
    return Health(GREEN, _("works, last sent %(when)s") % {"when": when(row.ok_at, now)})


def health_without(kind: str) -> Health:
    """The light of a kind for which no channel is in use."""
    default: Any = DEFAULTS.get(kind)
    if default is None:
        return Health(GREY, _("nothing is set up"))
    if default.code == "file":
        return Health(AMBER, _("writes files, nothing leaves"))
    return Health(GREY, _("goes by the site's mail server (EMAIL_URL)"))


def driver_label(row: Channel) -> Any:
    """What the channel sends by; its code where that is gone."""
    made = DRIVERS.get((row.kind, row.driver))
    return made.label if made else row.driver
