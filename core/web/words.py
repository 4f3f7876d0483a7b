"""Time and money as people say them: "tomorrow 15:00", "3 d 4 h", "3 days over", "¥1.2 M". Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

MINUTE, HOUR, DAY = 60, 3600, 86400
LAST_DAY = timedelta(hours=24)
SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "¥"}

# The clock in the browser fills the same patterns.
CLOCK = {
    "days": noop("%(d)s d %(h)s h"),
    "hours": noop("%(h)s h %(m)s min"),
    "minutes": noop("%(m)s min"),
    "last": noop("under 1 min"),
    "over": noop("week over"),
}


def clock_words() -> dict[str, str]:
    """The patterns of the clock in the reader's language."""
    return {key: _(pattern) for key, pattern in CLOCK.items()}


def left(seconds: float) -> str:
    """Time left in two units: "3 d 4 h", "5 h 12 min", "9 min"."""
    rest = int(seconds)
    if rest <= 0:
        return _(CLOCK["over"])
    if rest >= DAY:
        return _(CLOCK["days"]) % {"d": rest // DAY, "h": rest % DAY // HOUR}
    if rest >= HOUR:
        return _(CLOCK["hours"]) % {"h": rest // HOUR, "m": rest % HOUR // MINUTE}
    if rest >= MINUTE:
        return _(CLOCK["minutes"]) % {"m": rest // MINUTE}
    return _(CLOCK["last"])


def level(seconds: float) -> str:
    """How near the end is: far (> 3 days), soon, near (48 h), last (24 h), over."""
    if seconds <= 0:
        return "over"
    if seconds <= DAY:
        return "last"
    if seconds <= 2 * DAY:
        return "near"
    return "soon" if seconds <= 3 * DAY else "far"


def exact(at: datetime) -> str:
    """The whole truth for the hover, the same in every language: 2026-11-27 15:04."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def day_name(day: date, today: date) -> str:
    """A day as one says it: today, tomorrow, Friday, 27 Nov."""
    away = (day - today).days
    if away in (-1, 0, 1):
        return {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}[away]
    if 1 < away < 7:
        return str(formats.date_format(day, "l"))
    if _zh():
        return (
            f"{day.month}月{day.day}日" if day.year == today.year else f"{day.year}年{day.month}月{day.day}日"
        )
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {formats.date_format(day, 'M')}{year}"


def full_day(day: date) -> str:
    """A day with its year, whatever the day is today: 27 Nov 2026."""
    if _zh():
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {formats.date_format(day, 'M Y')}"


def when(at: datetime, now: datetime) -> str:
    """A moment as one says it: "8 min ago", "today 15:00", "tomorrow 15:00", "27 Nov"."""
    gone = (now - at).total_seconds()
    if 0 <= gone < MINUTE:
        return _("just now")
    if 0 <= gone < HOUR:
        count = int(gone // MINUTE)
        return ngettext("%(n)s min ago", "%(n)s min ago", count) % {"n": count}
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    name = day_name(local.date(), today)
    if abs((local.date() - today).days) < 7:
        return f"{name} {local:%H:%M}"
    return name


def over(days: int) -> str:
    """How long ago it was due: "3 days over"."""
    return ngettext("%(n)s day over", "%(n)s days over", days) % {"n": days}


def due_day(day: date, today: date) -> tuple[str, str]:
    """A day on which something is due, in words, and its level."""
    away = (day - today).days
    if away < 0:
        return over(-away), "over"
    return day_name(day, today), "last" if away == 0 else "near" if away == 1 else "far"


def money(amount: Any, currency: str = "CNY", short: bool = False) -> str:
    """An amount: "¥12,000", "¥1,234.50"; short: "¥1.2 M" or "¥120 万"."""
    if amount is None or amount == "":
        return "–"
    value = Decimal(amount)
    sign = SIGNS.get(currency, f"{currency} ")
    minus = "−" if value < 0 else ""
    value = abs(value)
    if short:
        steps = (
            [(Decimal(10**8), "亿"), (Decimal(10**4), "万")]
            if _zh()
            else [(Decimal(10**6), "M"), (Decimal(10**3), "k")]
        )
        for size, unit in steps:
            if value >= size:
                figure = (value / size).quantize(Decimal("0.1") if value / size < 100 else Decimal(1))
                text = f"{figure.normalize():f}" if figure == figure.to_integral() else f"{figure:f}"
                return f"{minus}{sign}{text} {unit}"
    places = 0 if value == value.to_integral() else 2
    return f"{minus}{sign}{value:,.{places}f}"


def price(amount: Any, currency: str = "CNY") -> str:
    """What one of many costs, to the last digit that counts: "¥0.045"."""
    return f"{SIGNS.get(currency, f'{currency} ')}{Decimal(amount).normalize():f}"


def percent(value: Any) -> str:
    """A percentage without idle zeros: "12.5 %"."""
    return _("%(figure)s %%") % {"figure": f"{Decimal(str(value or 0)).normalize():f}"}


def labelled(label: Any, value: Any) -> str:
    """What something is, behind its name: "Team: East"."""
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def listed(names: Iterable[Any]) -> str:
    """Names in a row: "a, b, c"."""
    # Translators: between the names of a list
    return pgettext("list", ", ").join(str(name) for name in names)


def initials(name: str) -> str:
    """One or two letters that stand for a person: RB, 王."""
    words = name.split()
    if not words:
        return "?"
    # Who has a Latin name beside the Chinese one goes by that.
    words = [word for word in words if word[0].isascii()] or words
    if not words[0][0].isascii():
        return words[0][0]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def share(now: datetime, started: datetime, due: datetime) -> float:
    """How much of the time is left, 0 to 100."""
    whole = (due - started).total_seconds()
    return 0.0 if whole <= 0 else round(max(0.0, min(1.0, (due - now).total_seconds() / whole)) * 100, 2)


def notches(started: datetime, due: datetime, extensions: int, days: int = 7) -> list[float]:
    """Where on the bar each extension began, 0 to 100."""
    whole = (due - started).total_seconds()
    if whole <= 0:
        return []
    marks = [
        (due - timedelta(days=days * (n + 1)) - started).total_seconds() / whole for n in range(extensions)
    ]
    return [round(mark * 100, 2) for mark in marks if 0 < mark < 1]


def _zh() -> bool:
    return (get_language() or "").startswith("zh")
