"""Addresses of the pages of opportunities."""

from django.urls import path

from opportunities import actions, board, views

app_name = "opportunities"
urlpatterns = [
    path("pipeline/", board.pipeline, name="pipeline"),
    path("pipeline/<slug:stage>/", board.lane, name="lane"),
    path("opportunities/<uuid:pk>", views.opportunity, name="opportunity"),
    path("opportunities/<uuid:pk>/", views.opportunity),
    path("opportunities/<uuid:pk>/do/<slug:name>/", views.panel, name="panel"),
    path("opportunities/<uuid:pk>/stage/", views.move, name="stage"),
    path("opportunities/<uuid:pk>/move/", actions.move, name="move"),
    path("opportunities/<uuid:pk>/advance/", actions.advance, name="advance"),
    path("opportunities/<uuid:pk>/lose/", actions.lose, name="lose"),
    path("opportunities/<uuid:pk>/reopen/", actions.reopen, name="reopen"),
    path("opportunities/<uuid:pk>/facts/", actions.facts, name="facts"),
    path("opportunities/<uuid:pk>/next/", actions.next_step, name="next"),
    path("companies/<uuid:pk>/again/", actions.again, name="again"),
    path("leads/<uuid:pk>/convert/", actions.convert, name="convert"),
]
