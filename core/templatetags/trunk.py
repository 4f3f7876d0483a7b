"""Components of the pages as template tags, each drawn by the template of its name in components/."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import phonenumbers
from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from core import dialling, rulebook
from core.web import words
from core.web.context import moment
from core.web.listing import Listing, address
from core.web.sources import source_words

register = template.Library()
HOME = 86  # numbers of this country are read in their national form


def _now(context: Context) -> datetime:
    """The instant from which this page tells every date."""
    return context["now"] if "now" in context else moment(context["request"])


@register.simple_tag(takes_context=True)
def server_time(context: Context) -> str:
    """The business time for the clocks in the browser."""
    return _now(context).isoformat()


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, classes: str = "") -> SafeString:
    """A sign of the sprite; it never speaks alone, so it is hidden from readers. Drawn often, hence remembered."""
    return format_html(
        '<svg class="t-icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        classes,
        static("vendor/icons.svg"),
        name,
    )


# Time


@register.inclusion_tag("components/clock.html", takes_context=True)
def clock(
    context: Context,
    due_at: datetime,
    started_at: datetime | None = None,
    extensions: int = 0,
    size: str = "",
) -> dict[str, Any]:
    """The chip of the week: time left over a bar, a notch for each extension; `size="l"` on a record."""
    now = _now(context)
    started = started_at or due_at - timedelta(days=7 * (1 + extensions))
    rest = (due_at - now).total_seconds()
    return {
        "due_at": due_at,
        "started_at": started,
        "left": words.left(rest),
        "level": words.level(rest),
        "exact": words.exact(due_at),
        "share": words.share(now, started, due_at),
        "notches": words.notches(started, due_at, extensions),
        "size": size,
    }


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime | None, empty: str = "–") -> Any:
    """A moment as people say it, exact on hover."""
    if at is None:
        return empty
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        words.exact(at),
        words.when(at, _now(context)),
    )


@register.simple_tag(takes_context=True)
def due(context: Context, day: date | datetime | None, empty: str = "–") -> Any:
    """A day on which something is due: "tomorrow", "3 days over"; red and amber only near the end."""
    if day is None:
        return empty
    plain = timezone.localtime(day).date() if isinstance(day, datetime) else day
    text, level = words.due_day(plain, timezone.localtime(_now(context)).date())
    tone = {"over": "t-lost", "last": "t-near"}.get(level, "")
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>',
        tone,
        plain.isoformat(),
        plain.isoformat(),
        text,
    )


@register.simple_tag
def over(days: int) -> str:
    """How long ago something was due: "3 days over"."""
    return words.over(days)


@register.simple_tag(takes_context=True, name="on")
def on_day(context: Context, day: date | datetime | None, empty: str = "–", full: bool = False) -> Any:
    """A plain day, neither near nor far: "17 Nov", "tomorrow"; `full=True` always with its year, as in a contract."""
    if day is None:
        return empty
    day = timezone.localtime(day).date() if isinstance(day, datetime) else day
    name = words.full_day(day) if full else words.day_name(day, timezone.localtime(_now(context)).date())
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', day.isoformat(), name)


@register.filter
def hour(at: datetime) -> str:
    """The time of day, as the timeline writes it beside its day."""
    return f"{timezone.localtime(at):%H:%M}"


@register.simple_tag(takes_context=True)
def day(context: Context, at: datetime) -> str:
    """The day of a moment, as a heading."""
    return words.day_name(timezone.localtime(at).date(), timezone.localtime(_now(context)).date())


# Money, people, ways to reach them


@register.simple_tag
def money(amount: Any, currency: str = "CNY", short: bool = False, price: bool = False) -> str:
    """An amount; `short=True` for sums in a head: ¥1.2 M; `price=True` for what one of many costs: ¥0.045."""
    return words.price(amount, currency) if price else words.money(amount, currency, short)


@register.simple_tag
def pct(value: Any) -> str:
    """A percentage without idle zeros: 12.5 %."""
    return words.percent(value)


@register.simple_tag
def comma(kind: str = "") -> str:
    """Between two things that are said of one; `{% comma "list" %}` between the names of a list."""
    return pgettext("list", ", ") if kind == "list" else pgettext("between two things said of one", ", ")


@register.simple_tag
def person(user: Any, size: str = "", nobody: str = "–", only_face: bool = False) -> SafeString:
    """A colleague: initials and name; `only_face=True` keeps the name for the hover."""
    return _person(getattr(user, "name", "") if user else "", size, str(nobody), only_face)


@lru_cache(maxsize=1024)
def _person(name: str, size: str, nobody: str, only_face: bool) -> SafeString:
    if not name:
        return format_html('<span class="t-faint">{}</span>', nobody)
    face = format_html(
        '<span class="t-face{}" aria-hidden="true">{}</span>',
        f" t-face--{size}" if size else "",
        words.initials(name),
    )
    if only_face:
        return format_html(
            '<span class="t-person" title="{}">{}<span class="t-sr">{}</span></span>', name, face, name
        )
    return format_html('<span class="t-person">{}<span class="t-clip">{}</span></span>', face, name)


@register.inclusion_tag("components/reach.html")
def reach(
    kind: str, value: str, masked: bool = False, dead: bool = False, silent: bool = False
) -> dict[str, Any]:
    """A phone, e-mail or WeChat id: a link that dials or writes, unless it is masked, dead, or a phone of somebody
    who is not to be called (`silent`)."""
    href: Any = ""
    if kind == "phone" and not silent:
        href = dials(value)
    elif kind == "email":
        href = format_html('href="mailto:{}"', value)
    sign = {"phone": "phone", "email": "mail"}.get(kind, "brand-wechat")
    return {
        "kind": kind,
        "value": value,
        "href": "" if masked or dead else href,
        "sign": sign,
        "dead": dead,
        "masked": masked,
    }


@register.filter
@lru_cache(maxsize=4096)
def phone(value: str) -> str:
    """A stored number as it is read: 138 0013 8000 at home, +44 20 7946 0620 abroad, its extension behind it."""
    try:
        if "*" in str(value):  # masked
            return str(value)
        number = phonenumbers.parse(str(value or ""))
    except phonenumbers.NumberParseException:
        return str(value or "")
    home = number.country_code == HOME
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


@register.simple_tag
def dials(value: str) -> SafeString:
    """Where a click on a stored number leads, as attributes of its link: the telephone, or the firm's dialler (R2.2)."""
    number, _, extension = str(value or "").partition(" ext ")
    template = rulebook.get("dialler_url")
    href = dialling.link(template, number, extension)
    if dialling.is_web(template):
        return format_html('href="{}" target="_blank" rel="noopener noreferrer"', href)
    return format_html('href="{}"', href)


