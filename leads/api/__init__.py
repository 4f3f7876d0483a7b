"""Leads for other programs: /api/v1/leads/."""

from leads.api.views import router

urlpatterns = router.urls
