"""Addresses of the pool."""

from django.urls import path

from pool import views
from pool.cadence_urls import cadences

app_name = "pool"
urlpatterns = [
    *cadences,
    path("pool/", views.pool, name="pool"),
    path("pool/hand/", views.hand, name="hand"),
    path("pool/claim/", views.claim_many, name="claim_many"),
    path("pool/<uuid:pk>/claim/", views.claim, name="claim"),
]
