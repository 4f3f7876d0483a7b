"""The firm's own head on what it sends (R9.5)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from core import clock, events
from core.errors import FieldError, Forbidden, RuleRefused
from core.locking import lock_words, verb
from opportunities.models import Letterhead

SPACE = 83
MOST_BYTES = 1024 * 1024
KINDS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"))
TEXTS = ("name", "address", "phone", "email", "website", "tax_id", "bank", "account", "terms")


def may_edit(user: User) -> bool:
    """Administrators and marketing."""
    return user.wears(Hat.ADMIN, Hat.MARKETER)


@verb
def save_letterhead(
    *, by: User, logo: bytes | None = None, drop_logo: bool = False, **texts: str
) -> Letterhead:
    """Change the firm's head: name, address, phone, email, website, tax_id, bank, account, terms; a logo as PNG or JPEG.

    Raises Forbidden, RuleRefused.
    """
    if not may_edit(by):
        raise Forbidden()
    lock_words(SPACE, ["letterhead"])
    row = Letterhead.objects.first() or Letterhead()
    errors: list[FieldError] = []
    for name, value in texts.items():
        setattr(row, name, value.strip())
        limit = Letterhead._meta.get_field(name).max_length
        if limit and len(value.strip()) > limit:
            message = _("At most %(most)s characters.") % {"most": limit}
            errors.append(FieldError(name, "too_long", message))
    if row.email:
        try:
            validate_email(row.email)
        except ValidationError:
            message = _("“%(value)s” is not an e-mail address.") % {"value": row.email[:80]}
            errors.append(FieldError("email", "invalid", message))
    if drop_logo:
        row.logo, row.logo_type = None, ""
    if logo is not None:
        kind = next((kind for start, kind in KINDS if logo.startswith(start)), "")
        if not kind or len(logo) > MOST_BYTES:
            errors.append(FieldError("logo", "type", _("A PNG or JPEG of at most 1 MiB.")))
        row.logo, row.logo_type = logo, kind
    if errors:
        raise RuleRefused(errors=errors)
    if row._state.adding:
        row.save()
    else:
        row.store(*TEXTS, "logo", "logo_type")
    data: dict[str, Any] = {"fields": sorted(texts), "logo": logo is not None or drop_logo}
    events.record(events.Fact("letterhead_changed", row, clock.now(), by, data=data))
    return row
