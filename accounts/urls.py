"""Addresses of people, the rulebook and the dictionary."""

from django.urls import path

from accounts import person_views, views, views_saved
from accounts.book_urls import urlpatterns as book
from accounts.notice_urls import urlpatterns as notices

app_name = "accounts"
urlpatterns = [
    *book,
    *notices,
    path("people/", views.people, name="people"),
    path("people/new/", person_views.save, name="new"),
    path("people/me/", person_views.me, name="me"),
    path("people/teams/", views.teams, name="teams"),
    path("people/teams/new/", views.save_team, name="new_team"),
    path("people/teams/<uuid:pk>/", views.save_team, name="team"),
    path("people/<uuid:pk>/", person_views.person, name="person"),
    path("people/<uuid:pk>/save/", person_views.save, name="save"),
    path("people/<uuid:pk>/duty/", person_views.duty, name="duty"),
    path("people/<uuid:pk>/away/", person_views.away, name="away"),
    path("people/<uuid:pk>/keys/", person_views.make_key, name="make_key"),
    path("people/<uuid:pk>/keys/<uuid:key>/revoke/", person_views.revoke_key, name="revoke_key"),
    path("people/<uuid:pk>/sessions/<slug:key>/end/", person_views.end_session, name="end_session"),
    path("views/<slug:page>/save/", views_saved.save, name="save_view"),
    path("views/<slug:page>/columns/", views_saved.columns, name="columns"),
    path("views/<uuid:pk>/change/", views_saved.change, name="change_view"),
    path("views/<uuid:pk>/delete/", views_saved.delete, name="delete_view"),
]
