"""The posts of opportunities: load → form → verb → answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.models import Company
from core.errors import FieldError, TransitionNotAllowed, TrunkError
from core.web.answers import Done, action, back, cleaned, found, on_today
from core.web.context import moment
from leads.actions import actionable as actionable_lead
from opportunities import forms, forward, rules, services
from opportunities.models import Opportunity
from opportunities.rules import Stage


def visible(request: HttpRequest, pk: Any) -> Opportunity:
    """The opportunity, if this person may see it; else NotFound (R15.2)."""
    return found(_rows(Opportunity.objects.visible_to(request.user)), pk)


def actionable(request: HttpRequest, pk: Any) -> Opportunity:
    """The opportunity, for who sees it or held it a moment ago: a loser is told the truth (409), not 404."""
    return found(_rows(Opportunity.objects.actionable_by(request.user, moment(request))), pk)


def _rows(rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    return rows.select_related("company", "contact", "lead", "owner", "team")


def address(pk: Any) -> str:
    """Where an opportunity is."""
    return reverse("opportunities:opportunity", args=[pk])


@action
def move(request: HttpRequest, pk: Any) -> Done:
    """To another stage: forward at once, back with a reason, lost with a reason (R8.2, R8.7)."""
    row = actionable(request, pk)
    to = request.POST.get("stage", "")
    if to == Stage.LOST:
        return _lose(request, row)
    if rules.is_back(row.stage, to):
        data = cleaned(forms.BackForm(request.POST))
        row = services.back(row, to=to, by=request.user, **data)
    else:
        return _forward(request, row, to)
    return _moved(row)


@action
def advance(request: HttpRequest, pk: Any) -> Done:
    """Forward to the next stage (R8.2)."""
    return _forward(request, actionable(request, pk), request.POST.get("stage", ""))


def _forward(request: HttpRequest, row: Opportunity, to: str) -> Done:
    row, url = forward.run(request, row, to)
    return _moved(row, url)


def _moved(row: Opportunity, url: str = "") -> Done:
    said = {"company": row.company.name, "stage": row.get_stage_display()}
    return Done(_("%(company)s: %(stage)s.") % said, url=url)


@action
def lose(request: HttpRequest, pk: Any) -> Done:
    """→ lost (R8.7)."""
    return _lose(request, actionable(request, pk))


def _lose(request: HttpRequest, row: Opportunity) -> Done:
    services.lose(row, by=request.user, **cleaned(forms.LoseForm(request.POST)))
    return Done(
        _("%(company)s is lost.") % {"company": row.company.name},
        undo=reverse("opportunities:reopen", args=[row.pk]),
    )


@action
def reopen(request: HttpRequest, pk: Any) -> Done:
    """A loss taken back (R8.7)."""
    row = services.reopen(actionable(request, pk), by=request.user)
    return Done(_("Taken back: %(stage)s.") % {"stage": row.get_stage_display()})


@action
def facts(request: HttpRequest, pk: Any) -> Done:
    """What is known of it."""
    row = actionable(request, pk)
    services.update(row, by=request.user, **cleaned(forms.FactsForm(request.POST)))
    return Done(_("Saved."))


@action
def next_step(request: HttpRequest, pk: Any) -> Done:
    """The next step and its day (R12.2)."""
    row = actionable(request, pk)
    data = cleaned(forms.NextStepForm(request.POST))
    services.update(row, by=request.user, **data)
    return Done(_("Next step kept.") if data["next_step"] else _("Next step taken away."))


@action
def convert(request: HttpRequest, pk: Any) -> Done:
    """SQL → opportunity (R5)."""
    lead = actionable_lead(request, pk)
    data = cleaned(forms.ConvertForm(request.POST))
    lines = forms.NeedLines(request.POST, prefix="products")
    check_lines(lines)
    needs, places = forms.needs_in(lines)
    try:
        row = placed(
            "products", places, lambda: services.convert(lead, by=request.user, products=needs, **data)
        )
    except TransitionNotAllowed:
        # Clicked twice, or in two windows: there is one, and here it is.
        made = made_of(request, lead)
        if made is None:
            raise
        return Done(_("This lead is an opportunity already: here it is."), url=address(made.pk))
    # Whoever works through Today stays there.
    return Done(_("It is an opportunity now."), url=back(request) if on_today(request) else address(row.pk))


def made_of(request: HttpRequest, lead: Any) -> Opportunity | None:
    """The open opportunity that a lead was made into, if this person may see it."""
    rows = Opportunity.objects.visible_to(request.user).open()
    return rows.filter(lead=lead.pk, kind=rules.Kind.NEW_BUSINESS).first()


def check_lines(lines: Any) -> None:
    """Read the lines of a form. Raises RuleRefused with every field that is wrong."""
    if not lines.management_form.is_valid():
        cleaned(lines.management_form)
    if not lines.is_valid():
        for form in lines.forms:
            cleaned(form)


def placed(prefix: str, places: list[int], run: Callable[[], Any]) -> Any:
    """Run a verb; what it says of its n-th line is said beside the field of the form where that line stands."""
    try:
        return run()
    except TrunkError as refusal:
        refusal.errors = [_at_field(error, prefix, places) for error in refusal.errors]
        raise


def _at_field(error: FieldError, prefix: str, places: list[int]) -> FieldError:
    if error.field == prefix:
        return FieldError(f"{prefix}-0-product", error.code, error.message)
    parts = error.field.split(".")
    if len(parts) == 3 and parts[0] == prefix and parts[1].isdigit():
        return FieldError(f"{prefix}-{places[int(parts[1])]}-{parts[2]}", error.code, error.message)
    return error


@action
def again(request: HttpRequest, pk: Any) -> Done:
    """Upsell or repurchase with a customer in one click (R1.3, R9.4)."""
    company = found(Company.objects.visible_to(request.user), pk)
    chance = services.open_again(company, by=request.user, kind=request.POST.get("kind", ""))
    name = {"company": company.name, "kind": chance.get_kind_display()}
    return Done(_("%(kind)s with %(company)s is open.") % name, url=address(chance.pk))
