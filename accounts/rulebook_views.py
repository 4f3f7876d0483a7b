"""The Rulebook's page: every rule in plain words with its value; read by all, changed in place by administrators."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from accounts.models import Hat
from accounts.rulebook_reading import read_rule, said, written
from core import rulebook as book
from core.errors import FieldError, NotFound, RuleRefused
from core.models import RuleChange
from core.rulebook import Rule
from core.trial import Busy
from core.web.answers import Done, action, page

HISTORY = 30

# What turns on with each branch (R0.1), and where it is then.
BRANCHES = {
    "assignment_rules": (
        lazy("Rules say which reps get which new MQLs: by source, region, product, industry or size."),
        "leads:assignment",
    ),
    "contesting": (
        lazy("Marketing can contest a returned MQL; a manager settles it. It changes figures only."),
        "",
    ),
    "holidays_pause": (lazy("The week of an SQL stands still on the firm's holidays."), ""),
    "no_need_reasons": (lazy("The telemarketer can say why there is no need; no step asks for it."), ""),
    "stage_gates": (
        lazy("A stage asks for its evidence: without an experience event or a quote it is not reached."),
        "",
    ),
    "presales": (
        lazy("From the experience on, a rep can ask presales for a solution: owner, due day, answer."),
        "",
    ),
    "order_approval": (
        lazy("A manager approves larger discounts and other terms before a contract is signed."),
        "",
    ),
    "worn_leads": (
        lazy("A lead that expired on several reps in a row rests: nobody claims it, and marketing decides."),
        "",
    ),
    "fairness": (
        lazy("A report says who claims, who lets go, and what claimed leads became."),
        "",
    ),
    "labels": (lazy("Leads can carry labels: one flat list, which no step ever needs."), ""),
}

# What each chapter says, in one breath.
CHAPTERS = {
    "R0": (lazy("The idea"), lazy("One trunk, few labels: what is not needed every day is off.")),
    "R1": (lazy("Lead"), lazy("A lead exists once there is a way to reach someone. One person is one lead, for life.")),
    "R2": (
        lazy("Qualifying"),
        lazy(
            "A lead that does not refuse to talk is an MQL. "
            "Empty or wrong number, too many calls without an answer, no need for now: it is none."
        ),
    ),
    "R3": (lazy("Hand-over"), lazy("A new MQL goes in turn to the reps who are on duty and have room.")),
    "R4": (lazy("Verifying"), lazy("The rep accepts an MQL, or returns it as illegal with one of five reasons.")),
    "R5": (
        lazy("Opportunity"),
        lazy("It can be quoted when the need, how many people and the correct company name are known."),
    ),
    "R6": (
        lazy("The one-week rule"),
        lazy("An SQL that is not an opportunity in time goes back to the public pool, to the instant."),
    ),
    "R7": (lazy("Extensions"), lazy("Special cases get more time, if a manager agrees.")),
    "R8": (
        lazy("Pipeline"),
        lazy("Stages go forward or back with a reason; won is only what is signed; lost needs a reason."),
    ),
    "R9": (
        lazy("Orders"),
        lazy("An order is a signed contract, paid or not. Signing plans the next chance with that customer."),
    ),
    "R10": (
        lazy("The public pool"),
        lazy("What cannot go forward lies here with its reason. Reps claim from it, within limits."),
    ),
    "R11": (lazy("Reaching people"), lazy("Consent wins over everything; nobody is harassed by several departments.")),
    "R12": (lazy("Focus"), lazy("Every open record has a next step; what is lost first comes first.")),
    "R13": (lazy("After the signature"), lazy("A customer stays one: periods, service, renewal.")),
    "R14": (lazy("Figures and words"), lazy("Two reports never disagree; one word means one thing.")),
    "R15": (lazy("Who may do what"), lazy("Rights come with the hats a person wears.")),
    "API": (lazy("Other programs"), lazy("What an integration can do, and how fast.")),
}  # fmt: skip

# Numbers that mean something only with a branch: they stand there while it is on.
OF_BRANCH = {"labels_most": "labels", "worn_reps": "worn_leads", "worn_days": "worn_leads"}


@page
@require_GET
def rulebook(request: HttpRequest) -> HttpResponse:
    """Every rule by chapter, with its number, value, default, and who changed it when."""
    values = book.values()
    latest = RuleChange.objects.order_by("key", "-at", "-id").distinct("key").select_related("by")
    last = {change.key: change for change in latest}
    chapters: dict[str, dict[str, Any]] = {}
    branches = []
    inside = request.user.wears(Hat.ADMIN, Hat.MANAGER)  # type: ignore[union-attr]
    for known in sorted(book.RULES.values(), key=_place):
        line = _line(known, values[known.key], last.get(known.key))
        if known.branch:
            text, url = BRANCHES.get(known.key, ("", ""))
            branches.append(
                {**line, "text": text, "url": reverse(url) if url and inside and line["value"] else ""}
            )
            continue
        if known.key in OF_BRANCH and not values[OF_BRANCH[known.key]]:
            continue
        code = known.number.partition(".")[0]
        title, sentence = CHAPTERS.get(code, (code, ""))
        chapter = chapters.setdefault(code, {"code": code, "title": title, "text": sentence, "rules": []})
        chapter["rules"].append(line)
    history = RuleChange.objects.select_related("by")[:HISTORY]
    context = {
        "chapters": list(chapters.values()),
        "branches": branches,
        "on": sum(bool(branch["value"]) for branch in branches),
        "may": request.user.wears(Hat.ADMIN),  # type: ignore[union-attr]
        "count": len(book.RULES),
        "changed": sum(values[key] != known.default for key, known in book.RULES.items()),
        "history": [
            {
                "change": change,
                "label": book.RULES[change.key].label,
                "number": book.RULES[change.key].number,
                "old": said(book.RULES[change.key], change.old),
                "new": said(book.RULES[change.key], change.new),
            }
            for change in history
            if change.key in book.RULES
        ],
    }
    return render(request, "accounts/rulebook.html", context)


def _place(known: Rule) -> tuple[int, float, str]:
    """R2.3 stands before R10.1; what has no number of the rules comes last."""
    chapter, _dot, rest = known.number.removeprefix("R").partition(".")
    if not chapter.isdigit():
        return 99, 0, known.number
    return (
        int(chapter),
        float(rest) if rest.isdigit() else 0,
        list(book.RULES).index(known.key).__format__("04d"),
    )


def _line(known: Rule, value: Any, change: RuleChange | None) -> dict[str, Any]:
    return {
        "rule": known,
        "value": value,
        "said": said(known, value),
        "default": said(known, known.default),
        "is_default": value == known.default,
        "written": written(known, value),
        "change": change,
    }  # fmt: skip


@action
def change(request: HttpRequest, key: str) -> Done:
    """Set one rule, or put its default back."""
    if key not in book.RULES:
        raise NotFound
    value = None if request.POST.get("do") == "default" else read_rule(book.RULES[key], request.POST)
    try:
        book.change({key: value}, by=request.user)
    except RuleRefused as refusal:
        refusal.errors = [FieldError("value", error.code, error.message) for error in refusal.errors]
        raise
    return Done(_("In force from now on."), url=f"{reverse('accounts:rulebook')}#{key}")


@action
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """What a new value would move, told while it is typed (R10.8); what cannot be a value is told as well."""
    if key not in book.RULES:
        raise NotFound
    try:
        lines = book.preview({key: read_rule(book.RULES[key], request.POST)}, by=request.user)
    except RuleRefused as refusal:
        lines = [str(error.message) for error in refusal.errors]
    except Busy as busy:
        lines = [str(busy.detail)]
    return render(request, "accounts/rule_preview.html", {"lines": lines})
