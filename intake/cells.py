"""One cell: what spreadsheets put around it, dates, amounts, several phones in one; pure functions."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from contacts.rules import fold
from outreach.rules import channel_of

MAX_COST = Decimal("999999999999.99")
EARLIEST = date(1990, 1, 1)

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNREADABLE = re.compile("[\ufffd\ud800-\udfff]")
_TEXT_FORMULA = re.compile(r'^="(.*)"$', re.DOTALL)
_GUARDED = re.compile(r"^'(?=['=+\-@\t\r\d(])")
SHORTENED = re.compile(r"^[+-]?\d+(?:\.\d+)?E\+?\d+$", re.IGNORECASE)
_POINT_ZERO = re.compile(r"^(\+?\d{5,})\.0+$")
_FORMULA_ERROR = re.compile(r"^#(?:N/A|VALUE!|REF!|DIV/0!|NUM!|NAME\?|NULL!|SPILL!|CALC!)$")
_BETWEEN_PHONES = re.compile(r"[;；、,，|\n]+|/(?=\s*\+?\d{5})|(?<=\d{7})\s+(?=\+\d|1[3-9]\d{9}\b)")
_BETWEEN_MAILS = re.compile(r"[;；、,，|\s]+")
_BETWEEN_IDS = re.compile(r"[;；、,，|\n/]+")
_MAILTO = re.compile(r"^(?:mailto:|<)|>$", re.IGNORECASE)

MEDIUM_WORDS = {
    **dict.fromkeys(("表单",), "form"),
    **dict.fromkeys(("会议", "展会"), "conference"),
    **dict.fromkeys(("沙龙",), "salon"),
    **dict.fromkeys(("直播", "webinar"), "live_stream"),
    **dict.fromkeys(("呼入", "来电", "phone"), "inbound_call"),
    **dict.fromkeys(("在线咨询", "聊天"), "chat"),
    **dict.fromkeys(("广告",), "ad"),
    **dict.fromkeys(("社交媒体", "社媒"), "social"),
    **dict.fromkeys(("网站", "官网", "web"), "website"),
    **dict.fromkeys(("应用",), "app"),
    **dict.fromkeys(("导入",), "import"),
    **dict.fromkeys(("接口",), "api"),
    **dict.fromkeys(("转介绍", "推荐"), "referral"),
    **dict.fromkeys(("第三方", "第三方资料", "third_party"), "third_party_list"),
}


def clean(value: str) -> str:
    """A cell without what spreadsheets put around it: `="…"`, an apostrophe, our exports' guard (Q21)."""
    text = value.strip(" \u00a0\u3000\t\r\n")
    wrapped = _TEXT_FORMULA.match(text)
    if wrapped:
        text = wrapped[1].replace('""', '"')
    return _GUARDED.sub("", text).strip()


def unusable(value: str) -> str:
    """The code of what makes a cell unreadable, or nothing."""
    if _UNREADABLE.search(value):
        return "unreadable"
    if _CONTROL.search(value):
        return "control_character"
    return "formula_error" if _FORMULA_ERROR.match(value) else ""


def storable(value: str) -> str:
    """A text as PostgreSQL takes it: no NUL, no lone surrogate."""
    return value.encode("utf-8", "replace").decode().replace("\x00", "\u2400")


class Wrong(ValueError):
    """The cell cannot be what its column says; `code` is one of `reasons.ROW_REASONS`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def split_points(kind: str, value: str) -> list[str]:
    """Several phones, e-mails or ids in one cell, each by itself."""
    if kind == "phone":
        texts = _BETWEEN_PHONES.split(fold(value))
        return [_POINT_ZERO.sub(r"\1", clean(text)) for text in texts if clean(text)]
    texts = (_BETWEEN_MAILS if kind == "email" else _BETWEEN_IDS).split(fold(value))
    return [_MAILTO.sub("", text) for text in texts if text.strip()]


def medium_of(value: str, media: frozenset[str]) -> str:
    """The medium a cell names, in English or Chinese; it must be on the firm's list (R1.4)."""
    word = channel_of(fold(value))
    medium = MEDIUM_WORDS.get(word, word)
    if medium not in media:
        raise Wrong("medium_unknown")
    return medium


_MONEY_SIGNS = re.compile(
    r"^(?:rmb|cny|usd|eur|us\$|[¥￥$€£])\s*|\s*(?:元|块|rmb|cny|usd|eur)$",
    re.IGNORECASE,
)
_MONEY = re.compile(r"^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$")


def amount_of(value: str) -> Decimal:
    """An amount of money with at most two decimals, whatever sign stands around it."""
    text = _MONEY_SIGNS.sub("", fold(value)).strip()
    if not _MONEY.match(text) or len(text) > 40:
        raise Wrong("amount_invalid")
    try:
        amount = Decimal(text.replace(",", "")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    except InvalidOperation:
        raise Wrong("amount_too_large") from None
    if amount < 0:
        raise Wrong("amount_negative")
    if amount > MAX_COST:
        raise Wrong("amount_too_large")
    return amount


_ISO_DAY = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_BARE_DAY = re.compile(r"^(\d{4})(\d{2})(\d{2})(?=\D|$)")
_CHINESE_DAY = re.compile(r"^(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_OTHER_DAY = re.compile(r"^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_CLOCK = re.compile(
    r"^(上午|中午|下午|晚上|am|pm)?\s*(\d{1,2})[:：时](\d{1,2})?分?(?:[:：]?(\d{1,2})(?:\.\d+)?秒?)?\s*(am|pm)?\s*(z|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_ZONED = re.compile(r"(?:(z)|([+-])([01]\d|2[0-3]):?([0-5]\d))$", re.IGNORECASE)


def instant_of(value: str, zone: tzinfo, at: datetime) -> datetime:
    """The moment a cell tells; a day alone is its beginning in the firm's time zone. Never after `at`."""
    text = fold(value)
    day, rest = _day_of(text)
    if zoned := _ZONED.search(rest):
        away = timedelta(hours=int(zoned[3] or 0), minutes=int(zoned[4] or 0))
        zone = timezone(-away if zoned[2] == "-" else away)
    moment = datetime.combine(day, _clock_of(rest.lstrip(" tT,，")), zone)
    if day < EARLIEST:
        raise Wrong("date_past")
    if moment > at:
        raise Wrong("date_future")
    return moment


def _day_of(text: str) -> tuple[date, str]:
    for pattern in (_ISO_DAY, _CHINESE_DAY, _BARE_DAY):
        if found := pattern.match(text):
            return _date(int(found[1]), int(found[2]), int(found[3])), text[found.end() :]
    if found := _OTHER_DAY.match(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if found[2] == ".":
            return _date(year, second, first), text[found.end() :]
        if first <= 12 and second <= 12 and first != second:
            raise Wrong("date_ambiguous")
        day, month = (first, second) if first > 12 else (second, first)
        return _date(year, month, day), text[found.end() :]
    raise Wrong("date_invalid")


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Wrong("date_invalid") from None


def _clock_of(text: str) -> time:
    if not text.strip():
        return time()
    found = _CLOCK.match(text.strip())
    if not found:
        raise Wrong("date_invalid")
    half = (found[1] or found[5] or "").lower()
    hour = int(found[2])
    if half in ("下午", "晚上", "pm") and hour < 12:
        hour += 12
    if half in ("上午", "am") and hour == 12:
        hour = 0
    try:
        return time(hour, int(found[3] or 0), int(found[4] or 0))
    except ValueError:
        raise Wrong("date_invalid") from None
