"""Addresses of campaigns and their mailings."""

from django.urls import path

from outreach import campaign_views, mailing_views

campaigns = [
    path("campaigns/", campaign_views.all_campaigns, name="campaigns"),
    path("campaigns/new/", campaign_views.new_campaign, name="new_campaign"),
    path("campaigns/<uuid:pk>/", campaign_views.campaign, name="campaign"),
    path("campaigns/<uuid:pk>/edit/", campaign_views.edit_campaign, name="edit_campaign"),
    path("campaigns/<uuid:pk>/away/", campaign_views.put_away, name="campaign_away"),
    path("campaigns/<uuid:pk>/mailing/", mailing_views.new_mailing, name="new_mailing"),
    path("campaigns/mailings/whom/", mailing_views.whom, name="mailing_whom"),
    path("campaigns/mailings/<uuid:pk>/", mailing_views.mailing, name="mailing"),
    path("campaigns/mailings/<uuid:pk>/edit/", mailing_views.edit_mailing, name="edit_mailing"),
    path("campaigns/mailings/<uuid:pk>/start/", mailing_views.start, name="mailing_start"),
    path("campaigns/mailings/<uuid:pk>/stop/", mailing_views.stop, name="mailing_stop"),
    path("campaigns/mailings/<uuid:pk>/drop/", mailing_views.drop, name="mailing_drop"),
]
