"""Which campaigns and templates are wanted."""

from core import filters
from outreach.models import Campaign
from outreach.rules import ChannelKind, Goal


class CampaignFilters(filters.FilterSet):
    """Campaigns by goal, kind, running or put away, and a part of the name."""

    goal = filters.Words(field_name="goal", choices=Goal)
    kind = filters.Words(field_name="kind", choices=Campaign.Kind)
    active = filters.Flag(field_name="active")
    q = filters.Search(field_name="name", lookup_expr="icontains")


class TemplateFilters(filters.FilterSet):
    """Templates by way, in use or put away, and a part of the name."""

    channel = filters.Words(field_name="channel", choices=ChannelKind)
    active = filters.Flag(field_name="active")
    q = filters.Search(field_name="name", lookup_expr="icontains")
