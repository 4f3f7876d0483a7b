"""Quotes: numbered without gaps, versioned, valid for a time, sent, and taken as the base of an order (R9.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalogue import rules as money
from catalogue.pricing import Line, Priced, price_lines
from catalogue.rules import YEAR, Basis, usual_periods
from catalogue.selectors import prices_on
from contacts.selectors import wants_no_email
from core import clock, events, rulebook
from core.errors import FieldError, NotFound, RuleRefused, TransitionNotAllowed
from core.locking import lock_one, verb
from core.services import next_number
from opportunities import permissions
from opportunities.models import Opportunity, Quote, QuoteLine
from opportunities.rules import OPEN, QuoteState, Stage
from opportunities.services.common import fact, locked, require
from outreach.mail import Attachment, queue_mail

LANGUAGES = ("zh-hans", "en")
VALID_MOST = timedelta(days=730)


@verb
def draft_quote(
    opportunity: Opportunity,
    *,
    by: User,
    lines: Sequence[Line] | None = None,
    discount: Decimal = Decimal(0),
    tax_rate: Decimal | None = None,
    term_months: int | None = None,
    valid_until: date | None = None,
    language: str = "",
    note: str = "",
) -> Quote:
    """A quote for an open opportunity; without lines those of its needs at the prices of the day (R9.5).

    Raises Forbidden, TransitionNotAllowed, RuleRefused.
    """
    row = locked(opportunity)
    at = clock.now()
    require(permissions.may_work(by, row), row, by)
    if row.stage not in OPEN and row.stage != Stage.SCHEDULED:
        raise TransitionNotAllowed(row.stage)
    today = clock.firm_day(at)
    contact = row.contact
    quote = Quote(
        opportunity=row,
        contact=contact,
        currency=row.currency,
        headcount=row.headcount,
        term_months=term_months,
        discount=discount,
        tax_rate=tax_rate if tax_rate is not None else Decimal(rulebook.get("tax_rate")),
        with_tax=rulebook.get("prices_include_tax"),
        valid_until=valid_until or today + timedelta(days=rulebook.get("quote_days")),
        language=language or (contact.language if contact and contact.language in LANGUAGES else by.language),
        note=note.strip(),
        by=by,
        created_at=at,
    )
    wanted = list(lines) if lines is not None else lines_of_needs(row, today, term_months)
    priced = _reckon(quote, wanted, today)
    quote.number = f"Q-{today:%Y}-{next_number(f'quote-{today:%Y}'):05d}"
    quote.save()
    _write(quote, priced)
    data = {"quote": str(quote.pk), "number": quote.number, "total": str(quote.total)}
    events.record(fact("quoted", row, at, by, row.stage, data=data))
    return quote


def lines_of_needs(opportunity: Opportunity, today: date, term_months: int | None = None) -> list[Line]:
    """What the customer needs, as lines at the prices of the day, on the basis on which each product is sold."""
    needs = list(opportunity.needs.select_related("product"))
    prices = prices_on({need.product_id for need in needs}, today)
    return [
        _usual(need, {basis for pk, basis in prices if pk == need.product_id}, term_months) for need in needs
    ]


def _usual(need: Any, bases: set[str], term_months: int | None) -> Line:
    """A product with a price for each user and month or year is sold so; any other once."""
    basis = Basis.ONCE
    if Basis.ONCE not in bases and bases:
        whole = (term_months or YEAR) % YEAR == 0 or Basis.USER_MONTH not in bases
        basis = Basis.USER_YEAR if Basis.USER_YEAR in bases and whole else Basis.USER_MONTH
    periods = usual_periods(basis, term_months)
    return Line(need.product, need.quantity, basis=basis, periods=periods, purpose=need.purpose)


@verb
def update_quote(quote: Quote, *, by: User, lines: Sequence[Line] | None = None, **fields: Any) -> Quote:
    """Change a draft: lines, discount, tax_rate, term_months, valid_until, language, note.

    Raises Forbidden, TransitionNotAllowed (it was sent: revise it), RuleRefused.
    """
    row, opportunity, at = _to_change(quote, by)
    if row.state != QuoteState.DRAFT:
        raise TransitionNotAllowed(row.state, (), _("What was sent stays as it is: make a new version."))
    for name, value in fields.items():
        setattr(row, name, value)
    wanted = list(lines) if lines is not None else lines_of(row)
    priced = _reckon(row, wanted, clock.firm_day(at))
    row.store(*fields, "net", "tax", "total", "listed")
    _write(row, priced)
    data = {"quote": str(row.pk), "number": row.title, "total": str(row.total)}
    events.record(fact("quote_changed", opportunity, at, by, opportunity.stage, data=data))
    return row


@verb
def revise_quote(quote: Quote, *, by: User) -> Quote:
    """A new version of a quote, to be changed; the old one stays readable (R9.5).

    Raises Forbidden, TransitionNotAllowed.
    """
    row, opportunity, at = _to_change(quote, by)
    if row.state not in (QuoteState.DRAFT, QuoteState.SENT):
        raise TransitionNotAllowed(row.state)
    row.replace(at=at)
    row.store("state", "decided_at")
    today = clock.firm_day(at)
    lines = list(row.lines.all())
    new = Quote.objects.get(pk=row.pk)
    new.pk, new._state.adding = None, True
    new.version, new.revision, new.state = 1, row.revision + 1, QuoteState.DRAFT
    new.created_at, new.by, new.sent_at, new.sent_to, new.decided_at = at, by, None, "", None
    new.valid_until = max(row.valid_until, today + timedelta(days=rulebook.get("quote_days")))
    new.save()
    for line in lines:
        line.pk, line._state.adding, line.quote = None, True, new
        line.save()
    data = {"quote": str(new.pk), "number": new.title, "total": str(new.total)}
    events.record(fact("quoted", opportunity, at, by, opportunity.stage, data=data))
    return new


@verb
def send_quote(quote: Quote, *, to: str, by: User, text: str = "") -> Quote:
    """Send a quote by e-mail, with its PDF; sending it again sends the same paper (R9.5).

    Raises Forbidden, TransitionNotAllowed, RuleRefused (no address, its day is over, no font for the PDF).
    """
    from opportunities.paper import quote_mail

    row, opportunity, at = _to_change(quote, by)
    if row.state not in (QuoteState.DRAFT, QuoteState.SENT):
        raise TransitionNotAllowed(row.state)
    errors = _address_errors(to)
    if row.valid_until < clock.firm_day(at):
        message = _("“%(value)s” is over: give it a new last day first.") % {"value": row.valid_until}
        errors.append(FieldError("valid_until", "past", message))
    if errors:
        raise RuleRefused(errors=errors)
    row.send(to=to.strip(), at=at)
    row.store("state", "sent_to", "sent_at")
    subject, body, pdf = quote_mail(row, by, text)
    # What a person asked for is not counted as a touch of marketing (R11.3).
    queue_mail(
        to=to.strip(),
        subject=subject,
        text=body,
        at=at,
        by=by,
        kind="quote",
        about=row,
        contact_id=row.contact_id,
        attachments=[Attachment(f"{row.number}-{row.revision}.pdf", "application/pdf", pdf)],
    )
    opportunity.last_touch_at = at
    opportunity.store("last_touch_at")
    data = {"quote": str(row.pk), "number": row.title, "total": str(row.total)}
    events.record(
        fact("quote_sent", opportunity, at, by, opportunity.stage, data=data, texts={"to": to.strip()})
    )
    return row


def _address_errors(to: str) -> list[FieldError]:
    if not to.strip():
        return [FieldError("to", "required", _("To which e-mail address?"))]
    try:
        validate_email(to.strip())
    except ValidationError:
        message = _("“%(value)s” is not an e-mail address.") % {"value": to.strip()[:80]}
        return [FieldError("to", "invalid", message)]
    if wants_no_email(to):
        message = _("Whoever has the address “%(value)s” wants no e-mail.") % {"value": to.strip()[:80]}
        return [FieldError("to", "no_email", message)]
    return []


def accept_locked(row: Quote, *, at: datetime) -> None:
    """→ accepted of a locked quote; its order is made by the app above (R9.5).

    Raises TransitionNotAllowed, RuleRefused (its day is over).
    """
    if row.state not in (QuoteState.DRAFT, QuoteState.SENT):
        raise TransitionNotAllowed(row.state)
    if row.valid_until < clock.firm_day(at):
        message = _("This quote was valid until %(day)s: make a new version first.") % {
            "day": row.valid_until
        }
        raise RuleRefused(errors=[FieldError("quote", "expired", message)])
    row.accept(at=at)
    row.store("state", "decided_at")


def stand_again(quote_id: Any) -> None:
    """accepted → sent or draft, as it was: its contract was given up, and it can be accepted or revised anew (R9.5)."""
    row = lock_one(Quote.objects.all(), quote_id)
    if row.state == QuoteState.ACCEPTED:
        row.stand_again()
        row.store("state", "decided_at")


def lines_of(quote: Quote) -> list[Line]:
    """The lines of a quote, to be carried on as they are."""
    return [
        Line(x.product, x.quantity, x.unit_price, x.discount, x.basis, x.periods, x.purpose)
        for x in quote.lines.select_related("product")
    ]


def _to_change(quote: Quote, by: User) -> tuple[Quote, Opportunity, datetime]:
    opportunity = locked(quote.opportunity_id)
    try:
        row = lock_one(Quote.objects.select_related("contact"), quote.pk)
    except Quote.DoesNotExist:
        raise NotFound() from None
    at = clock.now()
    require(permissions.may_work(by, opportunity), opportunity, by)
    if opportunity.stage not in OPEN and opportunity.stage != Stage.SCHEDULED:
        raise TransitionNotAllowed(opportunity.stage)
    row.opportunity = opportunity
    return row, opportunity, at


def _reckon(quote: Quote, lines: Sequence[Line], today: date) -> list[Priced]:
    """Reckon the money of a quote; refuses everything that is wrong at once."""
    priced, errors = price_lines(lines, today)
    errors += money.check_percent(
        "discount", quote.discount, what=_("“%(value)s”: a discount is 0 to 100 %%.")
    )
    errors += money.check_percent("tax_rate", quote.tax_rate, what=_("“%(value)s”: a tax is 0 to 100 %%."))
    if not today <= quote.valid_until <= today + VALID_MOST:
        message = _("“%(value)s”: from today on, two years at most.") % {"value": quote.valid_until}
        errors.append(FieldError("valid_until", "out_of_range", message))
    if quote.language not in LANGUAGES:
        message = _("“%(value)s” is not a language of this product.") % {"value": quote.language[:20]}
        errors.append(FieldError("language", "invalid", message))
    if quote.term_months is not None and not 1 <= quote.term_months <= 600:
        message = _("“%(value)s”: 1 to 600 months.") % {"value": quote.term_months}
        errors.append(FieldError("term_months", "out_of_range", message))
    if not errors:
        total = money.sums(
            [p.total for p in priced],
            discount=quote.discount,
            tax_rate=quote.tax_rate,
            with_tax=quote.with_tax,
        )
        quote.net, quote.tax, quote.total = total.net, total.tax, total.gross
        listed = money.sums(
            [p.listed for p in priced], discount=Decimal(0), tax_rate=quote.tax_rate, with_tax=quote.with_tax
        )
        quote.listed = listed.gross
        if max(quote.total, quote.listed) > money.MONEY_MOST:
            errors.append(FieldError("lines", "out_of_range", _("The total is too large.")))
    if errors:
        raise RuleRefused(errors=errors)
    return priced


def _write(quote: Quote, priced: Sequence[Priced]) -> None:
    quote.lines.all().delete()
    QuoteLine.objects.bulk_create(
        QuoteLine(
            quote=quote,
            product=p.line.product,
            purpose=p.line.purpose[:500],
            basis=p.line.basis,
            quantity=p.line.quantity,
            periods=p.line.periods,
            list_price=p.list_price,
            unit_price=p.unit_price,
            discount=p.line.discount,
            total=p.total,
        )
        for p in priced
    )
