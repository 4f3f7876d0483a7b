"""What an empty part of the pool says: what belongs there, and how it gets there."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from leads.rules import Segment
from pool.asked import DESK, Asked

TEXTS: dict[str, tuple[str, Any, Any]] = {
    DESK: (
        "inbox",
        _("Nothing on marketing's desk"),
        _(
            "An MQL that a rep returns lies here first. If nobody does anything, its cadence begins by itself."
        ),
    ),
    Segment.NOT_NOW: (
        "calendar",
        _("Nobody has put us off"),
        _(
            "Who has no need for now, or was lost for timing, budget, price or a competitor, waits here for a better day."
        ),
    ),
    Segment.SOME_INTEREST: (
        "eye",
        _("Nobody with some interest is left over"),
        _("What a rep's week ran out on or a rep gave back lies here, and whoever reacts to a message."),
    ),
    Segment.LONG_INACTIVE: (
        "eye-off",
        _("Nobody has been silent for long"),
        _("Who cannot be reached, or has not reacted for a long time, comes here."),
    ),
    Segment.DORMANT: (
        "point",
        _("Nobody sleeps"),
        _("Who did not react to several touches in a row sleeps here and is woken a few times a year."),
    ),
    Segment.THIRD_PARTY: (
        "file-import",
        _("No bought or partner lists"),
        _("Leads of third-party lists enter here when they are imported; they do not go to the desk."),
    ),
    "": (
        "ripple",
        _("The pool is empty"),
        _(
            "What cannot go forward comes here with its reason, and nothing is thrown away: reps claim it, marketing wakes "
            "it up."
        ),
    ),
}
NARROWED = (
    "search",
    _("Nothing fits"),
    _(
        "Nothing in the pool matches what is chosen above. Phones and e-mails are found only when typed in full."
    ),
)


def said(asked: Asked) -> dict[str, Any]:
    """The sign, the title and the text for what is asked."""
    sign, title, text = NARROWED if asked.narrowed else TEXTS.get(asked.segment, TEXTS[""])
    return {"sign": sign, "title": title, "text": text, "all": asked.narrowed}
