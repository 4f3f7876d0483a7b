"""A dialling robot over HTTP."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from outreach.channels.base import Outgoing, Setting
from outreach.channels.signed import SignedDriver


class CallHttp(SignedDriver):
    """A robot is told whom to call and what to say; how it went it reports to our hook."""

    kind = "call"
    code = "http"
    label = _("Dialling robot over HTTP")
    about = _("A robot gets number and text as signed JSON and calls; it reports how it went.")
    event = "call"
    settings = (
        *SignedDriver.settings,
        Setting("caller", _("Number that is shown"), required=False),
        Setting("voice", _("Voice"), required=False, help=_("As the robot calls it.")),
    )

    def said(self, message: Outgoing) -> dict[str, Any]:
        """What the robot reads."""
        extra = {name: self.values[name] for name in ("caller", "voice") if self.values[name]}
        return {**super().said(message), **extra}
