"""What notices about reactions say (R10.2, R10.6)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.models import Hat
from core.web.notices import Say, notice
from core.web.phrases import chosen
from outreach.models import Reaction

WHY_NOT_CALLED = {
    "do_not_call": lazy("asked never to be called"),
    "no_phone": lazy("wants no calls for now"),
    "no_number": lazy("there is no number to call"),
}


def _says(sentence: Any) -> Say:
    """A sentence with the name in it, and what the person did."""

    def say(data: dict[str, Any], name: str) -> str:
        known = {
            "name": name or _("A lead"),
            "did": chosen(Reaction.Kind.choices, data.get("reaction", "")),
            "why": WHY_NOT_CALLED.get(data.get("why", ""), ""),
        }
        return str(sentence) % known

    return say


def declare() -> None:
    """Tell core.web.notices."""
    say = _says(lazy("%(name)s reacted: %(did)s"))
    notice("reacted", "message-circle", lazy("One of your people reacted"), say, hats=(Hat.REP,))
    say = _says(lazy("%(name)s is back on the calling desk: %(did)s"))
    label = lazy("Somebody came back from the pool to the calling desk")
    notice("back_on_desk", "rotate", label, say, hats=(Hat.MARKETER, Hat.REP))
    say = _says(lazy("%(name)s wants to hear from us (%(did)s), but cannot be called: %(why)s"))
    label = lazy("Somebody reacted who cannot be called")
    notice("cannot_be_called", "phone-off", label, say, hats=(Hat.MARKETER,))
