"""What a search for a person matches, said once: a part of name, company, phone, e-mail or WeChat id; of people whose
details are masked name and company, and a detail only when it is typed in full (R10.4)."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Q, QuerySet, Value

import core.search  # noqa: F401 - the lookup `holds`
from contacts.models import Contact, ContactPoint
from contacts.rules import KINDS
from contacts.services import parse_points

# Up to so many people are looked up by the indexes and named to the query; more are so common that the first page of
# a sorted list meets them soon.
MOST = 1_000


def matching(text: str, path: str, masked: Q) -> Q:
    """Rows whose person the text finds; `path` leads to the contact, `masked` are the rows with masked details."""
    text = text.strip()
    found = _few(text)
    if found is None:
        named = words(text, path, f"{path}company__") | Q(**{f"{path}pk__in": _ids(being_whole(text))})
        part = Q(**{f"{path}pk__in": _ids(holding_part(text))})
    else:
        named, part = (Q(**{f"{path}pk__in": ids}) for ids in found)
    return named | (part & ~masked)


def _few(text: str) -> tuple[list[Any], list[Any]] | None:
    """(people found by name, company or a whole detail; those by a part of one), or None if they are very many."""
    by_name = Contact.objects.filter(Q(name__holds=text) | Q(company_name__holds=text)).values("pk")
    by_company = Contact.objects.filter(company__name__holds=text).values("pk")
    sets = [
        (by_name, False),
        (by_company, False),
        (_ids(being_whole(text)), False),
        (_ids(holding_part(text)), True),
    ]
    parts = [
        rows.order_by()
        .annotate(by_part=Value(flag, BooleanField()))
        .values_list(*_one(rows), "by_part")[: MOST + 1]
        for rows, flag in sets
    ]
    found = list(parts[0].union(*parts[1:], all=True)[: MOST + 1])
    if len(found) > MOST:
        return None
    return [pk for pk, by_part in found if not by_part], [pk for pk, by_part in found if by_part]


def _one(rows: QuerySet[Any]) -> list[str]:
    return ["pk"] if rows.model is Contact else ["contact_id"]


def _ids(points: QuerySet[ContactPoint]) -> QuerySet[Any]:
    return points.values("contact_id")


def words(text: str, contact: str, company: str) -> Q:
    """Rows whose person's or company's name holds the text; `contact` and `company` are the paths to them."""
    return (
        Q(**{f"{contact}name__holds": text})
        | Q(**{f"{contact}company_name__holds": text})
        | Q(**{f"{company}name__holds": text})
    )


def holding_part(text: str) -> QuerySet[ContactPoint]:
    """The phones, e-mails and WeChat ids that hold the text, with or without spaces and dashes."""
    plain = text.replace(" ", "").replace("-", "") or text
    return ContactPoint.objects.filter(Q(value__holds=text) | Q(value__holds=plain))


def being_whole(text: str) -> QuerySet[ContactPoint]:
    """The phones, e-mails and WeChat ids that the text is, whatever its format."""
    found = [point for kind in KINDS for point in parse_points({kind: text})[0]]
    return ContactPoint.objects.filter(value__in=[point.value for point in found])
