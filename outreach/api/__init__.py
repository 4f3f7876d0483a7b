"""Reaching people, for other programs: /campaigns/, /mailings/, /templates/."""

from outreach.api import campaigns, templates

urlpatterns = [*campaigns.urlpatterns, *templates.urlpatterns]
