"""The pool's page: what its URL asks for, as rows and as choices with their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core import clock
from core.templatetags.trunk import plain
from core.web import words
from leads.models import Lead
from leads.rules import Reason, State
from pool import permissions, selectors
from pool.filters import PoolFilters

DESK = "desk"
KEPT = ("segment", "reason", "source", "entered_after", "last_touch_before", "claimable", "worn", "q")
SOURCES = 30
ENTERED = (7, 30, 90)
SILENT = (30, 90, 180)


class Asked:
    """What is asked of the pool; what cannot be is left out, as a page forgives where the API refuses."""

    def __init__(self, params: Mapping[str, str], user: User, at: Any) -> None:
        self.user, self.at = user, at
        clean = {k: params.get(k, "").replace("\x00", "").strip()[:200] for k in KEPT}
        self.params = {k: v for k, v in clean.items() if v}
        self.on_desk = self.params.get("segment") == DESK and permissions.may_hand_out(user)
        self.set = self._checked()

    def _checked(self) -> PoolFilters:
        found = self._filters(self.params)
        if not found.is_valid():
            for name in found.form.errors:
                self.params.pop(name, None)
            found = self._filters(self.params)
            found.is_valid()
        return found

    def _filters(self, params: dict[str, str]) -> PoolFilters:
        data = dict(params)
        if data.get("segment") == DESK:
            data.pop("segment")
        return PoolFilters(data, queryset=self._there)

    @property
    def _there(self) -> QuerySet[Lead]:
        if self.on_desk:
            return selectors.marketings_desk(self.user, self.at)
        return Lead.objects.visible_to(self.user).filter(state=State.POOLED)

    @property
    def rows(self) -> QuerySet[Lead]:
        """The leads that are asked for."""
        return self.set.qs

    @property
    def query_string(self) -> str:
        """The filters as they stand behind the question mark."""
        return urlencode(self.params)

    @property
    def segment(self) -> str:
        """The one segment that is looked at, or the desk."""
        return self.params.get("segment", "")

    @property
    def narrowed(self) -> bool:
        """Whether more than a segment is chosen."""
        return bool(set(self.params) - {"segment"})

    @cached_property
    def _crossed(self) -> list[tuple[str, str, int]]:
        """How many of each reason and channel, whatever of these two is chosen. One query."""
        others = {k: v for k, v in self.params.items() if k not in ("reason", "source")}
        rows = self._filters(others).qs.order_by().values_list("pool_reason", "channel")
        return list(rows.annotate(n=Count("pk")))

    @property
    def reasons(self) -> list[dict[str, str]]:
        """The reasons there are of the chosen channels, with counts."""
        counts: Counter[str] = Counter()
        for reason, channel, n in self._crossed:
            counts[reason] += n if self._among("source", channel) else 0
        names = dict(Reason.choices)
        return _choices(_most(counts), lambda code: words_of(names, code))

    @property
    def sources(self) -> list[dict[str, str]]:
        """The channels there are of the chosen reasons, with counts; those with most leads where there are many."""
        counts: Counter[str] = Counter()
        for reason, channel, n in self._crossed:
            counts[channel] += n if self._among("reason", reason) else 0
        shown = [
            row for n, row in enumerate(_most(counts)) if n < SOURCES or row[0] == self.params.get("source")
        ]
        return _choices(shown, lambda code: str(plain(code)))

    def _among(self, name: str, value: str) -> bool:
        """Whether a value is asked for by a filter, or the filter is not set."""
        chosen = self.params.get(name, "")
        return not chosen or value in [word.strip() for word in chosen.split(",")]

    @property
    def entered(self) -> list[dict[str, str]]:
        """Since when it has lain there."""
        return self._days("entered_after", ENTERED, _("since %(day)s"), _entered)

    @property
    def touched(self) -> list[dict[str, str]]:
        """For how long nobody has touched it."""
        return self._days("last_touch_before", SILENT, _("not since %(day)s"), _untouched)

    def _days(self, name: str, spans: Iterable[int], since: str, said: Any) -> list[dict[str, str]]:
        today = clock.firm_day(self.at)
        rows = [{"code": (today - timedelta(days=n)).isoformat(), "name": said(n)} for n in spans]
        chosen = self.params.get(name, "")
        if chosen and chosen not in {row["code"] for row in rows}:
            rows.append({"code": chosen, "name": since % {"day": _day(chosen)}})
        return rows


def words_of(names: Mapping[str, Any], code: str) -> str:
    """The word for a code, begun with a capital."""
    text = str(names.get(code, code))
    return text[:1].upper() + text[1:]


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(((code, n) for code, n in counts.items() if n), key=lambda row: (-row[1], row[0]))


def _choices(counts: Iterable[tuple[str, int]], said: Any) -> list[dict[str, str]]:
    return [{"code": code, "name": f"{said(code)} ({n})"} for code, n in counts]


def _entered(days: int) -> str:
    return ngettext("In the last %(n)s day", "In the last %(n)s days", days) % {"n": days}


def _untouched(days: int) -> str:
    return ngettext("Not for %(n)s day", "Not for %(n)s days", days) % {"n": days}


def _day(text: str) -> str:
    try:
        return words.full_day(date.fromisoformat(text[:10]))
    except ValueError:
        return text
