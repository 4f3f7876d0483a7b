"""The history of everything: who, what, from what to what, by which way (R15.4). Written in the verb's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from core.bulk import copy_rows
from core.ids import uuid7

PAGE, API, RULE, IMPORT, FORM, COMMAND = "page", "api", "rule", "import", "form", "command"

_way: ContextVar[tuple[str, str]] = ContextVar("trunk_way", default=(COMMAND, ""))


@contextmanager
def way(name: str, ref: str = "") -> Iterator[None]:
    """Say by which way the verbs inside are called: page, api (ref: the key), rule, import (ref: its job), form."""
    token = _way.set((name, ref))
    try:
        yield
    finally:
        _way.reset(token)


def current_way() -> tuple[str, str]:
    """The way in force and its reference."""
    return _way.get()


@dataclass
class Fact:
    """One event to be written. `data` holds ids, codes and numbers only; personal values and free text go to
    `texts` (field → text, or (old, new)), which erasure empties."""

    verb: str
    subject: models.Model | tuple[str, Any]
    at: datetime
    by: Any = None
    from_state: str = ""
    to_state: str = ""
    contact: Any = None
    company: Any = None
    data: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)


def record(fact: Fact) -> Any:
    """Write one event and answer its id."""
    return record_many([fact])[0]


def record_many(facts: list[Fact]) -> list[Any]:
    """Write many events with their texts in two COPY statements; answers the ids in the same order."""
    from core.models import Event, EventText

    name, ref = _way.get()
    rows, texts, ids = [], [], []
    for fact in facts:
        pk = uuid7()
        ids.append(pk)
        kind, subject = _subject(fact.subject)
        rows.append(
            (
                pk,
                fact.at,
                fact.verb,
                kind,
                subject,
                _id(fact.contact),
                _id(fact.company),
                _id(fact.by),
                name,
                ref,
                fact.from_state,
                fact.to_state,
                fact.data,
            )
        )
        for label, text in fact.texts.items():
            old, new = text if isinstance(text, tuple) else ("", text)
            if old or new:
                texts.append((uuid7(), pk, _id(fact.contact), label, old or "", new or ""))
    copy_rows(
        Event,
        [
            "id",
            "at",
            "verb",
            "subject_type",
            "subject_id",
            "contact_id",
            "company_id",
            "by_id",
            "way",
            "way_ref",
            "from_state",
            "to_state",
            "data",
        ],
        rows,
    )
    copy_rows(EventText, ["id", "event_id", "contact_id", "field", "old", "new"], texts)
    return ids


def _subject(subject: models.Model | tuple[str, Any]) -> tuple[str, Any]:
    if isinstance(subject, tuple):
        return subject
    return subject._meta.model_name or "", subject.pk


def _id(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value
