"""The dictionary's page: read by all, edited in place by administrators (R14.4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from accounts import dictionary as book
from accounts.models import Term
from core.errors import NotFound
from core.web.answers import Done, action, cleaned, page


class TermForm(forms.Form):
    """A word and what it means here, in both languages; what is missing the verb says."""

    word_en = forms.CharField(label=lazy("Word in English"), max_length=60, required=False)
    word_zh = forms.CharField(label=lazy("Word in Chinese"), max_length=60, required=False)
    text_en = forms.CharField(
        label=lazy("Meaning in English"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    text_zh = forms.CharField(
        label=lazy("Meaning in Chinese"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@page
@require_GET
def dictionary(request: HttpRequest) -> HttpResponse:
    """What this firm calls a lead, an MQL, an order."""
    may = book.may_define(request.user)  # type: ignore[arg-type]
    words = [
        {**book.words_of(term), "form": _form(term) if may else None}
        for term in Term.objects.select_related("changed_by")
    ]
    return render(request, "accounts/dictionary.html", {"words": words, "may": may})


def _form(term: Term) -> TermForm:
    names: dict[str, Any] = {name: getattr(term, name) for name in book.LIMITS}
    return TermForm(initial=names, auto_id=f"{term.code}_%s")


@action
def define(request: HttpRequest, code: str) -> Done:
    """Another meaning of a word."""
    if not Term.objects.filter(code=code).exists():
        raise NotFound
    book.define(code, by=request.user, **cleaned(TermForm(request.POST)))  # type: ignore[arg-type]
    return Done(_("Kept: the dictionary says it everywhere now."), url=reverse("accounts:dictionary"))
