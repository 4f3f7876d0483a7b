"""Addresses that people outside see."""

from django.urls import path

from intake import public_views

app_name = "intake_public"

urlpatterns = [
    path("f/<slug:slug>/", public_views.form_page, name="form"),
    path("f/<slug:slug>/thanks/", public_views.thanks, name="thanks"),
    path("f/<slug:slug>/here/<str:key>/", public_views.door, name="door"),
    path("ticket/<str:code>/", public_views.ticket, name="ticket"),
    path("ticket/<str:code>/here/", public_views.check_in, name="check_in"),
]
