"""Addresses of the pool."""

from django.urls import path

from pool import ahead_views, fairness_views, hand_views, views
from pool.cadence_urls import cadences

app_name = "pool"
urlpatterns = [
    *cadences,
    path("pool/", views.pool, name="pool"),
    path("pool/leaving/", ahead_views.leaving, name="leaving"),
    path("pool/fairness/", fairness_views.report, name="fairness"),
    path("pool/hand/", hand_views.hand, name="hand"),
    path("pool/claim/", views.claim_many, name="claim_many"),
    path("pool/<uuid:pk>/claim/", views.claim, name="claim"),
    path("pool/<uuid:pk>/free/", hand_views.free, name="free"),
]
