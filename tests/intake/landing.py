"""Forms and events of Max's for the tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core import clock
from intake.models import LandingForm, Registration
from intake.services import fill_in, save_form
from tests.cast import Firm, a_phone


def a_form(firm: Firm, **more: Any) -> LandingForm:
    """A form that asks for name and phone."""
    told = {"title": "Ask us", "language": "en", "asked": {"name": True, "phone": True, "note": False}}
    return save_form(None, by=firm.max, **{**told, **more})


def an_event(firm: Firm, **more: Any) -> LandingForm:
    """A salon tomorrow."""
    begins = clock.now() + timedelta(days=1)
    return a_form(firm, kind="salon", title="Spring salon", starts_at=begins, place="Hall 3", **more)


def filled(form: LandingForm, **values: str) -> Registration:
    """Somebody filled it in."""
    return fill_in(form, {"name": "Han Mei", "phone": a_phone(), **values}, agreed=True)
