"""What opportunities add to the apps below, through core.hooks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, Value, When

from core import hooks
from opportunities.rules import OPEN, WITH_CASES


def _load(user_ids: list[Any]) -> dict[Any, int]:
    from opportunities.models import Opportunity

    rows = Opportunity.objects.open().filter(owner_id__in=user_ids)
    return dict(rows.values_list("owner_id").annotate(n=Count("pk")))


def _parts(leads: list[Any], user: Any, at: datetime) -> dict[Any, Any]:
    """The open (else latest) opportunity of each lead, if the user may see it."""
    from opportunities.models import Opportunity

    # Who is on the first way to an opportunity has had none: nothing to ask for.
    ids = [lead.pk for lead in leads if lead.run > 1 or lead.state not in ("new", "mql", "sql")]
    if not ids:
        return {}
    rows = Opportunity.objects.visible_to(user).filter(lead__in=ids).select_related("company")
    found: dict[Any, Any] = {}
    for row in rows.order_by("created_at", "id"):
        held = found.get(row.lead_id)
        if held is None or row.stage in OPEN or held["opportunity"].stage not in OPEN:
            found[row.lead_id] = {"opportunity": row}
    return found


def _actions(leads: list[Any], user: Any, at: datetime) -> dict[Any, list[str]]:
    from opportunities.permissions import may_convert

    return {lead.pk: ["convert"] for lead in leads if lead.state == "sql" and may_convert(user, lead)}


def _contacts_seen(user: Any) -> Q:
    from opportunities.models import Opportunity

    return Q(Exists(Opportunity.objects.visible_to(user).filter(contact=OuterRef("pk"))))


def _companies_seen(user: Any) -> Q:
    from opportunities.models import Opportunity

    return Q(Exists(Opportunity.objects.visible_to(user).filter(company=OuterRef("pk"))))


def _amounts_seen(user: Any, asked: dict[str, set[Any]]) -> set[Any]:
    from opportunities.models import Opportunity

    ids = asked.get("opportunity")
    return (
        set(Opportunity.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
        if ids
        else set()
    )


def _owner_changed(lead_ids: list[Any], owner: Any, by: Any, at: datetime) -> None:
    from opportunities.services import take_over

    take_over(lead_ids, owner, by, at)


def _merged(stays: Any, goes: Any, by: Any) -> None:
    """Opportunities and contracts go along with the person; of two open ones a manager decided which lead stays, and
    the other's is lost as a duplicate of it."""
    from opportunities.services import merge_away

    merge_away(stays, goes, by)


def _leaving(user: Any, by: Any, heirs: Any, at: datetime) -> None:
    from opportunities.services import hand_on

    hand_on(user, by, heirs, at)


def _moved(user: Any) -> None:
    from core.locking import lock
    from opportunities.models import Opportunity
    from opportunities.rules import Stage

    mine = Opportunity.objects.filter(owner=user, stage__in=[Stage.SCHEDULED, *OPEN])
    for row in lock(Opportunity.objects.all(), mine.values_list("pk", flat=True)):
        row.team = user.team
        row.store("team")


def _held(user: Any) -> list[tuple[str, Any]]:
    from contacts.models import Company
    from opportunities.models import Opportunity
    from opportunities.rules import Stage

    mine = Opportunity.objects.filter(owner=user).select_related("company")
    return [
        ("opportunity", mine.open().order_by("created_at", "pk")),
        ("scheduled", mine.filter(stage=Stage.SCHEDULED).order_by("active_on", "pk")),
        ("company", Company.objects.filter(owner=user).order_by("name")),
    ]


def _sweep(at: datetime) -> dict[str, int]:
    from opportunities.services import activate_due

    return {"activated": activate_due(at)}


def _needs(user: Any) -> Any:
    """What open opportunities need, a row for each and product (R8.6)."""
    from opportunities.models import Opportunity, OpportunityProduct

    open_ = Opportunity.objects.visible_to(user).filter(stage__in=OPEN).order_by().values("pk")
    early = Case(
        When(opportunity__stage__in=WITH_CASES, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    return OpportunityProduct.objects.filter(opportunity__in=open_).annotate(
        early=early,
        industry=F("opportunity__company__industry"),
        amount=F("opportunity__amount"),
        since=F("opportunity__created_at"),
    )


def _agreed_in() -> set[str]:
    from opportunities.models import Opportunity

    return set(Opportunity.objects.order_by().values_list("currency", flat=True).distinct())


def _campaign_figures(ids: list[Any], user: Any) -> dict[Any, dict[str, Any]]:
    """How many leads of each campaign became an opportunity; a pseudo need still was one (R14.1)."""
    from opportunities.models import Opportunity
    from opportunities.rules import Kind

    rows = Opportunity.objects.visible_to(user).filter(lead__campaign__in=ids, kind=Kind.NEW_BUSINESS)
    counted = rows.order_by().values_list("lead__campaign_id").annotate(n=Count("lead", distinct=True))
    return {pk: {"opportunities": number} for pk, number in counted}


def connect() -> None:
    """Fill the points."""
    hooks.open_load.register(_load)
    hooks.lead_parts.register(_parts)
    hooks.lead_actions.register(_actions)
    hooks.contact_visibility.register(_contacts_seen)
    hooks.company_visibility.register(_companies_seen)
    hooks.amounts_seen.register(_amounts_seen)
    hooks.owner_changed.register(_owner_changed)
    hooks.sweeps.register(_sweep)
    hooks.merged.register(_merged)
    hooks.leaving.register(_leaving)
    hooks.held.register(_held)
    hooks.moved.register(_moved)
    hooks.needs.register(_needs)
    hooks.agreed_in.register(_agreed_in)
    hooks.campaign_figures.register(_campaign_figures)
