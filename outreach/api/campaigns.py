"""/campaigns/ with their figures and mailings, /mailings/ (R11.6)."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import SavedView
from core import rulebook
from core.api import fields
from core.api.routers import Router
from core.api.serializers import Nothing, StrictSerializer
from core.api.shapes import MoneyOut, NamedOut, PersonOut
from core.api.views import ApiViewSet, Listed, Retrieved
from outreach.figures import ABOVE, OWN, Figures, figures_of, goal_figures
from outreach.filters import CampaignFilters
from outreach.models import Addressee, Campaign, Mailing, Template
from outreach.permissions import may_edit, require_editor, require_reader
from outreach.rules import ChannelKind, Goal
from outreach.services import campaigns, mailings


class CampaignIn(StrictSerializer):
    name = fields.Text(required=False, max_length=120)
    kind = fields.Choice(Campaign.Kind, required=False)
    goal = fields.Choice(Goal, required=False)
    budget = fields.Money(required=False, allow_null=True)
    cost = fields.Money(required=False, allow_null=True)
    starts_on = fields.Day(required=False, allow_null=True)
    ends_on = fields.Day(required=False, allow_null=True)
    note = fields.Text(required=False)
    active = fields.Flag(required=False)


class CampaignOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(Campaign.Kind.choices)
    goal = serializers.ChoiceField(Goal.choices)
    budget = MoneyOut(allow_null=True)
    cost = MoneyOut(allow_null=True)
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    active = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class FiguresOut(serializers.Serializer):
    """What a campaign has brought, of what the caller sees; `judged_by` names the figures of its goal."""

    goal = serializers.ChoiceField(Goal.choices)
    judged_by = serializers.ListField(child=serializers.CharField())
    spent = MoneyOut(allow_null=True)
    revenue = MoneyOut(allow_null=True)
    cost_per_lead = MoneyOut(allow_null=True)
    cost_per_order = MoneyOut(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **{name: serializers.IntegerField() for name in OWN + ABOVE}}


class MailingIn(StrictSerializer):
    template = fields.Reference(lambda user: Template.objects.all(), required=False)
    view = fields.Reference(
        lambda user: SavedView.objects.visible_to(user).filter(page=mailings.VIEWS), required=False
    )


class StartIn(StrictSerializer):
    starts_at = fields.Moment(required=False, allow_null=True)


class MailingOut(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.IntegerField()
    campaign = NamedOut()
    channel = serializers.ChoiceField(ChannelKind.choices)
    template = NamedOut()
    view = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(Mailing.State.choices)
    by = PersonOut()
    created_at = serializers.DateTimeField()
    starts_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    people = serializers.IntegerField()
    written = serializers.IntegerField()
    waiting = serializers.IntegerField()
    left_out = serializers.IntegerField()
    allowed = serializers.ListField(child=serializers.CharField())


def campaign_json(row: Campaign) -> dict[str, Any]:
    """Return a campaign as the API writes it."""
    currency = rulebook.get("currency")
    names = ("name", "kind", "goal", "note", "active", "starts_on", "ends_on", "created_at")
    return {
        "id": str(row.pk),
        "version": row.version,
        "budget": _money(row.budget, currency),
        "cost": _money(row.cost, currency),
        **{name: getattr(row, name) for name in names},
    }


def figures_json(row: Campaign, figures: Figures) -> dict[str, Any]:
    """Return what a campaign has brought."""
    currency = rulebook.get("currency")
    names = {"per_lead": "cost_per_lead", "per_order": "cost_per_order"}
    return {
        "goal": row.goal,
        "judged_by": [names.get(name, name) for name, _number in goal_figures(row, figures)],
        "spent": _money(figures.spent, currency),
        "revenue": _money(figures.revenue, currency),
        "cost_per_lead": _money(figures.per_lead, currency),
        "cost_per_order": _money(figures.per_order, currency),
        **figures.counts,
    }


def mailings_json(rows: list[Mailing], user: Any) -> list[dict[str, Any]]:
    """Return mailings as the API writes them, with how far they are; one query for all."""
    counted = Addressee.objects.filter(mailing__in=[row.pk for row in rows]).order_by().values("mailing_id")
    counts = {
        row.pop("mailing_id"): row
        for row in counted.annotate(
            people=Count("pk"),
            written=Count("pk", filter=Q(message__isnull=False)),
            waiting=Count("pk", filter=Q(due_at__isnull=False)),
            left_out=Count("pk", filter=Q(due_at__isnull=True) & ~Q(held="")),
        )
    }
    none = dict.fromkeys(("people", "written", "waiting", "left_out"), 0)
    return [
        {
            "id": str(row.pk),
            "version": row.version,
            "campaign": {"id": str(row.campaign_id), "name": row.campaign.name},
            "channel": row.channel,
            "template": {"id": str(row.template_id), "name": str(row.template)},
            "view": str(row.view_id) if row.view_id else None,
            "state": row.state,
            "by": fields.person(row.by),
            "created_at": row.created_at,
            "starts_at": row.starts_at,
            "ended_at": row.ended_at,
            **counts.get(row.pk, none),
            "allowed": mailings.allowed_actions(row) if may_edit(user) else [],
        }
        for row in rows
    ]


def _money(value: Decimal | None, currency: str) -> dict[str, str] | None:
    return None if value is None else fields.money(value, currency)


def _said(data: dict[str, Any]) -> dict[str, Any]:
    """What was said; null means empty for texts, and nothing is known for money and days."""
    return {
        key: "" if value is None and key in ("name", "kind", "goal", "note") else value
        for key, value in data.items()
    }


def _mailings() -> QuerySet[Mailing]:
    return Mailing.objects.select_related("campaign", "template", "view", "by")


class CampaignViewSet(Listed, Retrieved, ApiViewSet):
    """What marketing spends money on: campaigns and communities, each with one goal."""

    out = CampaignOut
    filterset_class = CampaignFilters
    ordering_fields = {"created_at": "created_at", "name": "name", "starts_on": "starts_on"}
    paged_actions = frozenset({"list", "mailings"})

    def rows(self) -> QuerySet[Campaign]:
        require_reader(self.request.user)
        return Campaign.objects.all()

    def many(self, records: list[Campaign]) -> list[dict[str, Any]]:
        with rulebook.snapshot():
            return [campaign_json(row) for row in records]

    @extend_schema(request=CampaignIn, responses={201: CampaignOut})
    def create(self, request: Request) -> Response:
        """Make a campaign (marketing, administrators)."""
        require_editor(request.user)
        said = {"name": "", **_said(self.body(CampaignIn))}
        return self.answer(campaigns.save_campaign(None, by=request.user, **said), 201)

    @extend_schema(request=CampaignIn)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change a campaign, or put it away with `active: false`."""
        row = self.touch(pk)
        require_editor(request.user)
        said = _said(self.body(CampaignIn, partial=True))
        return self.answer(self.guarded(row, lambda: campaigns.save_campaign(row, by=request.user, **said)))

    @extend_schema(responses={200: FiguresOut})
    @action(detail=True, methods=["get"])
    def figures(self, request: Request, pk: Any) -> Response:
        """What it has brought, from the message to the order, of what the caller sees; amounts by right."""
        row = self.load(pk)
        return Response(figures_json(row, figures_of([row], request.user)[row.pk]))

    @extend_schema(methods=["GET"], responses={200: MailingOut(many=True)})
    @extend_schema(methods=["POST"], request=MailingIn, responses={201: MailingOut})
    @action(detail=True, methods=["get", "post"])
    def mailings(self, request: Request, pk: Any) -> Response:
        """Its mailings, the latest first; POST writes one to a saved view of leads (marketing, administrators).

        Nothing goes out before `/mailings/{id}/start/`.
        """
        row = self.load(pk)
        if request.method == "GET":
            return self.page(
                _mailings().filter(campaign=row), lambda found: mailings_json(found, request.user)
            )
        require_editor(request.user)
        data = self.body(MailingIn)
        made = mailings.save_mailing(
            None, by=request.user, campaign=row, template=data.get("template"), view=data.get("view")
        )
        (answer,) = mailings_json([_mailings().get(pk=made.pk)], request.user)
        return Response(answer, status=201, headers={"ETag": f'"{made.version}"'})


