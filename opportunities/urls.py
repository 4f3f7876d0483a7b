"""Addresses of opportunities."""

from django.urls import path

from opportunities import convert_page

app_name = "opportunities"
urlpatterns = [
    path("leads/<uuid:pk>/convert/", convert_page.convert, name="convert"),
]
