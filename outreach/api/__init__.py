"""The API of reaching people."""

from outreach.api.messages import urlpatterns as messages

urlpatterns = [*messages]
