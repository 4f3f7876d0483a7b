"""Numbers for Prometheus, kept by each process; /metrics shows them to whoever holds METRICS_TOKEN."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("trunk_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("trunk_request_seconds", "Time to answer a request", ["method", "route"])
SWEPT = Counter("trunk_swept_total", "Records changed by a sweep", ["sweep"])


def request_done(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)
