"""Whatever fails before or outside a view under /api/ is answered in the API's own shape."""

from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from core.api.language import asked_language
from core.api.parsers import max_body
from core.api.problems import CONTENT_TYPE, problem

# These take files and set their own limit.
LARGE_BODIES = ("/api/v1/imports/",)


# So much of a refused body is read and thrown away, so that the caller gets to read the answer.
DRAINED = 64 * 1024 * 1024


def _too_large(request: HttpRequest) -> bool:
    if request.path.startswith(LARGE_BODIES):
        return False
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isascii() and length.isdigit() and int(length[:20]) > max_body()


def _refuse(request: HttpRequest) -> HttpResponse:
    left = DRAINED
    with suppress(OSError):
        while left > 0 and (piece := request.read(min(left, 65_536))):
            left -= len(piece)
    return problem(413)


class ApiProblems:
    """Outermost middleware: an error answer under /api/ that is not problem+json becomes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        with translation.override(asked_language(request) or translation.get_language()):
            if _too_large(request):
                return _refuse(request)
            if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
                # Without a length Django reads no body at all; better say so than do half of what was asked.
                return problem(411, "length_required")
            response = self.get_response(request)
            if response.status_code < 400 or response.get("Content-Type", "").startswith(CONTENT_TYPE):
                return response
            answer = problem(response.status_code)
        return _with_headers_of(response, answer)


def _with_headers_of(response: HttpResponseBase, answer: HttpResponse) -> HttpResponse:
    for name, value in response.items():
        if name.lower() not in ("content-type", "content-length", "content-encoding", "etag"):
            answer[name] = value
    answer.cookies = response.cookies
    return answer
