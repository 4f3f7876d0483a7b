"""Scopes of keys, and what a request may do with them. The keys themselves live in accounts."""

from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission

READ, WRITE, ADMIN = "read", "write", "admin"
SCOPES = (READ, WRITE, ADMIN)


class BrowserSession(SessionAuthentication):
    """The browser's log-in, with CSRF on everything that writes; a failed check is 403 `forbidden`."""

    def authenticate(self, request: Any) -> tuple[Any, None] | None:
        found = super().authenticate(request)
        if found is not None and getattr(found[0], "left_at", None):
            return None
        return found

    def enforce_csrf(self, request: Any) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as exc:
            raise PermissionDenied(str(exc)) from exc


def scope_allows(scope: str, needed: str) -> bool:
    """Return whether a key's scope reaches the needed one (read < write < admin)."""
    return scope in SCOPES and SCOPES.index(scope) >= SCOPES.index(needed)


class ScopeAllows(BasePermission):
    """Reading needs `read`, everything else `write`, or what the view's `write_scope` says."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if request.auth is None:
            return True
        needed = READ if request.method in SAFE_METHODS else WRITE
        if needed == WRITE:
            needed = getattr(view, "write_scope", WRITE)
        return scope_allows(request.auth.scope, needed)
