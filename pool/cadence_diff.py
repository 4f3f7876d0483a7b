"""What one version of a cadence changes against another, in a marketer's words (R10.10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.web.words import labelled, listed
from leads.rules import Segment
from pool.cadence_words import wait
from pool.models import CadenceStep, CadenceVersion


@dataclass(frozen=True)
class Told:
    """A step as it is compared: `key` says which one it is, whatever its place."""

    key: str
    wait: int
    condition: str
    ways: tuple[str, ...]


def named(template: Any) -> str:
    """A template as one says it, with its channel: "SMS: Still there?"."""
    return labelled(template.get_channel_display(), str(template))


def told(version: CadenceVersion | None) -> list[Told]:
    """The steps of a version."""
    if version is None:
        return []
    return [
        Told(
            str(step.key),
            step.wait_minutes,
            step.condition,
            tuple(named(way.template) for way in step.ways.all()),
        )
        for step in version.steps.all()
    ]


def differences(
    before: Sequence[Told],
    after: Sequence[Told],
    end_before: tuple[int | None, str],
    end_after: tuple[int | None, str],
) -> list[str]:
    """What is new, gone, moved or changed; `end_…` is (where it starts again, the segment it moves on to)."""
    was = {step.key: (n, step) for n, step in enumerate(before, start=1)}
    now = {step.key for step in after}
    found = [
        _("Step %(n)s is gone: %(what)s") % {"n": n, "what": listed(step.ways)}
        for n, step in was.values()
        if step.key not in now
    ]
    moved = _moved([step.key for step in before if step.key in now], [s.key for s in after if s.key in was])
    for n, step in enumerate(after, start=1):
        if step.key not in was:
            found.append(
                _("Step %(n)s is new: %(what)s, %(wait)s")
                % {"n": n, "what": listed(step.ways) or "–", "wait": wait(step.wait)}
            )
            continue
        place, old = was[step.key]
        if step.key in moved:
            found.append(_("Step %(old)s is step %(n)s now") % {"old": place, "n": n})
        found += _changed(n, old, step)
    if end_before != end_after and (before or end_before != (None, "")):
        found.append(end_words(*end_after))
    return found


def _changed(n: int, old: Told, new: Told) -> Iterable[str]:
    if old.wait != new.wait:
        said = {"n": n, "old": wait(old.wait), "new": wait(new.wait)}
        yield _("Step %(n)s waits %(new)s instead of %(old)s") % said
    if old.ways != new.ways:
        said = {"n": n, "old": listed(old.ways) or "–", "new": listed(new.ways) or "–"}
        yield _("Step %(n)s sends %(new)s instead of %(old)s") % said
    if old.condition != new.condition:
        word = dict(CadenceStep.Condition.choices).get(new.condition, new.condition)
        yield _("Step %(n)s comes %(condition)s") % {"n": n, "condition": word}


def _moved(before: list[str], after: list[str]) -> set[str]:
    """The fewest steps that have to be moved to come from one order to the other."""
    runs: list[list[str]] = [[]]
    places = {key: n for n, key in enumerate(before)}
    for key in after:
        fits = [run for run in runs if not run or places[run[-1]] < places[key]]
        runs.append([*max(fits, key=len), key])
    stays: list[str] = max(runs, key=len)
    return set(after).difference(stays)


def end_words(repeat_from: int | None, then: str) -> str:
    """What comes after the last step."""
    if repeat_from:
        return _("After the last step it starts again at step %(n)s") % {"n": repeat_from}
    if then:
        name: Any = dict(Segment.choices).get(then, then)
        return _("After the last step they move on to “%(segment)s”") % {"segment": name}
    return _("After the last step it ends")


def standing_words(change: Any) -> list[tuple[int, str]]:
    """Who stands where after a change, against now: (how many people, what becomes of them)."""
    now = {row.key: row.entries for row in change.now if row.entries}
    then = {row.key: row for row in change.then}
    found = []
    kept = 0
    for key, entries in now.items():
        after = then[key].entries if key in then else 0
        kept += min(entries, after)
    if kept:
        found.append((kept, ngettext("keeps its place", "keep their place", kept)))
    for row in change.then:
        more = row.entries - now.get(row.key, 0)
        if more > 0:
            text = ngettext("goes on before step %(n)s", "go on before step %(n)s", more)
            found.append((more, text % {"n": row.position}))
    if change.ends:
        text = ngettext("is through: no step is left", "are through: no step is left", change.ends)
        found.append((change.ends, text))
    return found
