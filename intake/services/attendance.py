"""Who came to an event, told at the door or by a list; whoever was not registered is captured by R1."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.rules import Point
from contacts.services import match_many, parse_points
from core import clock, events, rulebook
from core.errors import FieldError, Forbidden, Invalid, RuleRefused, TransitionNotAllowed
from core.locking import verb
from intake import permissions
from intake.models import LandingForm, Registration
from intake.preview import look
from intake.reading import Refused, Row
from intake.reasons import words
from intake.rules import Candidate, Frame, Problem, read_row
from intake.services.landing import attend
from leads.services import Capture, capture_many

MOST = 2_000


@dataclass
class Attended:
    """What a list says: who was registered, who is known but was not, who is new, and what cannot be read."""

    registered: int = 0
    again: int = 0
    known: int = 0
    new: int = 0
    refused: list[tuple[int, list[Problem]]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @property
    def came(self) -> int:
        """How many people the list says came, those told before among them."""
        return self.registered + self.again + self.known + self.new


@verb
def attend_at_door(form: LandingForm, text: str) -> tuple[Registration, bool]:
    """Somebody scanned the code at the door and typed phone or e-mail; answers whether it was told the first time.

    Raises TransitionNotAllowed (no event, closed), RuleRefused (what was typed is neither).
    """
    if not form.is_event:
        raise TransitionNotAllowed("form", detail=_("Nobody comes to a form: only to an event."))
    if not form.active:
        raise TransitionNotAllowed("closed", detail=_("This form is closed."))
    kind = "email" if "@" in text else "phone"
    points, errors = parse_points({kind: text})
    if errors or not points:
        message = errors[0].message if errors else _("Type the phone or e-mail that you registered with.")
        raise RuleRefused(errors=[FieldError("reach", "invalid", message)])
    with events.way(events.FORM, str(form.pk)):
        registration, _made = _registration(form, points, Candidate(points=points), None)
        return attend(registration, way=Registration.Way.DOOR, by=None)


def _registration(
    form: LandingForm, points: list[Point], person: Candidate, by: User | None
) -> tuple[Registration, bool]:
    """The registration of whoever these points are, and whether it was made, with the lead, just now."""
    match = next((m for m in match_many(points).values()), None)
    if match:
        found = Registration.objects.filter(form=form, contact_id=match.contact_id).first()
        if found:
            return found, False
    row = Capture(
        points,
        form.channel,
        form.kind,
        campaign=form.campaign.name if form.campaign else "",
        name=person.name,
        title=person.title,
        company_name=person.company_name,
        language=form.language,
        note=person.note,
    )
    captured = capture_many([row], by=by)[0]
    return Registration.objects.get_or_create(
        form=form,
        contact_id=captured.contact_id,
        defaults={"at": clock.now(), "new": not captured.known},
    )


def attend_list(form: LandingForm, path: str | Path, *, by: User, dry_run: bool = False) -> Attended:
    """A list of who came: each is marked, whoever was not registered is captured; `dry_run` only says what would be.

    Raises Forbidden, Invalid (the file cannot be read), TransitionNotAllowed (no event), RuleRefused (too many rows).
    """
    if not permissions.may_edit_forms(by):
        raise Forbidden()
    if not form.is_event:
        raise TransitionNotAllowed("form", detail=_("Nobody comes to a form: only to an event."))
    rows, frame = _rows(form, path)
    with transaction.atomic():
        told = _marked(form, rows, frame, by)
        transaction.set_rollback(dry_run)
    return told


def _rows(form: LandingForm, path: str | Path) -> tuple[list[Row], Frame]:
    try:
        with look(path) as found:
            rows = list(islice(found.rows(), MOST + 1))
            columns = found.columns
    except Refused as refused:
        message = words(refused.code, refused.params)
        raise Invalid(detail=message, errors=[FieldError("file", refused.code, message)]) from None
    if len(rows) > MOST:
        message = _("A list of who came has at most %(most)s rows; import longer ones.") % {"most": MOST}
        raise RuleRefused(errors=[FieldError("file", "too_many", message)])
    values = rulebook.values()
    frame = Frame(
        columns=columns,
        channel=form.channel,
        campaign="",
        medium=form.kind,
        region=values["default_region"],
        media=frozenset(values["media"]),
        zone=clock.firm_tz(),
        at=clock.now(),
    )
    return rows, frame


def _marked(form: LandingForm, rows: list[Row], frame: Frame, by: User) -> Attended:
    told = Attended()
    with events.way(events.IMPORT, str(form.pk)):
        for row in rows:
            person, problems = read_row(row, frame)
            if problems or not person.points:
                told.refused.append((row.line, problems))
                continue
            _mark(form, person, by, told)
    return told


def _mark(form: LandingForm, person: Candidate, by: User, told: Attended) -> None:
    registration, made = _registration(form, person.points, person, by)
    registration, first = attend(registration, way=Registration.Way.LIST, by=by)
    if not first:
        told.again += 1
    elif not made:
        told.registered += 1
    elif registration.new:
        told.new += 1
    else:
        told.known += 1
    if first and len(told.names) < 20:
        told.names.append(person.name or person.points[0].value)
