"""Addresses of cadences."""

from django.urls import path

from pool import cadence_dry, cadence_editor, cadence_people, cadence_views

cadences = [
    path("campaigns/cadences/", cadence_views.cadences, name="cadences"),
    path("campaigns/cadences/new/", cadence_editor.edit, name="new_cadence"),
    path("campaigns/cadences/<uuid:pk>/", cadence_views.cadence, name="cadence"),
    path("campaigns/cadences/<uuid:pk>/edit/", cadence_editor.edit, name="edit_cadence"),
    path("campaigns/cadences/<uuid:pk>/start/", cadence_views.start, name="start_cadence"),
    path("campaigns/cadences/<uuid:pk>/stop/", cadence_views.stop, name="stop_cadence"),
    path("campaigns/cadences/<uuid:pk>/leads/", cadence_people.leads, name="cadence_leads"),
    path("campaigns/cadences/<uuid:pk>/messages/", cadence_people.messages, name="cadence_messages"),
    path("campaigns/cadences/<uuid:pk>/test/", cadence_people.test, name="test_cadence"),
    path("campaigns/cadences/<uuid:pk>/dry-run/", cadence_dry.dry, name="dry_run"),
]
