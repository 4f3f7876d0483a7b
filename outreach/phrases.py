"""What the history of a campaign, a mailing and a template says, in a seller's words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext, pgettext

from core.templatetags.trunk import comma
from core.web.phrases import chosen, phrase
from core.web.words import labelled, money
from outreach.models import Campaign
from outreach.rules import ChannelKind, Goal

Data = dict[str, Any]
Names = dict[str, str]


def _campaign(data: Data, names: Names) -> str:
    words: dict[str, Any] = {
        "name": pgettext("thing", "Name"),
        "budget": _("Budget"),
        "cost": _("Spent so far"),
        "starts_on": _("First day"),
        "ends_on": _("Last day"),
        "goal": _("Goal"),
        "kind": _("Kind"),
    }
    said = [
        labelled(word, f"{_value(key, data[key][0])} → {_value(key, data[key][1])}")
        for key, word in words.items()
        if isinstance(data.get(key), list)
    ]
    if isinstance(data.get("active"), list):
        said.append(_("Put away") if data["active"][1] == "False" else _("Back in the list"))
    return " · ".join(said) or _("Changed")


def _value(key: str, text: str) -> str:
    if not text:
        return "–"
    if key in ("budget", "cost"):
        return money(text)
    return (
        chosen({"goal": Goal, "kind": Campaign.Kind}[key].choices, text) if key in ("goal", "kind") else text
    )


def _template(data: Data, names: Names) -> str:
    said = []
    if isinstance(data.get("name"), list):
        said.append(labelled(pgettext("thing", "Name"), f"{data['name'][0]} → {data['name'][1]}"))
    if isinstance(data.get("active"), list):
        said.append(_("Put away") if data["active"][1] == "False" else _("Can be chosen again"))
    return " · ".join(said) or _("Wording changed")


def _way(data: Data) -> str:
    return str(chosen(ChannelKind.choices, data.get("channel", "")))


def _started(data: Data, names: Names) -> str:
    known = {"way": _way(data)}
    if data.get("people") is None:
        return _("Mailing by %(way)s set to begin") % known
    text = ngettext(
        "Mailing by %(way)s started: %(n)s person in it",
        "Mailing by %(way)s started: %(n)s people in it",
        data["people"],
    )
    return text % {**known, "n": data["people"]}


def _stopped(data: Data, names: Names) -> str:
    number = data.get("withdrawn", 0)
    text = ngettext(
        "Mailing by %(way)s stopped: %(n)s message withdrawn",
        "Mailing by %(way)s stopped: %(n)s messages withdrawn",
        number,
    )
    return text % {"way": _way(data), "n": number}


def _mailing(text: Any) -> Any:
    return lambda data, names: str(text) % {"way": _way(data)}


def _made(data: Data, names: Names) -> str:
    return comma().join([_("Made"), str(chosen(Goal.choices, data.get("goal", "")))])


def declare() -> None:
    """Tell core.web.phrases."""
    phrase("campaign_made", "speakerphone", _made)
    phrase("campaign_changed", "edit", _campaign)
    phrase("template_made", "message", lazy("Written"))
    phrase("template_changed", "edit", _template)
    phrase("mailing_made", "message", _mailing(lazy("Mailing by %(way)s written")))
    phrase("mailing_started", "player-play", _started)
    phrase("mailing_stopped", "circle-x", _stopped)
    phrase("mailing_dropped", "circle-x", _mailing(lazy("Mailing by %(way)s thrown away")))
    phrase(
        "mailing_done", "circle-check", _mailing(lazy("Mailing by %(way)s done: everybody was decided on"))
    )
