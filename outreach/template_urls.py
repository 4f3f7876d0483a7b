"""Addresses of templates."""

from django.urls import path

from outreach import template_views

templates = [
    path("campaigns/templates/", template_views.all_templates, name="templates"),
    path("campaigns/templates/new/", template_views.new_template, name="new_template"),
    path("campaigns/templates/preview/", template_views.show_preview, name="preview"),
    path("campaigns/templates/people/", template_views.people, name="people"),
    path("campaigns/templates/<uuid:pk>/", template_views.template, name="template"),
    path("campaigns/templates/<uuid:pk>/away/", template_views.put_away, name="template_away"),
    path("campaigns/templates/<uuid:pk>/test/", template_views.test, name="template_test"),
]
