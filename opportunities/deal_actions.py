"""The posts of an opportunity's page: needs, experience, risks, presales, and a move with what belongs to it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.web.answers import Done, action, cleaned, found
from core.web.context import moment
from opportunities import deal_forms, forms, services
from opportunities.actions import actionable, address, check_lines, placed
from opportunities.models import ExperienceEvent, Opportunity, PresalesRequest


@action
def needs(request: HttpRequest, pk: Any) -> Done:
    """Products and purposes, told anew, and for how many people."""
    row = actionable(request, pk)
    lines = forms.NeedLines(request.POST, prefix="products")
    check_lines(lines)
    wanted, places = forms.needs_in(lines)
    data = cleaned(forms.PeopleForm(request.POST))

    def keep() -> None:
        with transaction.atomic():
            services.update(row, by=request.user, **data)
            services.set_needs(row, products=wanted, by=request.user)

    placed("products", places, keep)
    return Done(_("Saved."), url=address(pk))


@action
def plan(request: HttpRequest, pk: Any) -> Done:
    """An experience, planned or held already (R8.1)."""
    row = actionable(request, pk)
    form = deal_forms.ExperienceForm(request.POST)
    cleaned(form)
    made = services.plan_experience(row, by=request.user, **form.asked())
    text = _("Logged: %(kind)s.") if made.held else _("Planned: %(kind)s. It is in your calendar.")
    return Done(text % {"kind": made.get_kind_display()}, url=address(pk))


def _event(request: HttpRequest, pk: Any) -> ExperienceEvent:
    mine = Opportunity.objects.actionable_by(request.user, moment(request)).order_by().values("pk")
    return found(ExperienceEvent.objects.filter(opportunity__in=mine), pk)


@action
def change(request: HttpRequest, pk: Any) -> Done:
    """It took place, it fell through, or it is at another time."""
    event = _event(request, pk)
    what = request.POST.get("what", "")
    if what in ("held", "fell"):
        services.change_experience(event, by=request.user, held=what == "held")
        text = _("It took place.") if what == "held" else _("It fell through.")
    else:
        data = cleaned(deal_forms.MovedForm(request.POST))
        services.change_experience(event, by=request.user, **data)
        text = _("Moved.")
    return Done(text, url=address(event.opportunity_id))


@action
def risks(request: HttpRequest, pk: Any) -> Done:
    """Competitor, price over expectation, other risks, own judgement (R8.3, R8.6)."""
    row = actionable(request, pk)
    services.update(row, by=request.user, **cleaned(deal_forms.RiskForm(request.POST, kind=row.kind)))
    return Done(_("Saved."), url=address(pk))


@action
def ask(request: HttpRequest, pk: Any) -> Done:
    """Presales is asked for a solution (R8.6)."""
    row = actionable(request, pk)
    services.ask_presales(row, by=request.user, **cleaned(deal_forms.AskForm(request.POST)))
    return Done(_("Presales is asked."), url=address(pk))


def _request(request: HttpRequest, pk: Any) -> PresalesRequest:
    return found(PresalesRequest.objects.visible_to(request.user), pk)


@action
def take(request: HttpRequest, pk: Any) -> Done:
    """Somebody of presales takes a request on."""
    services.take_presales(_request(request, pk), by=request.user)
    return Done(_("It is yours."))


@action
def answer(request: HttpRequest, pk: Any) -> Done:
    """Presales answers."""
    asked = _request(request, pk)
    services.answer_presales(asked, by=request.user, **cleaned(deal_forms.AnswerForm(request.POST)))
    return Done(_("Answered; who asked is told."))
