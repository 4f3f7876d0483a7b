"""Leads for other programs: /api/v1/leads/, /extensions/, /users/{login}/leave/."""

from django.urls import path

from leads.api.extensions import LeadExtensionViewSet
from leads.api.extensions import router as extensions
from leads.api.special import CheckView, LeaveView, SpecialViewSet
from leads.api.views import router

SPECIAL = ("merge", "contest", "object", "settle", "take")

urlpatterns = [
    path("leads/check/", CheckView.as_view(), name="lead-check"),
    path(
        "leads/<uuid:pk>/extensions/",
        LeadExtensionViewSet.as_view({"get": "extensions", "post": "ask"}),
        name="lead-extensions",
    ),
    *(
        path(f"leads/<uuid:pk>/{verb}/", SpecialViewSet.as_view({"post": verb}), name=f"lead-{verb}")
        for verb in SPECIAL
    ),
    path("users/<str:login>/leave/", LeaveView.as_view(), name="user-leave"),
    *router.urls,
    *extensions.urls,
]
