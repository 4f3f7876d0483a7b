"""Orders for other programs: /api/v1/orders/, and accepting a quote into one."""

from django.urls import path

from orders.api.views import AcceptQuoteViewSet, router

urlpatterns = [
    path("quotes/<uuid:pk>/accept/", AcceptQuoteViewSet.as_view({"post": "accept"}), name="quote-accept"),
    *router.urls,
]
