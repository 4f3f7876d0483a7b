"""What a verb may answer instead of doing its work: plain Python, mapped once by each edge (page, API, command)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong with one field: where, a code that never changes, a sentence for a person."""

    field: str
    code: str
    message: Any


class TrunkError(Exception):
    """Base of all refusals: `code` never changes, `detail` is a sentence in the reader's language."""

    status = 400
    code = "invalid"
    detail: Any = _("This cannot be done.")

    def __init__(
        self,
        code: str | None = None,
        detail: Any = None,
        *,
        errors: Iterable[FieldError] = (),
        extra: dict[str, Any] | None = None,
    ) -> None:
        self.code = code or type(self).code
        self.detail = detail or type(self).detail
        self.errors = list(errors)
        self.extra = extra or {}
        super().__init__(self.code)

    def __str__(self) -> str:
        said = "; ".join(f"{e.field}: {e.message}" for e in self.errors)
        return f"{self.detail} {said}".strip()


class Invalid(TrunkError):
    """The input cannot be read: wrong type, unknown field, a value that cannot be one (400)."""

    code = "invalid"
    detail = _("Something in what was entered is not right.")


class Forbidden(TrunkError):
    """The caller may see the record and may not do this to it (403)."""

    status = 403
    code = "forbidden"
    detail = _("You may not do this.")


class NotFound(TrunkError):
    """There is no such record, or the caller may not see it (404)."""

    status = 404
    code = "not_found"
    detail = _("There is nothing here, or it is not yours to see.")


class Conflict(TrunkError):
    """The record is no longer, or not yet, in a state in which this can be done (409)."""

    status = 409


class TransitionNotAllowed(Conflict):
    """The state of the record does not allow this move (409); says the state and what is allowed."""

    code = "transition_not_allowed"
    detail = _("This is not possible at this point.")

    def __init__(self, state: str, allowed: Iterable[str] = (), detail: Any = None) -> None:
        super().__init__(detail=detail, extra={"state": state, "allowed": sorted(allowed)})


class AlreadyClaimed(Conflict):
    """Somebody else was faster (409)."""

    code = "already_claimed"
    detail = _("A colleague was faster: this lead is already taken.")


class Overdue(Conflict):
    """The week is over: the lead has gone to the public pool (409, R6.2)."""

    code = "overdue"
    detail = _("The week for this lead is over: it has gone back to the public pool.")

    def __init__(self, lead_ids: Iterable[Any] = ()) -> None:
        super().__init__()
        self.lead_ids = list(lead_ids)


class AlreadyDecided(Conflict):
    """Somebody has decided this before (409)."""

    code = "already_decided"
    detail = _("This has already been decided.")


class DuplicateContact(Conflict):
    """A phone, e-mail or WeChat id belongs to somebody else (409, R1.2)."""

    code = "duplicate_contact"
    detail = _("This belongs to another contact.")


class Stale(TrunkError):
    """Somebody changed the record since it was read (412)."""

    status = 412
    code = "stale_version"
    detail = _("Somebody changed this in the meantime. Look at it again before you save.")


class RuleRefused(TrunkError):
    """A rule of the firm says no (422); `code` names the rule, `errors` list everything that is missing."""

    status = 422
    code = "invalid"
    detail = _("A rule does not allow this.")
