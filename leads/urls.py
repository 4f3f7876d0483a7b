"""Addresses of the pages of leads; calling, pool and opportunities add theirs under /leads/{id}/."""

from django.urls import path

from leads import actions, approvals_views, expired, views
from leads.lists_urls import urlpatterns as lists
from leads.people_urls import urlpatterns as people

app_name = "leads"
urlpatterns = [
    *people,
    *lists,
    path("leads/new/", actions.capture, name="capture"),
    path("leads/expired/", expired.expired, name="expired"),
    path("leads/<uuid:pk>", views.lead, name="lead"),
    path("leads/<uuid:pk>/", views.lead),
    path("leads/<uuid:pk>/do/<slug:name>/", views.panel, name="panel"),
    path("leads/<uuid:pk>/accept/", actions.accept, name="accept"),
    path("leads/<uuid:pk>/return/", actions.return_mql, name="return"),
    path("leads/<uuid:pk>/take/", actions.take, name="take"),
    path("leads/<uuid:pk>/extend/", actions.extend, name="extend"),
    path("leads/<uuid:pk>/object/", actions.object_to, name="object"),
    path("leads/<uuid:pk>/contest/", actions.contest, name="contest"),
    path("approvals/", approvals_views.approvals, name="approvals"),
    path("approvals/extensions/<uuid:pk>/approve/", approvals_views.approve, name="approve"),
    path("approvals/extensions/<uuid:pk>/reject/", approvals_views.reject, name="reject"),
    path("approvals/disputes/<uuid:pk>/settle/", approvals_views.settle, name="settle"),
    path("leads/<uuid:pk>/release/", actions.release, name="release"),
    path("leads/<uuid:pk>/assign/", actions.assign, name="assign"),
    path("leads/<uuid:pk>/notes/", actions.note, name="notes"),
    path("leads/<uuid:pk>/next/", actions.next_step, name="next"),
    path("leads/<uuid:pk>/contact/", actions.contact, name="contact"),
]
