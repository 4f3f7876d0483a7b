"""Addresses of messages, tasks, and of what people reach from a message."""

from typing import Any

from django.urls import path

from outreach import message_views as views
from outreach import public_views

messages: list[Any] = [
    path("campaigns/messages/", views.messages, name="messages"),
    path("campaigns/messages/<uuid:pk>/", views.message, name="message"),
    path("campaigns/messages/<uuid:pk>/retry/", views.retry, name="retry_message"),
    path("campaigns/messages/<uuid:pk>/withdraw/", views.withdraw, name="withdraw_message"),
    path("campaigns/tasks/", views.tasks, name="tasks"),
    path("campaigns/tasks/<uuid:pk>/done/", views.done, name="do_task"),
    path("contacts/<uuid:pk>/write/", views.write, name="write"),
    path("contacts/<uuid:pk>/consent/", views.consent, name="consent"),
    path("l/<str:token>", public_views.follow, name="follow"),
    path("o/<str:token>", public_views.picture, name="picture"),
    path("c/<str:token>", public_views.call_me, name="call_me"),
    path("u/<str:token>", public_views.unsubscribe, name="unsubscribe"),
]
