"""People and companies for other programs: /api/v1/contacts/ and /api/v1/companies/."""

from contacts.api.views import router

urlpatterns = router.urls
