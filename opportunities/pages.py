"""What opportunities add to the shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core import hooks
from core.web.phrases import phrase
from opportunities import convert_page

hooks.lead_panels.register(convert_page.panels)
phrase("converted", "layout-kanban", _("Can be quoted: an opportunity"))
phrase("regained", "rotate", _("An opportunity again"))
