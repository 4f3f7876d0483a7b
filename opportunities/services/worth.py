"""What an opportunity is worth once it was quoted: the amount follows the quote (R8.3, R9.5)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import TransitionNotAllowed
from core.locking import verb
from opportunities import permissions
from opportunities.models import Opportunity, Quote
from opportunities.rules import QuoteState
from opportunities.services.common import locked, require
from opportunities.services.moving import update


@verb
def take_amount(quote: Quote, *, by: User) -> Opportunity:
    """The amount of the opportunity becomes what this quote comes to: the forecast rests on it (R8.3).

    Raises Forbidden, TransitionNotAllowed (a later version took its place, or the opportunity is closed).
    """
    row = locked(quote.opportunity_id)
    require(permissions.may_work(by, row), row, by)
    found = Quote.objects.get(pk=quote.pk)
    if found.state == QuoteState.REVISED:
        raise TransitionNotAllowed(found.state, (), _("A later version took its place."))
    return update(row, by=by, amount=found.total)
