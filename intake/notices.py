"""What notices about an import say."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.models import Hat
from core.models import Job
from core.web.notices import Called, named, notice
from intake.models import Import


def names(ids: list[Any], user: Any) -> dict[Any, Called]:
    """The file's name, for who may see the import."""
    rows = Import.objects.visible_to(user).filter(pk__in=ids)
    return {row.pk: Called(name=row.file_name, url=reverse("intake:one", args=[row.pk])) for row in rows}


def _ended(data: dict[str, Any], name: str) -> str:
    known = {key: data.get(key, 0) for key in ("created", "known", "rejected")} | {
        "name": name or _("the file")
    }
    if data.get("state") != Job.State.DONE:
        return _("%(name)s was not imported: the file could not be read") % known
    return _("%(name)s is imported: %(created)s new, %(known)s known, %(rejected)s refused") % known


def declare() -> None:
    """Tell core.web.notices."""
    named("import", names)
    notice(
        "import_ended", "file-import", lazy("An import has ended"), _ended, hats=(Hat.MARKETER, Hat.MANAGER)
    )
