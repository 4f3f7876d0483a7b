"""What imports add to the shell: their place."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core import hooks
from core.web.nav import WORK, Entry
from intake import notices
from intake.permissions import may_import


def places(user: Any) -> list[Entry]:
    """Import, for those who bring in files."""
    return (
        [Entry("import", _("Import"), "intake:import", "file-import", 10, WORK)] if may_import(user) else []
    )


hooks.nav.register(places)
notices.declare()
