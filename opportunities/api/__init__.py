"""For other programs: opportunities, quotes, events, presales, converting, forecast, calibration."""

from django.urls import path

from opportunities.api.evidence import router as evidence
from opportunities.api.quotes import router as quotes
from opportunities.api.reports import CalibrationView, ForecastView
from opportunities.api.views import ConvertViewSet, router

urlpatterns = [
    path("leads/<uuid:pk>/convert/", ConvertViewSet.as_view({"post": "convert"}), name="lead-convert"),
    path("reports/forecast/", ForecastView.as_view(), name="report-forecast"),
    path("reports/calibration/", CalibrationView.as_view(), name="report-calibration"),
    *router.urls,
    *quotes.urls,
    *evidence.urls,
]
