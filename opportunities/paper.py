"""The quote on paper, in both languages, with the firm's own head (R9.5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from catalogue.rules import Basis
from core import clock, rulebook
from core.paper import make_pdf, make_pictures
from core.web.words import SIGNS, full_day, percent
from opportunities.capitals import in_capitals
from opportunities.models import Letterhead, Quote
from opportunities.paper_sample import sample
from opportunities.selectors import counted_word
from outreach.models import MessageFile

TEMPLATE = "opportunities/quote.typ"


def letterhead() -> Letterhead:
    """The firm's head; without one of its own just the name."""
    return Letterhead.objects.first() or Letterhead(name=rulebook.get("firm_name"))


def quote_pdf(quote: Quote) -> bytes:
    """A quote as PDF in its own language. Raises RuleRefused when there is no font for Chinese."""
    head = letterhead()
    with translation.override(quote.language):
        return make_pdf(TEMPLATE, _content(quote, head), images=_images(head))


def paper_of(quote: Quote) -> bytes:
    """The PDF of a quote: as it went to the customer, whatever became of head, prices and names since; a draft as it
    is now (R9.5). Raises RuleRefused when there is no font for Chinese."""
    kept = MessageFile.objects.filter(message__kind="quote", message__about_id=quote.pk)
    first = kept.order_by("message__created_at", "id").first() if quote.sent_at else None
    return bytes(first.data) if first is not None else quote_pdf(quote)


def sample_pdf(by: User, language: str) -> bytes:
    """How a quote looks with the firm's head, as PDF. Raises RuleRefused when there is no font for Chinese."""
    head = letterhead()
    with translation.override(language):
        quote = sample(by, language)
        return make_pdf(TEMPLATE, _content(quote, head, quote.lines), images=_images(head))


def sample_picture(by: User, language: str) -> bytes:
    """The first page of the same as a picture. Raises RuleRefused when there is no font for Chinese."""
    head = letterhead()
    with translation.override(language):
        quote = sample(by, language)
        return make_pictures(TEMPLATE, _content(quote, head, quote.lines), images=_images(head))[0]


def _images(head: Letterhead) -> dict[str, bytes]:
    return {f"logo.{head.logo_type}": bytes(head.logo)} if head.logo else {}


def quote_mail(quote: Quote, by: User, text: str) -> tuple[str, str, bytes]:
    """(subject, text, PDF) of the mail that brings a quote, in the quote's language."""
    with translation.override(quote.language):
        firm = letterhead().name or rulebook.get("firm_name")
        words = {"number": quote.title, "firm": firm, "name": by.name, "day": full_day(quote.valid_until)}
        subject = _("Our quote %(number)s – %(firm)s") % words
        usual = _(
            "Dear customer,\n\nplease find attached our quote %(number)s, valid until %(day)s. "
            "If you have any questions, just reply to this e-mail.\n\n%(name)s\n%(firm)s"
        )
        body = text.strip() or usual % words
    return subject, body, paper_of(quote)


def _content(quote: Any, head: Letterhead, lines: list[Any] | None = None) -> dict[str, Any]:
    opportunity = quote.opportunity
    lines = list(quote.lines.select_related("product")) if lines is None else lines
    name = head.name or rulebook.get("firm_name")
    contact = quote.contact
    return {
        "lang": quote.language[:2],
        "title": f"{_('Quote')} {quote.title}",
        "firm": {"name": name},
        "logo": f"logo.{head.logo_type}" if head.logo else None,
        # Without a logo the name stands large at the left: not twice.
        "head": [
            x for x in (name if head.logo else "", head.address, head.phone, head.email, head.website) if x
        ],
        "footer": " · ".join(x for x in (name, quote.title) if x),
        "company": opportunity.company.name,
        "person": " ".join(x for x in (contact.name, contact.title) if x) if contact else "",
        "facts": _facts(quote),
        "lines": [_line(n, line, quote) for n, line in enumerate(lines, start=1)],
        "sums": _sums(quote, sum((line.total for line in lines), Decimal(0))),
        "total": _money(quote.total, quote.currency),
        "capitals": _capitals(quote),
        "note": quote.note,
        "bank": _bank(head, name),
        "terms": head.terms,
        "by": [x for x in (quote.by.name, quote.by.email) if x],
        "words": {
            "quote": _("Quote"),
            "to": pgettext("quote", "To"),
            "total": _("Total with tax") if quote.tax_rate else _("Total"),
            "bank": _("Payment details"),
            "capitals": _("Amount in words"),
            "terms": _("Terms"),
            "by": _("Your contact"),
            "accepted": _("Accepted: name, signature, stamp, date"),
            "columns": ["", _("Product"), _("Quantity"), _("Price"), _("Discount"), _("Amount")],
        },
    }