@register.filter
def plain(code: str) -> str:
    """A channel's code as one reads it: autumn salon."""
    return source_words(code)


# Records


@register.inclusion_tag("components/trunk.html", takes_context=True)
def trunk_bar(
    context: Context, stops: list[dict[str, Any]], branches: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Lead – MQL – SQL – Opportunity – Order: stops {name, state: past|now|ahead|lost, at, who} and
    branches to the pool {from, to, text, now}; `from`, `to` count the stops, no `to` while it lies there."""
    reached = max((n for n, stop in enumerate(stops) if stop["state"] != "ahead"), default=0)
    drawn = [
        {**stop, "joined": n < reached, "end": n == len(stops) - 1, "branches": []}
        for n, stop in enumerate(stops)
    ]
    for n, branch in enumerate(branches or [], start=1):
        left, back = branch["from"], branch.get("to")
        returns = bool(back) and back != left
        first = min(left, back) if returns else left
        span = abs(back - left) if returns else len(stops) - left + 1
        drawn[left - 1]["branches"].append(
            {**branch, "n": n, "first": first, "span": span, "returns": returns}
        )
    return {"stops": drawn, "now": _now(context), "request": context.get("request")}


@register.inclusion_tag("components/timeline.html", takes_context=True)
def timeline(context: Context, entries: Any) -> dict[str, Any]:
    """What happened, newest first: entries with at, icon, text, who, way, said (free text)."""
    return {"entries": entries, "now": _now(context)}


@register.inclusion_tag("components/meter.html")
def meter(part: Any, whole: Any, second: Any = 0, label: str = "") -> dict[str, Any]:
    """A bar of how much of something is used; `second` lies behind the first (paid, then open)."""
    whole = float(whole or 0)
    first = min(100.0, float(part or 0) / whole * 100) if whole else 0.0
    more = min(100.0 - first, float(second or 0) / whole * 100) if whole else 0.0
    return {
        "first": round(first, 2),
        "second": round(more, 2),
        "full": first >= 100 and not second,
        "label": label,
    }


# Lists and forms


@register.inclusion_tag("components/sort.html")
def sort_head(listing: Listing, name: str, label: str, classes: str = "") -> dict[str, Any]:
    """The head of a column that sorts."""
    return {
        "url": listing.sort_url(name),
        "sorted": listing.sorted_by(name),
        "label": label,
        "classes": classes,
    }


@register.inclusion_tag("components/chip.html", takes_context=True)
def chip(
    context: Context, label: str, name: str, value: str = "", count: Any = None, sign: str = ""
) -> dict[str, Any]:
    """A filter as a chip: sets `name=value` in the URL, a second click takes it away; no value is "all"."""
    request = context["request"]
    here = request.GET.get(name, "") == value
    new = None if here or not value else value
    path = context.get("here") or request.path
    url = address(path, {k: v for k, v in request.GET.items() if k != "cursor"}, **{name: new})
    counts = f"n-{name}-{value}"  # by which an answer tells what is left, in its place
    return {"label": label, "url": url, "here": here, "count": count, "counts": counts, "sign": sign}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, wide: bool = False, label: str = "", autofocus: bool = False) -> dict[str, Any]:
    """A form field with its label, hint and error beside it."""
    widget = bound.field.widget
    kind = "pick" if isinstance(widget, RadioSelect | CheckboxSelectMultiple) else "plain"
    if isinstance(widget, CheckboxInput):
        kind = "check"
    css = {
        "plain": "form-select" if isinstance(widget, Select) else "form-control",
        "check": "form-check-input",
    }.get(kind, "")
    attrs: dict[str, Any] = {"class": f"{widget.attrs.get('class', '')} {css}".strip()}
    if autofocus:
        attrs["autofocus"] = True
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "kind": kind,
        "wide": wide,
        "label": label or bound.label,
    }
