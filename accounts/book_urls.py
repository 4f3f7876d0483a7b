"""Addresses of the rulebook and the dictionary."""

from django.urls import path

from accounts import dictionary_views, rulebook_views

urlpatterns = [
    path("rulebook/", rulebook_views.rulebook, name="rulebook"),
    path("rulebook/<slug:key>/", rulebook_views.change, name="rule"),
    path("rulebook/<slug:key>/preview/", rulebook_views.preview, name="rule_preview"),
    path("dictionary/", dictionary_views.dictionary, name="dictionary"),
    path("dictionary/<slug:code>/", dictionary_views.define, name="define"),
]
