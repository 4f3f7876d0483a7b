"""Addresses of leaving and of the assignment rules; they stand beside the pages of people."""

from django.urls import path

from leads import assignment_pages, leaving_pages

urlpatterns = [
    path("people/<uuid:pk>/leave/", leaving_pages.leaving, name="leave"),
    path("people/<uuid:pk>/leave/now/", leaving_pages.leave, name="leave_now"),
    path("people/assignment/", assignment_pages.rules, name="assignment"),
    path("people/assignment/new/", assignment_pages.save, name="assignment_new"),
    path("people/assignment/<uuid:pk>/", assignment_pages.rule, name="assignment_rule"),
    path("people/assignment/<uuid:pk>/save/", assignment_pages.save, name="assignment_save"),
    path("people/assignment/<uuid:pk>/act/", assignment_pages.act, name="assignment_act"),
]
