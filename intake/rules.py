"""What a row of a file means: pure functions from cells to one person with a source (R1.1, R1.2, R1.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from contacts.rules import NotAPoint, Point, fold, parse_point
from outreach.rules import channel_of

from .cells import SHORTENED, Wrong, amount_of, clean, instant_of, medium_of, split_points, storable, unusable
from .headings import INVENTED_EMAIL, POINT_FIELDS, Column, is_invented_email
from .reading import Row

LENGTHS = {"name": 120, "title": 120, "company_name": 200, "campaign": 120, "note": 10_000, "reference": 200}


@dataclass(frozen=True)
class Problem:
    """Why a row is refused: the column's heading, the value as it stands, the reason."""

    column: str
    value: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)
    message: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the row."""
        return {
            "column": self.column,
            "value": self.value[:200],
            "code": self.code,
            "params": self.params,
            "message": self.message,
        }


@dataclass(frozen=True)
class Frame:
    """What is the same for all rows of a file: its columns, and what is assumed where a cell is empty."""

    columns: Sequence[Column]
    channel: str
    campaign: str
    medium: str
    region: str
    media: frozenset[str]
    zone: tzinfo
    at: datetime


@dataclass
class Candidate:
    """One person as a row tells of them."""

    points: list[Point] = field(default_factory=list)
    name: str = ""
    title: str = ""
    company_name: str = ""
    channel: str = ""
    campaign: str = ""
    medium: str = ""
    cost: Decimal | None = None
    note: str = ""
    acquired_at: datetime | None = None
    reference: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it lies in the staging table; `of_json` reads it back."""
        told = {key: value for key, value in vars(self).items() if value}
        told["points"] = [[p.kind, p.value, p.extension, p.typed] for p in self.points]
        if self.cost is not None:
            told["cost"] = str(self.cost)
        if self.acquired_at:
            told["acquired_at"] = self.acquired_at.isoformat()
        return told

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Candidate:
        """The person that `as_json` told of."""
        person = cls(**{**told, "points": [Point(*point) for point in told["points"]]})
        if person.cost is not None:
            person.cost = Decimal(person.cost)
        if person.acquired_at:
            person.acquired_at = datetime.fromisoformat(str(person.acquired_at))
        return person


def read_row(row: Row, frame: Frame) -> tuple[Candidate, list[Problem]]:
    """The person a row tells of, and everything that is wrong with it, all at once (R1.2)."""
    if row.problem:
        return Candidate(), [Problem("", row.values[0] if row.values else "", row.problem)]
    problems: list[Problem] = []
    width = len(frame.columns)
    if any(value.strip() for value in row.values[width:]):
        found = max(n for n, value in enumerate(row.values, 1) if value.strip())
        surplus = ", ".join(value for value in row.values[width:] if value.strip())
        return Candidate(), [Problem("", surplus, "too_many_values", {"found": found, "columns": width})]
    person = Candidate(channel=frame.channel, campaign=frame.campaign, medium=frame.medium)
    for column in frame.columns:
        if column.field and column.index < len(row.values):
            value = clean(row.values[column.index])
            if value:
                _take(person, column, value, frame, problems)
    if not person.points and not any(_of_point(problem, frame) for problem in problems):
        problems.append(Problem("", "", "no_way_to_reach"))
    return person, problems


def _of_point(problem: Problem, frame: Frame) -> bool:
    return any(c.key == problem.column and c.field in POINT_FIELDS for c in frame.columns)


def _take(person: Candidate, column: Column, value: str, frame: Frame, problems: list[Problem]) -> None:
    code = unusable(value)
    if code:
        problems.append(Problem(column.key, storable(value), code))
        return
    if column.field in POINT_FIELDS:
        _take_points(person, column, value, frame, problems)
        return
    try:
        _take_single(person, column.field, value, frame)
    except Wrong as wrong:
        problems.append(Problem(column.key, value, wrong.code, wrong.params))


def _take_points(
    person: Candidate, column: Column, value: str, frame: Frame, problems: list[Problem]
) -> None:
    for text in split_points(column.field, value):
        if column.field == "phone" and SHORTENED.match(text):
            problems.append(Problem(column.key, text, "shortened_number"))
            continue
        try:
            point = parse_point(column.field, text, region=frame.region, field=column.key)
        except NotAPoint as error:
            # The reason is kept by its key: who reads it may read another language than who found it.
            told = {"reason": error.reason}
            problems.append(Problem(column.key, text, error.error.code, told, str(error.error.message)))
            continue
        if all(point.key != known.key for known in person.points):
            person.points.append(point)


def _take_single(person: Candidate, name: str, value: str, frame: Frame) -> None:
    if is_invented_email(name):
        person.reference = _text("reference", value)
        domain = name.removeprefix(INVENTED_EMAIL)
        try:
            person.points.append(parse_point("email", f"{value}@{domain}", region=frame.region))
        except NotAPoint as error:
            raise Wrong(error.error.code) from None
    elif name == "channel":
        person.channel = channel_of(fold(value))
        if not person.channel:
            raise Wrong("channel_invalid")
    elif name == "medium":
        person.medium = medium_of(value, frame.media)
    elif name == "cost":
        person.cost = amount_of(value)
    elif name == "acquired_at":
        person.acquired_at = instant_of(value, frame.zone, frame.at)
    else:
        setattr(person, name, _text(name, value))


def _text(name: str, value: str) -> str:
    text = value if name == "note" else " ".join(value.split())
    if len(text) > LENGTHS[name]:
        raise Wrong("too_long", limit=LENGTHS[name])
    return text
