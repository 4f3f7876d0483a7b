"""Verbs on channels: set up, put to use, tried, taken away, by an administrator (R11.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from contacts.rules import NotAPoint, parse_point
from core import clock, events
from core.errors import Conflict, FieldError, NotFound, RuleRefused
from core.ids import uuid7
from core.locking import lock, verb
from outreach.channels.base import DeadAddress, Later, MayHaveLeft, NotSent, Outgoing, Setting
from outreach.channels.registry import DRIVERS, driver_of
from outreach.models import Channel
from outreach.permissions import require_admin
from outreach.rules import POINT_OF, ChannelKind
from outreach.services.breaker import note_result
from outreach.services.groups import AT_FIRST

__all__ = ["drop_channel", "note_result", "rest_channel", "save_channel", "test_send", "use_channel"]
SECRET_MOST = 4_000
PRICE_MOST = Decimal(100_000)
TEXT_MOST = 2_000


@verb
def save_channel(
    channel: Channel | None,
    *,
    by: User,
    kind: str = "",
    driver: str = "",
    name: str,
    values: Mapping[str, str],
    price: Decimal | None = None,
) -> Channel:
    """Set a channel up, or change one; kind and driver stay. A secret that is left empty stays as it is (R11.1).

    Raises Forbidden, NotFound, RuleRefused with field, value and reason.
    """
    require_admin(by)
    at = clock.now()
    row = _of(channel) if channel else _new(kind, driver, at)
    made = DRIVERS.get((row.kind, row.driver))
    if made is None:
        wrong = _("“%(value)s” is no way of sending here.") % {"value": str(row.driver)[:40]}
        raise RuleRefused(errors=[FieldError("driver", "invalid", wrong)])
    kept = row.secrets
    given = {s.name: str(values.get(s.name) or "").strip() for s in made.settings}
    whole = {
        s.name: given[s.name] or (kept.get(s.name, "") if s.secret else s.default) for s in made.settings
    }
    errors = [*_name_errors(name), *_price_errors(price), *_unknown(values, whole)]
    errors += [error for s in made.settings for error in _setting_errors(s, whole[s.name])]
    if extra := made.missing():
        message = _("A package is missing: install the extra “%(extra)s”.") % {"extra": extra}
        errors.append(FieldError("driver", "not_installed", message))
    if not errors:
        errors = [FieldError(field, "invalid", message) for field, message in made.faults(whole)]
    if errors:
        raise RuleRefused(errors=errors)
    # What is left empty follows the driver's default, also when that changes one day.
    kept_now = {s.name: whole[s.name] if s.secret else given[s.name] for s in made.settings}
    changed = _fill(row, made.settings, kept_now, name=name.strip(), price=price)
    if channel:
        # What was wrong may be mended now: it is tried again at once.
        row.failures, row.error, row.closed_until = 0, "", None
        row.store("name", "settings", "sealed", "price", "failures", "error", "closed_until")
    else:
        row.save()
    verb_name = "channel_changed" if channel else "channel_made"
    data = {"driver": row.driver, "fields": changed if channel else []}
    events.record(events.Fact(verb_name, row, at, by, data=data))
    return row


def _new(kind: str, driver: str, at: datetime) -> Channel:
    told = sorted(AT_FIRST) if kind == ChannelKind.WECHAT else []
    return Channel(kind=kind, driver=driver, told=told, created_at=at)


def _fill(
    row: Channel, settings: tuple[Setting, ...], whole: dict[str, str], *, name: str, price: Decimal | None
) -> list[str]:
    """Put the values into the row; answers the names of what is another one now, never a value."""
    open_ones = {s.name: whole[s.name] for s in settings if not s.secret and whole[s.name]}
    secret = {s.name: whole[s.name] for s in settings if s.secret and whole[s.name]}
    old = {**row.settings, **row.secrets, "name": row.name, "price": row.price}
    new = {**open_ones, **secret, "name": name, "price": price}
    if row.secrets != secret:
        row.secrets = secret
    row.settings, row.name, row.price = open_ones, name, price
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def _name_errors(name: str) -> list[FieldError]:
    text = name.strip()
    if not text:
        return [FieldError("name", "required", _("A channel needs a name."))]
    if len(text) > 80:
        return [FieldError("name", "too_long", _("At most %(most)s characters.") % {"most": 80})]
    return []


def _price_errors(price: Decimal | None) -> list[FieldError]:
    if price is None:
        return []
    if not price.is_finite() or not 0 <= price < PRICE_MOST or price != price.quantize(Decimal("0.0001")):
        message = _("“%(value)s”: a price is 0 or more, with at most four places.") % {"value": price}
        return [FieldError("price", "out_of_range", message)]
    return []


def _unknown(values: Mapping[str, str], whole: dict[str, str]) -> list[FieldError]:
    message = _("There is no such setting.")
    return [FieldError(str(name)[:40], "unknown_field", message) for name in values if name not in whole]


def _setting_errors(setting: Setting, value: str) -> list[FieldError]:
    most = SECRET_MOST if setting.secret else setting.most
    if not value:
        missing = _("%(name)s is needed.") % {"name": setting.label}
        return [FieldError(setting.name, "required", missing)] if setting.required else []
    if len(value) > most:
        return [FieldError(setting.name, "too_long", _("At most %(most)s characters.") % {"most": most})]
    if any(ord(sign) < 32 for sign in value):
        message = _("This holds signs that cannot stand here.")
        return [FieldError(setting.name, "invalid_characters", message)]
    if setting.choices and value not in dict(setting.choices):
        message = _("“%(value)s” is none of the choices.") % {"value": value[:40]}
        return [FieldError(setting.name, "invalid_choice", message)]
    return []


@verb
def use_channel(channel: Channel, *, by: User) -> Channel:
    """Send by this channel from now on; the one that was in use for its kind, or for the same group of colleagues, rests.

    Raises Forbidden, NotFound.
    """
    require_admin(by)
    rows = lock(Channel.objects.all(), Channel.objects.filter(kind=channel.kind).values_list("pk", flat=True))
    row = next((each for each in rows if each.pk == channel.pk), None)
    if row is None:
        raise NotFound
    if row.in_use:
        return row
    for other in rows:
        if other.in_use and other.team_id == row.team_id:
            other.in_use = False
            other.store("in_use")
    row.in_use, row.failures, row.error, row.closed_until = True, 0, "", None
    row.used_at = at = clock.now()
    row.store("in_use", "used_at", "failures", "error", "closed_until")
    events.record(events.Fact("channel_used", row, at, by))
    return row


@verb
def rest_channel(channel: Channel, *, by: User) -> Channel:
    """Send no longer by this channel; the default of its kind takes over. Raises Forbidden, NotFound."""
    require_admin(by)
    row = _of(channel)
    if row.in_use:
        row.in_use = False
        row.store("in_use")
        events.record(events.Fact("channel_rested", row, clock.now(), by))
    return row


@verb
def drop_channel(channel: Channel, *, by: User) -> None:
    """Take a channel away with its secrets. Raises Forbidden, NotFound, Conflict while it is in use."""
    require_admin(by)
    row = _of(channel)
    if row.in_use:
        raise Conflict("in_use", _("It is in use. Put another one to use first, or let it rest."))
    events.record(events.Fact("channel_dropped", row, clock.now(), by, data={"driver": row.driver}))
    row.delete()


def _of(channel: Channel) -> Channel:
    """The channel as it is now, locked. Raises NotFound."""
    found = lock(Channel.objects.all(), [channel.pk])
    if not found:
        raise NotFound
    return found[0]


@dataclass(frozen=True)
class Tried:
    """How a test went, in words."""

    ok: bool
    text: str


def test_send(channel: Channel, *, to: str, text: str, by: User) -> Tried:
    """Send one message now, in truth, and say how it went. Outside of any transaction: it may take its time.

    Raises Forbidden, RuleRefused for an address that is none.
    """
    require_admin(by)
    address = _address(channel.kind, to)
    words = text.strip()
    if not words:
        raise RuleRefused(errors=[FieldError("text", "required", _("What shall it say?"))])
    if len(words) > TEXT_MOST:
        message = _("At most %(most)s characters.") % {"most": TEXT_MOST}
        raise RuleRefused(errors=[FieldError("text", "too_long", message)])
    way = driver_of(channel)
    subject = _("A test of “%(name)s”") % {"name": channel.name} if channel.kind == "email" else ""
    tried, error = _try(way, Outgoing(key=f"test-{uuid7()}", to=address, text=words, subject=subject))
    at = clock.now()
    note_result(channel.pk, error, at)
    events.record(events.Fact("channel_tried", channel, at, by, data={"ok": tried.ok}))
    return tried


def _try(way: Any, message: Outgoing) -> tuple[Tried, str | None]:
    """Send by a driver; answers how it went and, where the channel itself is ill, why."""
    try:
        way.send(message)
    except DeadAddress as refused:
        return Tried(
            False, _("Not sent: there is no such number or address. %(why)s") % {"why": refused}
        ), None
    except NotSent as refused:
        return Tried(False, _("Not sent: %(why)s") % {"why": refused}), None
    except Later as later:
        text = _("Not sent for now: %(why)s") % {"why": later}
        return Tried(False, text), str(later) if later.down else None
    except MayHaveLeft as broken:
        return Tried(False, _("It may have been sent, nobody knows: %(why)s") % {"why": broken}), str(broken)
    finally:
        way.close()
    return Tried(True, _("Sent. The provider has taken it; look whether it arrives.")), None


def _address(kind: str, to: str) -> str:
    point = POINT_OF.get(kind, "")  # type: ignore[call-overload]
    if point not in ("phone", "email"):
        return to.strip()[:254]
    try:
        return parse_point(point, to, field="to").value
    except NotAPoint as refused:
        raise RuleRefused(errors=[FieldError("to", "invalid", refused)]) from refused
