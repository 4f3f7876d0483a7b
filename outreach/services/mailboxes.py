"""Looking into the mailbox of the e-mail channel: bounces and replies that come by mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from core.locking import lock, verb
from outreach.channels.base import Later, NotOurs
from outreach.channels.email.arrived import read
from outreach.channels.registry import channel_in_use, driver_of
from outreach.models import Channel
from outreach.rules import ChannelKind
from outreach.services import receiving

log = structlog.get_logger(__name__)
PAUSE = timedelta(seconds=50)


def poll_due(at: datetime) -> int:
    """Look into the mailbox, if there is one and nobody did a moment ago; answers how many mails were read."""
    channel = channel_in_use(ChannelKind.EMAIL)
    if channel is None or not _taken(channel, at):
        return 0
    return poll(channel, at)


@verb
def _taken(channel: Channel, at: datetime) -> bool:
    """Whether it is this worker's turn: of two that look at once only one does."""
    if not getattr(driver_of(channel), "has_mailbox", False):
        return False
    for row in lock(Channel.objects.all(), [channel.pk], skip_locked=True):
        if row.polled_at is None or row.polled_at <= at - PAUSE:
            row.polled_at = at
            row.save(update_fields=["polled_at"])
            return True
    return False


def poll(channel: Channel, at: datetime) -> int:
    """Read what is new in the channel's mailbox and hand it on; the mark moves in the same transaction, so that a mail is
    neither lost nor taken twice. A mailbox that is out of reach is tried again the next time."""
    driver: Any = driver_of(channel)
    if not getattr(driver, "has_mailbox", False):
        return 0
    try:
        mails, mark = driver.fetch(channel.poll_mark)
    except Later as error:
        log.warning("mailbox_unread", channel=str(channel.pk), error=str(error))
        return 0
    receipts, answers = [], []
    for raw in mails:
        try:
            told, said = read(raw)
        except NotOurs:  # no mail at all: the next one may be
            continue
        receipts += told
        answers += said
    with transaction.atomic():
        held = lock(Channel.objects.all(), [channel.pk])
        if not held or held[0].poll_mark != channel.poll_mark:
            return 0  # another worker was faster
        if receipts:
            receiving.take_receipts(held[0], receipts, at)
        if answers:
            receiving.take_inbound(held[0], answers, at)
        Channel.objects.filter(pk=channel.pk).update(poll_mark=mark, polled_at=at)
    return len(mails)
