"""Addresses of the import's pages."""

from django.urls import path

from intake import views

app_name = "intake"

urlpatterns = [
    path("import/", views.index, name="import"),
    path("import/<uuid:pk>/", views.one, name="one"),
    path("import/<uuid:pk>/progress/", views.progress, name="progress"),
    path("import/<uuid:pk>/confirm/", views.confirm, name="confirm"),
    path("import/<uuid:pk>/mapping/", views.remap, name="remap"),
    path("import/<uuid:pk>/rejects/", views.rejects, name="rejects"),
]
