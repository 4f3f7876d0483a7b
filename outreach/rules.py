"""Where leads come from (R1.4)."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from core.rulebook import rule

MEDIA = [
    "form",
    "conference",
    "salon",
    "live_stream",
    "inbound_call",
    "chat",
    "ad",
    "social",
    "website",
    "app",
    "import",
    "api",
    "referral",
    "third_party_list",
]

rule("media", MEDIA, "R1.4", _("Media a lead can come by"), kind="list", least=1, most=60)

# The person did something: a known one in the pool comes back to the desk (R1.3).
ACTED = frozenset(["form", "conference", "salon", "live_stream", "inbound_call", "chat", "referral"])
THIRD_PARTY = "third_party_list"

MEDIUM_NAMES = {
    "form": _("form"),
    "conference": _("conference"),
    "salon": _("salon"),
    "live_stream": _("live stream"),
    "inbound_call": _("inbound call"),
    "chat": _("chat"),
    "ad": _("advertisement"),
    "social": _("social media"),
    "website": _("website"),
    "app": _("app"),
    "import": _("import"),
    "api": _("another program"),
    "referral": _("referral"),
    "third_party_list": _("third-party list"),
}


def is_channel(text: str) -> bool:
    """Whether a text is a channel: lower snake case in any script."""
    return bool(text) and text == channel_of(text)


def channel_of(text: str) -> str:
    """The channel that a heading's free text means: lower snake case, other scripts kept."""
    return re.sub(r"[^\w]+", "_", text.strip().lower(), flags=re.UNICODE).strip("_")[:60].strip("_")
