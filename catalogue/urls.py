"""Addresses of the pages of the catalogue."""

from django.urls import path

from catalogue import case_views, views

app_name = "catalogue"
urlpatterns = [
    path("catalogue/", views.products, name="products"),
    path("catalogue/new/", views.save_product, name="new_product"),
    path("catalogue/products/<uuid:pk>/", views.product, name="product"),
    path("catalogue/products/<uuid:pk>/save/", views.save_product, name="save_product"),
    path("catalogue/products/<uuid:pk>/price/", views.new_price, name="new_price"),
    path("catalogue/prices/<uuid:pk>/", views.price, name="price"),
    path("catalogue/prices/<uuid:pk>/save/", views.save_price, name="save_price"),
    path("catalogue/cases/", case_views.cases, name="cases"),
    path("catalogue/cases/new/", case_views.new_case, name="new_case"),
    path("catalogue/cases/<uuid:pk>/", case_views.case, name="case"),
    path("catalogue/gaps/", case_views.gaps, name="gaps"),
]
