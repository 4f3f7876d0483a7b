"""What the timeline says of the verbs of a lead."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as noop

from core.templatetags.trunk import plain
from core.web.phrases import chosen, phrase
from core.web.words import listed
from leads.rules import SETTLED, Ended, Reason, ReleaseReason, ReturnReason, Segment

Data = dict[str, Any]
Names = dict[str, str]


def _captured(data: Data, names: Names) -> str:
    return _("Came in by %(channel)s") % {"channel": plain(data.get("channel", ""))}


def _arrived(data: Data, names: Names) -> str:
    return _("Came again by %(channel)s") % {"channel": plain(data.get("channel", ""))}


def _handed(data: Data, names: Names) -> str:
    name = names.get(str(data.get("rep")))
    return (
        _("Handed to %(name)s") % {"name": name} if name else _("Put into the team's queue: nobody was free")
    )


def _assigned(data: Data, names: Names) -> str:
    return _("Given to %(name)s") % {"name": names.get(str(data.get("rep")), "")}


def _returned(data: Data, names: Names) -> str:
    if data.get("reason") == SETTLED:
        return _("Back to marketing: the manager agreed with the rep")
    return _("Returned to marketing: %(why)s") % {"why": chosen(ReturnReason.choices, data.get("reason", ""))}


def _from(sentence: str) -> Any:
    return lambda data, names: _(sentence) % {"name": names.get(str(data.get("from")), "")}


def _settled(data: Data, names: Names) -> str:
    if data.get("verdict") == "legal":
        return _("Settled: a correct MQL")
    return _("Settled: an illegal MQL")


def _released(data: Data, names: Names) -> str:
    if data.get("detail") == Ended.LEFT:
        return _("To the pool: %(why)s") % {"why": Ended.LEFT.label}
    return _("Given back to the pool: %(why)s") % {
        "why": chosen(ReleaseReason.choices, data.get("detail", ""))
    }


def _pooled(data: Data, names: Names) -> str:
    return _("To the pool: %(why)s") % {"why": chosen(Reason.choices, data.get("reason", ""))}


def _expired(data: Data, names: Names) -> str:
    name = names.get(str(data.get("owner")), "")
    return _("The week of %(name)s ran out: back to the pool") % {"name": name}


def _segment(data: Data, names: Names) -> str:
    return _("In the pool, now: %(segment)s") % {"segment": chosen(Segment.choices, data.get("to", ""))}


def _labelled(data: Data, names: Names) -> str:
    said = [f"+ {name}" for name in data.get("on", [])] + [f"− {name}" for name in data.get("off", [])]
    return _("Labels: %(labels)s") % {"labels": listed(said)}


def declare() -> None:
    """Tell core.web.phrases."""
    phrase("captured", "plus", _captured)
    phrase("arrived", "refresh", _arrived)
    phrase("qualified", "thumb-up", lazy("Does not refuse to talk: MQL"))
    phrase("handed_over", "user-share", _handed)
    phrase("assigned", "user-share", _assigned)
    phrase("accepted", "check", lazy("Accepted: SQL, the week began"))
    phrase("returned", "arrow-back-up", _returned)
    phrase("released", "ripple", _released)
    phrase("pooled", "ripple", _pooled)
    phrase("expired", "alarm", _expired)
    phrase("reactivated", "rotate", lazy("Back on the trunk"))
    phrase("segment_changed", "ripple", _segment)
    phrase("invalidated", "circle-x", lazy("No way left to reach this person"))
    phrase("noted", "note", lazy("Note"))
    phrase("taken", "hand-grab", _from(noop("Taken over: %(name)s did not call in time")))
    phrase("passed_on", "user-share", _from(noop("%(name)s did not judge it in time")))
    phrase("objected", "message-circle", lazy("Put to the manager"))
    phrase("contested", "arrow-forward-up", lazy("The return was contested"))
    phrase("settled", "circle-check", _settled)
    phrase("extension_asked", "hourglass-low", lazy("Asked for another week"))
    phrase("extension_approved", "clock-plus", lazy("Another week granted"))
    phrase("extension_rejected", "clock", lazy("No other week: the clock runs on"))
    phrase("next_step", "flag", lazy("Next step"))
    phrase("do_not_call", "phone-off", lazy("Asked never to be called"))
    phrase("number_dead", "phone-x", lazy("The number is dead"))
    phrase("contact_changed", "edit", lazy("Details changed"))
    phrase("contact_made", "user-plus", lazy("Contact added"))
    phrase("contacts_merged", "git-merge", lazy("Merged: two entries of the same person are one now"))
    phrase("labelled", "tag", _labelled)
    phrase("kept_apart", "users", lazy("Looked at: somebody else, not the same person"))
