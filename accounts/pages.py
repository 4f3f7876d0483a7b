"""What accounts add to the shell: the place of people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.views import may_look
from core import hooks
from core.web.nav import FIRM, Entry


def places(user: Any) -> list[Entry]:
    """People, for who looks after them."""
    return (
        [Entry("people", _("People"), "accounts:people", "user-cog", 30, group=FIRM)]
        if may_look(user)
        else []
    )


hooks.nav.register(places)
