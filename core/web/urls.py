"""Addresses of the shell."""

from django.urls import path

from core.web import today, views

app_name = "shell"
urlpatterns = [
    path("", today.today, name="today"),
    path("find/", views.find, name="find"),
    path("settings/theme/", views.set_theme, name="theme"),
    path("settings/language/", views.set_language, name="language"),
]
