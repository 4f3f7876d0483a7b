"""The thank-you that says who helps from now on (R9.4)."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import notify
from core import rulebook
from orders.models import Order
from outreach.mail import queue_mail


def thank(row: Order, *, by: User, at: datetime) -> None:
    """Put the thank-you into the outbox, in the customer's language; without an address the owner is told to say it.

    Consent wins: who wants no e-mail gets none (R11.2).
    """
    if not rulebook.get("thank_you"):
        return
    contact = row.contact
    address = ""
    if contact is not None and not contact.do_not_email:
        points = contact.points.filter(kind="email", dead_at__isnull=True).order_by("-first_choice", "id")
        address = points.values_list("value", flat=True).first() or ""
    if not address:
        notify([row.owner], "thank_by_hand", row, at=at)
        return
    helper = row.owner
    language = contact.language if contact and contact.language in ("en", "zh-hans") else by.language
    with translation.override(language or "zh-hans"):
        firm = rulebook.get("firm_name")
        words = {
            "name": contact.name if contact else "",
            "number": row.number,
            "firm": firm,
            "helper": helper.name,
            "reach": helper.email or firm,
        }
        subject = _("Thank you – %(firm)s") % words
        text = (
            _(
                "Dear %(name)s,\n\nthank you for your order %(number)s. "
                "From now on %(helper)s helps you: %(reach)s.\n\n%(firm)s"
            )
            % words
        )
    queue_mail(
        to=address,
        subject=subject,
        text=text,
        at=at,
        kind="thank_you",
        by=by,
        about=row,
        contact_id=row.contact_id,
        reply_to=helper.email,
    )
