"""What came back: receipts of providers and what people answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from outreach.channels.base import Inbound, Receipt
from outreach.models import Channel


def take_receipts(channel: Channel, receipts: Sequence[Receipt], at: datetime) -> int:
    """Nothing is taken yet."""
    return 0


def take_inbound(channel: Channel, inbound: Sequence[Inbound], at: datetime) -> int:
    """Nothing is taken yet."""
    return 0
