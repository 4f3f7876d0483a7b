"""Scripts: edited in the browser, each change a version (R2.4)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from calling.models import Script, ScriptVersion
from calling.rules import steps_errors
from core import clock, events
from core.errors import FieldError, Forbidden, RuleRefused
from core.locking import lock_one, lock_words, verb

SPACE = 15  # advisory lock space: names and the one default are looked at under it


def may_edit(user: User) -> bool:
    """Marketing, managers and administrators write the scripts."""
    return user.wears(Hat.MARKETER, Hat.MANAGER, Hat.ADMIN)


def active_version() -> ScriptVersion | None:
    """The version that the desk reads from: the latest of the default script (R2.4)."""
    rows = ScriptVersion.objects.filter(script__active=True).select_related("script")
    return rows.order_by("-script__is_default", "script__name", "-number").first()


@verb
def save_script(
    script: Script | None,
    *,
    by: User,
    name: str,
    steps: list[dict[str, Any]],
    is_default: bool = False,
    active: bool = True,
) -> ScriptVersion:
    """Make a script or a new version of one; what was said before stays as it was (R2.4).

    Raises Forbidden, RuleRefused.
    """
    if not may_edit(by):
        raise Forbidden()
    lock_words(SPACE, ["scripts"])
    at = clock.now()
    row = lock_one(Script.objects.all(), script.pk) if script else Script()
    here: Any = row.pk if script else None
    errors = steps_errors(steps)
    if not name.strip():
        errors.append(FieldError("name", "required", _("A script needs a name.")))
    elif Script.objects.filter(name__iexact=name.strip()).exclude(pk=here).exists():
        errors.append(
            FieldError("name", "taken", _("There is already a script “%(name)s”.") % {"name": name})
        )
    if errors:
        raise RuleRefused(errors=errors)
    if is_default:
        Script.objects.filter(is_default=True).exclude(pk=here).update(is_default=False)
    row.name, row.active, row.is_default = name.strip()[:80], active, is_default
    row.save()
    last = row.versions.order_by("-number").first()
    if last is not None and last.steps == steps:
        return last
    version = ScriptVersion.objects.create(
        script=row, number=last.number + 1 if last else 1, steps=steps, by=by, at=at
    )
    events.record(events.Fact("script_version", row, at, by, data={"number": version.number}))
    return version
