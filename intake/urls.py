"""Addresses of the pages of imports, forms and events."""

from django.urls import path

from intake import landing_views, views

app_name = "intake"

urlpatterns = [
    path("import/", views.index, name="import"),
    path("import/<uuid:pk>/", views.one, name="one"),
    path("import/<uuid:pk>/progress/", views.progress, name="progress"),
    path("import/<uuid:pk>/confirm/", views.confirm, name="confirm"),
    path("import/<uuid:pk>/mapping/", views.remap, name="remap"),
    path("import/<uuid:pk>/rejects/", views.rejects, name="rejects"),
    path("campaigns/forms/", landing_views.forms, name="forms"),
    path("campaigns/forms/new/", landing_views.new, name="new_form"),
    path("campaigns/forms/<uuid:pk>/", landing_views.one, name="form"),
    path("campaigns/forms/<uuid:pk>/change/", landing_views.change, name="change_form"),
    path("campaigns/forms/<uuid:pk>/attended/", landing_views.attended, name="attended"),
    path("campaigns/registrations/<uuid:pk>/here/", landing_views.mark, name="attend"),
]