def _facts(quote: Quote) -> list[tuple[str, str]]:
    facts = [
        (pgettext("quote", "Number"), quote.title),
        (pgettext("quote", "Date"), full_day(clock.firm_day(quote.sent_at or quote.created_at))),
        (_("Valid until"), full_day(quote.valid_until)),
        (pgettext("quote", "For"), f"{_number(quote.headcount)} {counted_word()}"),
    ]
    if quote.term_months:
        months = ngettext("%(n)s month", "%(n)s months", quote.term_months) % {"n": quote.term_months}
        facts.append((_("Term"), months))
    return facts


def _line(n: int, line: Any, quote: Quote) -> dict[str, str]:
    price = _money(line.unit_price, quote.currency)
    if line.basis == Basis.USER_MONTH:
        price += " × " + ngettext("%(n)s month", "%(n)s months", line.periods) % {"n": line.periods}
    elif line.basis == Basis.USER_YEAR:
        price += " × " + ngettext("%(n)s year", "%(n)s years", line.periods) % {"n": line.periods}
    elif line.periods > 1:
        price += f" × {line.periods}"
    return {
        "n": str(n),
        "product": line.product.name,
        "purpose": line.purpose,
        "quantity": f"{_number(line.quantity)} {line.product.unit}".strip(),
        "price": price,
        "discount": f"−{_percent(line.discount)}" if line.discount else "",
        "total": _money(line.total, quote.currency),
    }


def _sums(quote: Quote, lines: Decimal) -> list[tuple[str, str]]:
    rows = []
    left = quote.total if quote.with_tax else quote.net
    if quote.discount:
        rows.append((_("Sum"), _money(lines, quote.currency)))
        rows.append(
            (
                _("Discount %(percent)s") % {"percent": _percent(quote.discount)},
                _money(left - lines, quote.currency),
            )
        )
    if quote.tax_rate:
        rate = _percent(quote.tax_rate)
        rows.append((_("Without tax"), _money(quote.net, quote.currency)))
        rows.append((_("Tax %(percent)s") % {"percent": rate}, _money(quote.tax, quote.currency)))
    return rows


def _capitals(quote: Any) -> str:
    """Yuan in words nobody can alter, where papers carry them: in Chinese."""
    return in_capitals(quote.total) if quote.currency == "CNY" and quote.language.startswith("zh") else ""


def _bank(head: Letterhead, name: str) -> list[str]:
    holder = name if head.bank or head.account else ""
    rows = [
        (_("Account holder"), holder),
        (_("Bank"), head.bank),
        (_("Account"), head.account),
        (_("Tax number"), head.tax_id),
    ]
    return [_("%(label)s: %(value)s") % {"label": label, "value": value} for label, value in rows if value]


def _number(value: int) -> str:
    return f"{value:,}"


def _percent(value: Decimal) -> str:
    return percent(value)


def _money(value: Decimal, currency: str) -> str:
    """An amount as it stands on paper: always with cents."""
    minus = "−" if value < 0 else ""
    return f"{minus}{SIGNS.get(currency, currency + ' ')}{abs(value):,.2f}"
