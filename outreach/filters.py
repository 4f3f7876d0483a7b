"""Which campaigns, templates and messages are wanted: the same filters for page and API."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from contacts.models import Contact
from contacts.search import matching
from core import filters, hooks
from outreach.models import Campaign, Message
from outreach.rules import ChannelKind, Function, Goal


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


class MessageFilters(filters.FilterSet):
    """Messages by state, channel, function, campaign, person, time, and a part of the person's name or address."""

    state = filters.Words(field_name="state", choices=Message.State)
    channel = filters.Words(field_name="channel", choices=ChannelKind)
    function = filters.Words(field_name="function", choices=Function)
    kind = filters.Words(field_name="kind")
    campaign = filters.Named(field_name="campaign", rows=Campaign.objects.all)
    contact = filters.Ids(field_name="contact")
    created_before = filters.Moment(field_name="created_at", lookup_expr="lt")
    created_after = filters.Moment(field_name="created_at", lookup_expr="gte")
    q = filters.Search(method="search")

    def search(self, rows: QuerySet[Message], name: str, text: str) -> QuerySet[Message]:
        if not text.strip():
            return rows
        masked = reduce(or_, hooks.masked_rows(), Q(pk__in=[]))
        people = Contact.objects.filter(matching(text, "", masked))
        return rows.filter(contact__in=people.values("pk"))
