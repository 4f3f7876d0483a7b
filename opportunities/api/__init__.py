"""Opportunities for other programs: /api/v1/opportunities/ and /api/v1/leads/{id}/convert/."""

from django.urls import path

from opportunities.api.views import ConvertViewSet, router

urlpatterns = [
    path("leads/<uuid:pk>/convert/", ConvertViewSet.as_view({"post": "convert"}), name="lead-convert"),
    *router.urls,
]
