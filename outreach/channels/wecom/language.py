"""What every way of telling a group is asked."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from outreach.channels.base import Setting

LANGUAGE = Setting(
    "language",
    _("Language of the group"),
    required=False,
    default="zh-hans",
    choices=tuple(settings.LANGUAGES),
)