class MailingViewSet(Retrieved, ApiViewSet):
    """One message of a campaign to everybody in a saved view, once each."""

    out = MailingOut

    def rows(self) -> QuerySet[Mailing]:
        require_reader(self.request.user)
        return _mailings()

    def many(self, records: list[Mailing]) -> list[dict[str, Any]]:
        return mailings_json(records, self.request.user)

    def allowed_now(self, pk: Any) -> list[str] | None:
        row = Mailing.objects.filter(pk=pk).first()
        return mailings.allowed_actions(row) if row else None

    @extend_schema(request=MailingIn)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Another template or another view, as long as it has not begun."""
        row = self.touch(pk)
        require_editor(request.user)
        data = self.body(MailingIn, partial=True)
        template, view = data.get("template", row.template), data.get("view", row.view)
        changed = self.guarded(
            row, lambda: mailings.save_mailing(row, by=request.user, template=template, view=view)
        )
        return self.answer(self.load(changed.pk))

    @extend_schema(request=StartIn)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: Any) -> Response:
        """Let it begin, now or at `starts_at`; everybody in the view gets it once, through the gate."""
        row = self.touch(pk)
        data = self.body(StartIn)
        begun = mailings.start(row, by=request.user, starts_at=data.get("starts_at"))
        return self.answer(self.load(begun.pk))

    @extend_schema(request=Nothing)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: Any) -> Response:
        """Stop it: who waits gets nothing, and what was not sent is withdrawn."""
        row = self.touch(pk)
        self.body(Nothing)
        return self.answer(self.load(mailings.stop(row, by=request.user).pk))


router = Router()
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("mailings", MailingViewSet, basename="mailing")
urlpatterns = router.urls
