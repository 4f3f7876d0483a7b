"""The addresses: pages are those of the API contract's list, each app brings its own."""

from importlib.util import find_spec

from allauth.account import views as account
from django.urls import include, path

from core import health

PAGES = [
    "core.web",
    "accounts",
    "leads",
    "calling",
    "pool",
    "opportunities",
    "orders",
    "intake",
    "contacts",
    "catalogue",
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("api/", include("core.api.urls")),
]
for _app in PAGES:
    if find_spec(_app) and find_spec(f"{_app}.urls"):
        urlpatterns.append(path("", include(f"{_app}.urls")))

handler400 = "core.web.views.bad_request"
handler403 = "core.web.views.forbidden"
handler404 = "core.web.views.not_found"
handler500 = "core.web.views.server_error"
