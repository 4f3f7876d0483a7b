"""Addresses of the pages of campaigns and of what people are sent."""

from outreach.campaign_urls import campaigns
from outreach.channel_urls import channels
from outreach.message_urls import messages
from outreach.template_urls import templates

app_name = "outreach"
urlpatterns = [*campaigns, *templates, *messages, *channels]
