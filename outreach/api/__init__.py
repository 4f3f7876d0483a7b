"""The API of reaching people."""

from outreach.api.messages import urlpatterns as messages

urlpatterns = [*messages]
"""Reaching people, for other programs: /campaigns/, /mailings/, /templates/."""

from outreach.api import campaigns, templates

urlpatterns = [*campaigns.urlpatterns, *templates.urlpatterns]
