"""Where leads come from (R1.4), and how people may be reached (R11)."""

from __future__ import annotations

import re

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import pgettext_lazy

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


class ChannelKind(models.TextChoices):
    """The ways to reach people (R11.1). Phone and WeChat are tasks for a person, with the text ready."""

    EMAIL = "email", pgettext_lazy("channel", "e-mail")
    SMS = "sms", _("SMS")
    PHONE = "phone", _("phone call")
    CALL = "call", _("robot call")
    WECHAT = "wechat", _("WeChat")
    WEBHOOK = "webhook", _("webhook")


class Function(models.TextChoices):
    """Which function of the firm reaches out; the cap counts all of them together (R11.3)."""

    CADENCE = "cadence", _("cadence")
    CAMPAIGN = "campaign", _("campaign")
    CALLING = "calling", _("calling desk")
    SALES = "sales", _("sales")
    SERVICE = "service", _("asked for")


class Goal(models.TextChoices):
    """What a campaign, cadence or community is for, and is judged by (R11.6)."""

    SPREAD = "spread", _("spread the word")
    ACQUIRE = "acquire", _("win leads")
    ORDER = "order", _("win orders")


rule("touches_a_day", 1, "R11.3", _("Touches a person gets a day, over all channels"), least=0, most=20)
rule(
    "touches_a_week",
    2,
    "R11.3",
    _("Touches a person gets in seven days, over all channels"),
    least=0,
    most=50,
)
rule(
    "touch_hours",
    "09:00-21:00",
    "R11.3",
    _("Hours in which people are reached, in their own time zone"),
    kind="span",
)
rule(
    "opt_out_words",
    ["T", "TD", "N", "退订", "STOP", "UNSUBSCRIBE"],
    "R11.2",
    _("Words that opt out when somebody texts them back"),
    kind="list",
    least=1,
    most=40,
)

# The address kinds a channel needs; webhooks carry the person's id and need none.
POINT_OF = {
    ChannelKind.EMAIL: "email",
    ChannelKind.SMS: "phone",
    ChannelKind.PHONE: "phone",
    ChannelKind.CALL: "phone",
    ChannelKind.WECHAT: "wechat",
    ChannelKind.WEBHOOK: "",
}
BY_PERSON = frozenset([ChannelKind.PHONE, ChannelKind.WECHAT])

WHY_HELD = {
    "erased": _("asked to be forgotten"),
    "do_not_call": _("wants no calls"),
    "do_not_sms": _("wants no SMS"),
    "do_not_email": _("wants no e-mail"),
    "no_phone": _("refused on the phone: no calls for now"),
    "no_address": _("no number or address for this channel"),
    "dead_address": _("the number or address is dead"),
    "cap_day": _("has been reached today"),
    "cap_week": _("has been reached often enough these seven days"),
    "quiet": _("it is night where they are"),
    "no_text": _("the template has no text"),
    "condition": _("the step's condition does not hold"),
    "breaker": _("the channel is down: tried again by itself"),
    "limit": _("the provider asks to go slower"),
    "left_pool": _("no longer in the cadence"),
    "late": _("its time was over before it could go"),
    "stopped": _("the mailing was stopped"),
    "merged": _("two records were one person: it goes out once"),
}

# The templates that are shipped (migration 0004), by code: their names until somebody renames them.
SHIPPED_TEMPLATES = {
    "not_now_sms": noop("Not now: a short hello"),
    "not_now_email": noop("Not now: start small"),
    "not_now_live": noop("Not now: come to a live stream"),
    "interest_wechat": noop("Some interest: let us add each other"),
    "interest_article": noop("Some interest: an article"),
    "interest_moments": noop("Some interest: look at our Moments"),
    "interest_community": noop("Some interest: join the group"),
    "inactive_call": noop("Long inactive: a robot asks"),
    "inactive_sms": noop("Long inactive: a short question"),
    "inactive_email": noop("Long inactive: are we still of use"),
    "dormant_sms": noop("Dormant: twice a year"),
    "dormant_email": noop("Dormant: what is new"),
    "third_sms_1": noop("Third party: who we are"),
    "third_email": noop("Third party: an introduction"),
    "third_call": noop("Third party: a robot introduces us"),
    "third_sms_2": noop("Third party: last word"),
}

rule(
    "mailing_days",
    14,
    "R11.3",
    _("Days for which a mailing waits for people who are over the cap"),
    least=1,
    most=365,
)
