"""The posts of quotes: load → form → verb → answer (R9.5)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.web.answers import Done, action, cleaned, found
from core.web.context import moment
from core.web.words import money
from opportunities import quote_forms, services
from opportunities.actions import actionable, check_lines, placed
from opportunities.models import Opportunity, Quote


def actionable_quote(request: HttpRequest, pk: Any) -> Quote:
    """The quote of an opportunity that this person sees, or held a moment ago."""
    mine = Opportunity.objects.actionable_by(request.user, moment(request)).order_by().values("pk")
    return found(Quote.objects.filter(opportunity__in=mine).select_related("contact", "opportunity"), pk)


def address(pk: Any) -> str:
    """Where a quote is."""
    return reverse("opportunities:quote", args=[pk])


@action
def new(request: HttpRequest, pk: Any) -> Done:
    """A quote of what is needed, at the prices of the day."""
    made = services.draft_quote(actionable(request, pk), by=request.user)
    return Done(_("Quote %(number)s is started.") % {"number": made.title}, url=address(made.pk))


@action
def save(request: HttpRequest, pk: Any) -> Done:
    """A draft as it was typed."""
    row = actionable_quote(request, pk)
    lines = quote_forms.QuoteLines(request.POST, prefix="lines")
    check_lines(lines)
    form = quote_forms.QuoteForm(request.POST)
    cleaned(form)
    data = form.fields_for_verb()
    asked, places = quote_forms.lines_in(lines, row.headcount, data["term_months"])
    placed("lines", places, lambda: services.update_quote(row, by=request.user, lines=asked, **data))
    return Done(_("Saved."), url=address(pk))


@action
def send(request: HttpRequest, pk: Any) -> Done:
    """By e-mail, with its PDF."""
    row = actionable_quote(request, pk)
    data = cleaned(quote_forms.SendForm(request.POST))
    amount = data.pop("amount")
    with transaction.atomic():  # the mail with what it changes: both or neither
        sent = services.send_quote(row, by=request.user, **data)
        if amount:
            services.take_amount(sent, by=request.user)
    known = {"number": sent.title, "to": sent.sent_to}
    return Done(_("%(number)s is on its way to %(to)s.") % known, url=address(pk))


@action
def amount(request: HttpRequest, pk: Any) -> Done:
    """What it comes to is what the opportunity is worth (R8.3)."""
    row = services.take_amount(actionable_quote(request, pk), by=request.user)
    return Done(_("The opportunity is worth %(amount)s now.") % {"amount": money(row.amount, row.currency)})


@action
def revise(request: HttpRequest, pk: Any) -> Done:
    """A new version, to be changed."""
    made = services.revise_quote(actionable_quote(request, pk), by=request.user)
    return Done(_("Version %(n)s is ready to be changed.") % {"n": made.revision}, url=address(made.pk))
