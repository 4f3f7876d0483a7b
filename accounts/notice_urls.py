"""Addresses of the notice centre, of what a page asks while it is open, and of one's own settings."""

from django.urls import path

from accounts import me_views, notice_views, now

urlpatterns = [
    path("notices/", notice_views.centre, name="notices"),
    path("notices/news/", notice_views.news, name="news"),
    path("notices/read/", notice_views.read_all, name="read_all"),
    path("notices/<uuid:pk>/read/", notice_views.read, name="read"),
    path("notices/<uuid:pk>/unread/", notice_views.unread, name="unread"),
    path("me/", me_views.mine, name="settings"),
    path("me/settings/", me_views.save, name="save_settings"),
    path("me/password/", me_views.password, name="my_password"),
    path("now/<str:who>/", now.now, name="now"),
]
