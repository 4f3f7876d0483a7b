"""Addresses of the pages of orders."""

from django.urls import path

from orders import actions, views

app_name = "orders"
urlpatterns = [
    path("orders/", views.orders, name="list"),
    path("orders/<uuid:pk>", views.order, name="order"),
    path("orders/<uuid:pk>/", views.order),
    path("orders/<uuid:pk>/do/<slug:name>/", views.panel, name="panel"),
    path("orders/<uuid:pk>/edit/", actions.edit, name="edit"),
    path("orders/<uuid:pk>/sign/", actions.sign, name="sign"),
    path("orders/<uuid:pk>/cancel/", actions.cancel, name="cancel"),
    path("orders/<uuid:pk>/chance/", actions.chance, name="chance"),
    path("opportunities/<uuid:pk>/contract/", views.contract, name="contract"),
    path("opportunities/<uuid:pk>/contract/new/", actions.draft, name="draft"),
]
