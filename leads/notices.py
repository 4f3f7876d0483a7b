"""What notices about a lead say, and how its reader may call the person."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from accounts.models import Hat
from contacts.models import ContactPoint
from core import clock
from core.templatetags.trunk import plain
from core.web.notices import Called, Say, named, notice
from core.web.phrases import chosen
from leads.models import Dispute, Lead
from leads.rules import ReturnReason
from leads.selectors import may_ring
from outreach.rules import MEDIUM_NAMES

Data = dict[str, Any]
REP, MANAGER, MARKETER, TELEMARKETER = (Hat.REP,), (Hat.MANAGER,), (Hat.MARKETER,), (Hat.TELEMARKETER,)


def names(ids: list[Any], user: Any) -> dict[Any, Called]:
    """Names for who sees the lead, or had it until yesterday; the way to it and its number only for who sees it."""
    at = clock.now()
    rows = Lead.objects.actionable_by(user, at).filter(pk__in=ids).select_related("contact")
    known = {lead.pk: lead for lead in rows}
    seen = set(Lead.objects.visible_to(user).filter(pk__in=known).values_list("pk", flat=True))
    to_dial = {lead.contact_id for lead in known.values() if lead.pk in seen and may_ring(lead, at)}
    points = ContactPoint.objects.filter(contact__in=to_dial, kind="phone", dead_at=None)
    phones: dict[Any, str] = {}
    for point in points.order_by("-first_choice", "id"):
        phones.setdefault(point.contact_id, point.whole)
    return {
        pk: Called(
            name=str(lead.contact),
            note=lead.contact.company_name if pk in seen else "",
            url=reverse("leads:lead", args=[pk]) if pk in seen else "",
            phone=phones.get(lead.contact_id, "") if pk in seen else "",
        )
        for pk, lead in known.items()
    }


def _says(sentence: Any) -> Say:
    """A sentence with the name in it, and by which way the person came."""

    def say(data: Data, name: str) -> str:
        medium = data.get("medium", "")
        known = {"name": name or _("A lead"), "medium": MEDIUM_NAMES.get(medium, plain(medium))}
        return str(sentence) % known

    return say


def _due_soon(data: Data, name: str) -> str:
    hours = data.get("hours", 0)
    return ngettext(
        "%(name)s goes back to the pool in %(n)s hour", "%(name)s goes back to the pool in %(n)s hours", hours
    ) % {"name": name or _("A lead"), "n": hours}


def _returned(data: Data, name: str) -> str:
    why = chosen(ReturnReason.choices, data.get("reason", ""))
    return _("The rep returned %(name)s: %(why)s") % {"name": name or _("a lead of yours"), "why": why}


def _settled(data: Data, name: str) -> str:
    known = {"name": name or _("A lead")}
    if data.get("verdict") == Dispute.Verdict.LEGAL:
        return _("Settled: %(name)s is a correct MQL") % known
    return _("Settled: %(name)s is not an MQL") % known


def declare() -> None:
    """Tell core.web.notices."""
    named("lead", names)
    of_the_rep()
    for_those_above()


def of_the_rep() -> None:
    """What a rep is told about the own leads."""
    say = _says(lazy("%(name)s expects your call now"))
    notice("call_now", "phone-call", lazy("A customer expects your call now"), say, loud=True, hats=REP)
    say = _says(lazy("%(name)s was given to you"))
    notice("given", "user-share", lazy("A lead was given to you"), say, hats=REP)
    notice("due_soon", "alarm", lazy("A week is about to end"), _due_soon, hats=REP)
    say = _says(lazy("%(name)s went back to the pool: the week was over"))
    notice("expired", "hourglass-low", lazy("A week has ended"), say, hats=REP)
    say = _says(lazy("%(name)s came again by %(medium)s"))
    notice("arrived_again", "refresh", lazy("One of your leads came again"), say, hats=REP)
    say = _says(lazy("%(name)s, a customer of yours, came by %(medium)s: offer what is next"))
    notice("customer_arrived", "target", lazy("A customer of yours came again"), say, hats=REP)
    say = _says(lazy("%(name)s is new at a customer of yours"))
    notice("new_person_at_customer", "user-plus", lazy("Somebody new at a customer of yours"), say, hats=REP)
    say = _says(lazy("More time for %(name)s: the extension is approved"))
    notice("extension_approved", "clock-plus", lazy("An extension was approved"), say, hats=REP)
    say = _says(lazy("No more time for %(name)s: the extension is rejected"))
    notice("extension_rejected", "circle-x", lazy("An extension was rejected"), say, hats=REP)
    say = _says(lazy("A colleague took %(name)s: the first call was missed"))
    notice("taken_by_next", "hand-grab", lazy("A colleague took a lead you did not call"), say, hats=REP)
    say = _says(lazy("%(name)s went to the next rep: it was not judged in time"))
    notice("passed_on", "arrow-right", lazy("A lead went on because it was not judged"), say, hats=REP)
    say = _says(lazy("%(name)s is the same person as a lead of a colleague's: the two are one now"))
    notice("merged", "git-merge", lazy("A lead of yours was merged with a colleague's"), say, hats=REP)


def for_those_above() -> None:
    """What managers, marketing and the desk are told."""
    say = _says(lazy("%(name)s waits in the team's queue: no rep was free"))
    notice("queue_waiting", "users", lazy("A lead waits in the team's queue"), say, hats=MANAGER)
    say = _says(lazy("More time is asked for %(name)s: decide"))
    notice("extension_asked", "clock-plus", lazy("An extension is asked for"), say, hats=MANAGER)
    say = _says(lazy("A rep objects to %(name)s: settle it"))
    notice("objected", "hand-stop", lazy("A rep objects to an MQL"), say, hats=MANAGER)
    say = _says(lazy("Marketing contests the return of %(name)s: settle it"))
    label = lazy("Marketing contests a return")
    notice("contested", "hand-stop", label, say, hats=MANAGER, branch="contesting")
    notice("settled", "check", lazy("A manager has settled"), _settled, hats=(*REP, *MARKETER))
    say = _says(lazy("%(name)s came by %(medium)s, but asked never to be called"))
    label = lazy("Somebody came who asked never to be called")
    notice("do_not_call_arrived", "phone-off", label, say, hats=MARKETER)
    label = lazy("A rep returned an MQL of yours")
    notice("mql_returned", "arrow-back-up", label, _returned, hats=TELEMARKETER)
