"""Addresses of the pages of opportunities."""

from django.urls import path

from opportunities import (
    actions,
    board,
    convert_check,
    deal_actions,
    forecast_page,
    presales_page,
    quote_actions,
    quote_views,
    views,
)

app_name = "opportunities"
urlpatterns = [
    path("pipeline/", board.pipeline, name="pipeline"),
    path("pipeline/now/", board.now, name="board_now"),
    path("pipeline/calibration/", forecast_page.calibration, name="calibration"),
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
    path("opportunities/<uuid:pk>/needs/", deal_actions.needs, name="needs"),
    path("opportunities/<uuid:pk>/experience/", deal_actions.plan, name="experience"),
    path("opportunities/<uuid:pk>/risks/", deal_actions.risks, name="risks"),
    path("opportunities/<uuid:pk>/presales/", deal_actions.ask, name="ask"),
    path("opportunities/<uuid:pk>/quotes/new/", quote_actions.new, name="new_quote"),
    path("experience/<uuid:pk>/time/", views.other_time, name="move_experience"),
    path("experience/<uuid:pk>/change/", deal_actions.change, name="change_experience"),
    path("presales/", presales_page.presales, name="presales"),
    path("presales/<uuid:pk>/take/", deal_actions.take, name="take"),
    path("presales/<uuid:pk>/answer/", deal_actions.answer, name="answer"),
    path("quotes/<uuid:pk>", quote_views.quote, name="quote"),
    path("quotes/<uuid:pk>/", quote_views.quote),
    path("quotes/<uuid:pk>/edit/", quote_actions.save, name="save_quote"),
    path("quotes/<uuid:pk>/reckon/", quote_views.reckon, name="reckon"),
    path("quotes/<uuid:pk>/pdf/", quote_views.pdf, name="quote_pdf"),
    path("quotes/<uuid:pk>/send/", quote_actions.send, name="send_quote"),
    path("quotes/<uuid:pk>/amount/", quote_actions.amount, name="quote_amount"),
    path("quotes/<uuid:pk>/revise/", quote_actions.revise, name="revise_quote"),
    path("companies/<uuid:pk>/again/", actions.again, name="again"),
    path("leads/<uuid:pk>/convert/check/", convert_check.check, name="convert_check"),
    path("leads/<uuid:pk>/convert/", actions.convert, name="convert"),
]
