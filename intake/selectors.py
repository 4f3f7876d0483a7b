"""What is read of imports: how far one is, examples of what became of its rows, the refused rows as a file."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from contacts.rules import REASONS, why_not
from core.models import Job
from core.web.words import labelled

from .models import Import
from .reasons import words
from .rules import Candidate

GUARDED = ("'", "=", "+", "-", "@", "\t", "\r")


def real_now() -> datetime:
    """The real time of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def progress(leads_file: Import, now: datetime | None = None) -> dict[str, Any]:
    """The job as the API tells it, with rows a second and the seconds that are left; `now` is real time."""
    job = leads_file.job
    begun = leads_file.writing_at or job.started_at
    rate = left = None
    if begun:
        seconds = ((job.ended_at or now or real_now()) - begun).total_seconds()
        written = job.done - (job.rejected if leads_file.writing_at else 0)
        if not leads_file.staged:
            written = job.total or 0
        rate = round(written / seconds, 1) if seconds > 0 else None
    if leads_file.staged and rate and job.state == Job.State.RUNNING:
        left = math.ceil(((job.total or 0) - job.done) / rate)
    if job.state == Job.State.DONE:
        left = 0
    return {
        "id": job.pk,
        "state": job.state,
        "total": job.total if leads_file.staged else None,
        "read": job.total or 0,
        "done": job.done,
        "created": job.created,
        "known": job.known,
        "rejected": job.rejected,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "rate": rate,
        "seconds_left": left,
    }


def percent(leads_file: Import) -> int:
    """How much of the writing is done, for the bar."""
    total = leads_file.job.total or 0
    return math.floor(leads_file.job.done * 100 / total) if leads_file.staged and total else 0


def refusal(leads_file: Import) -> str:
    """Why the whole file was refused, in the reader's language."""
    told = leads_file.refusal
    return words(told["code"], told["params"], leads_file.job.error) if told else ""


def why(problems: list[dict[str, Any]]) -> str:
    """Every reason of a row in one line, each with its column and value."""
    return " ".join(_reason(problem) for problem in problems)


def _reason(problem: dict[str, Any]) -> str:
    reason = problem["params"].get("reason")
    if reason in REASONS:
        text = why_not(reason, problem["value"])
    else:
        text = words(problem["code"], problem["params"], problem["message"])
    where = problem["column"]
    if where and problem["value"] and not problem["message"]:
        return _("%(column)s “%(value)s”: %(reason)s") % {
            "column": where,
            "value": problem["value"][:60],
            "reason": text,
        }
    return labelled(where, text) if where else text


def examples(leads_file: Import, outcome: str, limit: int = 5) -> list[dict[str, Any]]:
    """The first rows with this outcome: line, who, how to reach them, or why they were refused."""
    rows = leads_file.rows.filter(outcome=outcome).order_by("line")[:limit]
    listed = []
    for row in rows:
        person = Candidate.of_json(row.person) if row.person else Candidate()
        listed.append(
            {
                "line": row.line,
                "name": person.name,
                "company": person.company_name,
                "reach": [point.typed or point.value for point in person.points],
                "channel": person.channel,
                "values": [value for value in row.values if value][:6],
                "why": why(row.problems),
            }
        )
    return listed


def guarded(value: str) -> str:
    """A cell that no spreadsheet takes for a formula (Q21); an import takes the guard off again."""
    return f"'{value}" if value.startswith(GUARDED) else value


def rejects(leads_file: Import) -> Iterator[str]:
    """The refused rows as CSV with line number and why in front, a piece at a time; it can be imported again."""
    headings = [column["heading"] for column in leads_file.columns]
    yield "\ufeff" + _csv_line([_("line"), _("why"), *headings])
    rows = leads_file.rows.filter(outcome="rejected").order_by("line")
    for line, problems, values in rows.values_list("line", "problems", "values").iterator(2_000):
        yield _csv_line([str(line), why(problems), *values])


def _csv_line(values: list[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow([guarded(value) for value in values])
    return out.getvalue()
