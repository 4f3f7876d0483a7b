"""What imports add to the shell: their place."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core import hooks
from core.web.nav import WORK, Entry
from core.web.phrases import phrase
from intake import notices
from intake.permissions import may_import, may_see_forms
from outreach.tabs import tab


def places(user: Any) -> list[Entry]:
    """Import, for those who bring in files."""
    return (
        [Entry("import", _("Import"), "intake:import", "file-import", 10, WORK)] if may_import(user) else []
    )


def _came(data: dict[str, Any], names: dict[str, str]) -> Any:
    """What the timeline says of somebody who came to an event."""
    kinds = {"conference": _("Came to the conference"), "salon": _("Came to the salon")}
    return kinds.get(data.get("kind", ""), _("Joined the live stream"))


hooks.nav.register(places)
tab("forms", _("Forms and events"), "intake:forms", 30, may_see_forms)
phrase("attended", "calendar-check", _came)
notices.declare()
