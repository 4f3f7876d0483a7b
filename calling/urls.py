"""Addresses of the desk, its scripts, and of conversations."""

from django.urls import path

from calling import script_views, views

app_name = "calling"
urlpatterns = [
    path("leads/<uuid:pk>/calls/", views.log_call, name="log"),
    path("calling/", views.desk, name="desk"),
    path("calling/next/", views.next_lead, name="next"),
    path("calling/put-back/", views.put_back, name="put_back"),
    path("calling/leads/<uuid:pk>/", views.log_at_desk, name="log_at_desk"),
    path("calling/scripts/", script_views.scripts, name="scripts"),
    path("calling/scripts/new/", script_views.new, name="script_new"),
    path("calling/scripts/preview/", script_views.preview, name="script_preview"),
    path("calling/scripts/<uuid:pk>/", script_views.script, name="script"),
    path("calling/scripts/save/", script_views.save, name="script_make"),
    path("calling/scripts/<uuid:pk>/save/", script_views.save, name="script_save"),
]
