"""Addresses of the pages of channels, and the one at which providers report."""

from django.urls import path

from outreach import channel_hooks, channel_views

channels = [
    path("campaigns/channels/", channel_views.channels, name="channels"),
    path("campaigns/channels/new/", channel_views.new, name="channel_new"),
    path("campaigns/channels/<uuid:pk>/", channel_views.channel, name="channel"),
    path("campaigns/channels/<uuid:pk>/save/", channel_views.save, name="channel_save"),
    path("campaigns/channels/<uuid:pk>/group/", channel_views.group, name="channel_group"),
    path("campaigns/channels/<uuid:pk>/use/", channel_views.use, name="channel_use"),
    path("campaigns/channels/<uuid:pk>/rest/", channel_views.rest, name="channel_rest"),
    path("campaigns/channels/<uuid:pk>/drop/", channel_views.drop, name="channel_drop"),
    path("campaigns/channels/<uuid:pk>/test/", channel_views.test, name="channel_test"),
    path("hooks/<uuid:channel>/<str:key>/", channel_hooks.hook, name="hook"),
]
