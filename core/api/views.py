"""Base of every view of the API: load → verb → answer, with the conventions around it."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from core import events, rulebook
from core.api import etag, idempotency
from core.api.language import asked_language, user_language
from core.api.pagination import PARAMETERS, KeysetPaginator
from core.api.serializers import StrictSerializer, read
from core.errors import FieldError, Invalid, TransitionNotAllowed
from core.locking import lock_one, verb


class ApiView(APIView):
    """A view with the conventions: language, way of events, Idempotency-Key, known parameters only."""

    # Query parameters this view takes beside those of its list (api.md: unknown ones are refused).
    parameters: frozenset[str] = frozenset()

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As DRF's, inside the caller's language, with the verb done once for an Idempotency-Key."""
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        # One reading of the Rulebook is enough for a page; a verb reads what holds under its locks.
        once = rulebook.snapshot() if request.method in SAFE_METHODS else nullcontext()
        with translation.override(asked_language(request) or settings.LANGUAGE_CODE), once:
            try:
                self.initial(self.request, *args, **kwargs)
                response = self._answer()
            except Exception as exc:
                response = self.handle_exception(exc)
            self.response = self._finish(response)
            self.response["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
            return self.response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        check_parameters(request, self.known_parameters())

    def perform_authentication(self, request: Request) -> None:
        """As DRF's; from here on refusals too speak the caller's language, unless the request asks for one."""
        super().perform_authentication(request)
        if asked_language(request) is None:
            translation.activate(user_language(request.user))

    def known_parameters(self) -> frozenset[str]:
        """The query parameters that this request may carry."""
        return self.parameters

    def _answer(self) -> HttpResponseBase:
        key = idempotency.read_key(self.request)
        if key is None or not self.request.user.is_authenticated:
            return self._run()
        return idempotency.once(
            self.request,
            key,
            lambda: self._finish(self._run()),
            lambda exc: self._finish(self.handle_exception(exc)),
        )

    def _run(self) -> HttpResponseBase:
        """Call the method's handler, with events marked as made by this key."""
        name = (self.request.method or "").lower()
        handler = (
            getattr(self, name, self.http_method_not_allowed) if name in self.http_method_names else None
        )
        if handler is None:
            raise exceptions.MethodNotAllowed(self.request.method or "")
        ref = str(self.request.auth.pk) if self.request.auth is not None else ""
        with events.way(events.API, ref=ref):
            return handler(self.request, *self.args, **self.kwargs)

    def _finish(self, response: HttpResponseBase) -> HttpResponseBase:
        done = self.finalize_response(self.request, response, *self.args, **self.kwargs)
        if isinstance(done, Response) and not done.is_rendered:
            # Here, while the caller's language is active.
            done.render()
        return done

    def body(self, serializer: type[StrictSerializer], *, partial: bool = False) -> dict[str, Any]:
        """Return the request's checked body; raises Invalid (400) or RuleRefused (422) with all faults."""
        return read(serializer, self.request.data, partial=partial, request=self.request, view=self)


def check_parameters(request: Request, known: frozenset[str]) -> None:
    """Raise Invalid (400) naming every query parameter that is unknown or given twice."""
    errors = []
    for name, values in request.query_params.lists():
        if name not in known:
            errors.append(FieldError(name, "unknown", _("There is no such parameter.")))
        elif len(values) > 1:
            errors.append(FieldError(name, "repeated", _("Give several values with commas.")))
        elif values[0] == "" and name != "q":
            errors.append(FieldError(name, "required", _("Is empty.")))
    if errors:
        raise Invalid(detail=_("A parameter is not right."), errors=errors[:20])


class ApiViewSet(ViewSetMixin, ApiView):
    """Views of one kind of record. Subclasses say where the rows come from and how one is written.

    `rows()` is what the caller may see, `touchable()` what a verb may be tried on (a little wider, so that
    the loser of a race reads 409, not 404), `many(records)` and `one(record)` write them as JSON.
    """

    # What an answer looks like, for the OpenAPI document: of the record, and of single actions.
    out: Any = None
    outs: Mapping[str, Any] = {}
    lookup_field = "pk"
    lookup_value_converter = "uuid"
    filterset_class: Any = None
    ordering_fields: Mapping[str, str] = {"created_at": "created_at"}
    ordering = "-created_at"
    # Actions with a list of their own beside `list`, and the parameters other actions take.
    paged_actions: frozenset[str] = frozenset({"list"})
    action_parameters: Mapping[str, frozenset[str]] = {}

    def rows(self) -> QuerySet[Any]:
        """Return the records that the caller may see."""
        raise NotImplementedError

    def touchable(self) -> QuerySet[Any]:
        """Return the records on which the caller may try a verb."""
        return self.rows()

    def many(self, records: list[Any]) -> list[dict[str, Any]]:
        """Return the records as JSON, in a fixed number of queries."""
        raise NotImplementedError

    def one(self, record: Any) -> dict[str, Any]:
        """Return one record as JSON."""
        return self.many([record])[0]

    def allowed_now(self, pk: Any) -> list[str] | None:
        """Return what the caller may do with a record at this moment, for a 409; None if that is not told."""
        return None

    def handle_exception(self, exc: Exception) -> HttpResponseBase:
        """As DRF's; a refused move also says what is allowed instead (api.md)."""
        if isinstance(exc, TransitionNotAllowed) and "pk" in self.kwargs:
            allowed = self.allowed_now(self.kwargs["pk"])
            if allowed is not None:
                exc.extra["allowed"] = sorted(set(allowed))
        return super().handle_exception(exc)

    def known_parameters(self) -> frozenset[str]:
        action = getattr(self, "action", None)
        known = self.parameters | self.action_parameters.get(action or "", frozenset())
        if self.request.method in ("GET", "HEAD") and action in self.paged_actions:
            known |= PARAMETERS
            if action == "list" and self.filterset_class is not None:
                known |= frozenset(self.filterset_class.base_filters)
        return known

    def load(self, pk: Any) -> Any:
        """Return the record for reading; what the caller may not see is a 404."""
        return _get(self.rows(), pk)

    def touch(self, pk: Any) -> Any:
        """Return the record for a verb; raises Http404 for what the caller could not even see lately."""
        return _get(self.touchable(), pk)

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that the query's filters leave; raises Invalid (400)."""
        if self.filterset_class is None:
            return rows
        data = {key: value for key, value in self.request.query_params.items() if key not in PARAMETERS}
        found: QuerySet[Any] = self.filterset_class(data, queryset=rows, request=self.request).checked()
        return found

    def page(
        self,
        rows: QuerySet[Any],
        write: Callable[[list[Any]], list[Any]] | None = None,
        *,
        fields: Mapping[str, str] | None = None,
        ordering: str | None = None,
    ) -> Response:
        """Return one page of the rows as `{"results", "next", "previous"}`."""
        paginator = KeysetPaginator(
            self.request, rows, dict(fields or self.ordering_fields), ordering or self.ordering
        )
        records, links = paginator.page()
        return Response({"results": (write or self.many)(list(records)), **links})

    def answer(self, record: Any, status: int = 200, **more: Any) -> Response:
        """Return the record as it is now, with its ETag; `more` are keys beside those of the record."""
        response = Response({**self.one(record), **more}, status=status)
        if hasattr(record, "version"):
            response["ETag"] = f'"{record.version}"'
        return response

    def guarded(self, record: Any, change: Callable[[], Any]) -> Any:
        """Do a change if the record still has a version that If-Match accepts; raises Stale (412)."""
        tags = etag.read_if_match(self.request)
        if tags is None:
            return change()

        @verb
        def run() -> Any:
            rows = type(record)._default_manager.all()
            etag.check_if_match(tags, lock_one(rows, record.pk))
            return change()

        return run()

    def if_match(self) -> frozenset[str] | None:
        """Return the tags of If-Match, or None; raises Invalid (400)."""
        return etag.read_if_match(self.request)


class Listed:
    """`GET` of the list: one page of what the caller may see, filtered."""

    def list(self: Any, request: Request) -> Response:
        answer: Response = self.page(self.filtered(self.rows()))
        return answer


class Retrieved:
    """`GET` of one record, with its ETag."""

    def retrieve(self: Any, request: Request, pk: Any) -> Response:
        answer: Response = self.answer(self.load(pk))
        return answer


def _get(rows: QuerySet[Any], pk: Any) -> Any:
    try:
        return rows.get(pk=pk)
    except rows.model.DoesNotExist as exc:
        raise Http404 from exc
