"""What a form may ask, and what makes a sender a robot. Pure."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

# In the order of the form. Of the first three at least one is asked: a lead is somebody who can be reached (R1.1).
REACH = ("phone", "email", "wechat")
FIELDS: dict[str, Any] = {
    "name": _("Your name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "wechat": _("WeChat"),
    "company_name": _("Company"),
    "title": _("Job title"),
    "note": _("What can we do for you?"),
}
LENGTHS = {
    "name": 120,
    "phone": 60,
    "email": 254,
    "wechat": 60,
    "company_name": 200,
    "title": 120,
    "note": 2000,
}
USUAL = {"name": True, "phone": True, "company_name": False, "note": False}
# People do not see it and do not fill it in; robots do.
HONEYPOT = "homepage"
CONSENT = "consent"
# Nobody reads and fills in a form quicker than this; what comes quicker is shown the form once more.
QUICKEST = 1.5
PER_SENDER, PER_FORM = 12, 240  # submissions a minute


def asked_of(given: Any) -> dict[str, bool]:
    """Field → whether it must be filled in, in the form's order."""
    return {name: bool(given[name]) for name in FIELDS if isinstance(given, dict) and name in given}
