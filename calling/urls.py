"""Addresses of conversations."""

from django.urls import path

from calling import views

app_name = "calling"
urlpatterns = [path("leads/<uuid:pk>/calls/", views.log_call, name="log")]
