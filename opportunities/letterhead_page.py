"""The page of the firm's own head on what it sends: name, address, bank, logo, and how a quote looks with it (R9.5)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from core.errors import Forbidden, NotFound
from core.paper import fonts
from core.web.answers import Done, action, cleaned, page
from core.web.nav import FIRM, Entry
from core.web.words import listed
from opportunities import paper, services
from opportunities.models import Letterhead
from opportunities.services.letterhead import MOST_BYTES, MOST_TEXT, TEXTS, may_edit

PICTURES = ".png,.jpg,.jpeg"
TYPES = {"png": "image/png", "jpg": "image/jpeg"}
LANGUAGES = dict(settings.LANGUAGES)


def _text(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=MOST_TEXT, **more)


class LetterheadForm(forms.Form):
    """What stands on a quote; how long it may be, and what a logo is, the verb says."""

    name = _text(lazy("Firm, its full name"))
    address = _text(lazy("Address"))
    phone = _text(lazy("Phone"))
    email = _text(lazy("E-mail"))
    website = _text(lazy("Website"))
    tax_id = _text(lazy("Tax number"))
    bank = _text(lazy("Bank"))
    account = _text(lazy("Account"))
    terms = _text(
        lazy("Terms"),
        help_text=lazy("They stand at the end of each quote."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    logo = forms.FileField(
        label=lazy("Logo"),
        required=False,
        allow_empty_file=True,
        help_text=lazy("PNG or JPEG, at most 1 MiB. It stands 13 mm high at the top left."),
        widget=forms.FileInput(attrs={"accept": PICTURES}),
    )
    drop_logo = forms.BooleanField(label=lazy("Take the logo away"), required=False)


def index(request: HttpRequest) -> HttpResponse:
    """The page; what is posted to it is kept."""
    return save(request) if request.method == "POST" else letterhead(request)


def _require(request: HttpRequest) -> User:
    user: Any = request.user
    if not may_edit(user):
        raise Forbidden(detail=_("An administrator sets the firm's head."))
    return user


@page
@require_safe
def letterhead(request: HttpRequest) -> HttpResponse:
    """The firm's head, and beside it how a quote looks."""
    user = _require(request)
    row = Letterhead.objects.first()
    shown = row or paper.letterhead()
    context = {
        "head": row,
        "form": LetterheadForm(initial={name: getattr(shown, name) for name in TEXTS}),
        "language": user.language if user.language in LANGUAGES else "en",
        "languages": settings.LANGUAGES,
        "printable": fonts() is not None,
        "empty": listed(
            LetterheadForm.base_fields[name].label for name in NEEDED if not getattr(shown, name)
        ),
    }
    return render(request, "opportunities/letterhead.html", context)


NEEDED = ("name", "address", "phone", "tax_id", "bank", "account")


@action
def save(request: HttpRequest) -> Done:
    """Keep the firm's head."""
    user = _require(request)
    data = cleaned(LetterheadForm(request.POST, request.FILES))
    file, drop = data.pop("logo"), data.pop("drop_logo")
    # One byte more than may be is enough to be refused: a large file is never read whole.
    logo = file.read(MOST_BYTES + 1) if file else None
    services.save_letterhead(by=user, logo=logo, drop_logo=drop, **data)
    return Done(_("Kept. The next quote goes out with it."), url=reverse("opportunities:letterhead"))


@page
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The logo as it was brought."""
    _require(request)
    row = Letterhead.objects.first()
    if row is None or not row.logo:
        raise NotFound
    return _private(HttpResponse(bytes(row.logo), content_type=TYPES[row.logo_type]))


@page
@require_safe
def preview(request: HttpRequest, language: str) -> HttpResponse:
    """A sample quote with the firm's head: a picture of its first page, or the PDF with `?pdf`."""
    user = _require(request)
    if language not in LANGUAGES:
        raise NotFound
    if "pdf" in request.GET:
        answer = HttpResponse(paper.sample_pdf(user, language), content_type="application/pdf")
        answer["Content-Disposition"] = 'inline; filename="sample.pdf"'
        return _private(answer)
    return _private(HttpResponse(paper.sample_picture(user, language), content_type="image/png"))


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "private, no-cache"
    return answer


def places(user: Any) -> list[Entry]:
    """For administrators, beside the Rulebook."""
    if not may_edit(user):
        return []
    return [Entry("letterhead", lazy("Letterhead"), "opportunities:letterhead", "file-text", 25, group=FIRM)]
