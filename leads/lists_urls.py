"""Addresses of the list: filters, bulk, asking before typing in, labels, merging."""

from django.urls import path

from leads import bulk_views, labels_views, lists_views, merging_views

urlpatterns = [
    path("leads/", lists_views.leads, name="list"),
    path("leads/filters/", lists_views.filters, name="filters"),
    path("leads/check/", lists_views.check, name="check"),
    path("leads/known/", lists_views.checking, name="checking"),
    path("leads/bulk/", bulk_views.choose, name="bulk"),
    path("leads/bulk/preview/", bulk_views.preview, name="bulk_preview"),
    path("leads/bulk/run/", bulk_views.run, name="bulk_run"),
    path("leads/labels/", labels_views.all_labels, name="labels"),
    path("leads/labels/new/", labels_views.make, name="make_label"),
    path("leads/labels/<uuid:pk>/", labels_views.rename, name="rename_label"),
    path("leads/labels/<uuid:pk>/delete/", labels_views.delete, name="delete_label"),
    path("leads/<uuid:pk>/labels/", labels_views.put, name="put_labels"),
    path("leads/<uuid:pk>/same/", merging_views.compare, name="compare"),
    path("leads/<uuid:pk>/merge/", merging_views.merge, name="merge"),
    path("leads/<uuid:pk>/apart/", merging_views.apart, name="apart"),
]
