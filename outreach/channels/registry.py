"""Which drivers there are, which is in use for a kind, and one made ready with its opened secrets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from core.web.words import listed
from outreach.channels.base import Driver, Later, Outgoing, Plain, Sent
from outreach.channels.call.file import CallFile
from outreach.channels.call.http import CallHttp
from outreach.channels.email.anymail import EmailAnymail
from outreach.channels.email.django import EmailDjango
from outreach.channels.email.file import EmailFile
from outreach.channels.email.smtp import EmailSmtp
from outreach.channels.sms.aliyun import SmsAliyun
from outreach.channels.sms.file import SmsFile
from outreach.channels.sms.tencent import SmsTencent
from outreach.channels.sms.twilio import SmsTwilio
from outreach.channels.webhook.file import WebhookFile
from outreach.channels.webhook.http import WebhookHttp
from outreach.channels.wecom.file import WecomFile
from outreach.channels.wecom.robot import WecomRobot
from outreach.models import Channel
from outreach.rules import ChannelKind

_ALL: Iterable[type[Any]] = (
    EmailDjango,
    EmailSmtp,
    EmailAnymail,
    EmailFile,
    SmsAliyun,
    SmsTencent,
    SmsTwilio,
    SmsFile,
    CallHttp,
    CallFile,
    WebhookHttp,
    WebhookFile,
    WecomRobot,
    WecomFile,
)
DRIVERS: dict[tuple[str, str], type[Any]] = {(driver.kind, driver.code): driver for driver in _ALL}
# What sends where no channel of the kind is in use. A phone call is always a task and has none; neither has WeChat, where
# a channel only tells colleagues.
DEFAULTS: dict[str, type[Any]] = {
    ChannelKind.EMAIL: EmailDjango,
    ChannelKind.SMS: SmsFile,
    ChannelKind.CALL: CallFile,
    ChannelKind.WEBHOOK: WebhookFile,
}


class Broken(Plain):
    """Stands for a driver that cannot be made: everything waits, and the channel's light says why."""

    code = "broken"
    label = ""
    kind = ""

    def __init__(self, why: str) -> None:
        super().__init__({})
        self.why = why

    def send(self, message: Outgoing) -> Sent:
        """Nothing leaves. Raises Later."""
        raise Later(self.why, down=True)


def drivers_of(kind: str) -> list[type[Any]]:
    """The drivers of a kind, as they are offered."""
    return [driver for (of, _code), driver in DRIVERS.items() if of == kind]


def channel_in_use(kind: str) -> Channel | None:
    """The channel of this kind that is in use; None where the default sends."""
    return Channel.objects.filter(kind=kind, in_use=True).first()


def driver_of(channel: Channel | None, kind: str = "") -> Driver:
    """The channel's driver with its settings and opened secrets; without a channel the default of the `kind`. Never raises:
    what cannot be made sends nothing and says why (Later, down)."""
    if channel is None:
        return DEFAULTS[kind]({})
    made = DRIVERS.get((channel.kind, channel.driver))
    if made is None:
        return Broken(_("This way of sending is no longer there."))
    if extra := made.missing():
        return Broken(_("A package is missing: install the extra “%(extra)s”.") % {"extra": extra})
    values = {**channel.settings, **channel.secrets, "hook": hook_address(channel)}
    empty = [str(s.label) for s in made.settings if s.required and not (values.get(s.name) or s.default)]
    if empty:
        said = _("Not filled in, or cannot be opened with this site's key: %(names)s.")
        return Broken(said % {"names": listed(empty)})
    return made(values)


def hook_address(channel: Channel) -> str:
    """Where the provider reports; whoever knows it may report."""
    return settings.SITE_URL + reverse("outreach:hook", args=[channel.pk, channel.hook_key])
