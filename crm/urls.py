"""The addresses: pages are those of the API contract's list, each app brings its own."""

from allauth.account import views as account
from django.urls import include, path

from core import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("api/", include("core.api.urls")),
    path("", include("core.web.urls")),
    path("", include("accounts.urls")),
    path("", include("leads.urls")),
    path("", include("calling.urls")),
    path("", include("pool.urls")),
    path("", include("catalogue.urls")),
    path("", include("opportunities.urls")),
    path("", include("orders.urls")),
    path("", include("intake.urls")),
    path("", include("intake.public_urls")),
    path("", include("outreach.urls")),
]
handler400 = "core.web.views.bad_request"
handler403 = "core.web.views.forbidden"
handler404 = "core.web.views.not_found"
handler500 = "core.web.views.server_error"
