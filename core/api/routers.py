"""The router: paths with typed ids, a slash at the end, no index page."""

from rest_framework.routers import SimpleRouter


class Router(SimpleRouter):
    """DRF's router over Django's path(): an id that is none does not match and is a 404."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=True, use_regex_path=False)
