"""Reaching people, for other programs: /campaigns/, /mailings/, /templates/, /messages/."""

from outreach.api import campaigns, messages, templates

urlpatterns = [*campaigns.urlpatterns, *templates.urlpatterns, *messages.urlpatterns]
