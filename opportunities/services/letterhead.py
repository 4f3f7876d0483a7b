"""The firm's own head on what it sends (R9.5)."""

from __future__ import annotations

import struct
from typing import Any

import typst
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.models import Hat, User
from core import clock, events
from core.errors import FieldError, Forbidden, RuleRefused
from core.locking import lock_words, verb
from core.paper import make_pdf
from opportunities.models import Letterhead

SPACE = 83
MOST_BYTES = 1024 * 1024
MOST_PIXELS = 4000
MOST_TEXT = 4000
KINDS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"))
TEXTS = ("name", "address", "phone", "email", "website", "tax_id", "bank", "account", "terms")


def may_edit(user: User) -> bool:
    """Administrators: where customers pay to stands on every quote."""
    return user.wears(Hat.ADMIN)


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
        limit = getattr(Letterhead._meta.get_field(name), "max_length", None) or MOST_TEXT
        if len(value.strip()) > limit:
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
        elif max(pixels(logo)) > MOST_PIXELS:
            message = _("At most %(most)s pixels wide and high.") % {"most": MOST_PIXELS}
            errors.append(FieldError("logo", "too_large", message))
        elif not is_printable(logo, kind):
            errors.append(FieldError("logo", "type", _("This picture is damaged: it cannot be printed.")))
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


def pixels(picture: bytes) -> tuple[int, int]:
    """Width and height as a PNG or JPEG tells them before it is unpacked; (0, 0) when it tells none.

    A picture of few bytes can unpack to more memory than the server has.
    """
    if picture.startswith(KINDS[0][0]):
        return struct.unpack(">II", picture[16:24]) if len(picture) >= 24 else (0, 0)
    place = 2
    while place + 9 <= len(picture):
        if picture[place] != 0xFF:
            return (0, 0)
        mark = picture[place + 1]
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            high, wide = struct.unpack(">HH", picture[place + 5 : place + 9])
            return wide, high
        # Fill bytes and marks that stand alone have no length.
        alone = mark in (0xFF, 0x01) or 0xD0 <= mark <= 0xD8
        length = -1 if mark == 0xFF else 0 if alone else int.from_bytes(picture[place + 2 : place + 4], "big")
        place += 2 + length
    return (0, 0)


def is_printable(picture: bytes, kind: str) -> bool:
    """Whether the paper can be made with this picture: a damaged one would stop every quote."""
    if 0 in pixels(picture):
        return False
    try:
        make_pdf("opportunities/logo.typ", {"logo": f"logo.{kind}"}, images={f"logo.{kind}": picture})
    except typst.TypstError:
        return False
    return True
