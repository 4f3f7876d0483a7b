"""Addresses of people, the rulebook and the dictionary."""

from django.urls import path

from accounts import views
from accounts.book_urls import urlpatterns as book

app_name = "accounts"
urlpatterns = [
    *book,
    path("people/", views.people, name="people"),
    path("people/new/", views.save_person, name="new"),
    path("people/<uuid:pk>/", views.person, name="person"),
    path("people/<uuid:pk>/save/", views.save_person, name="save"),
    path("people/<uuid:pk>/duty/", views.duty, name="duty"),
]
