"""The scan of the signed contract: checked for what it is and how large, kept behind the order's rights (R9.1)."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock, events
from core.errors import FieldError, NotFound, RuleRefused
from core.locking import verb
from orders import permissions
from orders.models import Document, Order
from orders.services.common import fact, locked, require

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 20
# What a file says of itself in its first bytes; its name and the browser's word for it are not asked.
KINDS = ((b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def kind_of(content: bytes) -> str:
    """The content type by the first bytes, or an empty text for what is not taken."""
    return next((kind for start, kind in KINDS if content.startswith(start)), "")


@verb
def add_document(order: Order, *, file: UploadedFile | Any, by: User) -> Document:
    """Keep a scan with an order: PDF, PNG or JPEG, at most 10 MiB; the same file twice is one (R9.1).

    Raises Forbidden, RuleRefused.
    """
    row = locked(order)
    at = clock.now()
    require(permissions.may_book(by, row), row, by, at)
    name = " ".join(str(getattr(file, "name", "") or "").replace("\x00", "").split())[-160:] or "scan"
    content = file.read(MOST_BYTES + 1) if getattr(file, "size", 0) <= MOST_BYTES else b""
    if getattr(file, "size", 0) > MOST_BYTES or len(content) > MOST_BYTES:
        message = _("“%(value)s” is larger than 10 MiB.") % {"value": name}
        raise RuleRefused(errors=[FieldError("file", "too_large", message)])
    kind = kind_of(content)
    errors = []
    if not content:
        errors.append(FieldError("file", "empty", _("“%(value)s” is empty.") % {"value": name}))
    elif not kind:
        message = _("“%(value)s” is no PDF, PNG or JPEG.") % {"value": name}
        errors.append(FieldError("file", "type", message))
    digest = hashlib.sha256(content).hexdigest()
    known = row.documents.defer("data").filter(digest=digest).first()
    if known is not None:
        return known
    if row.documents.count() >= MOST_FILES:
        errors.append(FieldError("file", "too_many", _("At most 20 files to an order.")))
    if errors:
        raise RuleRefused(errors=errors)
    document = Document.objects.create(
        order=row, name=name, content_type=kind, size=len(content), digest=digest, data=content, by=by, at=at
    )
    row.store()
    data = {"document": str(document.pk), "size": len(content)}
    events.record(fact("document_added", row, at, by, row.state, data=data, texts={"name": name}))
    return document


@verb
def remove_document(document: Document, *, by: User) -> Order:
    """Take a file away that does not belong here. Raises Forbidden, NotFound."""
    row = locked(document.order_id)
    at = clock.now()
    require(permissions.may_book(by, row), row, by, at)
    held = row.documents.defer("data").filter(pk=document.pk).first()
    if held is None:
        raise NotFound()
    held.delete()
    row.store()
    events.record(fact("document_removed", row, at, by, row.state, texts={"name": held.name}))
    return row
